"""The pytest plugin that comes with Bilan: fixtures for the authors of plugins.

It is loaded in every pytest run where Bilan is installed, so the server is
imported by the fixtures, when a test asks for one.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bilan.registry.declared import Declared, Registry
    from bilan.testing.harness import PluginHarness
    from bilan.testing.samples import SampleInput


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("bilan").addoption(
        "--bilan-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="The installed plugin that the contract suite checks, by its name. Repeatable; else all are.",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bilan_declared" in metafunc.fixturenames:
        metafunc.parametrize("bilan_declared", _checked(metafunc.config), indirect=True, scope="session")


def _checked(config: pytest.Config) -> list[str]:
    if given := config.getoption("bilan_plugin"):
        return given
    from bilan.registry.gather import load

    return [one.plugin.name for one in load().declared if one.plugin.package != "bilan"]


@pytest.fixture(scope="session")
def bilan_registry() -> Registry:
    """What the installed plugins declare, and the core's own file formats."""
    from bilan.registry.gather import load
    from bilan.rendering.plugin import RENDERING

    return load([("rendering", RENDERING)])


@pytest.fixture(scope="session")
def bilan_warehouse_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one folder of the embedded warehouse; a process can hold no second one."""
    return tmp_path_factory.mktemp("facts") / "warehouse"


@pytest.fixture
def bilan_harness(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path: Path
) -> Generator[PluginHarness]:
    """A small Bilan without a single fact: load some, ask, build reports, render them."""
    from bilan.testing.harness import open_harness

    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def bilan_declared(request: pytest.FixtureRequest, bilan_registry: Registry) -> Declared:
    """What the plugin that the contract suite checks declares."""
    found = bilan_registry.plugin_called(request.param)
    for one in bilan_registry.declared:
        if one.plugin is found:
            return one
    names = ", ".join(one.plugin.name for one in bilan_registry.declared)
    pytest.fail(f"No plugin {request.param} is installed. Installed are: {names}.", pytrace=False)


@pytest.fixture(scope="session")
def bilan_sample_inputs(
    bilan_declared: Declared, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SampleInput, ...]:
    """The posts and files of the checked plugin's samples."""
    from bilan.testing.samples import sample_inputs
    from bilan.testing.source_rules import NOW, ROWS

    return sample_inputs(bilan_declared, tmp_path_factory.mktemp("samples"), NOW, ROWS)


@pytest.fixture(scope="session")
def bilan_sampled(
    bilan_registry: Registry,
    bilan_declared: Declared,
    bilan_warehouse_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[PluginHarness]:
    """A small Bilan with the samples of the checked plugin. Tests that share it must not load more."""
    from bilan.testing.harness import open_harness
    from bilan.testing.source_rules import ROWS

    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("harness")) as opened:
        opened.load_samples(bilan_declared.plugin.name, limit=ROWS)
        yield opened
