"""A data folder of an older release is served: its reports read as before, and what waited goes on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator
from pathlib import Path

import pytest

from fixtures.serving import Served
from support.frozen import FrozenData

pytestmark = pytest.mark.slow

STATES = "{ runs(first: 50) { edges { node { title state } } } }"


@pytest.fixture(scope="module")
def upgraded(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """A server on a copy of the folder."""
    served = Served(tmp_path_factory.mktemp("upgraded") / "data")
    shutil.copytree(frozen / "folder", served.folder, symlinks=True, dirs_exist_ok=True)
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def data(frozen: Path, upgraded: Served) -> FrozenData:
    """The folder, asked through the server."""
    return FrozenData(frozen, upgraded)


def test_the_last_report_renders_the_same_bytes(data: FrozenData, frozen: Path) -> None:
    assert data.render_last() == (frozen / "last.csv").read_bytes()


def test_the_same_rows_stand_behind_every_figure(data: FrozenData) -> None:
    assert sum(len(figures) for figures in data.recorded["rows"].values()) == 78
    for run, figures in data.recorded["rows"].items():
        for figure, expected in figures.items():
            assert data.drill_down(run, figure) == expected, (run, figure)


def test_what_waited_goes_on(data: FrozenData, upgraded: Served) -> None:
    def over() -> bool:
        states = [edge["node"]["state"] for edge in data.ask(STATES)["runs"]["edges"]]
        return not {"WAITING", "RUNNING"} & {*states}

    upgraded.until(over)
    nodes = [edge["node"] for edge in data.ask(STATES)["runs"]["edges"]]
    assert sorted((node["title"], node["state"]) for node in nodes) == [
        ("Cancelled", "CANCELLED"),
        ("Last", "SUCCEEDED"),
        *[("Mars, jour par jour", "SUCCEEDED")] * 4,
        ("Nothing", "FAILED"),
        ("One campaign", "SUCCEEDED"),
        ("Waiting", "SUCCEEDED"),
        ("Weeks", "SUCCEEDED"),
        ("events.csv", "SUCCEEDED"),
        ("stopped.csv", "SUCCEEDED"),
    ]


def test_a_folder_from_before_upgrades_is_a_sentence_at_start_up(frozen: Path, served: Served) -> None:
    shutil.copytree(frozen / "folder", served.folder, symlinks=True, dirs_exist_ok=True)
    connection = sqlite3.connect(served.folder / "catalog.sqlite")
    connection.execute("ALTER TABLE report DROP COLUMN version")
    connection.commit()
    connection.close()
    # The folder is as open as it was then, and what is said of that comes first.
    assert served.refusal("serve").splitlines()[-1] == (
        "Error: The catalog's tables are not those of this release: report.version is missing. It was made "
        "before catalogs could be upgraded, or changed by other means. Restore a backup that fits, or begin "
        "with an empty data folder."
    )
