"""The plugins of this repository, found where they lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))
"""The folders of our own plugins."""
STRANGER = ROOT / "tests" / "outsider" / "bilan-parcels"
"""The folder of a plugin that somebody else wrote."""


def packages_of(project: Path) -> tuple[Path, ...]:
    """The import packages of a project."""
    return tuple(sorted(path.parent for path in project.glob("bilan_*/__init__.py")))
