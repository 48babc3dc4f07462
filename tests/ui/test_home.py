"""The first page: what each report's last run found, for those who may see it, and ways to begin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.operator import operator
from bilan.sdk.messages import messages
from bilan.sdk.reports import Example
from bilan.sdk.sources import WebhookRequest
from bilan.work.models import JobSourceRow
from fixtures.pages import Markup, Reader
from support.appended import appended
from support.people import add_person

_ = messages("ui")[0]

Enter = Callable[[str, str], Awaitable[Reader]]
KIND = "email.campaign"
REPORT: dict[str, Any] = {"period.preset": "last_7_days", "then": "run"}


@pytest.fixture
async def source(reader: Reader) -> UUID:
    there = await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "verify.given": "1"})
    return UUID(there.rsplit("/", 1)[-1])


@pytest.fixture
def examples(bilan: Bilan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The campaign report has an example to begin from."""
    kinds = bilan.services.registry.reports
    example = Example(
        "week", _("Last week’s campaigns"), _("What was sent, and what came of it."),
        {"period": "last_7_days", "tags": ["spring"]},
    )  # fmt: skip
    monkeypatch.setitem(kinds, KIND, replace(kinds[KIND], examples=(example,)))


async def ran(reader: Reader, name: str) -> str:
    """Save a report, run it to its end, and tell the run's address. The server has to be working."""
    run = await reader.goes(f"/reports/new/{KIND}", {**REPORT, "name": name})
    for _look in range(600):
        if not (await reader.get(run)).all("progress"):
            return run
    raise AssertionError("the run is never over")


async def post_events(bilan: Bilan, source: UUID) -> None:
    """Two e-mails, both delivered."""
    now = bilan.services.clock.now()
    moment = (now - timedelta(days=1)).timestamp()
    for number in (1, 2):
        body = (
            f'{{"event-data": {{"event": "delivered", "id": "{number}", "timestamp": {moment},'
            f'"recipient": "ann{number}@example.com", "campaigns": [{{"id": "letter"}}]}}}}'
        )
        await bilan.services.inbox.accept(
            source, WebhookRequest(body.encode(), {}, {}, "application/json", now)
        )
    await appended(bilan)


def links(page: Markup) -> list[str]:
    return [one.attributes.get("href", "") for one in page.all("a")]


async def test_a_report_says_what_its_last_run_found(reader: Reader, bilan: Bilan, source: UUID) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        run = await ran(reader, "Spring")
    page = await reader.get("/reports")
    assert page.texts("h2") == ["Spring"]
    leads = dict(zip(page.texts("dt"), page.texts("dd", class_="value"), strict=True))
    assert leads["Delivered"] == "2"
    assert len(leads) == 3
    assert page.one("p", class_="finding").said
    assert page.texts("span", class_="succeeded") == ["done"]
    (ago,) = page.all("time")
    assert ago.said.endswith("ago")
    assert "UTC" in ago.attributes["title"]
    assert {run, f"{run}/send"} <= set(links(page))
    assert page.one("p", class_="kind").said.startswith("Campaign report · ")


async def test_a_report_that_never_ran_offers_to_run(reader: Reader, source: UUID) -> None:
    there = await reader.goes(f"/reports/new/{KIND}", {**REPORT, "name": "Spring", "then": "save"})
    page = await reader.get("/reports")
    assert page.texts("p", class_="meta") == ["Never run"]
    assert page.one("form", action=f"{there}/run").said == "Run now: Spring"
    assert {f"{there}/send", f"{there}/edit"} <= set(links(page))


