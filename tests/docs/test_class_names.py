"""One word, one thing: a class's name says which class is meant, given the folder it stands in."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SDK = "bilan.sdk"
NAMED_BY_THE_ORM = "bilan.migrations"


def _packages() -> Iterator[Path]:
    """The import packages of every distribution here."""
    yield from (ROOT / "server/bilan", ROOT / "ui/bilan_ui")
    yield from sorted((ROOT / "plugins").glob("*/bilan_*"))


def _area(package: Path, module: Path) -> str:
    """The folder of the server that a module belongs to; of another distribution, the whole of it."""
    first = module.relative_to(package).parts[0].removesuffix(".py")
    return f"bilan.{first}" if package.name == "bilan" else package.name


def _classes() -> dict[str, dict[str, list[str]]]:
    """Where classes stand: name → area → modules. Classes inside classes are named by those."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for package in _packages():
        for module in sorted(package.rglob("*.py")):
            for node in ast.parse(module.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    found[node.name][_area(package, module)].append(str(module.relative_to(ROOT)))
    return found


def test_no_area_has_two_classes_of_one_name() -> None:
    twice = {
        name: modules
        for name, areas in _classes().items()
        for area, modules in areas.items()
        if len(modules) > 1 and area != NAMED_BY_THE_ORM
    }

    assert twice == {}


def test_no_class_of_the_sdk_shares_its_name_with_another() -> None:
    shared = {
        name: sorted(areas.keys() - {SDK})
        for name, areas in _classes().items()
        if SDK in areas and len(areas) > 1
    }

    assert shared == {}
