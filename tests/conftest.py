"""Fixtures live in ``fixtures/``, one module an area, each a pytest plugin that is loaded on demand.

A test module brings in the plugins whose fixtures it and the conftests of its folders take, so that
a test of a formula loads neither a server nor a browser. One that draws examples brings in the profiles
of Hypothesis. See docs/decisions/055.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FOLDER = TESTS / "fixtures"
FIXTURE = re.compile(r"^@pytest\.fixture.*?^(?:async )?def (\w+)\((.*?)\)(?: ->|:)", re.MULTILINE | re.DOTALL)
TEST = re.compile(r"^ *(?:async )?def test_\w+\((.*?)\)(?: ->|:)", re.MULTILINE | re.DOTALL)
LONG = ("browser", "slow")
BY_NAME = re.compile(r"(?:usefixtures|getfixturevalue)\((.*?)\)", re.DOTALL)

pytest_plugins = ["fixtures.logs", "fixtures.services", "fixtures.unit"]
pytest.register_assert_rewrite("fixtures", "support")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Register the plugins of a test module before it is imported."""
    if isinstance(collector, pytest.Module):
        for plugin in sorted(_plugins(collector.path)):
            collector.config.pluginmanager.import_plugin(plugin)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest: those with most tests in a browser or marked as slow."""
    weights = Counter(item.path for item in items if any(map(item.get_closest_marker, LONG)))
    items.sort(key=lambda item: -weights[item.path])


def _plugins(module: Path) -> set[str]:
    """The plugins whose fixtures a module and the conftests around it take, and theirs in turn."""
    draws = "hypothesis" in module.read_text(encoding="utf-8")
    needed = {FOLDER / "randomness.py"} if draws else set[Path]()
    conftests = (folder / "conftest.py" for folder in module.parents if folder.is_relative_to(TESTS))
    waiting = [module, *(conftest for conftest in conftests if conftest.exists())]
    while waiting:
        for name in _requested(waiting.pop()):
            new = _definitions().get(name, set()) - needed
            needed |= new
            waiting += new
    return {f"fixtures.{path.stem}" for path in needed}


@cache
def _requested(module: Path) -> frozenset[str]:
    """What the tests and fixtures of a module take, as parameters or by name."""
    text = module.read_text(encoding="utf-8")
    signatures = TEST.findall(text) + [signature for _name, signature in FIXTURE.findall(text)]
    by_name = re.findall(r"\w+", " ".join(BY_NAME.findall(text)))
    return frozenset(by_name + re.findall(r"\w+(?=:)", " ".join(signatures)))


@cache
def _definitions() -> dict[str, set[Path]]:
    """The modules that define a fixture, by the fixture's name."""
    definitions: dict[str, set[Path]] = {}
    for path in FOLDER.glob("[a-z]*.py"):
        for name, _signature in FIXTURE.findall(path.read_text(encoding="utf-8")):
            definitions.setdefault(name, set()).add(path)
    return definitions
