"""A file is kept as long as somebody refers to it, whoever puts and removes the same bytes meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock, SystemClock
from bilan.files import Files
from bilan.files.models import FileReferenceRow, StoredFileRow
from bilan.files.orphans import SILENCE, remove_orphans
from bilan.files.references import (
    RESERVED,
    FileReferences,
    Owner,
    confirm_references,
    release_references,
)
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import Message

KEEPER = Path(__file__).parents[2] / "support" / "file_keeper.py"
SHA = hashlib.sha256(b"hello").hexdigest()


class Shelf:
    """Files and their references, with a clock of its own."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self.catalog, self.clock = catalog, FrozenClock(SystemClock().now())
        self.files = Files(folder.as_uri())
        self.references = FileReferences(catalog, self.files, self.clock)

    async def keep(self, owner: Owner) -> None:
        await self.references.put(owner, b"hello")
        async with self.catalog.transaction():
            await confirm_references(owner, [SHA])

    async def sweep(self) -> int:
        return await remove_orphans(self.catalog, self.files, self.clock)


@pytest.fixture
def shelf(catalog: Catalog, tmp_path: Path) -> Shelf:
    return Shelf(catalog, tmp_path / "files")


def run() -> Owner:
    return Owner("run", uuid4())


async def test_a_file_goes_with_the_last_who_refers_to_it(shelf: Shelf):
    first, second = run(), Owner("upload", uuid4())
    for owner in (first, second, first):
        await shelf.keep(owner)
    await release_references(first)
    assert (await shelf.sweep(), await shelf.files.exists(SHA)) == (0, True)
    await release_references(second, [SHA])
    assert (await shelf.sweep(), await shelf.files.exists(SHA)) == (1, False)
    assert not await StoredFileRow.exists()
    assert await shelf.sweep() == 0


async def test_what_is_only_put_stays_for_a_day(shelf: Shelf):
    await shelf.references.put(run(), b"hello")
    shelf.clock.move(RESERVED)
    assert (await shelf.sweep(), await shelf.files.exists(SHA)) == (0, True)
    shelf.clock.move(timedelta(seconds=1))
    assert (await shelf.sweep(), await shelf.files.exists(SHA)) == (1, False)
    assert not await FileReferenceRow.exists()


async def test_who_names_a_file_too_late_puts_it_again(shelf: Shelf):
    owner = run()
    await shelf.references.put(owner, b"hello")
    shelf.clock.move(RESERVED + timedelta(seconds=1))
    await shelf.sweep()
    with pytest.raises(Unavailable):
        await confirm_references(owner, [SHA])
    with pytest.raises(Unavailable):
        await confirm_references(Owner("run", UUID(int=1)), [SHA])
    await shelf.keep(owner)
    assert await shelf.files.read(SHA) == b"hello"


async def test_releasing_leaves_what_is_being_put_at_that_moment(shelf: Shelf):
    owner = run()
    await shelf.references.put(owner, b"hello")
    await release_references(owner)
    assert await shelf.sweep() == 0
    await confirm_references(owner, [SHA])
    await release_references(owner)
    assert await shelf.sweep() == 1


async def test_who_puts_bytes_that_are_being_removed_waits_and_holds_up_nobody(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    owner, removing, enough = run(), anyio.Event(), anyio.Event()
    await shelf.keep(owner)
    await release_references(owner)
    delete = shelf.files.delete

    async def slowly(sha256: str) -> None:
        removing.set()
        await enough.wait()
        await delete(sha256)

    monkeypatch.setattr(shelf.files, "delete", slowly)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shelf.sweep)
        await removing.wait()
        with anyio.fail_after(5):  # another file is put while the store is asked
            await shelf.references.put(owner, b"something else")
        kept = asyncio.ensure_future(shelf.keep(owner))
        await asyncio.sleep(0.2)
        assert not kept.done()
        enough.set()
        await kept
    assert await shelf.files.read(SHA) == b"hello"


async def test_a_remover_that_fell_silent_is_made_up_for(shelf: Shelf):
    await StoredFileRow.create(sha256=SHA, removing_at=shelf.clock.now())
    await shelf.files.put(b"hello")
    shelf.clock.move(SILENCE)
    assert (await shelf.sweep(), await shelf.files.exists(SHA)) == (0, True)
    shelf.clock.move(timedelta(seconds=1))
    assert (await shelf.sweep(), await shelf.files.exists(SHA)) == (1, False)


async def test_a_store_that_fails_while_an_orphan_is_deleted_holds_up_nobody_who_puts_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    owner = run()
    await shelf.keep(owner)
    await release_references(owner)

    async def broken(_sha256: str) -> None:
        raise Unavailable(Message("The file store does not answer."))

    with monkeypatch.context() as patch:
        patch.setattr(shelf.files, "delete", broken)
        with pytest.raises(Unavailable, match="The file store does not answer"):
            await shelf.sweep()
    assert (await StoredFileRow.get()).removing_at is None
    with anyio.fail_after(2):
        await shelf.keep(owner)
    assert (await shelf.sweep(), await shelf.files.read(SHA)) == (0, b"hello")
    await release_references(owner)
    assert await shelf.sweep() == 1


async def test_a_removal_without_an_end_is_said(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bilan.files.references.TRIES", 2)
    await StoredFileRow.create(sha256=SHA, removing_at=shelf.clock.now())
    with pytest.raises(Unavailable, match="A file was removed just as it was to be used; try again"):
        await shelf.references.put(run(), b"hello")
    assert not await shelf.files.exists(SHA)


async def test_processes_that_put_and_remove_the_same_bytes_never_lose_a_file(
    catalog: Catalog, catalog_url: str, tmp_path: Path
):
    command = [sys.executable, str(KEEPER), catalog_url, (tmp_path / "files").as_uri(), "60"]
    keepers = [await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE) for _keeper in range(3)]
    errors = [(await keeper.communicate())[1] for keeper in keepers]
    assert [error.decode() for error in errors] == ["", "", ""]
    assert [keeper.returncode for keeper in keepers] == [0, 0, 0]
