"""From a figure on a page to its rows, to their file, and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.operator import operator
from fixtures.email_reports import MailRoom
from fixtures.mailing import NEWS, SHOP_EVENTS, at
from fixtures.pages import Markup, Reader
from support.people import add_person

Enter = Callable[[str, str], Awaitable[Reader]]
REPORT: dict[str, Any] = {
    "name": "March",
    "period.preset": "",
    "period.first": "2026-03-01",
    "period.last": "2026-03-04",
    "interval.unit": "day",
    "interval.count": "1",
    "then": "run",
}
FORMULA: dict[str, Any] = {
    **NEWS, "kind": "unsubscribed", "recipient": "eve@e.org", "occurred_at": at("02 09:00"),
    "reason": '=HYPERLINK("https://evil")',
}  # fmt: skip


@pytest.fixture
async def source(reader: Reader, bilan: Bilan) -> UUID:
    """The shop's events, written down."""
    there = await reader.goes("/sources/new/email/mailgun", {"name": "Shop", "verify.given": "1"})
    source = UUID(there.rsplit("/", 1)[-1])
    room = MailRoom(bilan.services.warehouse, bilan.services.registry, bilan.services.files)
    room.events(*SHOP_EVENTS, FORMULA, source=source, at=at("05 00:00"))
    return source


@pytest.fixture
async def built(reader: Reader, bilan: Bilan, source: UUID) -> str:
    """The address of a run that is over."""
    return await over(reader, bilan, "email.engagement", REPORT)


async def over(reader: Reader, bilan: Bilan, kind: str, form: dict[str, Any]) -> str:
    """The address of a report's run, done."""
    run = await reader.goes(f"/reports/new/{kind}", form)
    async with bilan.working():
        for _attempt in range(300):
            page = await reader.get(run)
            if not page.all("progress"):
                return run
    raise AssertionError("the run is never over")


def figure(page: Markup, tile: str) -> Any:
    """The link of a tile's figure."""
    labels = page.texts("dt", class_="kpi-label")
    values = [one for one in page.all("dd") if one.has("class", "kpi-value")]
    place = labels.index(tile)
    return next(one for one in page.all("a", class_="rows-behind") if one.said == values[place].said
                and one.attributes["id"].endswith(f"-t{place}"))  # fmt: skip


@pytest.mark.requirement("AD-06")
async def test_a_tile_leads_to_its_rows_and_from_there_back_to_its_place(reader: Reader, built: str) -> None:
    link = figure(await reader.get(built), "Unique opens")
    assert link.said == "1"

    page = await reader.get(link.attributes["href"])

    assert page.texts("h1") == ["Unique opens · Mar 1 – 4, 2026: 1"]
    assert "1 distinct of 2 rows." in page.texts("p")
    heads = [one.said for one in page.all("th")]
    assert heads[:4] == ["When", "Recipient", "Event", "Channel"]
    assert "Fact" not in heads
    cells = [one.said for one in page.all("td")]
    assert cells.count("ann@a.org") == 2
    (back,) = [one for one in page.all("a") if one.attributes["href"].startswith(f"{built}#")]
    assert back.attributes["href"] == f"{built}#{link.attributes['id']}"
    assert back.said == "← March"


