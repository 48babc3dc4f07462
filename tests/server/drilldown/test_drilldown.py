"""The rows behind figures, over hand-made events: which they are, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace as changed

from bilan.drilldown.figures import find
from bilan.i18n import Translator, formatter_for
from bilan.registry.gather import load
from bilan.rendering.delimited import Dialect
from bilan.reports.parts import rows_of
from bilan.sdk.document import Document, Kpis, Section, decode, encode
from bilan.sdk.errors import Conflict, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit
from fixtures.email_reports import NOW, OTHER, MailRoom, table
from support.drilldowns import addresses, drill, facts, tile_address

ENGLISH = formatter_for(Translator.of(), "en", "UTC")
ENGAGEMENT, CAMPAIGN = "email.engagement", "email.campaign"
MARCH = {"period": "2026-03-01..2026-03-31"}


def on(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def event(
    kind: str, when: datetime, campaign: str = "spring", to: str = "ann@a.org", **more: Any
) -> dict[str, Any]:
    return {"kind": kind, "occurred_at": when, "campaign": campaign, "recipient": to, **more}


SPRING = (
    event("sent", on(1)),
    event("sent", on(1), to="bob@b.org"),
    event("delivered", on(1)),
    event("delivered", on(1), to="bob@b.org"),
    event("opened", on(1, 23), country="FR"),
    event("opened", on(2, 0)),
    event("opened", on(2, 8), to="bob@b.org"),
    event("clicked", on(2), url="https://a"),
    event("clicked", on(3), url="https://b", to="bob@b.org"),
    event("opened", on(2), "summer", "cid@c.org"),
    event("opened", on(2), "", "cid@c.org", canvas="welcome", step="s1"),
)


def address_of(
    room: MailRoom, document: Document, metric: str, row: int | None = None, name: str = "campaigns"
) -> str:
    """The address of a cell or a total of a table that stands in the section of messages."""
    made = table(document, name)
    column = [one.key for one in made.columns].index(metric)
    wanted = f"sc{column}" if row is None else f"r{row}c{column}"
    return next(
        one for one in addresses(room, document) if one.endswith(f":{wanted}") and _in(document, one, name)
    )


def _in(document: Document, address: str, name: str) -> bool:
    path, _colon, _place = address.partition(":")
    block: Any = Section("", "", document.blocks)
    for place in path.split("-"):
        block = block.blocks[int(place)]
    return block.key == name


def columns_of(drilldown: Any, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in facts(drilldown)]


@pytest.mark.requirement("AD-06")
def test_a_tile_leads_to_every_row_of_the_period(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)

    drilldown = drill(mail_room, made, tile_address(mail_room, made, "email.unique_opens"))

    assert (str(drilldown.figure.label), drilldown.figure.value) == ("Unique opens", 4)
    assert drilldown.recount.rows == 5
    assert sorted(columns_of(drilldown, "occurred_at", "recipient", "campaign", "canvas")) == [
        ("2026-03-01T23:00:00Z", "ann@a.org", "spring", ""),
        ("2026-03-02T00:00:00Z", "ann@a.org", "spring", ""),
        ("2026-03-02T08:00:00Z", "bob@b.org", "spring", ""),
        ("2026-03-02T09:00:00Z", "cid@c.org", "", "welcome"),
        ("2026-03-02T09:00:00Z", "cid@c.org", "summer", ""),
    ]
    assert list(map(str, drilldown.remarks)) == ["4 distinct of 5 rows."]


@pytest.mark.requirement("AD-06", "DC-23")
def test_a_cell_leads_to_its_campaign_on_its_day_in_the_reports_zone(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, {**MARCH, "zone": "Europe/Paris"})

    # In Paris the open at 23:00 UTC is the second of March already.
    rows = [row["email.opens"] for row in mail_room.rows(table(made, "campaigns"))]
    assert rows == [0, 3, 1, 0]
    drilldown = drill(mail_room, made, address_of(mail_room, made, "email.opens", 1))

    assert drilldown.figure.words == (("spring", Unit.TEXT),)
    assert drilldown.figure.value == drilldown.recount.value == 3
    assert columns_of(drilldown, "campaign", "recipient") == [
        ("spring", "ann@a.org"),
        ("spring", "ann@a.org"),
        ("spring", "bob@b.org"),
    ]


@pytest.mark.requirement("AD-06")
def test_a_total_and_a_point_of_a_chart_lead_to_theirs(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)

    total = drill(mail_room, made, address_of(mail_room, made, "email.opens"))
    point = drill(mail_room, made, "0-1:x1y1")

    # Canvases stand in a table of their own, and in the chart with the others.
    assert (total.figure.value, total.recount.rows, total.recount.value) == (4, 4, 4)
    assert (str(point.figure.label), point.figure.value, point.recount.rows) == ("Unique opens", 4, 4)
    assert {row[0][:10] for row in columns_of(point, "occurred_at")} == {"2026-03-02"}


@pytest.mark.requirement("AD-06", "AD-01")
def test_a_figure_compared_with_leads_to_the_days_compared_with(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, {"period": "2026-03-02..2026-03-02", "compare": "previous_period"})

    drilldown = drill(mail_room, made, f"{tile_address(mail_room, made, 'email.opens')}p")

    assert (drilldown.figure.value, drilldown.recount.value) == (1, 1)
    assert columns_of(drilldown, "occurred_at") == [("2026-03-01T23:00:00Z",)]


@pytest.mark.requirement("AD-06")
def test_a_rate_leads_to_the_rows_of_both_its_parts_and_says_which_is_which(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(CAMPAIGN, {"campaign": "spring"})

    drilldown = drill(mail_room, made, tile_address(mail_room, made, "email.click_rate"))

    assert str(drilldown.figure.label) == "Click rate"
    assert drilldown.figure.value == drilldown.recount.value == 1.0
    assert [str(one["matched_by"]) for one in facts(drilldown)] == [
        "Cell(value=" + repr(Message(label, "email")) + ", mark=None, note=None)"
        for label in ("Delivered", "Delivered", "Unique clicks", "Unique clicks")
    ]
    assert list(map(str, drilldown.remarks)) == ["2 “Unique clicks” divided by 2 “Delivered”."]


@pytest.mark.requirement("AD-06")
def test_the_file_of_a_rates_rows_says_what_each_counts_as(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(CAMPAIGN, {"campaign": "spring"})
    drilldown = drill(mail_room, made, tile_address(mail_room, made, "email.click_rate"))

    text = b"".join(drilldown.text(Dialect(keys=True), ENGLISH)).decode("utf-8-sig")

    assert [line.split(",")[:4] for line in text.splitlines()] == [
        ["matched_by", "occurred_at", "recipient", "kind"],
        ["Delivered", "2026-03-01T09:00:00Z", "ann@a.org", "delivered"],
        ["Delivered", "2026-03-01T09:00:00Z", "bob@b.org", "delivered"],
        ["Unique clicks", "2026-03-02T09:00:00Z", "ann@a.org", "clicked"],
        ["Unique clicks", "2026-03-03T09:00:00Z", "bob@b.org", "clicked"],
    ]


@pytest.mark.requirement("AD-06")
def test_the_last_open_stands_first_among_the_opens(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(CAMPAIGN, {"campaign": "spring"})

    drilldown = drill(mail_room, made, tile_address(mail_room, made, "email.last_open"))

    assert drilldown.figure.value == "2026-03-02T08:00:00Z"
    assert [row[0] for row in columns_of(drilldown, "occurred_at")] == [
        "2026-03-02T08:00:00Z",
        "2026-03-02T00:00:00Z",
        "2026-03-01T23:00:00Z",
    ]
    assert list(map(str, drilldown.remarks)) == ["The latest of 3 rows."]


@pytest.mark.requirement("AD-06")
def test_a_links_share_leads_to_its_clicks(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(CAMPAIGN, {"campaign": "spring"})

    drilldown = drill(mail_room, made, address_of(mail_room, made, "share", 1, "links"))

    assert (drilldown.figure.value, drilldown.recount.value) == (0.5, 1)
    assert columns_of(drilldown, "url", "recipient") == [("https://b", "bob@b.org")]
    assert list(map(str, drilldown.remarks)) == ["1 row."]


@pytest.mark.requirement("AD-06")
def test_rows_that_arrived_after_the_report_are_not_behind_its_figures(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)
    mail_room.events(event("opened", on(2)), at=NOW + timedelta(hours=1))

    drilldown = drill(mail_room, made, tile_address(mail_room, made, "email.opens"))

    assert (drilldown.figure.value, drilldown.recount.value, len(facts(drilldown))) == (5, 5, 5)


@pytest.mark.requirement("AD-06")
def test_sources_are_told_apart_also_after_they_were_renamed(mail_room: MailRoom) -> None:
    mail_room.sources[OTHER] = "Other"
    mail_room.events(event("opened", on(1)))
    mail_room.events(event("opened", on(1), to="zoe@z.org"), source=OTHER)
    made = mail_room.report(ENGAGEMENT, MARCH)
    mail_room.sources[OTHER] = "New name"

    drilldown = drill(mail_room, made, address_of(mail_room, made, "email.opens", 1))

    assert drilldown.figure.words == (("Other", Unit.TEXT), ("spring", Unit.TEXT))
    assert columns_of(drilldown, "source", "recipient") == [("New name", "zoe@z.org")]


@pytest.mark.requirement("AD-06", "DC-18")
def test_what_a_sender_stated_leads_to_its_statement(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    totals = {"occurred_at": on(5), "recipients": 50, "delivered": 48, "unique_opens": 12}
    mail_room.totals({"campaign": "letter", "campaign_name": "Letter", **totals})
    made = mail_room.report(CAMPAIGN, MARCH)

    cell = drill(mail_room, made, address_of(mail_room, made, "email.unique_opens", 0))
    address = tile_address(mail_room, made, "email.unique_opens")
    tile = drill(mail_room, made, address)

    assert cell.dataset.key == "email.campaign_totals"
    assert (cell.figure.value, cell.recount.value) == (12, 12)
    assert columns_of(cell, "campaign_name", "unique_opens") == [("Letter", 12)]
    # The tile holds both parts: its rows are the counted one, and it says where the other is.
    assert (tile.figure.value, tile.recount.value) == (15, 3)
    assert [str(one) for one in tile.remarks] == [
        "3 distinct of 4 rows.",
        "3 counted from events, 12 as senders' reports state it.",
    ]
    assert tile.figure.reported_by_source == f"{address}s"
    assert drill(mail_room, made, f"{address}s").recount.value == 12


@pytest.mark.requirement("AD-06", "AD-04")
def test_a_flagged_figure_that_was_stated_leads_to_its_statement_too(mail_room: MailRoom) -> None:
    mail_room.totals(
        {"campaign": "letter", "occurred_at": on(5), "recipients": 50, "delivered": 48, "complaints": 3}
    )
    made = mail_room.report(CAMPAIGN, MARCH)

    drilldown = drill(mail_room, made, address_of(mail_room, made, "email.spam_reports", 0))

    assert (drilldown.dataset.key, drilldown.figure.value, drilldown.recount.value) == (
        "email.campaign_totals",
        3,
        3,
    )


@pytest.mark.requirement("AD-06")
def test_rows_of_a_table_outside_the_document_are_found(mail_room: MailRoom) -> None:
    mail_room.events(*(event("opened", on(1), f"campaign {number:04}") for number in range(1_001)))
    made = mail_room.report(CAMPAIGN, {**MARCH, "sort": "name", "ascending": True})
    assert table(made, "campaigns").part is not None

    drilldown = drill(mail_room, made, address_of(mail_room, made, "email.unique_opens", 1_000))

    assert columns_of(drilldown, "campaign") == [("campaign 1000",)]


@pytest.mark.requirement("AD-06")
def test_rows_are_sorted_without_losing_one(mail_room: MailRoom) -> None:
    mail_room.events(*(event("opened", on(1), to=f"{number % 7}@a.org") for number in range(50)))
    made = mail_room.report(ENGAGEMENT, MARCH)
    drilldown = drill(mail_room, made, tile_address(mail_room, made, "email.opens"))
    by = [column.key for column in drilldown.columns].index("recipient")

    assert [row.values[by] for row in drilldown.rows(by="-recipient")] == sorted(
        (f"{number % 7}@a.org" for number in range(50)), reverse=True
    )


@pytest.mark.requirement("AD-06")
def test_facts_that_were_erased_since_are_said_to_be_missing(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)
    sections = list(made.blocks)
    first = sections[0]
    assert isinstance(first, Section)
    tiles = first.blocks[0]
    assert isinstance(tiles, Kpis)
    more = changed(tiles, tiles=(changed(tiles.tiles[0], value=3), *tiles.tiles[1:]))
    sections[0] = changed(first, blocks=(more, *first.blocks[1:]))

    drilldown = drill(mail_room, changed(made, blocks=tuple(sections)), "0-0:t0")

    assert (drilldown.figure.value, drilldown.recount.value) == (3, 2)
    assert str(drilldown.remarks[-1]).startswith("Counted from these rows alone the figure differs")


def test_a_changed_definition_is_said(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)
    older = tuple(changed(one, version=0) for one in made.definitions)

    drilldown = drill(
        mail_room, changed(made, definitions=older), tile_address(mail_room, made, "email.sends")
    )

    assert "The definition of Sends has changed since this report was built." in map(str, drilldown.remarks)


def test_a_plugin_that_is_gone_is_named(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)
    mail_room.registry = load((), installed=False)

    with pytest.raises(Conflict, match=r"declares email\.events is not installed any more"):
        drill(mail_room, made, "0-0:t0")


@pytest.fixture(scope="module")
def spring(shared_mail_room: MailRoom) -> Document:
    """The report of the events of spring, for tests that only read it."""
    shared_mail_room.events(*SPRING)
    return shared_mail_room.report(ENGAGEMENT, MARCH)


@pytest.mark.requirement("AD-06")
@pytest.mark.parametrize(
    "address",
    [
        "", ":", "0-0", "0-0:", "0-0:t99", "9-9:t0", "0:t0", "0-0:r0c0", "1-0:r99c9", "1-0:r0c99", "1-0:t0",
        "0-1:x999y0", "0-1:x0y99", "0-0:t-1", "0-0:t0 OR 1=1", "0-0:t0'", "٠-٠:t0", "0-0:t0pp", "1-0:sc0p",
        "0-0:" + "9" * 300, "-".join(["0"] * 40) + ":t0",
    ],
)  # fmt: skip
def test_an_address_that_names_no_figure_leads_nowhere(
    shared_mail_room: MailRoom, spring: Document, address: str
) -> None:
    with pytest.raises((NotFound, Conflict)):
        find(spring, rows_of(shared_mail_room.files), address)


def test_words_and_figures_without_rows_have_no_address(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)
    columns = [column.key for column in table(made, "campaigns").columns]

    places = {one.partition("c")[2] for one in addresses(mail_room, made) if one.startswith("1-0:r")}

    assert {columns[int(place)] for place in places} == {
        "email.sends", "email.opens", "email.unique_opens", "email.clicks", "email.unique_clicks",
        "email.delivered",
    }  # fmt: skip
    with pytest.raises(Conflict, match="No rows can be shown behind this figure"):
        find(made, rows_of(mail_room.files), "1-0:r0c2")


def test_a_document_without_origins_is_read_and_leads_nowhere(mail_room: MailRoom) -> None:
    mail_room.events(*SPRING)
    made = mail_room.report(ENGAGEMENT, MARCH)
    plain = encode(made).replace(b'"origin"', b'"elsewhere"')

    old = decode(plain)

    assert addresses(mail_room, old) == []
    with pytest.raises(Conflict):
        find(old, rows_of(mail_room.files), "0-0:t0")
