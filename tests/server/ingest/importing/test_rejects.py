"""Rows that were not taken keep their numbers and reasons, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bilan.accounts import Permission, Principal, SourceRole
from bilan.ingest import Imports, NewUpload, Rejects
from bilan.ingest.models import UploadRow
from bilan.sdk.datasets import Fact, RowFacts
from bilan.sdk.errors import Forbidden, Invalid
from bilan.sources import Source
from fixtures.ingest import NOW, MemoryFacts, ShopReader
from support.importing import Reading, lines, member, order


async def test_a_bad_row_keeps_its_number_in_the_file_and_stops_no_other(
    imports: Imports,
    read: Reading,
    rejects: Rejects,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
) -> None:
    rows: list[object] = [order(f"{n:02}") for n in range(1, 13)]
    rows[1], rows[10] = "nonsense", order("11", pieces="many")
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("00"), *rows)))
    other = await imports.upload(operator, till.id, NewUpload("other.jsonl", lines(order("00"), "more")))
    await read(upload.id)
    await read(other.id)
    assert len(facts.rows("shop.orders")) == 11
    page = await rejects.list(operator, till.id, upload=upload.id)
    assert [(one.number, str(one.reason), one.upload) for one in page.rows] == [
        (12, "Pieces must be a whole number, not 'many'.", upload.id),
        (3, "An order must be an object.", upload.id),
    ]
    assert (page.rows[1].raw, page.older) == ('"nonsense"', None)
    done = await imports.get(operator, upload.id)
    assert (done.accepted, done.rejected) == (11, 2)
    assert [one.number async for one in rejects.read(operator, till.id, upload=upload.id)] == [3, 12]
    assert len([one async for one in rejects.read(operator, till.id)]) == 3
    counts = await rejects.counts(operator, till.id)
    assert (counts.accepted, counts.rejected, counts.kept) == (12, 3, 3)


async def test_what_a_reject_held_is_shown_only_to_who_may_see_single_persons(
    imports: Imports, read: Reading, rejects: Rejects, operator: Principal, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"), "ann")))
    await read(upload.id)
    editor = member(operator.workspace, SourceRole.EDITOR, till.id)
    assert [one.raw for one in (await rejects.list(editor, till.id)).rows] == [None]
    with pytest.raises(Forbidden):
        await anext(rejects.read(editor, till.id))
    trusted = member(operator.workspace, SourceRole.EDITOR, till.id, Permission.EXPORT_CONTACT_DATA)
    assert [one.raw for one in (await rejects.list(trusted, till.id)).rows] == ['"ann"']
    assert [one.raw async for one in rejects.read(trusted, till.id)] == ['"ann"']


async def test_rejects_are_listed_page_by_page_and_the_oldest_make_room(
    imports: Imports,
    read: Reading,
    rejects: Rejects,
    operator: Principal,
    till: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bilan.ingest.records.REJECT_QUOTA_ROWS", 120)
    body = lines(order("A"), *(f"{n}" for n in range(2, 152)))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    await read(upload.id)
    pages, before = [], None
    while True:
        page = await rejects.list(operator, till.id, before=before)
        pages.append([one.number for one in page.rows])
        if (before := page.older) is None:
            break
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [number for page in pages for number in page] == [*range(151, 31, -1)]
    counts = await rejects.counts(operator, till.id)
    assert (counts.rejected, counts.kept) == (150, 120)


async def test_large_rejects_are_cut_and_make_room_by_their_bytes(
    imports: Imports,
    read: Reading,
    rejects: Rejects,
    operator: Principal,
    till: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bilan.ingest.records.CONTENT_LIMIT", 40)
    monkeypatch.setattr("bilan.ingest.records.REJECT_QUOTA_BYTES", 100)
    body = lines(order("A"), *("x" * 100 for _n in range(5)))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    await read(upload.id)
    assert [len(one.raw or "") for one in (await rejects.list(operator, till.id)).rows] == [40, 40]


@pytest.mark.requirement("DC-26")
async def test_an_id_with_another_time_is_there_already_and_listed_with_the_time_at_which_it_is(
    imports: Imports,
    read: Reading,
    rejects: Rejects,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
) -> None:
    at = [f"2026-03-0{day}T08:00:00+00:00" for day in (3, 2, 4)]
    one, *others = (order("A", buyer="x", occurred_at=moment) for moment in at)
    upload = await imports.upload(operator, till.id, NewUpload("one.jsonl", lines(one, others[0])))
    await read(upload.id)
    again = await imports.upload(operator, till.id, NewUpload("two.jsonl", lines(order("B"), others[1], one)))
    await read(again.id)

    assert [row["occurred_at"].isoformat() for row in facts.rows("shop.orders")][:1] == at[:1]
    assert len(facts.rows("contact.activity")) == 1
    done = [await imports.get(operator, ident) for ident in (upload.id, again.id)]
    assert [(each.new, each.known, each.rejected) for each in done] == [(1, 1, 0), (1, 2, 0)]
    listed = (await rejects.list(operator, till.id)).rows
    assert [(each.upload, each.number, each.known) for each in listed] == [
        (again.id, 2, True), (upload.id, 2, True),
    ]  # fmt: skip
    assert {str(each.reason).partition(":")[0] for each in listed} == {"Already there with another time"}
    counts = await rejects.counts(operator, till.id)
    assert (counts.new, counts.known, counts.rejected, counts.kept) == (2, 3, 0, 2)


@pytest.mark.requirement("DC-26")
async def test_files_that_an_earlier_release_read_otherwise_are_asked_for_until_they_come_again(
    imports: Imports, read: Reading, operator: Principal, till: Source
) -> None:
    files = {name: lines(order(name, **more)) for name, more in (("A", {"colour": "red"}), ("B", {}))}
    for name, body in files.items():
        upload = await imports.upload(operator, till.id, NewUpload(f"{name}.jsonl", body))
        await read(upload.id)
        assert await imports.to_repeat(operator, till.id) == ()
    await UploadRow.filter(source=till.id).update(known=None)

    [(asked, why)] = await imports.to_repeat(operator, till.id)
    assert (asked.name, asked.new, str(why)) == ("A.jsonl", None, "Colours were forgotten.")

    again = await imports.upload(operator, till.id, NewUpload("again.jsonl", files["A"]))
    assert len(await imports.to_repeat(operator, till.id)) == 1
    await read(again.id)
    assert await imports.to_repeat(operator, till.id) == ()


async def test_facts_of_another_plugin_in_a_file_end_its_import_in_a_sentence(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found(*_given: object) -> Iterator[Fact | RowFacts]:
        yield Fact("shop.orders", {"occurred_at": NOW, "order": "A"})
        yield RowFacts(2, (Fact("contact.activity", {"occurred_at": NOW, "contact": "ann@example.org"}),))

    monkeypatch.setattr(ShopReader, "read", found)
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    with pytest.raises(Invalid, match=r"^A source of shop brings no facts of contact\.activity\.$"):
        await read(upload.id)
    assert [row["order"] for row in facts.rows("shop.orders")] == ["A"]
