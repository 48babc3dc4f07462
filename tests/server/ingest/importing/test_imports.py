"""A file is read into its source once, and an import that was stopped or broke goes on where it was."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import anyio.from_thread
import pytest

from bilan.accounts import Principal, SourceRole
from bilan.clock import FrozenClock
from bilan.ingest import Imports, NewUpload, Rejects, UploadState
from bilan.ingest.models import UploadRow
from bilan.sdk.errors import Cancelled, Conflict, Forbidden, Invalid, NotFound, Unavailable
from bilan.sdk.messages import messages
from bilan.sources import Source, Sources
from bilan.work.models import JobRow
from fixtures.ingest import NOW, MemoryFacts
from support.importing import Reading, lines, member, order

_ = messages("shop")[0]


async def test_a_started_file_is_read_into_its_source(
    imports: Imports, read: Reading, operator: Principal, till: Source, facts: MemoryFacts
) -> None:
    body = lines(order("A", colour="red", buyer="a@example.org"), order("B"))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    started = await imports.start(operator, upload.id)
    assert started.state is UploadState.RUNNING
    assert started.job is not None
    await read(upload.id)
    assert [row["order"] for row in facts.rows("shop.orders")] == ["A", "B"]
    assert [row["contact"] for row in facts.rows("contact.activity")] == ["a@example.org"]
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected, done.failure) == (UploadState.DONE, 2, 0, None)
    assert (done.started_at, done.ended_at) == (NOW, NOW)
    assert read.shares == [0.99]


async def test_the_same_file_twice_changes_no_number(
    imports: Imports, read: Reading, operator: Principal, till: Source, facts: MemoryFacts
) -> None:
    for _round in range(2):
        body = lines(*(order(f"{n}", buyer="x") for n in range(25)))
        upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
        await read(upload.id)
    assert len(facts.rows("shop.orders")) == len(facts.rows("contact.activity")) == 25


async def test_of_two_copies_the_one_that_came_first_stays_by_post_or_by_file(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
) -> None:
    copies = [order(f"{n:02}", buyer="first") for n in range(10)] + [order("00", buyer="next chunk")]
    first = await imports.upload(operator, till.id, NewUpload("a.jsonl", lines(*copies)))
    second = await imports.upload(operator, till.id, NewUpload("b.jsonl", lines(order("00", buyer="second"))))
    await read(first.id)
    await read(second.id)
    assert {row["buyer"] for row in facts.rows("shop.orders")} == {"first"}


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.columns"])
async def test_a_file_that_breaks_keeps_what_was_read_and_says_why(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
    name: str,
) -> None:
    body = lines(*(order(f"{n:02}") for n in range(14))) + b"break\n" + lines(order("late"))
    upload = await imports.upload(operator, till.id, NewUpload(name, body))
    for _attempt in range(2):
        with pytest.raises(Invalid, match="Line 15 ends the file too early"):
            await read(upload.id)
        failed = await imports.get(operator, upload.id)
        assert (failed.state, failed.accepted) == (UploadState.FAILED, 14)
        assert str(failed.failure) == "Line 15 ends the file too early."
    assert len(facts.rows("shop.orders")) == 14


async def test_a_bug_in_the_reader_is_a_sentence_not_a_retry(
    imports: Imports, read: Reading, operator: Principal, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A")) + b"{\n"))
    with pytest.raises(Invalid, match="The plugin failed to read this: JSONDecodeError"):
        await read(upload.id)


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.columns"])
async def test_an_import_that_is_stopped_goes_on_where_it_was(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
    name: str,
) -> None:
    body = lines(*(order(f"{n:02}") for n in range(25)), "nonsense")
    upload = await imports.upload(operator, till.id, NewUpload(name, body))
    with pytest.raises(Cancelled):
        await read(upload.id, stop_after=2)
    stopped = await imports.get(operator, upload.id)
    assert (stopped.state, stopped.accepted) == (UploadState.STOPPED, 20)
    appends = facts.appends
    await imports.start(operator, upload.id)
    await read(upload.id)
    assert facts.appends - appends == 1, "chunks that were counted are not sent again"
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected) == (UploadState.DONE, 25, 1)
    assert len(facts.rows("shop.orders")) == 25


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.columns"])
async def test_an_import_goes_on_whatever_number_of_rows_is_taken_at_once(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = [order(f"{n:02}") for n in range(45)]
    body = lines(*orders[:27], "nonsense", *orders[27:])
    upload = await imports.upload(operator, till.id, NewUpload(name, body))
    with pytest.raises(Cancelled):
        await read(upload.id, stop_after=1)
    assert (await imports.get(operator, upload.id)).accepted == 10
    monkeypatch.setattr("bilan.ingest.importing.CHUNKS_AT_ONCE", 3)
    with pytest.raises(Cancelled):
        await read(upload.id, stop_after=1)
    stopped = await imports.get(operator, upload.id)
    assert (stopped.accepted, stopped.rejected) == (39, 1)
    await read(upload.id)
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected) == (UploadState.DONE, 45, 1)
    assert [row["order"] for row in facts.rows("shop.orders")] == [one["order"] for one in orders]


async def test_of_large_rows_no_more_chunks_are_taken_together_than_there_is_room_for(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bilan.ingest.importing.CHUNKS_AT_ONCE", 4)
    large = [order(f"{n:02}", buyer="x" * 1_000) for n in range(45)]

    first = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(*large)))
    with pytest.raises(Cancelled):
        await read(first.id, stop_after=1)
    assert (await imports.get(operator, first.id)).accepted == 40

    monkeypatch.setattr("bilan.ingest.importing.CHUNKS_SIZE", 25_000)  # ten have 20 kB
    second = await imports.upload(operator, till.id, NewUpload("fewer.jsonl", lines(*large[:44])))
    with pytest.raises(Cancelled):
        await read(second.id, stop_after=1)
    assert (await imports.get(operator, second.id)).accepted == 20
    await read(second.id)
    assert (await imports.get(operator, second.id)).accepted == 44


async def test_a_crash_after_the_warehouse_took_a_chunk_repeats_it_harmlessly(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def crash(*_args: object) -> None:
        raise Unavailable(_("Killed."))

    body = lines(order("A", buyer="first"), order("A", buyer="second"), "nonsense")
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    with monkeypatch.context() as patch:
        patch.setattr("bilan.ingest.importing.record", crash)
        with pytest.raises(Unavailable):
            await read(upload.id)
    assert (await imports.get(operator, upload.id)).accepted == 0
    await read(upload.id)
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected) == (UploadState.DONE, 2, 1)
    assert [row["buyer"] for row in facts.rows("shop.orders")] == ["first"]


async def test_an_import_overtaken_by_another_worker_goes_on_after_what_that_one_counted(
    imports: Imports,
    read: Reading,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = lines(*(order(f"{n:02}") for n in range(25)))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    append = facts.append

    async def count() -> None:
        await UploadRow.filter(id=upload.id, chunks=1).update(chunks=2, accepted=20)

    def after_another(*args: Any, **options: Any) -> Any:
        append(*args, moment=NOW - timedelta(hours=1))  # by the other worker
        anyio.from_thread.run(count)
        return append(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(facts, "append", after_another)
        with pytest.raises(Unavailable, match=r"Another worker reads this file on\."):
            await read(upload.id)
    overtaken = await imports.get(operator, upload.id)
    assert (overtaken.state, overtaken.accepted) == (UploadState.RUNNING, 20)
    await read(upload.id)
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, len(facts.rows("shop.orders"))) == (UploadState.DONE, 25, 25)


async def test_a_warehouse_that_is_down_fails_the_attempt_and_the_next_goes_on(
    imports: Imports, read: Reading, operator: Principal, till: Source, facts: MemoryFacts
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    facts.down = True
    with pytest.raises(Unavailable):
        await read(upload.id)
    assert (await imports.get(operator, upload.id)).state is UploadState.RUNNING, "it is tried again"
    facts.down = False
    await read(upload.id)
    assert (await imports.get(operator, upload.id)).state is UploadState.DONE


async def test_a_running_import_is_not_started_again_unless_its_job_is_over(
    imports: Imports, read: Reading, operator: Principal, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    await imports.start(operator, upload.id)
    with pytest.raises(Conflict, match=r"The file orders\.jsonl was started already\."):
        await imports.start(operator, upload.id)
    assert upload.mapping is not None
    with pytest.raises(Conflict, match="is being read already"):
        await imports.correct(operator, upload.id, upload.mapping)
    first = (await imports.get(operator, upload.id)).job
    assert first is not None
    await read.jobs.cancel(first)
    again = await imports.start(operator, upload.id)
    assert (again.state, again.job == first) == (UploadState.RUNNING, False)


async def test_of_two_who_start_a_file_at_once_one_does(
    imports: Imports, operator: Principal, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    clicks = [imports.start(operator, upload.id) for _click in range(3)]
    ends = await asyncio.gather(*clicks, return_exceptions=True)
    refused = [end for end in ends if isinstance(end, Conflict)]
    assert [str(one) for one in refused] == ["The file orders.jsonl was started already."] * 2
    assert await JobRow.all().count() == 1, "the jobs of the others are undone"


async def test_a_file_that_is_done_is_not_started_again(
    imports: Imports, read: Reading, operator: Principal, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    await read(upload.id)
    with pytest.raises(Conflict):
        await imports.start(operator, upload.id)
    assert await JobRow.all().count() == 1


@pytest.mark.requirement("DC-02")
async def test_only_who_edits_a_source_imports_into_it_and_sees_its_rejects(
    imports: Imports, rejects: Rejects, operator: Principal, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    guest = member(operator.workspace, SourceRole.GUEST, till.id)
    stranger = member(operator.workspace, None, till.id)
    for actor, refusal in ((guest, Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            await imports.upload(actor, till.id, NewUpload("orders.jsonl", lines(order("B"))))
        with pytest.raises(refusal):
            await imports.start(actor, upload.id)
        with pytest.raises(refusal):
            await rejects.list(actor, till.id)
    with pytest.raises(NotFound):
        await imports.get(member(uuid4(), SourceRole.ADMIN, till.id), upload.id)
    assert not await JobRow.exists()
    assert len(await imports.list(operator, till.id)) == 1
    editor = member(operator.workspace, SourceRole.EDITOR, till.id)
    assert (await imports.start(editor, upload.id)).state is UploadState.RUNNING


async def test_an_import_tells_when_the_source_was_heard_of(
    imports: Imports, read: Reading, sources: Sources, operator: Principal, till: Source, clock: FrozenClock
) -> None:
    clock.move(timedelta(minutes=5))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    await read(upload.id)
    heard = await sources.get(operator, till.id)
    assert heard.last_received_at == NOW + timedelta(minutes=5)
    assert heard.last_event_at is not None
    assert heard.last_event_at.isoformat() == "2026-03-09T10:00:00+00:00"
