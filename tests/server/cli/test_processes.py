"""The commands that keep running, and commands that meet them."""

from __future__ import annotations

import re
import signal
import socket
import stat
from pathlib import Path

import httpx2
import pytest

from bilan.control_socket import socket_path
from fixtures.commands import Commands
from fixtures.serving import Served

pytestmark = [pytest.mark.slow, pytest.mark.integration]

EMBEDDED = {"catalog.sqlite", "catalog.sqlite-shm", "catalog.sqlite-wal", "secret.key", "operator.sock"}


def test_everything_embedded_lies_in_the_data_folder(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server.add_source("file", "Anywhere")

    assert list(tmp_path.iterdir()) == []
    assert {path.name for path in server.folder.iterdir()} >= EMBEDDED | {"warehouse", "warehouse.lock"}


def test_the_operators_socket_is_for_its_owner_alone(server: Served) -> None:
    mode = socket_path(server.folder).stat().st_mode

    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_a_second_process_is_told_who_holds_the_embedded_warehouse(server: Served, tmp_path: Path) -> None:
    other = Served(tmp_path / "data")
    warehouse, holder = server.folder / "warehouse", server.processes[0].pid
    said = other.refusal("sources", "list", warehouse_url=f"chdb://{warehouse}")

    assert said == (
        f"Error: BILAN_WAREHOUSE_URL: The warehouse in {warehouse} is open in process {holder} "
        f"({server.url}). The embedded warehouse belongs to one process: stop that one, "
        "or set BILAN_WAREHOUSE_URL to clickhouse://… for all of them."
    )


def test_a_port_that_is_taken_is_named(alone: Commands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        said = alone.refusal("serve", "--port", str(port))

    assert said == (
        f"port: 127.0.0.1:{port} cannot be used (Address already in use); "
        "choose another port with --port or BILAN_PORT."
    )


def test_a_port_that_is_none_is_refused(alone: Commands) -> None:
    assert alone.attempt("serve", "--port", "65536").exit_code == 2


def test_a_variable_that_cannot_be_used_is_named(alone: Commands) -> None:
    for command in (("serve",), ("sources", "list")):
        said = alone.refusal(*command, worker_threads="none")
        assert said.startswith("BILAN_WORKER_THREADS cannot be used: ")


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({}, "BILAN_BROKER_URL"),
        ({"broker_url": "redis://127.0.0.1/9"}, "BILAN_WAREHOUSE_URL"),
        ({"broker_url": "redis://127.0.0.1/9", "warehouse_url": "chdb:///tmp/w"}, "BILAN_WAREHOUSE_URL"),
    ],
)
def test_a_worker_of_its_own_needs_a_queue_and_a_warehouse_that_are_shared(
    alone: Commands, settings: dict[str, str], variable: str
) -> None:
    assert variable in alone.refusal("worker", **settings)


def test_a_folder_deep_down_has_its_socket_elsewhere(tmp_path: Path) -> None:
    served = Served(tmp_path / ("deep" * 20) / "data")
    served.folder.parent.mkdir()
    try:
        served.start()
        assert socket_path(served.folder).parent != served.folder
        assert stat.S_IMODE(socket_path(served.folder).parent.stat().st_mode) == 0o700
        served.add_source("file", "Deep")
        assert served.command("sources", "list") == "Deep\tfile\t\n"
    finally:
        served.stop()
    assert not socket_path(served.folder).exists()


def test_a_crash_in_machine_code_ends_the_server_and_leaves_its_place_in_the_log(served: Served) -> None:
    served.start()
    process = served.processes[-1]

    process.send_signal(signal.SIGSEGV)

    assert process.wait(60) == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in served.log.read_text()


def test_ctrl_c_cancels_the_run_that_a_command_waits_for(server: Served, tmp_path: Path) -> None:
    # The operator's sources belong to the owners there are, so the owner comes first.
    token = server.command("tokens", "create", "--email", "ann@example.org").strip()
    server.add_source("file", "Large")
    file = tmp_path / "large.csv"
    rows = (f"2026-01-01 00:00,sent,r{number}@example.org,c\n" for number in range(400_000))
    file.write_text("date,event,email,campaign\n" + "".join(rows))

    command = server.popen("import", "--source", "Large", str(file))
    assert command.stdout is not None
    assert command.stdout.readline() == "Reading large.csv as table.\n"
    command.send_signal(signal.SIGINT)
    assert command.wait(60) == 130

    def cancelled() -> bool:
        query = "{ runs { nodes { state title } } }"
        answer = httpx2.post(
            f"{server.url}/graphql", json={"query": query}, headers={"authorization": f"Bearer {token}"}
        )
        return answer.json()["data"]["runs"]["nodes"] == [{"state": "CANCELLED", "title": "large.csv"}]

    server.until(cancelled)


def test_a_server_that_is_told_to_stop_ends_soon_and_well(served: Served) -> None:
    served.start()
    process = served.processes[0]
    process.terminate()

    assert process.wait(30) == 0
    assert not socket_path(served.folder).exists()
    assert re.search("Traceback", served.log.read_text()) is None
