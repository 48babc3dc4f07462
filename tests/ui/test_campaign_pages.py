"""The campaign report, the list of campaigns, periods and comparisons, as people see them on a page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.app import Bilan
from bilan.i18n import Translator, formatter_for
from bilan.sdk.periods import Preset
from fixtures.email_reports import MailRoom
from fixtures.pages import Element, Markup, Reader

KIND = "/reports/new/email.campaign"
MARCH = {"period.preset": "", "period.first": "2026-03-01", "period.last": "2026-03-31"}
SMALLEST = {"ascending": "true", "ascending.given": "1"}
FORM: dict[str, Any] = {"name": "Campaigns", "then": "run", **MARCH}


def on(day: int, hour: int = 9, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def mailing(
    campaign: str, day: datetime, people: int, *, opened: int = 0, **more: Any
) -> list[dict[str, Any]]:
    """So many delivered e-mails of a campaign, some of them opened."""
    kinds = {"sent": people, "delivered": people, "opened": opened}
    return [
        {
            "kind": kind,
            "occurred_at": day,
            "campaign": campaign,
            "recipient": f"{n}@a.org",
            "domain": "a.org",
            **more,
        }
        for kind, number in kinds.items()
        for n in range(number)
    ]


@pytest.fixture
async def room(reader: Reader, bilan: Bilan) -> MailRoom:
    """A source whose events are written by hand."""
    there = await reader.goes("/sources/new/email/mailgun", {"name": "Letters", "verify.given": "1"})
    services = bilan.services
    made = MailRoom(services.warehouse, services.registry, services.files)
    source = UUID(there.rsplit("/", 1)[-1])
    made.sources = {source: "Letters"}
    return made


@pytest.fixture
def write(room: MailRoom) -> Any:
    """Write events, lines of a sender's list, and totals that a sender states."""
    (source,) = room.sources
    moment = on(31, 12)

    class Pen:
        def events(self, *rows: dict[str, Any]) -> None:
            room.events(*rows, source=source, at=moment)

        def campaigns(self, *rows: dict[str, Any]) -> None:
            room.campaigns(*rows, source=source)

        def totals(self, *rows: dict[str, Any]) -> None:
            room.totals(*rows, source=source)

    return Pen()


async def shown(reader: Reader, form: dict[str, Any], kind: str = KIND) -> Markup:
    """The page of a report that was built with this form. The server has to be working."""
    run = await reader.goes(kind, form)
    for _look in range(600):
        page = await reader.get(run)
        if not page.all("progress"):
            return page
    raise AssertionError("the run is never over")


def names(page: Markup) -> list[str]:
    """The campaigns of the list, in its order."""
    (table,) = [one for one in page.all("table", class_="grid") if one.text.strip().startswith("Campaigns")]
    return [one.said for one in page.all("th", scope="row") if one.text in table.text]


def tiles(page: Markup) -> dict[str, str]:
    """What the tiles say, each figure with its change and remarks."""
    return {
        label: re.sub(re.escape(label), "", box, count=1).strip()
        for label, box in zip(
            page.texts("dt", class_="kpi-label"), page.texts("div", class_="kpi"), strict=True
        )
    }


def cells(page: Markup, campaign: str) -> list[str]:
    """The row of a campaign."""
    (row,) = [one for one in page.all("tr") if one.said.startswith(f"{campaign} ")]
    return row.said.split(" ")


@pytest.mark.requirement("AD-03")
async def test_one_campaigns_page_shows_what_mailchimps_report_shows(
    reader: Reader, bilan: Bilan, write: Any
) -> None:
    named: dict[str, Any] = {"campaign_name": "Spring sale", "subject": "Up to half off"}
    who = {"campaign": "spring", **named}
    write.events(
        *mailing("spring", on(2), 10, **named),
        *({**who, "kind": "opened", "occurred_at": on(2, 10), "recipient": f"{n}@a.org", "country": "FR"}
          for n in (0, 0, 1, 2)),
        {**who, "kind": "clicked", "occurred_at": on(2, 11), "recipient": "0@a.org", "url": "https://shop/a"},
        {**who, "kind": "clicked", "occurred_at": on(3, 7), "recipient": "0@a.org", "url": "https://shop/a"},
        {**who, "kind": "clicked", "occurred_at": on(3, 8), "recipient": "1@a.org", "url": "https://shop/b"},
        {**who, "kind": "bounced", "occurred_at": on(2), "recipient": "x@b.org", "bounce_class": "hard"},
        {**who, "kind": "bounced", "occurred_at": on(2), "recipient": "y@b.org", "bounce_class": "soft"},
        {**who, "kind": "unsubscribed", "occurred_at": on(4), "recipient": "2@a.org"},
        {**who, "kind": "complained", "occurred_at": on(4), "recipient": "3@a.org"},
        *mailing("autumn", on(5), 10, opened=5),
    )  # fmt: skip
    async with bilan.working():
        page = await shown(reader, {**FORM, "campaign": "spring"})

    told = tiles(page)
    assert {label: told[label].split(" ")[0] for label in (
        "Recipients", "Delivered", "Unique opens", "Opens", "Unique clicks", "Clicks", "Bounces",
        "Hard bounces", "Soft bounces", "Unsubscribes", "Spam reports", "Click-to-open rate",
    )} == {
        "Recipients": "12", "Delivered": "10", "Unique opens": "3", "Opens": "4", "Unique clicks": "2",
        "Clicks": "3", "Bounces": "2", "Hard bounces": "1", "Soft bounces": "1", "Unsubscribes": "1",
        "Spam reports": "1", "Click-to-open rate": "66.7%",
    }  # fmt: skip
    assert told["Last open"].startswith("Mar 2, 2026, 10:00")
    assert told["Last click"].startswith("Mar 3, 2026, 8:00")
    headings = page.texts("h2")
    assert [one for one in headings if one in (
        "Overview", "The first 24 hours", "Clicks by link", "Where it was read", "Recipients' domains",
        "Beside the workspace's average",
    )] == [
        "Overview", "The first 24 hours", "Clicks by link", "Where it was read", "Recipients' domains",
        "Beside the workspace's average",
    ]  # fmt: skip
    rows = [one.said for one in page.all("tr")]
    assert any(
        row.startswith("https://shop/a 2 1 2 Mar 3, 2026, 7:00") and row.endswith("66.7%") for row in rows
    )
    assert any(row.startswith("https://shop/b 1 1 1") and row.endswith("33.3%") for row in rows)
    assert "FR 3 4 0 0" in rows
    # 3 of 10 opened; of both campaigns 8 of 20 did.
    assert "Open rate 30.0% 40.0%" in rows
    assert page.all("svg", role="img")


