"""Runs as people see them: built once, rendered any number of times, shown to those who may see them."""

import hashlib
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import pytest

from bilan.accounts.models import Membership, Person, SourceGrant
from bilan.accounts.values import OperatorPrincipal, Principal
from bilan.catalog import Catalog
from bilan.runs.listing import Wanted
from bilan.runs.models import DocumentRow
from bilan.runs.reading import read_run
from bilan.runs.values import Purpose, RenderSpec, Run
from bilan.sdk.document import Document, Kpis, Table, encode
from bilan.sdk.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from bilan.sdk.messages import Message, messages
from bilan.sdk.reports import Building, Report, ReportRequest
from bilan.warehouse import Warehouse
from bilan.work import NewJob, NewStep, State
from bilan.work.jobs import is_stopped
from bilan.work.models import StepRow
from support.office import KINDS, LEFT, NOON, RIGHT, Office, sales
from support.runs import until

_ = messages("bilan")[0]

CSV, HTML = RenderSpec("csv", options={"compression": "none"}), RenderSpec("html")
WEEK = {"period": "last_7_days"}


@pytest.fixture
async def office(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Office:
    office = Office(sqlite_catalog, warehouse, tmp_path)
    await office.open()
    return office


@pytest.fixture
async def ada(office: Office) -> Principal:
    """Edits both tills and may see rows about persons."""
    return await office.person("Ada", {LEFT: "editor", RIGHT: "editor"}, ["export_contact_data"])


def ordered(document: Document) -> object:
    (kpis, _table) = document.blocks
    assert isinstance(kpis, Kpis)
    return kpis.tiles[0].value


async def content(office: Office, run: Run, spec: RenderSpec, actor: Principal) -> bytes:
    return await office.files.read((await office.runs.artifact(actor, run.id, spec)).sha256)


@pytest.mark.requirement("AD-09")
async def test_a_run_tells_who_asked_when_how_long_and_how_large(office: Office, ada: Principal):
    office.sell(LEFT, "a", "b")
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK, [CSV, HTML]))
    assert (run.state, run.asked_by_name, run.asked_by) == (State.SUCCEEDED, "Ada", ada.person)
    assert (run.as_of, run.seconds, run.zone) == (NOON, 0.0, "Europe/Paris")
    assert [(step.name, step.state) for step in run.steps] == [
        ("build", State.SUCCEEDED), ("render:csv", State.SUCCEEDED), ("render:html", State.SUCCEEDED),
    ]  # fmt: skip
    files = {artifact.file_name: artifact for artifact in run.artifacts}
    assert set(files) == {"Sales 2026-03-10.csv", "Sales 2026-03-10.html"}
    assert files["Sales 2026-03-10.csv"].media_type == "text/csv; charset=utf-8"
    assert run.size == sum([await office.files.size(one.sha256) for one in run.artifacts]) > 0


@pytest.mark.requirement("GO-03")
async def test_the_document_is_stored_and_facts_that_change_later_do_not_change_it(
    office: Office, ada: Principal
):
    office.sell(LEFT, "a", "b")
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK))
    stored = (await DocumentRow.get(run_id=run.id)).json
    assert run.document_sha256 == hashlib.sha256(stored.encode()).hexdigest()
    before = await content(office, run, CSV, ada)
    office.sell(LEFT, "late", ago=timedelta(days=2))
    document = await office.runs.document(ada, run.id)
    assert ordered(document) == 2
    assert hashlib.sha256(encode(document)).hexdigest() == run.document_sha256
    assert await content(office, run, CSV, ada) == before
    assert before.decode().count("\n") == 3


@pytest.mark.requirement("GO-03", "AD-09")
async def test_any_format_language_and_zone_is_rendered_later_without_the_warehouse(
    office: Office, ada: Principal
):
    office.sell(LEFT, *[f"order {number:05}" for number in range(3000)])
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK))
    assert run.artifacts == ()
    (_kpis, table) = (await office.runs.document(ada, run.id)).blocks
    assert isinstance(table, Table)
    assert table.part is not None
    office.warehouse.close()
    english = await content(office, run, CSV, ada)
    assert english.decode().count("\n") == 3001
    tokyo = await content(office, run, replace(HTML, zone="Asia/Tokyo"), ada)
    french = await content(office, run, replace(HTML, language="fr"), ada)
    assert len({await content(office, run, HTML, ada), tokyo, french}) == 3
    assert b'lang="fr"' in french
    assert len((await office.runs.get(ada, run.id)).artifacts) == 4


