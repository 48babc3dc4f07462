"""What one contact did, on a page of its own: reached from rows that name them, by those who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.operator import operator
from bilan.work.models import StepRow
from fixtures.pages import HOST, Markup, Reader
from support.people import add_person

SignsIn = Callable[[str, str], Awaitable[Reader]]
pytestmark = pytest.mark.requirement("FX-01", "FX-20")

ANN = "ann@a.org"
CLICKS = [f"2026-02-{day:02}T0{hour}:00:00Z" for day in range(1, 9) for hour in range(7)]
EVENTS = "\n".join(
    (
        "occurred_at,kind,campaign,recipient,url",
        f"2026-03-01T10:00:00Z,sent,news,{ANN},",
        f"2026-03-01T10:01:00Z,delivered,news,{ANN},",
        f"2026-03-02T23:30:00Z,opened,news,{ANN},",
        "2026-03-02T12:00:00Z,opened,news,bob@b.org,",
        *(f"{moment},clicked,sale,{ANN},https://shop.example/sale" for moment in CLICKS),
    )
)
ACTIONS = f"contact_id,occurred_at,object,action,detail\n{ANN},2026-03-03T09:00,Form,profile_updated,city\n"
MARCH: dict[str, Any] = {
    "name": "March", "period.preset": "", "period.first": "2026-03-01", "period.last": "2026-03-04",
    "interval.unit": "day", "interval.count": "1", "then": "run",
}  # fmt: skip


async def worked(bilan: Bilan, run: str) -> None:
    """Do the steps of the run at an address."""
    for step in await StepRow.filter(job_id=run.rsplit("/", 1)[-1]).order_by("position"):
        await bilan.engine.work(step.id)


async def brought(reader: Reader, bilan: Bilan, plugin: str, kind: str, text: str) -> UUID:
    """A source with the rows of a file."""
    there = await reader.goes(f"/sources/new/{plugin}/{kind}", {"name": f"{plugin} file", "area": "profile"})
    file = {"file": ("rows.csv", text.encode())}
    answer = await reader.client.post(f"{there}/import", files=file, headers={"origin": HOST})
    await worked(bilan, await reader.goes(f"{answer.headers['location']}/start"))
    return UUID(there.rsplit("/", 1)[-1])


@pytest.fixture
async def shop(reader: Reader, bilan: Bilan) -> UUID:
    """Two sources tell of Ann, in a workspace whose days begin when it is almost noon in London."""
    accounts = bilan.services.accounts
    await accounts.change_workspace(
        await accounts.operator(), name="Shop", zone="Pacific/Auckland", first_weekday=0, language="en"
    )
    await brought(reader, bilan, "contacts", "contact_actions", ACTIONS)
    return await brought(reader, bilan, "email", "file", EVENTS)


@pytest.fixture
async def rows(reader: Reader, bilan: Bilan, shop: UUID) -> str:
    """The address of the rows behind the number of opens, which name Ann and Bob."""
    run = await reader.goes("/reports/new/email.campaign", MARCH)
    await worked(bilan, run)
    page = await reader.get(run)
    place = page.texts("dt", class_="kpi-label").index("Unique opens")
    return next(one.attributes["href"] for one in page.all("a", class_="rows-behind")
                if one.attributes["id"].endswith(f"-t{place}"))  # fmt: skip


async def timeline_of(reader: Reader, rows: str, contact: str) -> str:
    """Where a row that names a contact leads."""
    page = await reader.get(rows)
    return next(one.attributes["href"] for one in page.all("a", class_="contact") if one.said == contact)


def facts(page: Markup) -> list[str]:
    """Where the entries lead."""
    return [one.attributes["href"] for one in page.all("a") if "/fact?" in one.attributes["href"]]


def entries(page: Markup) -> list[str]:
    return [one.said.partition(" · Fact:")[0] for one in page.all("li") if " · Fact:" in one.said]


async def test_a_row_leads_to_what_its_contact_did_under_the_workspaces_days(
    reader: Reader, rows: str
) -> None:
    link = await timeline_of(reader, rows, ANN)
    assert ANN not in link

    page = await reader.get(link)

    assert page.texts("h1") == [ANN]
    # Half past eleven at night in London on the second is noon of the third in Auckland.
    assert page.texts("h2")[:2] == ["Tuesday, March 3, 2026", "Sunday, March 1, 2026"]
    assert entries(page)[:4] == [
        "10:00 PM Profile updated Form city Contacts · contacts file",
        "12:30 PM Opened news Campaign · email file",
        "11:01 PM Message delivered news Campaign · email file",
        "11:00 PM Message sent news Campaign · email file",
    ]
    seen, more = list[str](), link
    while more:
        page = await reader.get(more)
        # Browsers keep titles in their history, and servers in between keep addresses in their logs.
        assert ANN not in page.texts("title")[0]
        seen += facts(page)
        more = next((one.attributes["href"] for one in page.all("a", rel="next")), "")
    assert len(seen) == len(set(seen)) == len(CLICKS) + 4
    assert [one.said for one in page.all("a") if one.attributes["href"] == link] == ["← Newest"]
    page = await reader.get(f"{link}?category=profile")
    assert entries(page) == ["10:00 PM Profile updated Form city Contacts · contacts file"]
    assert page.texts("option") == ["all", "Campaign", "Contacts"]
    assert "in this category" in (await reader.get(f"{link}?category=none")).one("main").said
    await reader.get(f"{link}?after=x", status=404)


async def test_an_entry_leads_to_its_fact_and_no_other_address_to_any(
    reader: Reader, rows: str, shop: UUID
) -> None:
    link = await timeline_of(reader, rows, ANN)
    opened = next(one.attributes["href"] for one in (await reader.get(link)).all("a")
                  if one.said == "Fact: Opened, 12:30 PM")  # fmt: skip

    page = await reader.get(opened)

    told = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert page.texts("h1") == ["Message events"]
    assert (told["Recipient"], told["Event"], told["Campaign"]) == (ANN, "opened", "news")
    assert next(one.said for one in page.all("a") if one.attributes["href"] == link) == f"← {ANN}"
    (bobs,) = facts(await reader.get(await timeline_of(reader, rows, "bob@b.org")))
    for elsewhere in (
        f"{link}/fact", f"{link}/fact?{bobs.partition('?')[2]}", opened.replace("email.events", "none"),
        opened.replace("email.events", "email.totals"), opened.replace(str(shop), "none"),
        "/contacts/none", f"{link}x", f"/contacts/{ANN}",
    ):  # fmt: skip
        await reader.get(elsewhere, status=404)


@pytest.mark.requirement("DC-03")
async def test_who_may_not_see_single_persons_gets_a_sentence_and_no_link(
    reader: Reader, bilan: Bilan, rows: str, shop: UUID, signs_in: SignsIn
) -> None:
    link = await timeline_of(reader, rows, ANN)
    services = bilan.services
    mia, password = await add_person(services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    await services.sources.grant(await operator(services), shop, mia.id, SourceRole.GUEST)
    browser = await signs_in("mia@example.org", password)

    page = await browser.get(link, status=403)

    assert "takes the permission export_contact_data" in page.one("main").said
    assert ANN not in page.one("main").said
    assert (await browser.get(rows)).all("a", class_="contact") == []
