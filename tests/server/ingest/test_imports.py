from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bilan.accounts import Actor, Permission, SourceRole, WorkspaceRole
from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.files import Files
from bilan.ingest import Imports, ImportStep, Inbox, NewUpload, Rejects, Upload, UploadState
from bilan.meters import Meters
from bilan.registry import Registry
from bilan.sdk.errors import Cancelled, Conflict, Forbidden, Invalid, NotFound, Unavailable
from bilan.sdk.messages import Message, messages
from bilan.sdk.sources import ColumnMapping, Mapped
from bilan.sources import Source, Sources
from fixtures.ingest import NOW, MemoryFacts

_, _n = messages("shop")


class Noted:
    """Runs that are begun and ended by the test."""

    def __init__(self) -> None:
        self.begun: list[UUID] = []
        self.ended = False

    async def begin(self, actor: Actor, source: Source, upload: Upload) -> UUID:
        self.begun.append(upload.id)
        return uuid4()

    async def over(self, run: UUID) -> bool:
        return self.ended


class Watching:
    """A step's context: stops the work after some checks."""

    def __init__(self, upload: UUID, stop_after: int = 1_000) -> None:
        self.arguments: Mapping[str, Any] = {"upload": str(upload)}
        self.checks = stop_after
        self.shares: list[float] = []

    def check(self) -> None:
        self.checks -= 1
        if self.checks < 0:
            raise Cancelled(_("Stopped."))

    def progress(self, share: float, detail: Message | None = None) -> None:
        self.shares.append(share)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(f"file://{tmp_path / 'files'}")


@pytest.fixture
def runs() -> Noted:
    return Noted()


@pytest.fixture
def sources(sqlite_catalog: Catalog, clock: FrozenClock, shop_registry: Registry) -> Sources:
    return Sources(sqlite_catalog, clock, shop_registry, b"key")


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Actor:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return Actor(None, workspace.id, "Operator", "", None, "operator")


@pytest.fixture
async def till(sources: Sources, operator: Actor) -> Source:
    return await sources.add(operator, plugin="shop", kind="till", name="Till", settings={"secret": "s"})


@pytest.fixture
def imports(
    sqlite_catalog: Catalog,
    shop_registry: Registry,
    files: Files,
    sources: Sources,
    clock: FrozenClock,
    runs: Noted,
) -> Imports:
    return Imports(sqlite_catalog, shop_registry, files, sources, clock, runs)


@pytest.fixture
def step(
    sqlite_catalog: Catalog,
    facts: MemoryFacts,
    shop_registry: Registry,
    files: Files,
    sources: Sources,
    clock: FrozenClock,
) -> ImportStep:
    inbox = Inbox(sqlite_catalog, 100)
    return ImportStep(sqlite_catalog, facts, shop_registry, files, sources, inbox, clock, Meters())


@pytest.fixture
def rejects(sources: Sources) -> Rejects:
    return Rejects(sources)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bilan.ingest.importing.APPEND_ROWS", 10)


def lines(*orders: object) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in orders).encode()


def order(name: str, **more: Any) -> dict[str, Any]:
    return {"occurred_at": "2026-03-09T10:00:00+00:00", "order": name, **more}


def member(workspace: UUID, role: SourceRole | None, source: UUID, *permissions: Permission) -> Actor:
    roles = {} if role is None else {source: role}
    return Actor(
        uuid4(), workspace, "Ann", "ann@example.org", WorkspaceRole.MEMBER, "session",
        permissions=frozenset(permissions), source_roles=roles,
    )  # fmt: skip


async def test_a_file_is_recognised_and_its_columns_proposed_before_anything_is_read(
    imports: Imports, operator: Actor, till: Source, facts: MemoryFacts, runs: Noted
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
    assert (runs.begun, facts.held) == ([], {})
    assert await imports.list(operator, till.id) == (upload,)


async def test_a_started_file_is_read_into_its_source(
    imports: Imports, step: ImportStep, operator: Actor, till: Source, facts: MemoryFacts, runs: Noted
) -> None:
    body = lines(order("A", colour="red", buyer="a@example.org"), order("B"))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    started = await imports.start(operator, upload.id)
    assert (started.state, runs.begun) == (UploadState.RUNNING, [upload.id])
    assert started.run is not None
    watching = Watching(upload.id)
    await step(watching)
    assert [row["order"] for row in facts.rows("shop.orders")] == ["A", "B"]
    assert [row["contact"] for row in facts.rows("contact.activity")] == ["a@example.org"]
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected, done.failure) == (UploadState.DONE, 2, 0, None)
    assert (done.started_at, done.ended_at) == (NOW, NOW)
    assert watching.shares == [0.99]


async def test_the_same_file_twice_changes_no_number(
    imports: Imports, step: ImportStep, operator: Actor, till: Source, facts: MemoryFacts
) -> None:
    for _round in range(2):
        body = lines(*(order(f"{n}", buyer="x") for n in range(25)))
        upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
        await step(Watching(upload.id))
    assert len(facts.rows("shop.orders")) == len(facts.rows("contact.activity")) == 25


