"""Whether there is room to write, and leave to: asked where the state lies. See docs/decisions/079."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

LEAST = 64 * 1024**2
"""Bytes that have to be free: with less a database cannot put its files in order any more."""
PROBE = b"\0" * 4096
FULL = (errno.ENOSPC, errno.EDQUOT)


class NoSpace(Unavailable):
    """A disk is full. What was asked for can be asked again once there is room."""


def no_space() -> NoSpace:
    """The sentence of a full disk, for those who need not know which."""
    return NoSpace(_("No space left on the server's disk; try again once there is room."))


def check_folder(folder: Path) -> dict[str, int]:
    """How much is free, in bytes. Blocking.

    Raises ``NoSpace`` where less than :data:`LEAST` is, ``Unavailable`` where nothing can be written.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(PROBE)
            probe.flush()
            os.fsync(probe.fileno())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        if error.errno in FULL:
            raise _full(folder) from error
        raise Unavailable(
            _("The data folder {folder} cannot be written to: {reason}.",
              folder=str(folder), reason=error.strerror or str(error))
        ) from error  # fmt: skip
    if free < LEAST:
        raise _full(folder)
    return {"free_bytes": free}


def _full(folder: Path) -> NoSpace:
    return NoSpace(_("No space left on the disk of {folder}.", folder=str(folder)))
