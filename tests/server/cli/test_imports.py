"""What a command loads before it has found out that a server does the work."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

HEAVY = ("chdb", "tortoise", "pyarrow", "numpy", "strawberry", "pydantic", "dramatiq", "starlette", "pluggy")


def test_a_command_loads_none_of_what_the_server_needs() -> None:
    program = f"import sys, bilan.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