@pytest.mark.requirement("AD-04")
async def test_the_lists_page_leaves_out_what_was_not_asked_for_and_narrows(
    reader: Reader, bilan: Bilan, write: Any
) -> None:
    write.events(
        *mailing("spring", on(2), 10, opened=5, tags=["promo"], category="sale"),
        *mailing("alerts", on(3), 4, opened=4, category="service"),
        *mailing("text", on(3), 2, channel="sms"),
        *mailing("old", on(1), 3),
        *mailing("trial", on(4), 2),
    )
    write.campaigns({"campaign": "old", "archived": True}, {"campaign": "trial", "test": True})
    async with bilan.working():
        for more, expected in (
            ({}, {"spring", "alerts", "text"}),
            (
                {"include_archived": "true", "include_archived.given": "1"},
                {"spring", "alerts", "text", "old"},
            ),
            ({"include_tests": "true", "include_tests.given": "1"}, {"spring", "alerts", "text", "trial"}),
            ({"categories": "sale", "categories.given": "1"}, {"spring"}),
            ({"tags": "promo", "tags.given": "1"}, {"spring"}),
            ({"channels": "sms", "channels.given": "1"}, {"text"}),
        ):
            page = await shown(reader, {**FORM, **more, "name": f"List {more}"})
            assert set(names(page)) == expected, more


@pytest.mark.requirement("AD-04")
async def test_the_lists_page_is_sorted_as_asked_and_shows_percentages_or_counts(
    reader: Reader, bilan: Bilan, write: Any
) -> None:
    write.events(
        *mailing("spring", on(2), 10, opened=5),
        *mailing("alerts", on(3), 4, opened=4),
        *mailing("news", on(4), 8, opened=2),
    )
    async with bilan.working():
        for sort, ascending, expected in (
            ("sent", {}, ["news", "alerts", "spring"]),
            ("sent", SMALLEST, ["spring", "alerts", "news"]),
            ("name", SMALLEST, ["alerts", "news", "spring"]),
            ("delivered", {}, ["spring", "news", "alerts"]),
            ("open_rate", {}, ["alerts", "spring", "news"]),
        ):
            form = {
                **FORM,
                "sort": sort,
                **ascending,
                "name": f"{sort} {ascending}",
            }
            assert names(await shown(reader, form)) == expected, sort
        counts = await shown(reader, {**FORM, "show": "counts", "name": "Counts"})
        rates = await shown(reader, {**FORM, "show": "rates", "name": "Rates"})

    heads = {one.said for one in counts.all("th", scope="col")}
    assert "Delivered" in heads
    assert "Open rate" not in heads
    heads = {one.said for one in rates.all("th", scope="col")}
    assert "Open rate" in heads
    assert "Delivered" not in heads
    assert "50.0%" in cells(rates, "spring")
    assert "10" in cells(counts, "spring")


