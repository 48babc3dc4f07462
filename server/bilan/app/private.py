"""The data folder is the server's alone: nobody else on the machine reads what stands in it."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from bilan.disk import check_folder
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

log = structlog.get_logger("bilan.data_folder")

OTHERS = 0o077
"""What the group and everybody else may do with a file."""


def keep_private(folder: Path) -> None:
    """Make the folder where it is missing, and close it to others.

    Whatever this process makes from here on is its user's alone. A folder of
    somebody else is left as it is, and the log says what others may do there.
    """
    os.umask(OTHERS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            _("The data folder {folder} cannot be made: {reason}.",
              folder=str(folder), reason=error.strerror or str(error))
        ) from error  # fmt: skip
    check_folder(folder)
    found = folder.stat()
    if not found.st_mode & OTHERS:
        return
    if found.st_uid == os.geteuid():
        folder.chmod(found.st_mode & ~OTHERS & 0o7777)
        log.info("closed the data folder to others", folder=str(folder))
    else:
        log.warning("others can reach the data folder", folder=str(folder), mode=f"{found.st_mode & 0o777:o}")
