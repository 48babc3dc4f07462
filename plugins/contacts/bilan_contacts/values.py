"""Values of contacts: what names one of them."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from bilan.sdk import read_text


def contact_name(value: Any) -> str:
    """An e-mail address in lower case and without what stands around it; any other name as it is."""
    written = read_text(value).strip()
    if "@" not in written:
        return written
    if "<" in written:
        written = parseaddr(written)[1] or written
    return written.lower()
