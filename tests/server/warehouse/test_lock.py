"""The embedded warehouse belongs to one process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bilan.sdk.errors import Conflict
from bilan.warehouse.lock import FolderLock

pytestmark = pytest.mark.integration

HOLD = """
import sys
from pathlib import Path
from bilan.warehouse.lock import FolderLock
FolderLock(Path(sys.argv[1]), "http://127.0.0.1:8000").acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "warehouse"


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the folder."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.requirement("GO-17")
def test_a_second_process_is_told_who_holds_the_folder_and_what_to_set(folder: Path):
    with holder(folder) as process:
        with pytest.raises(Conflict) as refusal:
            FolderLock(folder).acquire()
        process.kill()
    sentence = str(refusal.value)
    assert f"process {process.pid} (http://127.0.0.1:8000)" in sentence
    assert str(folder) in sentence
    assert "BILAN_WAREHOUSE_URL" in sentence
    assert "clickhouse://" in sentence


def test_a_holder_that_was_killed_holds_nothing(folder: Path):
    with holder(folder) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        lock = FolderLock(folder)
        lock.acquire()
        lock.release()


def test_one_process_may_open_the_folder_several_times_and_holds_it_until_the_last_is_closed(folder: Path):
    first, second = FolderLock(folder, "here"), FolderLock(folder, "here")
    first.acquire()
    second.acquire()
    assert first.file.read_text() == f"{os.getpid()}\nhere\n"
    first.release()
    with pytest.raises(subprocess.CalledProcessError):
        subprocess.run(
            [sys.executable, "-c", HOLD, str(folder)],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    second.release()
    subprocess.run(
        [sys.executable, "-c", HOLD, str(folder)], check=True, stdin=subprocess.DEVNULL, capture_output=True
    )
