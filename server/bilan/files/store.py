"""Content-addressed files over an object store."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import anyio.to_thread
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from bilan.files.connect import connect
from bilan.sdk.errors import NotFound, Unavailable
from bilan.sdk.textdomain import _

CHUNK = 1024 * 1024
"""Bytes that are read, hashed or sent at a time."""

Content = bytes | Path | Iterable[bytes]
BeforePut = Callable[[str], object]
"""Is told the hash of a file right before anything is written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store: its address and its size in bytes."""

    sha256: str
    size: int


class Files:
    """Keeps files under the SHA-256 (hexadecimal) of their bytes.

    The same bytes are kept once, however often they are put. A file is either
    there in full or not at all: the store writes to the side and renames.
    Methods named ``…_blocking`` and ``open`` belong in threads.
    Every method raises ``Unavailable`` where the store does not answer.
    """

    def __init__(self, url: str) -> None:
        self._store = connect(url)

    async def put(self, content: Content) -> Stored:
        """Keep bytes, the chunks of an iterable or a file on disk. Holds one chunk in memory."""
        return await anyio.to_thread.run_sync(self.put_blocking, content)

    def put_blocking(
        self, content: Content, before: Callable[[str], object] = lambda _sha256: None
    ) -> Stored:
        """As ``put``, for threads."""
        if isinstance(content, bytes):
            return self._keep(content, Stored(hashlib.sha256(content).hexdigest(), len(content)), before)
        if isinstance(content, Path):
            with content.open("rb") as file:
                return self._keep(file, _measure(_chunks(file)), before)
        with tempfile.TemporaryFile() as spool:
            stored = _measure(_copied(content, spool))
            return self._keep(spool, stored, before)

    async def size(self, sha256: str) -> int:
        """The size in bytes. Raises ``NotFound``."""
        return await anyio.to_thread.run_sync(self.size_blocking, sha256)

    def size_blocking(self, sha256: str) -> int:
        """As ``size``, for threads."""
        with _errors(sha256):
            return self._store.head(_key(sha256))["size"]

    async def exists(self, sha256: str) -> bool:
        """Whether the file is there."""
        try:
            await self.size(sha256)
        except NotFound:
            return False
        return True

    def open(self, sha256: str) -> Iterator[bytes]:
        """The file in chunks, for threads. Raises ``NotFound`` at once where it is missing."""
        with _errors(sha256):
            found = self._store.get(_key(sha256))
        return _reading(sha256, iter(found.stream(min_chunk_size=CHUNK)))

    async def stream(self, sha256: str) -> AsyncIterator[bytes]:
        """The file in chunks, for the event loop. Raises ``NotFound`` at the first chunk."""
        with _errors(sha256):
            found = await self._store.get_async(_key(sha256))
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def read(self, sha256: str) -> bytes:
        """The whole file, where it is known to be small. Raises ``NotFound``."""
        return b"".join([chunk async for chunk in self.stream(sha256)])

    @contextmanager
    def local(self, sha256: str) -> Generator[Path]:
        """The file as a path that may be read while the block lasts, for threads.

        In a folder that is the kept file itself; from elsewhere it is copied
        to the temporary folder first. Raises ``NotFound``.
        """
        if isinstance(self._store, LocalStore):
            self.size_blocking(sha256)
            yield Path(str(self._store.prefix)) / _key(sha256)
            return
        with tempfile.NamedTemporaryFile(prefix="bilan-") as copy:
            for chunk in self.open(sha256):
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)

    async def delete(self, sha256: str) -> None:
        """Remove the file; nothing happens where it is missing."""
        try:
            with _errors(sha256):
                await self._store.delete_async(_key(sha256))
        except NotFound:
            return

    def _keep(self, content: bytes | IO[bytes], stored: Stored, before: BeforePut) -> Stored:
        before(stored.sha256)
        try:
            if self.size_blocking(stored.sha256) == stored.size:
                return stored
        except NotFound:
            pass
        if not isinstance(content, bytes):
            content.seek(0)
        with _errors(stored.sha256):
            self._store.put(_key(stored.sha256), content)
        return stored


def _key(sha256: str) -> str:
    """Two levels, so that no folder holds every file."""
    return f"{sha256[:2]}/{sha256}"


def _measure(chunks: Iterable[bytes]) -> Stored:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Stored(digest.hexdigest(), size)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _copied(content: Iterable[bytes], spool: IO[bytes]) -> Iterator[bytes]:
    for chunk in content:
        spool.write(chunk)
        yield chunk


def _reading(sha256: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    with _errors(sha256):
        for chunk in chunks:
            yield bytes(chunk)


@contextmanager
def _errors(sha256: str) -> Generator[None]:
    """Say in our own words what went wrong in the store."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(_("The file {sha256} is no longer kept.", sha256=sha256)) from error
    except BaseError as error:
        raise Unavailable(
            _("The file store does not answer: {reason}.", reason=str(error).splitlines()[0])
        ) from error
