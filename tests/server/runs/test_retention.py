"""What is kept how long, what is erased, and what stays of it."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import anyio.from_thread
import pytest

from bilan.accounts.values import Principal, WorkspaceRole
from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.files.models import FileReferenceRow, StoredFileRow
from bilan.files.orphans import ORPHANED
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.runs import retention
from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.models import ArtifactRow, DocumentRow, ReportRunRow
from bilan.runs.retention import hold
from bilan.runs.values import RenderSpec, Run
from bilan.sdk.document import Document
from bilan.sdk.errors import Conflict, Forbidden, Invalid, NotFound
from bilan.warehouse import Warehouse
from bilan.work import State
from bilan.work.models import StepRow
from support.office import LEFT, NOON, Office
from support.pictures import picture

pytestmark = [pytest.mark.requirement("DC-17"), pytest.mark.requirement("BZ-05")]

CSV, HTML = RenderSpec("csv", options={"compression": "none"}), RenderSpec("html")
WEEK = {"period": "last_7_days"}
SENTENCE = (
    "The figures of this run were erased on 2026-06-08 because this workspace keeps reports for 90 days."
)


@pytest.fixture
async def office(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Office:
    office = Office(sqlite_catalog, warehouse, tmp_path)
    await office.open()
    return office


@pytest.fixture
async def ada(office: Office) -> Principal:
    return await office.person("Ada", {LEFT: "editor"})


async def built(office: Office, ada: Principal, **values: str) -> Run:
    return await office.finish(await office.runs.start(ada, "shop.sales", {**WEEK, **values}, [CSV, HTML]))


async def parts(run: Run) -> set[str]:
    """The files of the run's long tables."""
    rendered = {one.sha256 for one in run.artifacts}
    return {one.sha256 for one in await FileReferenceRow.filter(owner_id=run.id)} - rendered


async def confirmed(office: Office, owner: Owner, content: bytes) -> None:
    """Somebody else's file."""
    stored = await FileReferences(office.catalog, office.files, office.clock).put(owner, content)
    await confirm_references(owner, [stored.sha256])


def later(office: Office, **span: float) -> None:
    office.clock.move(NOON + timedelta(**span) - office.clock.now())


async def many(office: Office) -> None:
    """So many orders that their table lies outside the document."""
    office.sell(LEFT, *(f"order {number}" for number in range(1_200)))


async def test_after_ninety_days_the_figures_are_gone_and_the_run_stays(office: Office, ada: Principal):
    await many(office)
    run = await built(office, ada)
    (part,) = await parts(run)
    later(office, days=90)
    assert await office.retention.sweep() == 0
    later(office, days=90, seconds=1)
    assert await office.retention.sweep() == 1

    after = await office.runs.get(ada, run.id)
    assert str(after.erasure) == SENTENCE
    assert (after.state, after.values, after.document_sha256) == (run.state, run.values, run.document_sha256)
    assert [(one.sha256, one.size) for one in after.artifacts] == [
        (one.sha256, one.size) for one in run.artifacts
    ]
    assert after.counts == {"files": 2, "bytes": run.size, "tables": 1, "rows": 1_200}
    assert not await DocumentRow.exists()
    for sha256 in (part, *(one.sha256 for one in run.artifacts)):
        assert not await office.files.exists(sha256)
    assert not await StoredFileRow.exists()
    assert await office.retention.sweep() == 0


async def test_opening_and_rendering_what_was_erased_is_refused_with_the_sentence(
    office: Office, ada: Principal
):
    run = await built(office, ada)
    later(office, days=91)
    await office.retention.sweep()
    erasure = str((await office.runs.get(ada, run.id)).erasure)
    for asked in (office.runs.document(ada, run.id), office.runs.artifact(ada, run.id, CSV)):
        with pytest.raises(Conflict) as refused:
            await asked
        assert str(refused.value) == erasure
    assert erasure.startswith("The figures of this run were erased on ")
    assert erasure.endswith(" because this workspace keeps reports for 90 days.")
    assert await StepRow.filter(job_id=run.id).count() == 3, "no step was added"


