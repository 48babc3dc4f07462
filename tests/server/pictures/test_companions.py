"""Pictures that are handed over together with a file: beside it, or in a ZIP archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from uuid import UUID

import anyio.to_thread
import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.files import Files
from bilan.pictures import CompanionPictures, PictureKeeper
from bilan.pictures.models import PictureRow
from bilan.sdk.sources import ImportFile
from fixtures.ingest import NOW
from support.photos import opened, photo

SOURCE = UUID(int=7)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files((tmp_path / "files").as_uri())


@pytest.fixture
def keeper(sqlite_catalog: Catalog, files: Files) -> PictureKeeper:
    return PictureKeeper(sqlite_catalog, files, FrozenClock(NOW))


def handed_over(folder: Path) -> ImportFile:
    """A table with a picture beside it and others in an archive."""
    table, harbour, archive = folder / "posts.csv", folder / "1", folder / "2"
    table.write_text("post,picture\n1,harbour.jpg\n")
    harbour.write_bytes(photo())
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("2026/Market.PNG", photo("PNG", sky="#ffffff"))
        packed.writestr("harbour.jpg", photo(sky="#000000"))
        packed.writestr("notes.txt", "no picture")
    return ImportFile(table, "posts.csv", {"Harbour.jpg": harbour, "pictures.zip": archive})


async def test_pictures_are_found_by_their_names_wherever_they_lie(
    keeper: PictureKeeper, files: Files, tmp_path: Path
):
    pictures = CompanionPictures(keeper, SOURCE, handed_over(tmp_path))

    async def key(name: str) -> str:
        return await anyio.to_thread.run_sync(pictures, name)

    harbour = await key("harbour.jpg")
    assert opened(await files.read(harbour)).getpixel((5, 5)) != (0, 0, 0), "a companion comes first"
    assert await key("photos\\HARBOUR.jpg ") == harbour
    market = await key("/Pictures/market.png")
    assert opened(await files.read(market)).size == (800, 600)
    for name in ("", "other.jpg", "notes.txt", "pictures.zip", "posts.csv"):
        assert await key(name) == ""
    assert {row.sha256 for row in await PictureRow.all()} == {harbour, market}
    assert {row.source for row in await PictureRow.all()} == {SOURCE}


async def test_a_damaged_archive_holds_no_pictures(keeper: PictureKeeper, tmp_path: Path):
    whole = handed_over(tmp_path)
    archive = whole.companions["pictures.zip"]
    content = bytearray(archive.read_bytes())
    content[60:200] = b"\0" * 140
    archive.write_bytes(bytes(content))
    pictures = CompanionPictures(keeper, SOURCE, ImportFile(whole.path, "posts.csv", {"a.zip": archive}))

    assert await anyio.to_thread.run_sync(pictures, "market.png") == ""


async def test_a_locked_member_and_one_that_unpacks_to_nothing_sensible_are_no_pictures(
    keeper: PictureKeeper, tmp_path: Path
):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("locked.jpg", photo())
        packed.writestr("damaged.jpg", photo())
        packed.writestr("strange.jpg", photo())
        locked, damaged, strange = packed.infolist()
    content = bytearray(archive.read_bytes())
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 1)
    third = content.index(b"PK\x01\x02", second + 1)
    content[locked.header_offset + 6] |= 1
    content[first + 8] |= 1
    content[damaged.header_offset + 30 + len("damaged.jpg")] = 0xFF
    content[strange.header_offset + 8] = content[third + 10] = 97
    archive.write_bytes(bytes(content))
    pictures = CompanionPictures(keeper, SOURCE, ImportFile(tmp_path, "posts.csv", {"a.zip": archive}))

    for name in ("locked.jpg", "damaged.jpg", "strange.jpg"):
        assert await anyio.to_thread.run_sync(pictures, name) == ""
