"""The first documents of a process may be read by several threads at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-6)
from bilan.sdk.document import Document, decode, encode
data = encode(Document(kind="k", title="t", as_of="2026-01-01T00:00:00Z", zone="UTC", blocks=()))
together = threading.Barrier(8)
def read():
    together.wait()
    decode(data)
threads = [threading.Thread(target=read) for _number in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
"""


@pytest.mark.integration
def test_several_threads_read_the_first_document_of_a_process_at_once() -> None:
    # Learning the type of a document within the threads crashed every other process.
    for _time in range(3):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