async def test_a_file_that_is_rendered_while_its_report_is_erased_is_refused_with_the_sentence(
    office: Office, ada: Principal, monkeypatch: pytest.MonkeyPatch
):
    run = await built(office, ada)
    later(office, days=91)
    document = ArtifactRenderer.document

    async def erased_right_after(renderer: ArtifactRenderer, ident: UUID) -> Document:
        read = await document(renderer, ident)
        await office.retention._erase(ident, office.retention._over(90))
        return read

    monkeypatch.setattr(ArtifactRenderer, "document", erased_right_after)
    with pytest.raises(Conflict) as refused:
        await office.runs._renderer.render(run.id, RenderSpec("csv", "fr"))
    assert str(refused.value) == str((await office.runs.get(ada, run.id)).erasure)
    assert await ArtifactRow.filter(run_id=run.id).count() == 2, "no file was added"


async def test_a_document_is_read_for_its_counts_while_others_work_on(
    office: Office, ada: Principal, monkeypatch: pytest.MonkeyPatch
):
    run = await built(office, ada)
    later(office, days=91)
    read = retention.decode

    async def something_else() -> None:
        async with office.catalog.transaction():
            assert await ReportRunRow.filter(job_id=run.id).update(report=None) == 1

    def while_others_work(document: str) -> Document:
        anyio.from_thread.run(something_else)
        return read(document)

    monkeypatch.setattr(retention, "decode", while_others_work)
    with anyio.fail_after(10):
        assert await office.retention.sweep() == 1


@pytest.mark.requirement("BZ-06")
async def test_an_erased_run_can_be_run_again(office: Office, ada: Principal):
    run = await built(office, ada)
    later(office, days=91)
    await office.retention.sweep()
    again = await office.finish(await office.runs.restart(ada, run.id))
    assert (again.readable, again.values) == (True, run.values)


async def test_a_report_that_is_not_kept_is_gone_after_a_day(office: Office, ada: Principal):
    run = await built(office, ada, kept="off")
    assert (run.kept, run.readable) == (False, True)
    later(office, hours=24)
    assert await office.retention.sweep() == 0
    later(office, hours=24, seconds=1)
    assert await office.retention.sweep() == 1
    after = await office.runs.get(ada, run.id)
    assert str(after.erasure).endswith(" because the report was made not to be kept.")
    assert await office.retention.sweep() == 0


async def test_a_link_keeps_the_figures_as_long_as_it_lasts(office: Office, ada: Principal):
    run = await built(office, ada, kept="off")
    await hold(run.id, NOON + timedelta(days=7))
    await hold(run.id, NOON + timedelta(days=3))
    later(office, days=6)
    assert await office.retention.sweep() == 0
    later(office, days=7, seconds=1)
    assert await office.retention.sweep() == 1


async def test_a_file_of_two_runs_stays_until_the_second_is_erased(office: Office, ada: Principal):
    await many(office)
    first = await built(office, ada)
    later(office, minutes=1)
    second = await built(office, ada, kept="off")
    shared = await parts(first)
    assert shared == await parts(second)
    assert len(shared) == 1
    later(office, days=2)
    assert await office.retention.sweep() == 1
    assert all([await office.files.exists(one) for one in shared])
    assert await office.files.read((await office.runs.artifact(ada, first.id, CSV)).sha256)
    later(office, days=91)
    assert await office.retention.sweep() == 1
    assert not any([await office.files.exists(one) for one in shared])


async def test_a_file_that_somebody_uploaded_or_shows_as_a_logo_stays(office: Office, ada: Principal):
    run = await built(office, ada)
    csv, html = sorted(run.artifacts, key=lambda one: one.file_name)
    for owner, file in (("upload", csv), ("workspace", html)):
        await confirmed(office, Owner(owner, uuid4()), await office.files.read(file.sha256))
    later(office, days=91)
    assert await office.retention.sweep() == 1
    assert await office.files.exists(csv.sha256)
    assert await office.files.exists(html.sha256)


