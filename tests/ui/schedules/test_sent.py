"""What a schedule sent is looked back on, and sent again, now, or as a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.delivery.models import DeliveryRow
from bilan.reports.values import SavedReport
from bilan.schedules.conclude import Conclusions
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.values import OccurrenceState
from fixtures.mailing import Mailing
from fixtures.pages import Reader
from support.schedule_forms import OLA, OLGA, PASSWORD, held, let_pass, made


async def sent_on_monday(mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock) -> str:
    """The page of what was sent on a Monday: Ola has it, Olga's mail server refused it."""
    where = await made(ola, report, to=[OLA, OLGA])
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7)
    await ola.goes("/sign-in", {"email": OLA, "password": PASSWORD})  # nobody stays signed in for so long
    await DeliveryRow.filter(address=OLGA).update(state="refused", answer="550 no such mailbox")
    service = mailing.bilan.services.occurrences
    schedule = (await held(mailing, where)).id
    found = [one for one in (await service.list(mailing.owner, schedule)).occurrences if one.run]
    await OccurrenceRow.filter(id=found[0].id).update(state=OccurrenceState.BEGUN)
    await Conclusions(mailing.bilan.services.catalog, clock).sweep()
    return f"/occurrences/{found[0].id}"


@pytest.mark.requirement("GO-01", "GO-02")
async def test_what_was_sent_is_looked_back_on_and_sent_again_to_who_did_not_get_it(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await sent_on_monday(mailing, ola, report, clock)
    page = await ola.get(where)
    assert "not to all" in page.texts("span", class_="badge")
    assert "550 no such mailbox" in " ".join(page.texts("td"))
    schedule = next(
        one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("/schedules/")
    )
    history = (await ola.get(schedule)).one("section", id="history")
    assert "Mar 16, 2026, 8:00 AM CET" in history.said
    assert "1 of 2" in history.said
    assert "not to all" in (await ola.get("/schedules")).texts("span", class_="badge")
    calendar = await ola.get("/schedules/calendar?month=2026-03")
    assert calendar.one("h1").said == "March 2026"
    entries = [one.said for one in calendar.all("li") if "March" in one.said]
    assert entries[0] == "7:00 AM March not to all"
    assert entries[1:] == ["7:00 AM March", "6:00 AM March"]  # Paris has put its clocks forward by the 30th
    clock.move(timedelta(minutes=1))
    assert await ola.goes(f"{where}/resend", {"key": "again"}) == where
    assert await ola.goes(f"{where}/resend", {"key": "again"}) == where
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7, 5)
    assert "sent" in (await ola.get(where)).texts("span", class_="badge")
    assert await DeliveryRow.filter(address=OLGA).count() == 2
    assert await DeliveryRow.filter(address=OLA).count() == 1
    assert await ola.goes(f"{where}/to-me", {"key": "mine"}) == where
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7, 6)
    assert await DeliveryRow.filter(address=OLA).count() == 2
    await ola.goes(f"{where}/resend", {"key": "once more"})
    assert "There is nobody to send this to again." in " ".join((await ola.get(where)).texts("p"))


@pytest.mark.requirement("BZ-30")
async def test_it_is_sent_now_beside_what_is_planned(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report)
    there = await ola.goes(f"{where}/send-now", {"key": "now"})
    assert there.startswith("/occurrences/")
    assert "hx-get" in (await ola.get(there)).one("div", id="occurrence").attributes
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 12, 1)
    page = await ola.get(there)
    assert "hx-get" not in page.one("div", id="occurrence").attributes
    assert "sent" in page.texts("span", class_="badge")
    assert (await held(mailing, where)).next_due_at == datetime(2026, 3, 16, 7, tzinfo=UTC)
    assert "asked for by Ola" in (await ola.get(where)).one("section", id="history").said


@pytest.mark.requirement("AD-10")
async def test_a_test_is_sent_to_whoever_asks_and_to_nobody_else(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report, to=[OLA, OLGA])
    assert await ola.goes(f"{where}/test", {"key": "test"}) == where
    assert await ola.goes(f"{where}/test", {"key": "test"}) == where
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 12, 5)
    assert [row.address for row in await DeliveryRow.all()] == [OLA]
    assert "Nothing was sent yet." in (await ola.get(where)).one("section", id="history").said


@pytest.mark.requirement("GO-18")
async def test_what_was_split_shows_each_part_with_its_reason_and_sends_one_of_them_to_oneself(
    mailing: Mailing, ola: Reader, report: SavedReport, bilan: Bilan, clock: FrozenClock, signs_in: Any
):
    where = await made(ola, report, filter="tags", values="olga@example.org,atlantis")
    await let_pass(bilan, clock, 2026, 3, 16, 7)
    ola = await signs_in(OLA, PASSWORD)
    sent = await OccurrenceRow.filter(schedule_id=(await held(mailing, where)).id).order_by("due_at").first()
    assert sent is not None
    page = await ola.get(f"/occurrences/{sent.id}")
    said = (await ola.client.get(f"/occurrences/{sent.id}")).text
    assert "No source knows atlantis." in said
    assert "No value is written down for them." in said
    actions = [one.attributes.get("action", "") for one in page.all("form")]
    (mine,) = [one for one in actions if "/to-me" in one]
    assert (await ola.goes(mine, {"key": "mine"})) == f"/occurrences/{sent.id}"
