"""What a list of reports says of each: its last run with its figures, to those who may see them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from bilan.accounts.models import Membership
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.runs.summary import Summary, summary_of
from bilan.runs.values import Run
from bilan.sdk.document import Kpi, Kpis, Section
from bilan.sdk.messages import messages
from bilan.warehouse import Warehouse
from fixtures.documents import report
from support.office import LEFT, RIGHT, Office

_ = messages("bilan")[0]

WEEK = {"period": "last_7_days"}
REPORT, OTHER = UUID(int=11), UUID(int=12)
Runs = Callable[..., Awaitable[Run]]


@pytest.fixture
async def office(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Office:
    office = Office(sqlite_catalog, warehouse, tmp_path)
    await office.open()
    office.sell(LEFT, "a", "b")
    return office


@pytest.fixture
async def ada(office: Office) -> Principal:
    return await office.person("Ada", {LEFT: "editor", RIGHT: "editor"}, ["export_contact_data"])


@pytest.fixture
def runs(office: Office, ada: Principal) -> Runs:
    """A run of a report, a minute after the one before; worked on unless ``waits``."""

    async def run(of: UUID = REPORT, kind: str = "shop.sales", *, waits: bool = False) -> Run:
        office.clock.move(timedelta(minutes=1))
        started = await office.runs.start(ada, kind, WEEK, report=of)
        return started if waits else await office.finish(started)

    return run


def tile(key: str, *, lead: bool = False) -> Kpi:
    return Kpi(key=key, label=key, value=1, lead=lead)


def test_a_summary_holds_the_first_finding_and_the_first_three_figures_that_lead() -> None:
    first = Kpis("first", (tile("a"), tile("b", lead=True)))
    second = Kpis("second", tuple(tile(key, lead=True) for key in "cde"), headline=_("Fine."))
    summary = summary_of(report(blocks=(first, Section(key="s", title="", blocks=(second,)))))
    assert [one.key for one in summary.headline_kpis] == ["b", "c", "d"]
    assert summary.headline == _("Fine.")
    assert (summary.title, summary.period) == ("E-mail performance <July>", ("2026-07-01", "2026-07-31"))


def test_the_summary_of_an_earlier_release_is_read() -> None:
    stored = b'{"title":"Orders","leads":[{"key":"a","label":"A","value":1}]}'
    assert msgspec.json.decode(stored, type=Summary).headline_kpis == (Kpi(key="a", label="A", value=1),)


def test_without_figures_that_lead_the_first_three_stand_for_the_report() -> None:
    summary = summary_of(report(blocks=(Kpis("all", tuple(map(tile, "abcd"))),)))
    assert [one.key for one in summary.headline_kpis] == ["a", "b", "c"]


async def test_the_last_run_is_told_with_the_last_figures(office: Office, ada: Principal, runs: Runs) -> None:
    await runs()
    done, other, waiting = await runs(), await runs(OTHER), await runs(waits=True)
    latest = await office.runs.latest(ada, [REPORT, OTHER, uuid4()])
    assert {report: one.last.id for report, one in latest.items()} == {REPORT: waiting.id, OTHER: other.id}
    assert (shown := latest[REPORT].shown) is not None
    assert shown.id == done.id
    assert shown.summary is not None
    assert [(one.key, one.value) for one in shown.summary.headline_kpis] == [("ordered", 2)]


async def test_a_run_over_a_source_that_somebody_may_not_read_tells_them_nothing(
    office: Office, runs: Runs
) -> None:
    await runs()
    left = await office.person("Lea", {LEFT: "guest"})
    both = await office.person("Bob", {LEFT: "guest", RIGHT: "guest"})
    assert await office.runs.latest(left, [REPORT]) == {}
    assert set(await office.runs.latest(both, [REPORT])) == {REPORT}


async def test_runs_about_persons_are_told_to_those_with_the_permission(
    office: Office, ada: Principal, runs: Runs
) -> None:
    await runs(kind="shop.customers")
    assert set(await office.runs.latest(ada, [REPORT])) == {REPORT}
    await Membership.filter(person_id=ada.person).update(permissions=[])
    assert await office.runs.latest(await office.actor(ada.person), [REPORT]) == {}


async def test_figures_in_a_list_are_erased_with_the_report(
    office: Office, ada: Principal, runs: Runs
) -> None:
    run = await runs()
    office.clock.move(timedelta(days=91))
    assert await office.retention.sweep() == 1
    latest = (await office.runs.latest(ada, [REPORT]))[REPORT]
    assert (latest.last.id, latest.last.summary, latest.shown) == (run.id, None, None)


async def test_many_reports_take_no_more_questions_than_one(
    office: Office, ada: Principal, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    reports = [UUID(int=number) for number in range(100, 105)]
    for one in reports:
        await runs(one)
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await office.runs.latest(ada, reports[:1])
        alone = len(caplog.records)
        await office.runs.latest(ada, reports)
    assert alone == 6  # which runs are the last ones, they, and four for their parts
    assert len(caplog.records) == 2 * alone