@pytest.mark.requirement("AD-06")
async def test_where_nothing_was_counted_the_rows_say_so_and_are_missed_only_where_there_were_some(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    page = await reader.get(await over(reader, bilan, "email.campaign", {**REPORT, "name": "List"}))
    values = [one.said for one in page.all("dd") if one.has("class", "kpi-value")]
    links = [one.attributes["href"] for one in page.all("a", class_="rows-behind")]
    some = next(one for one in links if one.endswith("t0"))
    # No page leads to the rows of a zero; an address that somebody kept or typed may.
    nothing = f"{some.removesuffix('0')}{values.index('0')}"
    assert "No row was counted." in (await reader.get(nothing)).texts("p")
    with bilan.services.warehouse._writers.handle() as client:
        client.command("TRUNCATE TABLE email__events")
    assert "No row was counted." in (await reader.get(nothing)).texts("p")
    assert "There are no rows behind this figure any more." in (await reader.get(some)).texts("p")


@pytest.mark.requirement("AD-06")
async def test_every_kind_of_figure_is_a_link_and_what_is_no_figure_is_none(
    reader: Reader, built: str
) -> None:
    page = await reader.get(built)
    links = [one.attributes["href"].partition("figure=")[2] for one in page.all("a", class_="rows-behind")]

    kinds = {link.partition(":")[2].lstrip("0123456789-")[:1] for link in links}
    assert kinds == {"t", "r", "s", "x"}
    assert len(links) == len(set(links))
    texts = {one.said for one in page.all("a", class_="rows-behind")}
    assert texts.isdisjoint({"0", "–", "news", "sale", "No"})
    for link in page.all("a", class_="rows-behind")[::7]:
        shown = await reader.get(link.attributes["href"])
        assert shown.texts("h1")[0].endswith(f": {link.said}")


@pytest.mark.requirement("AD-06")
async def test_the_rows_come_as_a_file_safe_for_spreadsheets_or_raw_for_programs(
    reader: Reader, built: str
) -> None:
    page = await reader.get(figure(await reader.get(built), "Unsubscribes").attributes["href"])
    people, programs = (one.attributes["href"] for one in page.all("a", class_="button"))

    answer = await reader.client.get(people)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Unsubscribes%20%C2%B7%20Mar%201%20" in answer.headers["content-disposition"]
    head, row, end = answer.content.decode("utf-8-sig").split("\r\n")
    assert head.startswith("When,Recipient,Event,Channel,")
    assert row.startswith("2026-03-02T09:00:00Z,eve@e.org,unsubscribed,email,")
    assert '"\'=HYPERLINK(""https://evil"")"' in row
    assert end == ""

    raw = (await reader.client.get(programs)).content
    assert raw.startswith(b"occurred_at,recipient,kind,channel,")
    assert b"'=HYPERLINK" not in raw
    assert b'"[""letter""]"' in raw


@pytest.mark.requirement("AD-06", "DC-03")
async def test_whoever_may_not_see_single_persons_gets_the_counts_and_a_sentence(
    reader: Reader, bilan: Bilan, source: UUID, signs_in: Enter
) -> None:
    # The list of campaigns is for everybody who reads the source; rows about persons are not.
    services = bilan.services
    mia, password = await add_person(services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    await services.sources.grant(await operator(services), source, mia.id, SourceRole.GUEST)
    run = await over(reader, bilan, "email.campaign", REPORT)
    browser = await signs_in("mia@example.org", password)
    link = figure(await browser.get(run), "Unique opens").attributes["href"]

    page = await browser.get(link)

    assert page.texts("h1") == ["Unique opens · Mar 1 – 4, 2026: 1"]
    assert "1 distinct of 2 rows." in page.texts("p")
    assert page.one("div", class_="warning").said == (
        "This shows rows about single persons and takes the permission export_contact_data."
    )
    assert page.all("table") == []
    assert page.all("a", class_="button") == []
    refused = await browser.client.get(link.replace("/rows?", "/rows.csv?"))
    assert refused.status_code == 403
    assert "ann@a.org" not in refused.text


@pytest.mark.requirement("AD-06")
async def test_rights_are_looked_at_anew_and_addresses_widen_nothing(
    reader: Reader, bilan: Bilan, built: str, source: UUID, signs_in: Enter, stranger: Reader
) -> None:
    link = figure(await reader.get(built), "Opens").attributes["href"]
    services = bilan.services
    _tim, password = await add_person(services, "tim@example.org", "Tim", WorkspaceRole.ADMIN)
    browser = await signs_in("tim@example.org", password)
    await browser.get(link, 404)
    assert (await browser.client.get(link.replace("/rows?", "/rows.csv?"))).status_code == 404
    answer = await stranger.client.get(link, headers={"accept": "text/html"})
    assert answer.headers["location"].startswith("/sign-in")
    plain = (await reader.get(link)).texts("td")
    assert (await reader.get(f"{link}&where=1&source=x&dataset=email.totals&limit=0")).texts("td") == plain
    for odd in ("", "x", "0-0:t99", "0-0:t1;DROP", "..%2F..", "%00", "0-0:t1" * 90):
        await reader.get(f"{built}/rows?figure={odd}", 404)
    for odd in ("nothing", "-", "occurred_at'", "-source", "ingested_at"):
        await reader.get(f"{link}&by={odd}")
    for odd in ("x", "..%2F..", "%00", "'%20OR%201=1", "WyIiLDAsW11d", "A" * 5000):
        for way in ("after", "before"):
            refused = await reader.get(f"{link}&{way}={odd}", 422)
            assert "is no place among these rows" in refused.one("div", class_="warning").said
            (first,) = [one.attributes["href"] for one in refused.all("a") if one.said == "First rows"]
            assert (await reader.get(first)).texts("td") == plain
    nothing = await reader.get(f"{built}/rows?figure=1-0:r0c2", 409)
    assert "No rows can be shown behind this figure" in nothing.one("div", class_="warning").said


@pytest.mark.requirement("AD-06")
async def test_the_rows_can_be_sorted_and_paged(reader: Reader, bilan: Bilan, source: UUID) -> None:
    room = MailRoom(bilan.services.warehouse, bilan.services.registry, bilan.services.files)
    room.events(
        *({**NEWS, "kind": "complained", "recipient": f"{number:03}@a.org", "occurred_at": at("03 09:00")}
          for number in range(120)),
        source=source,
        at=at("05 00:00"),
    )  # fmt: skip
    run = await over(reader, bilan, "email.campaign", {**REPORT, "name": "List"})
    link = figure(await reader.get(run), "Spam reports").attributes["href"]

    page = await reader.get(f"{link}&by=-recipient")
    assert (await reader.get(link)).texts("h1") == ["Spam reports · Mar 1 – 4, 2026: 120"]
    people = [one for one in page.texts("td") if one.endswith("@a.org")]
    assert people == [f"{number:03}@a.org" for number in range(119, 69, -1)]
    (head,) = [one for one in page.all("th") if "aria-sort" in one.attributes]
    assert (head.said, head.attributes["aria-sort"]) == ("Recipient", "descending")
    page = await reader.get(page.one("a", rel="next").attributes["href"])
    page = await reader.get(page.one("a", rel="next").attributes["href"])
    people = [one for one in page.texts("td") if one.endswith("@a.org")]
    assert people == [f"{number:03}@a.org" for number in range(19, -1, -1)]
    assert page.all("a", rel="next") == []
    assert any(text.startswith("Rows 101 to 120 of 120.") for text in page.texts("p"))
    page = await reader.get(page.one("a", rel="prev").attributes["href"])
    people = [one for one in page.texts("td") if one.endswith("@a.org")]
    assert people == [f"{number:03}@a.org" for number in range(69, 19, -1)]
    assert any(text.startswith("Rows 51 to 100 of 120.") for text in page.texts("p"))
    (first,) = [one for one in page.all("a") if one.said == "First rows"]
    page = await reader.get(first.attributes["href"])
    assert any(text.startswith("Rows 1 to 50 of 120.") for text in page.texts("p"))
    assert page.all("a", rel="prev") == []


@pytest.mark.requirement("AD-06")
async def test_figures_of_a_sorted_table_lead_to_their_own_rows(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    run = await over(reader, bilan, "email.campaign", REPORT)
    for sort in ("", "campaigns:campaign", "-campaigns:campaign"):
        page = await reader.get(f"{run}?sort={sort}")
        links = [one for one in page.all("a", class_="rows-behind") if "-r" in one.attributes["id"]]
        for link in links:
            shown = await reader.get(link.attributes["href"])
            (heading,) = shown.texts("h1")
            campaign = heading.rpartition(":")[0].rpartition("·")[2].strip()
            assert {one for one in shown.texts("td") if one in ("news", "sale")} == {campaign}
            query = f"?sort={sort}" if sort else ""
            back = [one.attributes.get("href") for one in shown.all("a")]
            assert f"{run}{query}#{link.attributes['id']}" in back


async def test_files_hold_no_such_links(reader: Reader, built: str) -> None:
    file = await reader.client.get(f"{built}/files/html")

    assert "rows-behind" not in file.text.partition("</style>")[2]
