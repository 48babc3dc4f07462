"""Files asked for when a run is over: rendered by a worker, once, and no matter of the run's own."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from bilan.accounts.values import Principal, Scope
from bilan.catalog import Catalog
from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.values import Artifact, RenderSpec, Run
from bilan.sdk.errors import Cancelled, Conflict, Forbidden, Invalid, TooMany
from bilan.sdk.messages import messages
from bilan.warehouse import Warehouse
from bilan.work import State
from bilan.work.models import JobRow, StepRow
from support.office import LEFT, Office
from support.runs import until

pytestmark = pytest.mark.requirement("AD-09")

_ = messages("bilan")[0]

CSV, HTML = RenderSpec("csv"), RenderSpec("html")


@pytest.fixture
async def office(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Office:
    office = Office(sqlite_catalog, warehouse, tmp_path)
    await office.open()
    return office


@pytest.fixture
async def ada(office: Office) -> Principal:
    return await office.person("Ada", {LEFT: "editor"})


@pytest.fixture
async def run(office: Office, ada: Principal) -> Run:
    """A run that is over, with a document and no file."""
    office.sell(LEFT, "a", "b")
    return await office.finish(await office.runs.start(ada, "shop.sales", {"period": "last_7_days"}))


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_what: object) -> None:
        raise Conflict(_("This cannot be rendered."))

    monkeypatch.setattr(ArtifactRenderer, "render", fails)


async def test_a_file_becomes_a_step_of_a_run_that_stays_as_it_ended(
    office: Office, ada: Principal, run: Run
):
    artifact = await office.runs.artifact(ada, run.id, CSV)
    after = await office.runs.get(ada, run.id)
    assert [(step.name, step.state) for step in after.steps] == [
        ("build", State.SUCCEEDED), ("render:csv", State.SUCCEEDED),
    ]  # fmt: skip
    assert (after.state, after.finished_at, after.seconds) == (run.state, run.finished_at, run.seconds)
    assert after.artifacts == (artifact,)
    assert await office.runs.artifact(ada, run.id, CSV) == artifact
    assert len((await office.runs.get(ada, run.id)).steps) == 2


async def test_the_same_file_asked_for_many_times_at_once_is_rendered_once(
    office: Office, ada: Principal, run: Run
):
    artifacts = await asyncio.gather(*(office.runs.artifact(ada, run.id, CSV) for _click in range(8)))
    assert len({one.id for one in artifacts}) == 1
    assert await StepRow.filter(job_id=run.id, optional=True).count() == 1
    assert (await StepRow.get(job_id=run.id, optional=True)).attempt == 1


async def test_what_takes_long_is_told_and_goes_on(office: Office, ada: Principal, run: Run):
    assert await super(type(office.runs), office.runs).render(ada, run.id, HTML, seconds=0) is None
    found = await office.runs.get(ada, run.id)
    assert (found.state, found.working, found.progress) == (State.SUCCEEDED, True, 1.0)
    assert [step.render_spec for step in found.rendering] == [HTML]
    assert (await office.runs.artifact(ada, run.id, HTML)).render_spec == HTML
    assert not (await office.runs.get(ada, run.id)).working


async def test_a_rendering_that_fails_says_why_and_can_be_tried_again(
    office: Office, ada: Principal, run: Run, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patched:
        broken(patched)
        with pytest.raises(Conflict) as failed:
            await office.runs.artifact(ada, run.id, CSV)
    assert str(failed.value) == "This cannot be rendered."
    found = await office.runs.get(ada, run.id)
    assert (found.state, found.error, found.working) == (State.SUCCEEDED, None, False)
    assert [str(step.error) for step in found.failed_renders] == ["This cannot be rendered."]
    assert (await office.runs.artifact(ada, run.id, HTML)).render_spec == HTML, "others can be rendered"
    assert (await office.runs.artifact(ada, run.id, CSV)).render_spec == CSV
    assert (await office.runs.get(ada, run.id)).failed_renders == ()


async def test_a_file_asked_for_at_the_start_that_fails_does_not_fail_the_run(
    office: Office, ada: Principal, monkeypatch: pytest.MonkeyPatch
):
    broken(monkeypatch)
    run = await office.finish(await office.runs.start(ada, "shop.sales", {"period": "last_7_days"}, [CSV]))
    assert (run.state, run.error) == (State.SUCCEEDED, None)
    assert [step.name for step in run.failed_renders] == ["render:csv"]


async def test_a_rendering_can_be_cancelled_and_the_run_stays(office: Office, ada: Principal, run: Run):
    asked = asyncio.create_task(super(type(office.runs), office.runs).render(ada, run.id, HTML, seconds=None))
    await until(lambda: StepRow.filter(job_id=run.id, optional=True).exists())
    assert (await office.runs.cancel(ada, run.id)).state is State.SUCCEEDED
    with pytest.raises(Cancelled) as cancelled:
        await asked
    assert str(cancelled.value) == "The rendering of this file was cancelled."
    with pytest.raises(Conflict):
        await office.runs.cancel(ada, run.id)
    assert (await office.runs.artifact(ada, run.id, HTML)).render_spec == HTML


async def test_reading_tokens_stop_no_rendering(office: Office, ada: Principal, run: Run):
    reader = replace(ada, scopes=frozenset({Scope.READ}))
    with pytest.raises(Forbidden):
        await office.runs.cancel(reader, run.id)


async def test_a_run_without_a_document_renders_nothing(office: Office, ada: Principal):
    started = await office.runs.start(ada, "shop.sales", {"period": "last_7_days"})
    with pytest.raises(Conflict) as refused:
        await office.runs.artifact(ada, started.id, CSV)
    assert str(refused.value) == "This run has no document to show."
    assert await StepRow.filter(job_id=started.id).count() == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"colour": "red"}, "There is no colour here; the nearest is "),
        ({"content": "half"}, "half is not offered; the nearest is "),
        ({"delimiter": "~~"}, "~~ is not offered; the nearest is "),
    ],
)
async def test_an_option_that_cannot_be_used_is_refused_before_anything_is_rendered(
    office: Office, ada: Principal, run: Run, options: dict[str, str], sentence: str
):
    with pytest.raises(Invalid) as refused:
        await office.runs.artifact(ada, run.id, replace(CSV, options=options))
    assert str(refused.value).startswith(sentence)
    assert refused.value.path == tuple(options)
    assert await StepRow.filter(job_id=run.id).count() == 1


async def test_options_written_as_text_are_the_same_as_typed(office: Office, ada: Principal, run: Run):
    typed = await office.runs.artifact(ada, run.id, replace(HTML, options={"table_rows": 1}))
    written = await office.runs.artifact(ada, run.id, replace(HTML, options={"table_rows": "1"}))
    assert typed == written
    assert typed.sha256 != (await office.runs.artifact(ada, run.id, HTML)).sha256


async def test_a_run_deleted_while_its_file_is_rendered_ends_the_wait(
    office: Office, ada: Principal, run: Run
):
    asked = asyncio.create_task(super(type(office.runs), office.runs).render(ada, run.id, HTML, seconds=None))
    await until(lambda: StepRow.filter(job_id=run.id, optional=True).exists())
    await office.runs.delete(ada, run.id)
    with anyio.fail_after(5):
        result = (await asyncio.gather(asked, return_exceptions=True))[0]
    assert str(result) == "There is no such run."


def asks(office: Office, ada: Principal, run: Run, number: int) -> Awaitable[Artifact | None]:
    """A file that differs from those of other numbers, asked for where nobody renders."""
    spec = replace(HTML, options={"table_rows": number})
    return super(type(office.runs), office.runs).render(ada, run.id, spec, seconds=0)


async def test_so_many_files_of_a_run_wait_and_who_joins_one_is_never_refused(
    office: Office, ada: Principal, run: Run
):
    for number in range(1, 11):
        assert await asks(office, ada, run, number) is None
    with pytest.raises(TooMany) as refused:
        await asks(office, ada, run, 11)
    assert str(refused.value) == (
        "10 files of this run are being rendered; ask again once one of them is there."
    )
    assert refused.value.path == ("format",)
    for number in (1, 10):
        assert await asks(office, ada, run, number) is None, "this one waits already"
    await StepRow.filter(job_id=run.id, position=1).update(state=State.SUCCEEDED)
    assert await asks(office, ada, run, 11) is None
    with pytest.raises(TooMany):
        await asks(office, ada, run, 1)
    assert await StepRow.filter(job_id=run.id, optional=True).count() == 11


async def test_double_clicks_on_many_files_at_once_stay_below_the_bound(
    office: Office, ada: Principal, run: Run
):
    clicks = [asks(office, ada, run, number) for number in range(1, 16) for _click in range(3)]
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    assert await StepRow.filter(job_id=run.id, optional=True).count() == 10
    assert [type(one).__name__ for one in answers if one is not None] == ["TooMany"] * 15
    jobs = [step for step in office.called.steps if await StepRow.filter(id=step, optional=True).exists()]
    assert len(jobs) == 10, "each was called for once"


async def test_so_many_files_of_a_workspace_wait_whatever_their_runs(
    office: Office, ada: Principal, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.runs.ondemand.OF_A_WORKSPACE", 3)
    other = await office.finish(await office.runs.start(ada, "shop.sales", {"period": "last_7_days"}))
    answers = await asyncio.gather(
        *(asks(office, ada, one, number) for one in (run, other) for number in range(1, 4)),
        return_exceptions=True,
    )
    refused = [one for one in answers if one is not None]
    assert [str(one) for one in refused] == [
        "3 files are being rendered for this workspace; ask again in a moment."
    ] * 3
    assert await StepRow.filter(optional=True).count() == 3
    # What another workspace has rendered is no matter of this one.
    await JobRow.filter(id=other.id).update(workspace=LEFT)
    await StepRow.filter(job_id=run.id, optional=True).delete()
    assert await asks(office, ada, run, 1) is None


async def test_a_run_is_begun_with_so_many_files_and_no_more(office: Office, ada: Principal):
    many = [replace(HTML, options={"table_rows": number}) for number in range(1, 12)]
    with pytest.raises(Invalid) as refused:
        await office.runs.start(ada, "shop.sales", {"period": "last_7_days"}, many)
    assert str(refused.value) == "A run renders at most 10 files at a time; ask for the others later."
    await office.runs.start(ada, "shop.sales", {"period": "last_7_days"}, [*many[:10], many[0]])
