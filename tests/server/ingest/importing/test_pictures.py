"""A reader asks for the pictures of its file while this is read into a source, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bilan.accounts import Principal
from bilan.files import Files
from bilan.ingest import Imports
from bilan.ingest.imports import NewUpload
from bilan.pictures.models import PictureRow
from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.sources import ColumnMapping, ImportFile, Settings
from bilan.sources import Source
from fixtures.ingest import ShopReader
from support.importing import Reading, lines, order
from support.photos import opened, photo


async def test_pictures_are_kept_when_a_file_is_read_into_a_source_and_not_before(
    imports: Imports, read: Reading, till: Source, operator: Principal, files: Files,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
):  # fmt: skip
    given: list[str] = []

    def asking(
        reader: ShopReader, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[Fact | Reject]:
        given.append(file.picture("harbour.jpg"))
        return iter(())

    monkeypatch.setattr(ShopReader, "read", asking)
    (tmp_path / "harbour").write_bytes(photo())
    new = NewUpload("a.jsonl", lines(order("A")), companions={"harbour.jpg": tmp_path / "harbour"})

    upload = await imports.upload(operator, till.id, new)
    await imports.preview(operator, upload.id)
    assert given == [""]
    assert not await PictureRow.exists()

    await read(upload.id)
    assert opened(await files.read(given[-1])).size == (800, 600)
    (row,) = await PictureRow.all()
    assert (row.source, row.sha256) == (till.id, given[-1])
