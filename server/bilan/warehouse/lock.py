"""One process at a time holds the embedded warehouse."""

from __future__ import annotations

import fcntl
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from bilan.sdk.errors import Conflict
from bilan.sdk.textdomain import _


@dataclass(slots=True)
class FolderLock:
    """A lock file beside the folder, with the holder's process id and address.

    The operating system frees it when the process ends, however it ends.
    Within one process a folder can be held any number of times.
    """

    path: Path
    address: str = ""

    _guard: ClassVar[threading.Lock] = threading.Lock()
    _files: ClassVar[dict[Path, IO[str]]] = {}
    _holders: ClassVar[Counter[Path]] = Counter()

    @property
    def file(self) -> Path:
        """The lock file."""
        return self.path.with_name(self.path.name + ".lock")

    def acquire(self) -> None:
        """Take the lock, or raise ``Conflict`` with a sentence that names the holder."""
        with self._guard:
            if self.path not in self._files:
                self._files[self.path] = self._take()
            self._holders[self.path] += 1

    def release(self) -> None:
        """Give it back. The file stays: removing it would race with the next holder."""
        with self._guard:
            self._holders[self.path] -= 1
            if not self._holders[self.path]:
                self._files.pop(self.path).close()

    def _take(self) -> IO[str]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.file.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder, _newline, address = file.read().partition("\n")
            file.close()
            raise self._refusal(holder, address.strip()) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n{self.address}\n")
        file.flush()
        return file

    def _refusal(self, holder: str, address: str) -> Conflict:
        sentence = _(
            "The warehouse in {path} is open in process {pid} ({address}). The embedded warehouse belongs to"
            " one process: stop that one, or set BILAN_WAREHOUSE_URL to clickhouse://… for all of them.",
            path=str(self.path), pid=holder or "?", address=address or _("no address"),
        )  # fmt: skip
        return Conflict(sentence, ("BILAN_WAREHOUSE_URL",))
