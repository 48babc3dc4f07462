"""A process that puts and drops files that others put too: ``python file_keeper.py CATALOG FOLDER ROUNDS``.

It ends with 1 as soon as a file that it refers to is not there, or not whole.
"""

from __future__ import annotations

import asyncio
import random
import sys
from uuid import uuid4

from bilan.catalog import Catalog
from bilan.clock import SystemClock
from bilan.files import Files
from bilan.files.orphans import remove_orphans
from bilan.files.references import FileReferences, Owner, confirm_references, release_references

CONTENTS = [f"file {number}".encode() * 100 for number in range(2)]


class SlowFiles(Files):
    """A store that takes its time to remove a file, as one on a network does."""

    async def delete(self, sha256: str) -> None:
        await asyncio.sleep(random.uniform(0, 0.02))
        await super().delete(sha256)


async def main(catalog_url: str, folder: str, rounds: int) -> None:
    catalog, files, clock = Catalog(catalog_url), SlowFiles(folder), SystemClock()
    references = FileReferences(catalog, files, clock)
    await catalog.open()
    try:
        with catalog.activate():
            for _round in range(rounds):
                await put_and_drop(catalog, files, references, clock)
    finally:
        await catalog.close()


async def put_and_drop(
    catalog: Catalog, files: Files, references: FileReferences, clock: SystemClock
) -> None:
    """Refer to a file for a moment; it must be there by then, and whole."""
    owner, content = Owner("run", uuid4()), random.choice(CONTENTS)
    stored = await references.put(owner, content)
    async with catalog.transaction():
        await confirm_references(owner, [stored.sha256])
    if await files.read(stored.sha256) != content:
        sys.exit(1)
    async with catalog.transaction():
        await release_references(owner)
    await remove_orphans(catalog, files, clock)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