@pytest.mark.requirement("GO-03")
async def test_rendering_again_gives_the_same_file(office: Office, ada: Principal):
    office.sell(LEFT, "a")
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK))
    first = [await office.runs.artifact(ada, run.id, one) for one in (CSV, HTML)]
    assert [await office.runs.artifact(ada, run.id, one) for one in (CSV, HTML)] == first
    for kept in first:
        await office.files.delete(kept.sha256)
    again = await office.finish(await office.runs.start(ada, "shop.sales", WEEK, [CSV, HTML]))
    assert {one.sha256 for one in again.artifacts} == {one.sha256 for one in first}


async def test_a_file_asked_for_twice_at_once_is_one_artifact(office: Office, ada: Principal):
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK))
    async with anyio.create_task_group() as tasks:
        for _reader in range(4):
            tasks.start_soon(office.runs.artifact, ada, run.id, HTML)
    assert len((await office.runs.get(ada, run.id)).artifacts) == 1


async def test_the_moment_of_the_figures_is_that_of_the_first_attempt(
    sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    attempts: list[int] = []

    def fails_once(request: ReportRequest, client: Building) -> Report:
        attempts.append(1)
        if len(attempts) == 1:
            raise Unavailable(_("The warehouse is away."))
        return sales(request, client)

    office = Office(sqlite_catalog, warehouse, tmp_path, (replace(KINDS[0], build=fails_once),))
    await office.open()
    ada = await office.person("Ada", {LEFT: "guest"})
    office.sell(LEFT, "a")
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK))
    assert (run.state, run.as_of) == (State.RUNNING, NOON)
    office.clock.move(timedelta(minutes=1))
    office.sell(LEFT, "late", ago=timedelta(days=2))
    run = await office.finish(run)
    document = await office.runs.document(ada, run.id)
    assert (document.as_of, ordered(document)) == ("2026-03-10T12:00:00Z", 1)


async def test_a_run_keeps_its_values_its_zone_and_its_definitions(office: Office, ada: Principal):
    run = await office.runs.start(replace(ada, zone="Asia/Tokyo"), "shop.sales", {**WEEK, "title": "Mine"})
    run = await office.finish(run)
    assert run.values == {**WEEK, "title": "Mine", "zone": "Asia/Tokyo", "first_weekday": "monday"}
    assert (run.title, run.zone) == ("Mine", "Asia/Tokyo")
    assert [definition.key for definition in run.definitions] == ["shop.ordered"]
    assert (await office.runs.document(ada, run.id)).zone == "Asia/Tokyo"


async def test_a_report_is_called_in_its_documents_what_people_call_it(office: Office, ada: Principal):
    run = await office.finish(
        await office.runs.start(ada, "shop.sales", WEEK, [CSV], title="Acme, every Monday")
    )
    document = await office.runs.document(ada, run.id)
    assert (document.title, document.subtitle) == ("Acme, every Monday", Message("Sales"))
    (file,) = (await office.runs.get(ada, run.id)).artifacts
    assert file.file_name == "Acme, every Monday 2026-03-10.csv"


@pytest.mark.requirement("DC-08")
async def test_a_restart_adds_a_run_and_leaves_the_earlier_one_readable(office: Office, ada: Principal):
    report = uuid4()
    first = await office.finish(await office.runs.start(ada, "shop.sales", WEEK, [CSV], report=report))
    office.clock.move(timedelta(hours=1))
    second = await office.finish(await office.runs.restart(ada, first.id))
    assert second.id != first.id
    assert (second.report, second.values, second.formats) == (report, first.values, first.formats)
    listed = await office.runs.list(ada, Wanted(report=report))
    assert [run.id for run in listed.runs] == [second.id, first.id]
    assert (await office.runs.document(ada, first.id)).as_of == "2026-03-10T12:00:00Z"


async def test_a_run_reads_what_its_asker_may_read(office: Office):
    office.sell(LEFT, "a")
    office.sell(RIGHT, "b", "c")
    bea = await office.person("Bea", {RIGHT: "guest"})
    run = await office.finish(await office.runs.start(bea, "shop.sales", WEEK))
    assert run.sources == {RIGHT}
    document = await office.runs.document(bea, run.id)
    assert ordered(document) == 2
    assert [(one.source, one.rows) for one in document.provenance] == [("Right", 2)]


async def test_a_source_taken_from_the_asker_meanwhile_is_left_out(office: Office, ada: Principal):
    office.sell(LEFT, "a")
    office.sell(RIGHT, "b", "c")
    run = await office.runs.start(ada, "shop.sales", WEEK)
    await SourceGrant.filter(person_id=ada.person, source=RIGHT).delete()
    run = await office.finish(run)
    assert run.sources == {LEFT}
    assert ordered(await office.runs.document(await office.actor(ada.person), run.id)) == 1


