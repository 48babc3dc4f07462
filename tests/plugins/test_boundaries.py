"""Plugins import bilan.sdk alone, and know nothing of each other: whatever lies in plugins/."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.plugins import PLUGINS, STRANGER, packages_of


def wrong_imports(project: Path) -> Iterator[str]:
    """What the plugin's packages import of Bilan besides the root of the SDK and themselves."""
    own = {package.name for package in packages_of(project)}
    for package in packages_of(project):
        for module in sorted(package.rglob("*.py")):
            for name in _imported(ast.parse(module.read_text(encoding="utf-8"))):
                top = name.partition(".")[0]
                if top.startswith("bilan") and name != "bilan.sdk" and top not in own:
                    yield f"{module.relative_to(project)} imports {name}"


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            package = node.module or ""
            yield from (f"bilan.{name.name}" for name in node.names) if package == "bilan" else (package,)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("project", [*PLUGINS, STRANGER], ids=lambda project: project.name)
def test_a_plugin_imports_the_root_of_the_sdk_and_nothing_else_of_bilan(project: Path) -> None:
    assert list(wrong_imports(project)) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from bilan.sdk.datasets import Column", "bilan.sdk.datasets"),
        ("from bilan.registry import load", "bilan.registry"),
        ("import bilan_email_campaigns", "bilan_email_campaigns"),
    ],
)
def test_an_import_past_the_door_is_found(tmp_path: Path, line: str, name: str) -> None:
    package = tmp_path / "letters" / "bilan_letters"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"from bilan.sdk import Plugin\n\n\ndef late():\n    {line}\n")

    assert list(wrong_imports(package.parent)) == [f"bilan_letters/__init__.py imports {name}"]
