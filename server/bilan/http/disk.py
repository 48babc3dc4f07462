"""Whether there is room to write, and leave to: asked where the embedded state lies."""

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


def check_folder(folder: Path) -> dict[str, int]:
    """How much is free, in bytes. Blocking. Raises ``Unavailable`` where nothing can be written."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(PROBE)
            probe.flush()
            os.fsync(probe.fileno())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(folder) from error
        raise Unavailable(
            _("The data folder {folder} cannot be written to: {reason}.",
              folder=str(folder), reason=error.strerror or str(error))
        ) from error  # fmt: skip
    if free < LEAST:
        raise _full(folder)
    return {"free_bytes": free}


def _full(folder: Path) -> Unavailable:
    return Unavailable(_("No space left on the disk of {folder}.", folder=str(folder)))
