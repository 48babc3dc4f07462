"""What is sent says what moved since the last copy, and apart what was restated of days already reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bilan.accounts.models import SourceGrant
from bilan.accounts.values import Principal
from bilan.delivery.models import DeliveryRow
from bilan.reports.values import Draft, Seen
from bilan.runs.models import ReportRunRow
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, Schedule
from bilan.sdk.channels import DeliveryStatus
from bilan.sdk.document import Document, Kpi, Kpis, Paragraph, Section, Table
from fixtures.declarations import ORDERED
from support.office import LEFT, RIGHT
from support.schedules import HTML, NINE, Agency

pytestmark = pytest.mark.requirement("GO-04")
DAY = timedelta(days=1)


@pytest.fixture
async def telling(agency: Agency, ada: Principal) -> Schedule:
    """Goes to Ada each day at one (UTC), for the day before, and says what changed."""
    return await agency.schedule(ada, NINE, delivery=HTML, tells_changes=True)


async def send(agency: Agency, ada: Principal, day: int) -> RecordedOccurrence:
    """Let what is due on a day of March be sent; how it ended."""
    agency.set_clock(2026, 3, day, 13)
    await agency.due.tick()
    await agency.work()
    return next(one for one in await agency.told(ada) if one.due_at.day == day)


def sell(agency: Agency, day: int, *orders: str) -> None:
    """Orders at noon (UTC) of a day of March, which arrive now."""
    agency.sell(LEFT, *orders, ago=(10 - day) * DAY)


def section(document: Document) -> Section:
    (found,) = [one for one in document.blocks if isinstance(one, Section) and one.key == "since_last_copy"]
    return found


def last(agency: Agency) -> Section:
    """What the copy that arrived last tells."""
    return section(agency.post.taken[-1][1].document)


def sentences(told: Section) -> list[str]:
    return [str(one.text) for one in told.blocks if isinstance(one, Paragraph)]


def tiles(told: Section, which: str) -> list[tuple[str, object, object]]:
    """Figures with what they are now and were, of what moved or was restated."""
    rows = [one for one in told.blocks if isinstance(one, Kpis) and one.key == f"since_last_copy.{which}"]
    return [(str(tile.label), tile.value, tile.previous) for row in rows for tile in row.tiles]


async def test_the_first_copy_has_none_before(agency: Agency, ada: Principal, telling: Schedule):
    sell(agency, 9, "a")
    await send(agency, ada, 10)
    assert sentences(last(agency)) == [
        "This is the first copy: there is none before that it could be compared with."
    ]


async def test_without_the_option_nothing_is_told(agency: Agency, ada: Principal):
    await agency.schedule(ada, NINE, delivery=HTML)
    await send(agency, ada, 10)
    assert [type(one) for one in agency.post.taken[-1][1].document.blocks] == [Kpis, Table]


async def test_what_came_late_is_restated_and_never_growth(agency: Agency, ada: Principal, telling: Schedule):
    sell(agency, 9, "a", "b")
    await send(agency, ada, 10)  # said two
    sell(agency, 9, "late", "later", "latest")  # so the ninth had five
    sell(agency, 10, "c", "d", "e", "f")
    await send(agency, ada, 11)
    told = last(agency)
    assert tiles(told, "moved") == [("Orders", 4, 5)]
    assert tiles(told, "restated") == [("Orders", 5, 2)]
    (table,) = [one for one in told.blocks if isinstance(one, Table)]
    assert [[*row[:2], *row[3:]] for row in table.rows] == [
        ["movement", "ordered", "2026-03-09", "2026-03-09", 5, 4],
        ["restatement", "ordered", "2026-03-09", "2026-03-09", 2, 5],
    ]
    # The report's own figures are its own alone.
    own = agency.post.taken[-1][1].document.blocks[0]
    assert isinstance(own, Kpis)
    assert [tile.value for tile in own.tiles] == [4]


async def test_a_restatement_is_told_once_also_of_a_copy_before_the_last(
    agency: Agency, ada: Principal, telling: Schedule
):
    sell(agency, 9, "a", "b")
    await send(agency, ada, 10)
    sell(agency, 10, "c")
    await send(agency, ada, 11)
    assert "Nothing was restated: figures of days already reported are what they were." in sentences(
        last(agency)
    )
    sell(agency, 9, "late")  # of the copy before the last
    await send(agency, ada, 12)
    assert tiles(last(agency), "restated") == [("Orders", 3, 2)]
    await send(agency, ada, 13)
    assert tiles(last(agency), "restated") == []
    sell(agency, 9, "later")
    await send(agency, ada, 14)
    assert tiles(last(agency), "restated") == [("Orders", 4, 3)]


async def test_the_last_copy_is_the_last_that_somebody_got(agency: Agency, ada: Principal, telling: Schedule):
    sell(agency, 9, "a", "b")
    await send(agency, ada, 10)
    agency.post.answers = {"ada@example.org": DeliveryStatus.REFUSED}
    sell(agency, 10, "c")
    assert (await send(agency, ada, 11)).state is OccurrenceState.FAILED
    agency.post.answers = {}
    await send(agency, ada, 12)
    assert tiles(last(agency), "moved") == [("Orders", 0, 2)]


async def test_a_copy_that_is_not_kept_is_said_not_to_be(agency: Agency, ada: Principal, telling: Schedule):
    first = await send(agency, ada, 10)
    assert first.run is not None
    await agency.runs.delete(ada, first.run)
    await send(agency, ada, 11)
    (said,) = sentences(last(agency))
    assert "is not kept any more: nothing is compared with it" in said


async def test_what_asks_for_something_else_is_not_compared(
    agency: Agency, ada: Principal, telling: Schedule
):
    await send(agency, ada, 10)
    ada = await agency.actor(ada.person)
    saved = await agency.reports.get(ada, telling.report)
    await SourceGrant.create(person_id=ada.person, source=RIGHT, role="editor")
    ada = await agency.actor(ada.person)
    wider = Draft(saved.name, saved.kind, {}, sources=frozenset({LEFT, RIGHT}))
    await agency.reports.edit(ada, saved.id, wider, seen=Seen(saved.version))
    await send(agency, ada, 11)
    (said,) = sentences(last(agency))
    assert said.startswith("The report asks for something else than the last copy")


async def test_a_definition_that_changed_since_is_said_not_to_be_comparable(
    agency: Agency, ada: Principal, telling: Schedule, monkeypatch: pytest.MonkeyPatch
):
    sell(agency, 9, "a")
    await send(agency, ada, 10)
    sell(agency, 9, "late")
    changed = {**agency.registry.metrics, ORDERED.key: replace(ORDERED, version=ORDERED.version + 1)}
    monkeypatch.setitem(agency.registry.__dict__, "metrics", changed)
    await send(agency, ada, 11)
    told = last(agency)
    assert tiles(told, "restated") == []
    assert tiles(told, "moved") == [("Orders", 0, 2)]  # both as it is defined now
    assert (
        "“Orders” is not compared with what an earlier copy said: it means something else by now."
        in sentences(told)
    )


async def test_what_is_told_is_no_change_to_a_condition(agency: Agency, ada: Principal):
    condition = SendCondition(SendConditionKind.CHANGED)
    await agency.schedule(ada, NINE, delivery=HTML, tells_changes=True, condition=condition)
    assert (await send(agency, ada, 10)).state is OccurrenceState.SENT
    held = await send(agency, ada, 11)
    assert (held.state, str(held.reason)) == (
        OccurrenceState.WITHHELD, "Nothing has changed since the last copy.",
    )  # fmt: skip


async def test_a_test_and_what_is_sent_now_tell_it_too(agency: Agency, ada: Principal, telling: Schedule):
    sell(agency, 9, "a", "b")
    await send(agency, ada, 10)
    sell(agency, 9, "late")
    await agency.resends.send_test(ada, telling.id, "test")
    await agency.work()
    told = last(agency)
    assert (tiles(told, "moved"), tiles(told, "restated")) == ([], [("Orders", 3, 2)])
    assert any("is about the same days" in one for one in sentences(told))
    # Nobody got a copy by a test.
    assert await DeliveryRow.filter(sending__occurrence__isnull=False).count() == 1
    assert await ReportRunRow.filter(copies__isnull=False).count() == 2


async def test_the_tile_of_a_restated_figure_names_its_days(
    agency: Agency, ada: Principal, telling: Schedule
):
    await send(agency, ada, 10)
    sell(agency, 9, "late")
    await send(agency, ada, 11)
    (row,) = [one for one in last(agency).blocks if isinstance(one, Kpis) and one.key.endswith("restated")]
    (tile,) = row.tiles
    assert isinstance(tile, Kpi)
    assert (str(tile.note), str(row.headline)) == (
        "restated, for 2026-03-09",
        "Restated: 1 figure of days already reported is another by now.",
    )
