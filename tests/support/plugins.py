"""The plugins of this repository, found where they lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))
"""The folders of our own plugins."""
STRANGER = ROOT / "tests" / "outsider" / "bilan-parcels"
"""The folder of a plugin that somebody else wrote."""


FENCE = re.compile(
    r'^```(?:console|\w+ title="(?P<file>[^"]+)")\n(?P<code>.*?)^```$', re.MULTILINE | re.DOTALL
)


def tutorial_steps() -> Iterator[tuple[str, str]]:
    """What the tutorial has its reader do, in its order: a file's path and text, or no path and a command."""
    page = (ROOT / "docs" / "writing-a-plugin.md").read_text(encoding="utf-8")
    for found in FENCE.finditer(page):
        if found["file"]:
            yield found["file"], found["code"]
        else:
            yield from (("", line.removeprefix("$ ")) for line in found["code"].splitlines())


def tutorial() -> dict[str, str]:
    """The files that the tutorial shows, by their paths in the project."""
    return {file: text for file, text in tutorial_steps() if file}


def project_files(project: Path) -> dict[str, Path]:
    """The code of a project, its sample and what describes it, by their paths in it."""
    paths = [*project.glob("pyproject.toml"), *project.rglob("*.py"), *project.rglob("*.csv")]
    return {path.relative_to(project).as_posix(): path for path in sorted(paths) if "build" not in path.parts}


def packages_of(project: Path) -> tuple[Path, ...]:
    """The import packages of a project."""
    return tuple(sorted(path.parent for path in project.glob("bilan_*/__init__.py")))
