"""Names of files that every system takes."""

from __future__ import annotations

import re

LONGEST_NAME = 120
UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""What one system or another does not allow in the name of a file."""


def safe_name(title: str) -> str:
    """The title without what some system refuses in a name; empty where nothing is left."""
    return " ".join(UNSAFE.sub(" ", title).split())[:LONGEST_NAME].strip(" .")
