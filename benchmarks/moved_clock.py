"""``bilan`` by a clock that is moved: a file says by how many seconds it goes ahead of the machine's.

``python -P moved_clock.py FILE COMMAND …`` is ``bilan COMMAND …`` by that clock.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bilan.app.assembly
from bilan.cli import main


class MovedClock:
    """Goes on like the machine's clock, as far ahead of it (or behind) as the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text()))


def set_clock(file: Path, moment: datetime) -> None:
    """Let it be this moment for whoever goes by the file."""
    move(file, (moment - datetime.now(UTC)).total_seconds())


def move(file: Path, ahead: float) -> None:
    """Let it be so many seconds later than it is, or earlier, for whoever goes by the file."""
    # Whoever reads it meanwhile finds the whole number.
    written = file.with_suffix(".new")
    written.write_text(str(ahead))
    written.rename(file)


if __name__ == "__main__":
    clock = MovedClock(Path(sys.argv.pop(1)))
    bilan.app.assembly.SystemClock = lambda: clock
    main()