async def test_of_two_copies_the_one_that_came_first_stays_by_post_or_by_file(
    imports: Imports,
    step: ImportStep,
    operator: Actor,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
) -> None:
    copies = [order(f"{n:02}", buyer="first") for n in range(10)] + [order("00", buyer="next chunk")]
    first = await imports.upload(operator, till.id, NewUpload("a.jsonl", lines(*copies)))
    second = await imports.upload(operator, till.id, NewUpload("b.jsonl", lines(order("00", buyer="second"))))
    await step(Watching(first.id))
    await step(Watching(second.id))
    assert {row["buyer"] for row in facts.rows("shop.orders")} == {"first"}


async def test_a_bad_row_keeps_its_number_in_the_file_and_stops_no_other(
    imports: Imports,
    step: ImportStep,
    rejects: Rejects,
    operator: Actor,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
) -> None:
    rows: list[object] = [order(f"{n:02}") for n in range(1, 13)]
    rows[1], rows[10] = "nonsense", order("11", pieces="many")
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("00"), *rows)))
    other = await imports.upload(operator, till.id, NewUpload("other.jsonl", lines(order("00"), "more")))
    await step(Watching(upload.id))
    await step(Watching(other.id))
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


async def test_a_file_that_breaks_keeps_what_was_read_and_says_why(
    imports: Imports,
    step: ImportStep,
    operator: Actor,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
) -> None:
    body = lines(*(order(f"{n:02}") for n in range(14))) + b"break\n" + lines(order("late"))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    for _attempt in range(2):
        with pytest.raises(Invalid, match="Line 15 ends the file too early"):
            await step(Watching(upload.id))
        failed = await imports.get(operator, upload.id)
        assert (failed.state, failed.accepted) == (UploadState.FAILED, 14)
        assert str(failed.failure) == "Line 15 ends the file too early."
    assert len(facts.rows("shop.orders")) == 14