@pytest.mark.requirement("AD-04")
async def test_red_flags_stand_past_their_limits_and_not_at_them(
    reader: Reader, bilan: Bilan, write: Any
) -> None:
    def with_trouble(campaign: str, complaints: int, unsubscribes: int) -> list[dict[str, Any]]:
        extra = [("complained", complaints), ("unsubscribed", unsubscribes)]
        return [
            *mailing(campaign, on(2), 1_000),
            *({"kind": kind, "occurred_at": on(3), "campaign": campaign, "recipient": f"{n}@a.org"}
              for kind, number in extra for n in range(number)),
        ]  # fmt: skip

    # 0.1 % of complaints and 1.5 % of unsubscribes are the limits.
    write.events(*with_trouble("at", 1, 15), *with_trouble("past", 2, 16))
    async with bilan.working():
        page = await shown(reader, FORM)

    def flagged(campaign: str) -> list[str]:
        place = next(n for n, one in enumerate(page.elements) if one.tag == "th" and one.said == campaign)
        row: list[Element] = []
        for one in page.elements[place + 1 :]:
            if one.tag == "tr":
                break
            row.append(one)
        return [one.said for one in row if one.tag == "td" and one.has("class", "alert")]

    assert flagged("at") == []
    assert [re.sub(r"\D.*", "", one) for one in flagged("past")] == ["16", "2"]
    remarks = " ".join(page.texts("li"))
    assert "Complaint rate above 0.10%." in remarks
    assert "Unsubscribe rate above 1.5%." in remarks


@pytest.mark.requirement("AD-01", "DC-15")
async def test_every_named_period_can_be_chosen_on_the_page_and_says_its_days(
    reader: Reader, bilan: Bilan, write: Any
) -> None:
    write.events(*mailing("spring", bilan.services.clock.now() - timedelta(days=40), 2))
    form = await reader.get(KIND)
    offered = {one.attributes.get("value") for one in form.elements} & {str(preset) for preset in Preset}
    assert offered == {str(preset) for preset in Preset}
    today = bilan.services.clock.now().date()
    month = today.replace(day=1)
    async with bilan.working():
        for preset, first, last in (
            ("yesterday", today - timedelta(days=1), today - timedelta(days=1)),
            ("last_7_days", today - timedelta(days=7), today - timedelta(days=1)),
            ("last_30_days", today - timedelta(days=30), today - timedelta(days=1)),
            ("last_90_days", today - timedelta(days=90), today - timedelta(days=1)),
            ("this_month", month, today),
            ("previous_month", (month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
            ("since_oldest", today - timedelta(days=40), today),
        ):
            page = await shown(reader, {"name": preset, "then": "run", "period.preset": preset})
            assert _spoken(first, last) in page.one("article", class_="report").said, preset


def _spoken(first: date, last: date) -> str:

    period = formatter_for(Translator.of(), "en", "UTC").period(first.isoformat(), last.isoformat())
    return " ".join(period.split())


@pytest.mark.requirement("AD-01")
@pytest.mark.parametrize("kind", ["email.campaign", "email.engagement"])
@pytest.mark.parametrize(
    ("compare", "moment"),
    [("previous_period", on(25, month=2)), ("same_period_last_year", on(3, year=2025))],
)
async def test_a_comparison_shows_value_change_and_direction(
    reader: Reader, bilan: Bilan, write: Any, kind: str, compare: str, moment: datetime
) -> None:
    write.events(
        *mailing("spring", on(2), 12, opened=6),
        *({"kind": "bounced", "occurred_at": on(2), "campaign": "spring", "recipient": f"{n}@b.org",
           "bounce_class": "hard"} for n in range(2)),
        *mailing("winter", moment, 10, opened=6),
        {"kind": "bounced", "occurred_at": moment, "campaign": "winter", "recipient": "0@b.org",
         "bounce_class": "hard"},
    )  # fmt: skip
    period = {"period.preset": "", "period.first": "2026-03-01", "period.last": "2026-03-28"}
    more = {"interval.unit": "day", "interval.count": "7"}
    async with bilan.working():
        plain = await shown(reader, {**FORM, **period, **more, "name": "Plain"}, f"/reports/new/{kind}")
        page = await shown(
            reader, {**FORM, **period, **more, "compare": compare, "name": "Compared"}, f"/reports/new/{kind}"
        )

    bad = "Hard bounces" if kind == "email.campaign" else "Bounces"
    told = tiles(page)
    assert told["Delivered"] == "12 up +20.0% previously 10"
    assert told["Unique opens"] == "6 unchanged ±0.0% previously 6"
    assert told[bad] == "2 up +100% previously 1"
    # A rise is good news or bad, by what it is that rises.
    changes = {
        box.said.partition(" ")[0]: [one for one in ("good", "bad", "neutral") if f"change-{one}" in classes]
        for box in page.all("div", class_="kpi")
        for classes in [_classes(page, box)]
    }
    assert changes["Delivered"] == ["good"]
    assert changes[bad.partition(" ")[0]] == ["bad"]
    assert "previously" not in plain.one("article", class_="report").said
    if kind == "email.engagement":
        # The chart draws the earlier figures behind, and their table names them.
        assert "Delivered, previous period" in page.texts("th")
        assert "Delivered, previous period" not in plain.texts("th")


def _classes(page: Markup, box: Element) -> str:
    """The classes of everything in a tile."""
    place = page.elements.index(box)
    inside: list[str] = []
    for one in page.elements[place + 1 :]:
        if one.tag == "div":
            break
        inside.append(one.attributes.get("class", ""))
    return " ".join(inside)
