"""Plugins as a stranger has them: a folder outside this repository, built and installed by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from bilan import __version__
from bilan.cli import application
from support.plugins import PLUGINS, packages_of, tutorial_steps

pytestmark = pytest.mark.integration

STRICT = ("-W", "error", "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Project:
    """A project's folder, copied out, and where its wheel was installed."""

    folder: Path
    site: Path
    suite: tuple[str, ...] = ()
    """What the tutorial has pytest run."""

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder, with the installed wheel and nothing of the repository's own copy."""
        environment = {**os.environ, "PYTHONPATH": str(self.site)}
        return subprocess.run(
            [sys.executable, "-P", *arguments],
            check=False,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=1200,
        )

    def pytest(self, *arguments: str) -> str:
        """Run pytest, which must pass without a warning; its output."""
        finished = self.run("-m", "pytest", "-q", *STRICT, *arguments)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout


def installed(project: Path, place: Path) -> Project:
    """Copy the project out of the repository, build its wheel there, and install it apart."""
    folder, site = place / project.name, place / "site"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__", "build", "dist"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    # Without isolation and dependencies nothing is fetched: the tests' own environment has both.
    options = ["--no-build-isolation", "--no-deps", "--target", str(site)]
    subprocess.run([*pip, *options, str(folder)], check=True, capture_output=True, text=True, timeout=1200)
    return Project(folder, site)


def files_of(package: Path) -> set[Path]:
    """What a package holds, code and data."""
    found = (one for one in package.rglob("*") if one.is_file() and one.suffix != ".pyc")
    return {one.relative_to(package) for one in found}


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tutorial's plugin: what somebody has who does what the page says, and nothing else."""
    folder, place, suite = tmp_path_factory.mktemp("tutorial"), tmp_path_factory.mktemp("stranger"), ()
    for file, text in tutorial_steps():
        match file or text.split():
            case str():
                (folder / file).write_text(text, encoding="utf-8")
            case ["bilan", *command]:
                made = CliRunner().invoke(application, [*command, "--into", str(folder)])
                assert made.exit_code == 0, made.output
            case ["cd", name]:
                folder /= name
            case ["rm", *names]:
                for name in names:
                    (folder / name).unlink()
            case ["pip", "install", "-e", "."]:
                pass  # the same from a wheel, and apart: below
            case ["python", "-m", "pytest", *arguments]:
                suite = tuple(arguments)
            case command:
                raise AssertionError(f"the tutorial says what no test does: {command}")
    return replace(installed(folder, place), suite=suite)


ANSWERS = """
from bilan.sdk import Chart, FilterValue, Question, Table
from bilan.reports.blocks import every


def test_metric_filter_report_and_chart_answer(bilan_harness):
    bilan_harness.load_samples("parcels")
    paris = FilterValue("parcels.lane", any=("Lille–Paris",))
    answer = bilan_harness.client(Question("parcels.parcels", ("parcels.sent",), filters=(paris,)))
    assert answer.totals == {"parcels.sent": 4}
    blocks = every(bilan_harness.build("parcels.delivery", {"period": "2026-03-02..2026-03-10"}).blocks)
    (chart,) = [one for one in blocks if isinstance(one, Chart)]
    assert [sum(one or 0 for one in series.values) for series in chart.series] == [9]
"""


@pytest.mark.slow
@pytest.mark.requirement("GO-14")
def test_who_follows_the_tutorial_has_a_plugin_that_passes_the_public_contract_and_answers(
    parcels: Project, tmp_path: Path
) -> None:
    (tmp_path / "test_answers.py").write_text(ANSWERS, encoding="utf-8")
    assert parcels.suite[-2:] == ("--bilan-plugin", "parcels")

    output = parcels.pytest(*parcels.suite, str(tmp_path / "test_answers.py"))

    assert "failed" not in output
    assert "skipped" not in output


def test_a_strangers_plugin_is_found_by_its_entry_point(parcels: Project) -> None:
    listing = "from bilan.registry.gather import load; print(*sorted(load().plugins))"

    finished = parcels.run("-W", "error", "-c", listing)

    assert "parcels" in finished.stdout.split(), finished.stderr


def test_a_plugin_that_is_not_installed_is_named(parcels: Project) -> None:
    finished = parcels.run(
        "-m", "pytest", *STRICT, "--pyargs", "bilan.testing.contract", "--bilan-plugin", "letters"
    )

    assert finished.returncode == 1
    assert "No plugin letters is installed. Installed are: core, " in finished.stdout


@pytest.mark.slow
@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize("project", PLUGINS, ids=lambda path: path.name)
def test_our_own_plugins_are_what_a_stranger_writes(project: Path, tmp_path: Path) -> None:
    alone = installed(project, tmp_path)
    (package,) = (one.name for one in packages_of(project))

    where = alone.run("-c", f"import {package}; print({package}.__file__)")
    assert where.stdout.startswith(str(alone.site)), where.stderr
    # The rest of the contract is kept by the same files within the repository.
    assert files_of(alone.site / package) == files_of(project / package)

    output = alone.pytest(
        "--pyargs",
        "bilan.testing.contract",
        "--bilan-plugin",
        project.name,
        "-k",
        "are_read",
    )

    assert "skipped" not in output


@pytest.mark.slow
@pytest.mark.parametrize("name", ["letters", "cold-calls"])
def test_a_project_made_by_the_command_line_is_green(name: str, tmp_path: Path) -> None:
    made = CliRunner().invoke(application, ["plugin", "new", name, "--into", str(tmp_path / "made")])
    assert made.exit_code == 0, made.output

    project = installed(tmp_path / "made" / f"bilan-{name}", tmp_path)
    output = project.pytest("--pyargs", "bilan.testing.contract", "tests", "--bilan-plugin", name)

    assert "failed" not in output
    assert "skipped" not in output


@pytest.mark.parametrize("name", ["Letters", "2nd", "core", "rendering", "a b", ""])
def test_a_project_needs_a_name_in_lower_case(name: str, tmp_path: Path) -> None:
    refused = CliRunner().invoke(application, ["plugin", "new", name, "--into", str(tmp_path / "made")])

    assert refused.exit_code == 2
    assert f"A plugin cannot be called {name}; use lower-case words such as parcels." in refused.output
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["email", "email-campaigns", "ui"])
def test_a_project_is_not_called_like_a_plugin_that_is_installed(name: str, tmp_path: Path) -> None:
    refused = CliRunner().invoke(application, ["plugin", "new", name, "--into", str(tmp_path / "made")])

    other = "ui" if name == "ui" else "email_campaigns"
    assert refused.exit_code == 2
    assert f"The installed plugin {other} is called {name} already; choose another name." in refused.output
    assert not (tmp_path / "made").exists()


def test_a_project_takes_the_release_that_wrote_it(tmp_path: Path) -> None:
    CliRunner().invoke(application, ["plugin", "new", "letters", "--into", str(tmp_path)])

    project = tomllib.loads((tmp_path / "bilan-letters" / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    (bilan,) = map(Requirement, project["dependencies"])
    assert bilan.name == "bilan"
    assert bilan.specifier.contains(__version__)


def test_a_project_overwrites_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "bilan-letters"
    folder.mkdir()

    refused = CliRunner().invoke(application, ["plugin", "new", "letters", "--into", str(tmp_path)])

    assert refused.exit_code == 2
    assert "is there already" in refused.output
    assert list(folder.iterdir()) == []