async def test_a_run_of_somebody_who_was_shut_out_fails_and_says_so(office: Office, ada: Principal):
    run = await office.runs.start(ada, "shop.sales", WEEK)
    await Person.filter(id=ada.person).update(active=False)
    run = await office.finish(run)
    assert run.state is State.FAILED
    assert str(run.error) == "Ada, who asked for this, no longer has access."


@pytest.mark.requirement("DC-03")
async def test_reports_about_single_persons_take_the_permission(office: Office, ada: Principal):
    bea = await office.person("Bea", {LEFT: "admin", RIGHT: "admin"})
    with pytest.raises(Forbidden, match="takes the permission export_contact_data"):
        await office.runs.start(bea, "shop.customers", WEEK)
    run = await office.finish(await office.runs.start(ada, "shop.customers", WEEK))
    for asking in (office.runs.get(bea, run.id), office.runs.artifact(bea, run.id, CSV)):
        with pytest.raises(NotFound):
            await asking
    assert (await office.runs.list(bea)).runs == ()
    assert [one.id for one in (await office.runs.list(ada)).runs] == [run.id]
    later = await office.runs.start(ada, "shop.customers", WEEK)
    await Membership.filter(person_id=ada.person).update(permissions=[])
    assert (await office.finish(later)).state is State.FAILED


@pytest.mark.requirement("DC-02")
async def test_a_run_is_known_to_those_who_may_read_all_its_sources(office: Office, ada: Principal):
    both = await office.runs.start(ada, "shop.sales", WEEK)
    left = await office.runs.start(ada, "shop.sales", WEEK, sources=frozenset({LEFT}))
    bea = await office.person("Bea", {LEFT: "guest"})
    cid = await office.person("Cid", {})
    operator = OperatorPrincipal(workspace=ada.workspace)
    for actor, seen in ((ada, {both.id, left.id}), (bea, {left.id}), (cid, set[UUID]()),
                        (operator, {both.id, left.id})):  # fmt: skip
        page = await office.runs.list(actor)
        assert {run.id for run in page.runs} == seen
        assert page.total == len(seen)
    with pytest.raises(NotFound, match=f"There is no run {both.id}"):
        await office.runs.get(bea, both.id)
    with pytest.raises(NotFound):
        await office.runs.get(replace(ada, workspace=uuid4()), both.id)


async def test_runs_are_listed_in_pages_newest_first(office: Office, ada: Principal):
    added: list[UUID] = []
    for _number in range(5):
        added.append((await office.runs.start(ada, "shop.sales", WEEK)).id)
        office.clock.move(timedelta(seconds=1))
    page = await office.runs.list(ada, offset=1, limit=3)
    assert [run.id for run in page.runs] == added[::-1][1:4]
    assert page.total == 5
    await office.runs.cancel(ada, added[0])
    cancelled = await office.runs.list(ada, Wanted(state=State.CANCELLED, kind="shop.sales"))
    assert [run.id for run in cancelled.runs] == added[:1]


async def test_what_cannot_be_run_is_refused_before_anything_is_added(office: Office, ada: Principal):
    refused = [
        ("shop.nothing", WEEK, CSV, "There are: shop.customers, shop.sales", ("kind",)),
        ("shop.sales", {"period": "sometime"}, CSV, "sometime", ("period",)),
        ("shop.sales", {"perod": "today"}, CSV, "the nearest is period", ("perod",)),
        ("shop.sales", WEEK, RenderSpec("docx"), "choose from csv, html, pdf, pptx, xlsx", ("format",)),
        ("shop.sales", WEEK, replace(CSV, language="klingon"), "klingon is no language", ("language",)),
        ("shop.sales", WEEK, replace(CSV, options={"colour": "red"}), "colour", ("colour",)),
    ]
    for kind, values, spec, sentence, path in refused:
        with pytest.raises((Invalid, NotFound), match=sentence) as error:
            await office.runs.start(ada, kind, values, [spec])
        assert error.value.path == path
    with pytest.raises(Invalid, match="None of the chosen sources"):
        await office.runs.start(ada, "shop.sales", WEEK, sources=frozenset({uuid4()}))
    assert (await office.runs.list(ada)).total == 0
    assert office.called.steps == []