@pytest.mark.requirement("DC-03")
async def test_figures_are_shown_to_those_alone_who_may_read_all_sources_of_a_run(
    reader: Reader, bilan: Bilan, source: UUID, signs_in: Enter
) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        run = await ran(reader, "Spring")
    services = bilan.services
    mia, password = await add_person(services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    browser = await signs_in("mia@example.org", password)
    assert (await browser.get("/reports")).all("li", class_="card") == []
    await services.sources.grant(await operator(services), source, mia.id, SourceRole.GUEST)
    page = await browser.get("/reports")
    assert run in links(page)
    assert not [one for one in links(page) if one.endswith("/edit")]
    # The report stays hers to see, but a run over one more source is not.
    other = await reader.goes("/sources/new/email/mailgun", {"name": "Other", "verify.given": "1"})
    await JobSourceRow.create(job_id=UUID(run.rsplit("/", 1)[-1]), source=UUID(other.rsplit("/", 1)[-1]))
    page = await browser.get("/reports")
    assert page.texts("p", class_="meta") == ["Never run"]
    assert page.all("dl") == []


async def test_many_reports_are_narrowed_and_sorted_by_the_address(reader: Reader, source: UUID) -> None:
    for name in ("Autumn", "Spring", "Summer", "Winter"):
        await reader.goes(f"/reports/new/{KIND}", {**REPORT, "name": name, "then": "save"})
    assert (await reader.get("/reports")).all("form", role="search") == []
    for name in ("April", "May"):
        await reader.goes(f"/reports/new/{KIND}", {**REPORT, "name": name, "then": "save"})
    assert len((await reader.get("/reports")).all("form", role="search")) == 1
    assert (await reader.get("/reports?q=M")).texts("h2") == ["Autumn", "May", "Summer"]
    assert (await reader.get("/reports?sort=created")).texts("h2")[:2] == ["May", "April"]
    assert (await reader.get("/reports?kind=email.engagement")).texts("h2") == ["No report like that"]


async def test_an_example_opens_the_builder_as_it_is_filled_in(
    reader: Reader, source: UUID, examples: None
) -> None:
    address = f"/reports/new/{KIND}?example=week"
    assert address in links(await reader.get("/reports/new"))
    assert address in links(await reader.get("/reports"))  # nothing is there yet, so it shows how to begin
    page = await reader.get(address)
    assert page.one("input", name="name").attributes["value"] == "Last week’s campaigns"
    (chosen,) = [one for one in page.all("input", name="period.preset") if "checked" in one.attributes]
    assert chosen.attributes["value"] == "last_7_days"
    assert page.one("input", name="tags.more").attributes["value"] == "spring"


async def test_an_example_that_there_is_not_leaves_the_builder_as_it_is(
    reader: Reader, source: UUID, examples: None
) -> None:
    page = await reader.get(f"/reports/new/{KIND}?example=nothing")
    assert page.one("input", name="name").attributes["value"] == "Campaign report"


async def test_what_is_set_up_once_stands_behind_one_word(reader: Reader) -> None:
    (main, *_more) = (await reader.get("/reports")).all("nav", aria_label="Main")
    assert main.said == "Reports Contacts Social profiles WhatsApp Schedules History Sources Administration"
    (area,) = (await reader.get("/tokens")).all("nav", aria_label="Administration")
    assert area.said == (
        "People Recipients Shares Webhooks Merged contacts Erased contacts Tokens API Outbox Workspace "
        "WhatsApp buttons"
    )
    assert (await reader.get("/runs")).all("nav", aria_label="Administration") == []


@pytest.mark.requirement("AD-14")
async def test_who_has_a_role_on_no_source_is_told_so_and_whom_to_ask(
    bilan: Bilan, reader: Reader, source: UUID, signs_in: Enter
) -> None:
    ivy, password = await add_person(bilan.services, "ivy@example.org", "Ivy", WorkspaceRole.MEMBER)
    ivys = await signs_in("ivy@example.org", password)
    page = await ivys.get("/reports")
    assert "you have a role on none of the sources. Ask for one: Olga." in page.one("main").said
    assert "Gun" not in page.one("main").said
    await reader.goes(f"/people/{ivy.id}", {"role": "member", "every_source": "guest"})
    assert "No report yet" in (await ivys.get("/reports")).one("main").said
    assert "Gun" in (await ivys.get("/sources")).one("main").said
