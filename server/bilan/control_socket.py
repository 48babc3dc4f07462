"""Where a running server's operator can be reached.

Apart from the settings, so that a command finds its server without loading them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

LONGEST_SOCKET_PATH = 100
"""Bytes; Linux allows 107, macOS 103."""


def data_dir() -> Path:
    """The data folder that the environment names."""
    return Path(os.environ.get("BILAN_DATA_DIR", "data"))


def socket_path(folder: Path) -> Path:
    """The operator's socket of the server with this data folder.

    The system allows sockets short names only; for a folder deep down the
    socket lies in a folder of this user's own among the temporary files.
    """
    path = folder.resolve() / "operator.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return _own_folder() / f"{name}.sock"


def is_safe(path: Path) -> bool:
    """Whether nobody else can have put a socket there. The data folder is its owner's own concern."""
    if path.parent != _own_folder():
        return True
    found = path.parent.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


def _own_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"bilan-{os.getuid()}"
