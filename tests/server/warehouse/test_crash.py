"""kill -9 in the middle of an insert."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.long import times

pytestmark = pytest.mark.integration

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bilan.settings import Settings
from bilan.warehouse import Warehouse
sys.path.insert(0, sys.argv[2])
from declared import EVENTS, append, event
warehouse = Warehouse.open(Settings(data_dir=Path(sys.argv[1])))
warehouse.ensure([EVENTS])
for batch in range(int(sys.argv[3]), 10_000):
    append(warehouse, EVENTS, [event(n, event_id=f"{batch}-{n}") for n in range(40)], sequence=batch)
    print(batch, flush=True)
"""
READER = """
import sys
from pathlib import Path
from bilan.settings import Settings
from bilan.warehouse import Warehouse
sys.path.insert(0, sys.argv[2])
from declared import EVENTS, facts
warehouse = Warehouse.open(Settings(data_dir=Path(sys.argv[1])))
warehouse.ensure([EVENTS])
print(*sorted(row[0] for row in facts(warehouse, EVENTS, "event_id")))
warehouse.close()
"""


def python(code: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, str(folder), str(Path(__file__).parent), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.chaos
@pytest.mark.requirement("GO-17")
def test_what_was_acknowledged_before_kill_9_is_there_afterwards(tmp_path: Path, chance: random.Random):
    acknowledged: set[int] = set()
    for _crash in range(times(3, 2)):
        with python(WRITER, tmp_path, str(len(acknowledged))) as writer:
            assert writer.stdout is not None
            for _batch in range(chance.randint(2, 8)):
                acknowledged.add(int(writer.stdout.readline()))
            writer.send_signal(signal.SIGKILL)
            acknowledged |= {int(line) for line in writer.stdout}
    with python(READER, tmp_path) as reader:
        found, _errors = reader.communicate()
    expected = {f"{batch}-{n}" for batch in acknowledged for n in range(40)}
    assert expected <= set(found.split())
    assert len(found.split()) == len(set(found.split()))