async def test_a_bug_in_the_reader_is_a_sentence_not_a_retry(
    imports: Imports, step: ImportStep, operator: Actor, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A")) + b"{\n"))
    with pytest.raises(Invalid, match="The plugin failed to read this: JSONDecodeError"):
        await step(Watching(upload.id))


async def test_an_import_that_is_stopped_goes_on_where_it_was(
    imports: Imports,
    step: ImportStep,
    operator: Actor,
    till: Source,
    facts: MemoryFacts,
    small_chunks: None,
) -> None:
    body = lines(*(order(f"{n:02}") for n in range(25)), "nonsense")
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    with pytest.raises(Cancelled):
        await step(Watching(upload.id, stop_after=2))
    stopped = await imports.get(operator, upload.id)
    assert (stopped.state, stopped.accepted) == (UploadState.STOPPED, 20)
    appends = facts.appends
    await imports.start(operator, upload.id)
    await step(Watching(upload.id))
    assert facts.appends - appends == 1, "chunks that were counted are not sent again"
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected) == (UploadState.DONE, 25, 1)
    assert len(facts.rows("shop.orders")) == 25


async def test_a_crash_after_the_warehouse_took_a_chunk_repeats_it_harmlessly(
    imports: Imports,
    step: ImportStep,
    operator: Actor,
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
            await step(Watching(upload.id))
    assert (await imports.get(operator, upload.id)).accepted == 0
    await step(Watching(upload.id))
    done = await imports.get(operator, upload.id)
    assert (done.state, done.accepted, done.rejected) == (UploadState.DONE, 2, 1)
    assert [row["buyer"] for row in facts.rows("shop.orders")] == ["first"]


async def test_a_warehouse_that_is_down_fails_the_attempt_and_the_next_goes_on(
    imports: Imports, step: ImportStep, operator: Actor, till: Source, facts: MemoryFacts
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    facts.down = True
    with pytest.raises(Unavailable):
        await step(Watching(upload.id))
    assert (await imports.get(operator, upload.id)).state is UploadState.FAILED
    facts.down = False
    await step(Watching(upload.id))
    assert (await imports.get(operator, upload.id)).state is UploadState.DONE


async def test_a_corrected_mapping_is_the_one_that_counts(
    imports: Imports, step: ImportStep, operator: Actor, till: Source, facts: MemoryFacts
) -> None:
    body = lines({"occurred_at": "2026-03-09T10:00:00+00:00", "order": "A", "who": "ann"})
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    assert upload.mapping is not None
    columns = tuple(Mapped(c.column, "buyer") if c.column == "who" else c for c in upload.mapping.columns)
    await imports.correct(operator, upload.id, ColumnMapping("shop.orders", columns))
    await step(Watching(upload.id))
    assert [row["buyer"] for row in facts.rows("shop.orders")] == ["ann"]


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
    operator: Actor,
    till: Source,
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    with pytest.raises(Invalid) as caught:
        await imports.correct(operator, upload.id, mapping)
    assert (str(caught.value), caught.value.path) == (sentence, path)
    assert (await imports.get(operator, upload.id)).mapping == upload.mapping


async def test_a_file_that_nobody_knows_is_refused_with_the_readers_there_are(
    imports: Imports, operator: Actor, till: Source
) -> None:
    with pytest.raises(Invalid, match=r"photo\.png is not recognised; say how to read it: shop-lines\."):
        await imports.upload(operator, till.id, NewUpload("photo.png", b"\x89PNG"))
    with pytest.raises(Invalid, match=r"There is no reader csv; there are: shop-lines\."):
        await imports.upload(operator, till.id, NewUpload("photo.png", b"", reader="csv"))
    assert await imports.list(operator, till.id) == ()


async def test_a_reader_can_be_named_where_the_file_is_not_recognised(
    imports: Imports, operator: Actor, till: Source
) -> None:
    new = NewUpload("orders.txt", lines(order("A")), reader="shop-lines")
    assert (await imports.upload(operator, till.id, new)).reader == "shop-lines"


async def test_a_reader_that_stumbles_over_a_file_is_a_sentence(
    imports: Imports, operator: Actor, till: Source
) -> None:
    with pytest.raises(Invalid, match=r"The plugin failed to read orders\.jsonl: JSONDecodeError"):
        await imports.upload(operator, till.id, NewUpload("orders.jsonl", b"{"))


async def test_a_running_import_is_not_started_again_unless_its_run_is_over(
    imports: Imports, operator: Actor, till: Source, runs: Noted
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    await imports.start(operator, upload.id)
    with pytest.raises(Conflict, match=r"The file orders\.jsonl was started already\."):
        await imports.start(operator, upload.id)
    assert upload.mapping is not None
    with pytest.raises(Conflict, match="is being read already"):
        await imports.correct(operator, upload.id, upload.mapping)
    runs.ended = True
    await imports.start(operator, upload.id)
    assert runs.begun == [upload.id, upload.id]


async def test_a_file_that_is_done_is_not_started_again(
    imports: Imports, step: ImportStep, operator: Actor, till: Source, runs: Noted
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    await step(Watching(upload.id))
    with pytest.raises(Conflict):
        await imports.start(operator, upload.id)
    assert runs.begun == []


@pytest.mark.requirement("DC-02")
async def test_only_who_edits_a_source_imports_into_it_and_sees_its_rejects(
    imports: Imports, rejects: Rejects, operator: Actor, till: Source, runs: Noted
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
    assert runs.begun == []
    assert len(await imports.list(operator, till.id)) == 1
    editor = member(operator.workspace, SourceRole.EDITOR, till.id)
    assert (await imports.start(editor, upload.id)).state is UploadState.RUNNING


async def test_what_a_reject_held_is_shown_only_to_who_may_see_single_persons(
    imports: Imports, step: ImportStep, rejects: Rejects, operator: Actor, till: Source
) -> None:
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"), "ann")))
    await step(Watching(upload.id))
    editor = member(operator.workspace, SourceRole.EDITOR, till.id)
    assert [one.raw for one in (await rejects.list(editor, till.id)).rows] == [None]
    with pytest.raises(Forbidden):
        await anext(rejects.read(editor, till.id))
    trusted = member(operator.workspace, SourceRole.EDITOR, till.id, Permission.EXPORT_CONTACT_DATA)
    assert [one.raw for one in (await rejects.list(trusted, till.id)).rows] == ['"ann"']
    assert [one.raw async for one in rejects.read(trusted, till.id)] == ['"ann"']


async def test_rejects_are_listed_page_by_page_and_the_oldest_make_room(
    imports: Imports,
    step: ImportStep,
    rejects: Rejects,
    operator: Actor,
    till: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bilan.ingest.records.KEPT_ROWS", 120)
    body = lines(order("A"), *(f"{n}" for n in range(2, 152)))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    await step(Watching(upload.id))
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
    step: ImportStep,
    rejects: Rejects,
    operator: Actor,
    till: Source,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bilan.ingest.records.CONTENT_LIMIT", 40)
    monkeypatch.setattr("bilan.ingest.records.KEPT_BYTES", 100)
    body = lines(order("A"), *("x" * 100 for _n in range(5)))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", body))
    await step(Watching(upload.id))
    assert [len(one.raw or "") for one in (await rejects.list(operator, till.id)).rows] == [40, 40]


async def test_an_import_tells_when_the_source_was_heard_of(
    imports: Imports, step: ImportStep, sources: Sources, operator: Actor, till: Source, clock: FrozenClock
) -> None:
    clock.move(timedelta(minutes=5))
    upload = await imports.upload(operator, till.id, NewUpload("orders.jsonl", lines(order("A"))))
    await step(Watching(upload.id))
    heard = await sources.get(operator, till.id)
    assert heard.last_received_at == NOW + timedelta(minutes=5)
    assert heard.last_event_at is not None
    assert heard.last_event_at.isoformat() == "2026-03-09T10:00:00+00:00"
