"""How a file is read: who recognises it, and which of its columns goes where."""

from __future__ import annotations

from uuid import UUID

import pytest

from bilan.accounts import Principal
from bilan.ingest import Imports, NewUpload, UploadState
from bilan.ingest.models import UploadRow
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.sources import ColumnMapping, Mapped
from bilan.sources import Source
from bilan.work.models import JobRow
from fixtures.ingest import MemoryFacts
from support.importing import Reading, lines, order


async def test_a_file_is_recognised_and_its_columns_proposed_before_anything_is_read(
    imports: Imports, operator: Principal, till: Source, facts: MemoryFacts
) -> None:
    upload = await imports.upload(
        operator, "till", NewUpload("orders.jsonl", lines(order("A", colour="red")))
    )
    assert (upload.state, upload.reader, upload.name) == (UploadState.WAITING, "shop-lines", "orders.jsonl")
    assert upload.mapping == ColumnMapping(
        "shop.orders",
        (
            Mapped("occurred_at", "occurred_at", "2026-03-09T10:00:00+00:00"),
            Mapped("order", "order", "A"),
            Mapped("colour", "", "red"),
        ),
    )
    assert (await JobRow.all().count(), facts.held) == (0, {})
    assert await imports.list(operator, till.id) == (upload,)


async def test_a_corrected_mapping_is_the_one_that_counts(
    imports: Imports, read: Reading, operator: Principal, till: Source, facts: MemoryFacts
) -> None:
    body = lines({"occurred_at": "2026-03-09T10:00:00+00:00", "order": "A", "who": "ann"})
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    assert upload.mapping is not None
    columns = tuple(Mapped(c.column, "buyer") if c.column == "who" else c for c in upload.mapping.columns)
    await imports.correct(operator, upload.id, ColumnMapping("shop.orders", columns))
    await read(upload.id)
    assert [row["buyer"] for row in facts.rows("shop.orders")] == ["ann"]


async def test_a_file_that_somebody_starts_meanwhile_is_read_with_the_mapping_that_they_saw(
    imports: Imports, read: Reading, operator: Principal, till: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    find = Imports._find

    async def started_right_after(self: Imports, actor: Principal, ident: UUID) -> UploadRow:
        row = await find(self, actor, ident)
        monkeypatch.setattr(Imports, "_find", find)
        await imports.start(operator, ident)
        return row

    monkeypatch.setattr(Imports, "_find", started_right_after)
    corrected = ColumnMapping("shop.orders", (Mapped("occurred_at", ""), Mapped("order", "order")))
    with pytest.raises(Conflict, match=r"The file orders\.jsonl is being read already"):
        await imports.correct(operator, upload.id, corrected)
    await read(upload.id)
    done = await imports.get(operator, upload.id)
    assert (done.state, done.mapping, done.accepted) == (UploadState.DONE, upload.mapping, 1)


@pytest.mark.parametrize(
    ("mapping", "sentence", "path"),
    [
        (ColumnMapping("shop.x", ()), "No plugin declares the dataset shop.x.", ("mapping", "dataset")),
        (
            ColumnMapping("shop.orders", (Mapped("colour", "buyer"),)),
            "The file has no column colour.",
            ("mapping", "colour"),
        ),
        (
            ColumnMapping("shop.orders", (Mapped("order", "colour"),)),
            "Orders has no column colour.",
            ("mapping", "order"),
        ),
        (
            ColumnMapping("shop.orders", (Mapped("order", "order"), Mapped("occurred_at", "order"))),
            "Two columns of the file go to order.",
            ("mapping", "occurred_at"),
        ),
        (
            ColumnMapping("shop.orders", (), {"colour": "red"}),
            "Orders has no column colour.",
            ("mapping", "colour"),
        ),
    ],
)
async def test_a_mapping_that_does_not_fit_is_refused_by_its_column(
    mapping: ColumnMapping,
    sentence: str,
    path: tuple[str, ...],
    imports: Imports,
    operator: Principal,
    till: Source,
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    with pytest.raises(Invalid) as caught:
        await imports.correct(operator, upload.id, mapping)
    assert (str(caught.value), caught.value.path) == (sentence, path)
    assert (await imports.get(operator, upload.id)).mapping == upload.mapping


async def test_a_file_that_nobody_knows_is_refused_with_the_readers_there_are(
    imports: Imports, operator: Principal, till: Source
) -> None:
    offered = "shop-lines, shop-columns"
    with pytest.raises(Invalid, match=rf"photo\.png is not recognised; say how to read it: {offered}\."):
        await imports.upload(operator, till.id, NewUpload("photo.png", b"\x89PNG"))
    with pytest.raises(Invalid, match=rf"There is no reader csv; there are: {offered}\."):
        await imports.upload(operator, till.id, NewUpload("photo.png", b"", reader="csv"))
    assert await imports.list(operator, till.id) == ()


async def test_a_reader_can_be_named_where_the_file_is_not_recognised(
    imports: Imports, operator: Principal, till: Source
) -> None:
    new = NewUpload("orders.txt", lines(order("A")), reader="shop-lines")
    assert (await imports.upload(operator, till.id, new)).reader == "shop-lines"


async def test_a_reader_that_stumbles_over_a_file_is_a_sentence(
    imports: Imports, operator: Principal, till: Source
) -> None:
    with pytest.raises(Invalid, match=r"The plugin failed to read orders\.jsonl: JSONDecodeError"):
        await imports.upload(operator, till.id, NewUpload("orders.jsonl", b"{"))
