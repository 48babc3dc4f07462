"""Rows that name files, and files that nobody names any more: the two never cross."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

from bilan.catalog import Catalog
from bilan.files.models import LooseFileRow
from bilan.files.store import Files
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

FILES = "files"
"""What a transaction holds alone that names kept files or removes them."""


async def mark_orphaned(hashes: Iterable[str]) -> None:
    """Have the next sweep look at these files; within the transaction that stops naming them.

    That transaction holds ``FILES`` alone.
    """
    for sha256 in sorted(hashes):
        await LooseFileRow.get_or_create(sha256=sha256)


@asynccontextmanager
async def file_references(catalog: Catalog, files: Files, *hashes: str) -> AsyncGenerator[None]:
    """A transaction for rows that name these files.

    Files are kept once however often they are put, so the same bytes may just
    have lost their last reader. Raises ``Unavailable`` where one was removed
    since it was put; putting it again is right.
    """
    async with catalog.transaction():
        await catalog.advisory_lock(FILES)
        for sha256 in hashes:
            if not await files.exists(sha256):
                raise Unavailable(_("A file was removed just as it was to be used; try again."))
        yield