async def test_a_kind_is_rendered_in_the_formats_that_make_sense_for_it(
    sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    office = Office(sqlite_catalog, warehouse, tmp_path, (replace(KINDS[0], formats=("csv",)),))
    await office.open()
    ada = await office.person("Ada", {LEFT: "guest"})

    with pytest.raises(NotFound, match="pdf is no format here; choose from csv, html"):
        await office.runs.start(ada, "shop.sales", WEEK, [RenderSpec("pdf")])
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK, [CSV, HTML]))
    assert {one.render_spec.format for one in run.artifacts} == {"csv", "html"}
    with pytest.raises(NotFound, match="choose from csv, html"):
        await office.runs.artifact(ada, run.id, RenderSpec("xlsx"))


async def test_somebody_without_a_source_cannot_run_a_report(office: Office):
    cid = await office.person("Cid", {})
    with pytest.raises(Forbidden, match="at least one source"):
        await office.runs.start(cid, "shop.sales", WEEK)


async def test_a_cancelled_run_stops_its_build_and_stores_nothing(
    sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    def endless(request: ReportRequest, client: Building) -> Document:
        while True:
            client.progress(0.5)
            time.sleep(0.01)

    office = Office(sqlite_catalog, warehouse, tmp_path, (replace(KINDS[0], build=endless),))
    await office.open()
    ada = await office.person("Ada", {LEFT: "guest"})
    run = await office.runs.start(ada, "shop.sales", WEEK, [CSV])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(office.finish, run)
        await until(lambda: _halfway(run.id))
        with anyio.fail_after(5):
            assert (await office.runs.cancel(ada, run.id)).state is State.CANCELLED
            await until(lambda: _idle(office))
    after = await read_run(run.id)
    assert after.state is State.CANCELLED
    assert {step.state for step in after.steps} == {State.CANCELLED}
    with pytest.raises(Conflict, match="no document"):
        await office.runs.document(ada, run.id)
    with pytest.raises(Conflict, match="over already"):
        await office.runs.cancel(ada, run.id)


async def _idle(office: Office) -> bool:
    return office.engine.active == 0


async def _halfway(run: UUID) -> bool:
    return (await StepRow.get(job_id=run, position=0)).progress == 0.5


async def test_others_need_to_be_editors_to_cancel_or_delete_a_run(office: Office, ada: Principal):
    bea = await office.person("Bea", {LEFT: "guest", RIGHT: "guest"})
    cid = await office.person("Cid", {LEFT: "editor", RIGHT: "admin"})
    own = await office.runs.start(bea, "shop.sales", WEEK)
    theirs = await office.runs.start(ada, "shop.sales", WEEK)
    with pytest.raises(Forbidden):
        await office.runs.cancel(bea, theirs.id)
    await office.runs.cancel(bea, own.id)
    await office.runs.cancel(cid, theirs.id)
    with pytest.raises(Forbidden):
        await office.runs.delete(bea, theirs.id)
    await office.runs.delete(cid, theirs.id)
    with pytest.raises(NotFound):
        await office.runs.get(ada, theirs.id)


async def test_a_run_that_goes_on_is_not_deleted(office: Office, ada: Principal):
    run = await office.runs.start(ada, "shop.sales", WEEK)
    with pytest.raises(Conflict, match="still going on"):
        await office.runs.delete(ada, run.id)
    finished = await office.finish(run)
    await office.runs.document(ada, finished.id)
    await office.runs.delete(ada, run.id)
    assert await DocumentRow.filter(run_id=run.id).count() == 0


async def test_an_import_is_a_run_that_whoever_may_import_can_cancel_but_not_restart(
    office: Office, ada: Principal
):
    new = NewJob(
        workspace=ada.workspace, kind="import", subject="shop.till", actor=ada.person, actor_name="Ada",
        zone="Europe/Paris", sources=frozenset({LEFT}), title="orders.csv" * 50,
        arguments={"upload": str(UUID(int=7))},
    )  # fmt: skip
    created = await office.jobs.create(new, [NewStep("import", {"upload": str(UUID(int=7))})])
    run = await office.runs.get(ada, created)
    assert not await is_stopped(run.id)
    assert (run.purpose, run.kind, run.title) == (Purpose.IMPORT, "shop.till", "orders.csv" * 40)
    assert run.values == {"upload": str(UUID(int=7))}
    with pytest.raises(Conflict, match="bring in the file once more"):
        await office.runs.restart(ada, run.id)
    bea = await office.person("Bea", {LEFT: "moderator"})
    with pytest.raises(Forbidden):
        await office.runs.cancel(bea, run.id)
    cid = await office.person("Cid", {LEFT: "editor"})
    assert (await office.runs.cancel(cid, run.id)).state is State.CANCELLED
    assert await is_stopped(run.id)