async def test_two_sweepers_at_once_erase_each_run_once(office: Office, ada: Principal):
    runs = [await built(office, ada) for _run in range(4)]
    later(office, days=91)
    erased = await asyncio.gather(*(office.retention.sweep() for _sweeper in range(3)))
    assert sum(erased) == len(runs)
    assert not await StoredFileRow.exists()
    for run in runs:
        assert not (await office.runs.get(ada, run.id)).readable


async def test_a_sweeper_that_was_killed_is_made_up_for(office: Office, ada: Principal):
    run = await built(office, ada)
    later(office, days=91)
    # As if it had stopped between erasing the rows and removing the files.
    assert await office.retention._erase(run.id, office.retention._over(90))
    assert len(await rows(ORPHANED)) == 2
    assert await office.files.exists(run.artifacts[0].sha256)
    assert await office.retention.sweep() == 0
    assert not await office.files.exists(run.artifacts[0].sha256)


async def test_a_run_whose_file_is_being_rendered_is_left_for_the_next_sweep(office: Office, ada: Principal):
    run = await built(office, ada)
    later(office, days=91)
    await StepRow.filter(job_id=run.id, name="render:html").update(state=State.RUNNING)
    assert await office.retention.sweep() == 0
    assert (await office.runs.get(ada, run.id)).readable


async def test_deleting_a_run_removes_its_files(office: Office, ada: Principal):
    run = await built(office, ada)
    await office.runs.delete(ada, run.id)
    await office.retention.sweep()
    assert not any([await office.files.exists(one.sha256) for one in run.artifacts])


async def test_a_logo_that_was_replaced_is_removed(office: Office, ada: Principal):
    manager = replace(ada, role=WorkspaceRole.ADMIN)
    first = await office.branding.set_logo(manager, picture())
    second = await office.branding.set_logo(manager, picture(colour="#000000"))
    await office.retention.sweep()
    assert first.logo is not None
    assert second.logo is not None
    assert not await office.files.exists(first.logo)
    assert await office.files.exists(second.logo)


async def test_managers_say_how_long_reports_are_kept(office: Office, ada: Principal):
    manager = replace(ada, role=WorkspaceRole.ADMIN)
    run = await built(office, ada)
    assert await office.retention.days(ada) == 90
    assert await office.retention.change(manager, 7) == 7
    later(office, days=8)
    assert await office.retention.sweep() == 1
    assert not (await office.runs.get(ada, run.id)).readable
    with pytest.raises(Forbidden):
        await office.retention.change(ada, 30)
    for days in (0, -1, 3651):
        with pytest.raises(Invalid) as refused:
            await office.retention.change(manager, days)
        assert str(refused.value) == "Reports are kept for 1 to 3650 days."
        assert refused.value.path == ("retention_days",)


async def test_what_holds_nothing_is_never_held(office: Office):
    with anyio.fail_after(2):
        await hold(uuid4(), NOON)
    with pytest.raises(NotFound):
        await office.runs.read(uuid4())


async def test_hashes_of_what_was_erased_still_tell_a_copy(office: Office, ada: Principal):
    run = await built(office, ada)
    copy = await office.files.read(run.artifacts[0].sha256)
    later(office, days=91)
    await office.retention.sweep()
    assert hashlib.sha256(copy).hexdigest() == (await ArtifactRow.get(id=run.artifacts[0].id)).sha256


async def test_either_database_renders_later_and_erases(
    catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    office = Office(catalog, warehouse, tmp_path)
    await office.open()
    ada = await office.person("Ada", {LEFT: "editor"})
    await many(office)
    run = await office.finish(await office.runs.start(ada, "shop.sales", WEEK, [CSV]))
    assert (await office.runs.artifact(ada, run.id, HTML)).render_spec == HTML
    later(office, days=91)
    assert await office.retention.sweep() == 1
    assert not await office.files.exists(run.artifacts[0].sha256)
