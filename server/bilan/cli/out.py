"""The file that a command makes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Self


class OutFile:
    """A file that appears whole or not at all, at the end of the ``with`` block that kept it.

    A link or a device (``/dev/stdout``) is written to as it is, piece by piece.
    """

    def __init__(self, path: Path | None) -> None:
        self.direct = path is not None and (path.is_symlink() or (path.exists() and not path.is_file()))
        self._path = path
        self._draft = path and (path if self.direct else path.with_name(f".{path.name}.{os.getpid()}"))
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Begin. Raises ``OSError`` with the file's own name where it could not be written."""
        if self._draft is not None:
            try:
                self._file = self._draft.open("wb")
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self._path)) from None
        return self

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        if self._file is not None:
            self._file.write(piece)

    def keep(self) -> None:
        """Put the finished file in its place."""
        if self._file is not None:
            self._file.close()
        if self._path is not None and self._draft is not None and not self.direct:
            self._draft.replace(self._path)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._draft is not None and not self.direct:
            self._draft.unlink(missing_ok=True)
