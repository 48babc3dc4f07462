"""kill -9 of a process that writes, retracts and settles."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.long import times

TESTS = Path(__file__).parents[2]


def python(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "server.query.killed", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TESTS)


@pytest.mark.chaos
@pytest.mark.integration
@pytest.mark.requirement("GO-17", "DC-15")
def test_after_kill_9_versions_net_rows_rollups_and_activity_are_what_was_acknowledged(
    tmp_path: Path, chance: random.Random
):
    acknowledged = list[str]()
    for _kill in range(times(3, 2)):
        with python("write", str(tmp_path)) as writer:
            assert writer.stdout is not None
            for _batch in range(chance.randint(1, 9)):
                line = writer.stdout.readline()
                assert line, "the writer ended by itself"
                acknowledged.append(line)
            # Anywhere in the next batch or in settling, on a machine of any speed.
            time.sleep(chance.random() * 0.3)
            writer.send_signal(signal.SIGKILL)
            acknowledged += writer.stdout
    with python("read", str(tmp_path), *(line.strip() for line in acknowledged)) as reader:
        assert reader.wait() == 0
