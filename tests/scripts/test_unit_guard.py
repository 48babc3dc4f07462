"""What is not marked ``integration`` starts no process, connects to nothing and opens no database."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
from collections.abc import Callable

import pytest

from fixtures.unit import Guard


def connect() -> None:
    with socket.socket() as stranger:
        stranger.connect(("127.0.0.1", 9))


@pytest.mark.parametrize(
    "reach",
    [lambda: subprocess.run(["true"], check=True), lambda: sqlite3.connect(":memory:"), connect],
    ids=["a process", "a database", "a connection"],
)
def test_a_unit_test_that_reaches_outside_is_refused_and_fails(
    reach: Callable[[], object], request: pytest.FixtureRequest
) -> None:
    guard = request.config.pluginmanager.get_plugin("unit-guard")
    assert isinstance(guard, Guard)

    with pytest.raises(RuntimeError, match="only tests marked integration may"):
        reach()

    assert guard.refused  # fails a test whose code went on
    guard.refused = ""


@pytest.mark.usefixtures("_migrated_sqlite")
def test_a_test_whose_fixture_opens_something_is_marked(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("integration") is not None


def test_a_test_of_values_is_not(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("integration") is None
