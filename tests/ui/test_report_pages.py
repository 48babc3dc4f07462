"""Reports and their runs on pages: the builder, refusals, runs under way and over, and sorted tables."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.operator import operator
from bilan.sdk.sources import WebhookRequest
from fixtures.pages import EMAIL, Markup, Reader
from support.appended import appended
from support.people import add_person
from support.report_forms import WEEKLY

Enter = Callable[[str, str], Awaitable[Reader]]
NEW = "/reports/new/email.engagement"
REPORT: dict[str, Any] = {
    **WEEKLY,
    "interval.unit": "day",
    "interval.count": "1",
    "tags.more": "",
    "then": "save",
}


@pytest.fixture
async def source(reader: Reader) -> UUID:
    """A source that may be asked."""
    return ident_of(await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "verify.given": "1"}))


def ident_of(path: str) -> UUID:
    return UUID(path.rsplit("/", 1)[-1])


async def post_events(bilan: Bilan, source: UUID) -> None:
    """An e-mail and an SMS, of campaigns with a tag each."""
    now = bilan.services.clock.now()
    moment = (now - timedelta(days=1)).timestamp()
    for number, tag in enumerate(("spring", "autumn"), start=1):
        body = (
            f'{{"event-data": {{"event": "delivered", "id": "{number}", "timestamp": {moment},'
            f'"recipient": "ann@example.com", "tags": ["{tag}"], "campaigns": [{{"id": "{tag} letter"}}]}}}}'
        )
        await bilan.services.inbox.accept(
            source, WebhookRequest(body.encode(), {}, {}, "application/json", now)
        )
    await appended(bilan)


async def test_without_a_source_or_a_report_the_page_says_how_to_begin(reader: Reader) -> None:
    assert (await reader.get("/reports")).texts("h2") == ["Start with a source"]
    await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    assert (await reader.get("/reports")).texts("h2") == ["No report yet"]


async def test_a_report_is_refused_with_every_mistake_and_keeps_what_was_typed(
    reader: Reader, source: UUID
) -> None:
    wrong = {**REPORT, "name": " ", "interval.count": "lots", "zone": "Mars/Base", "compare": "tampered"}
    page = await reader.refused(NEW, {**wrong, "tags.more": "one, two"})
    errors = page.one("div", id="errors")
    for sentence in ("Give the report a name.", "lots days is no interval", "Mars/Base is no time zone",
                     "tampered is not offered"):  # fmt: skip
        assert sentence in errors.said
    assert page.one("input", name="interval.count").attributes["value"] == "lots"
    assert page.one("input", name="tags.more").attributes["value"] == "one, two"
    links = {one.attributes["href"].removeprefix("#") for one in page.all("a") if "href" in one.attributes}
    ids = {one.attributes.get("id") for one in page.elements}
    assert {"f-name", "f-interval", "f-zone", "f-compare"} <= links & ids


async def test_a_range_without_dates_is_refused_with_a_sentence(reader: Reader, source: UUID) -> None:
    page = await reader.refused(NEW, {**REPORT, "period.preset": "", "period.first": "", "period.last": ""})
    assert page.one("p", id="f-period-error").said == "A range takes two dates, its first and its last day."


async def test_a_saved_report_says_in_words_what_it_was_put_together_from(
    reader: Reader, source: UUID
) -> None:
    form = {**REPORT, "tags.more": "spring, letters", "interval.count": "2", "interval.unit": "week"}
    there = await reader.goes(NEW, form)
    page = await reader.get(there)
    said = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert said["Tags"] == "spring, letters"
    assert said["Broken down by"] == "Every 2 weeks"
    assert said["Period"] == "Last 7 days"
    assert said["Sources"] == "Gun"
    form = await reader.get(f"{there}/edit")
    assert form.one("input", name="tags.more").attributes["value"] == "spring, letters"


async def test_a_name_that_is_taken_is_said_beside_the_name(reader: Reader, source: UUID) -> None:
    await reader.goes(NEW, REPORT)
    page = await reader.refused(NEW, REPORT)
    assert "There already is a report called Weekly" in page.one("p", id="f-name-error").said


async def test_the_builder_proposes_a_name_that_no_report_has(reader: Reader, source: UUID) -> None:
    async def proposed() -> str | None:
        page = await reader.get("/reports/new/email.engagement?example=newsletter")
        return page.one("input", name="name").attributes["value"]

    assert await proposed() == "The newsletter"
    await reader.goes(NEW, {**REPORT, "name": "The newsletter"})
    assert await proposed() == "The newsletter (2)"


async def test_a_reports_name_leads_to_its_latest_figures(reader: Reader, bilan: Bilan, source: UUID) -> None:
    async with bilan.working():
        report = await reader.goes(NEW, REPORT)
        assert await named_link(reader) == report
        run = await reader.goes(f"{report}/run")
        await finished(reader, run)
        assert await named_link(reader) == run


async def named_link(reader: Reader) -> str | None:
    page = await reader.get("/reports")
    return next(link.attributes["href"] for link in page.all("a") if link.said == "Weekly")


async def test_a_report_is_copied_and_deleted(reader: Reader, source: UUID) -> None:
    there = await reader.goes(NEW, REPORT)
    copy = await reader.goes(f"{there}/copy")
    assert (await reader.get(copy)).texts("h1") == ["Weekly (2)"]
    assert await reader.goes(f"{there}/delete") == "/reports"
    await reader.get(there, 404)


@pytest.mark.requirement("BZ-13")
async def test_htmx_gets_the_fields_alone_and_the_statistics_follow_what_is_picked(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    assert "SMS sends" in (await reader.get(NEW)).one("fieldset", id="field-statistics").said
    await post_events(bilan, source)
    response = await reader.sends(
        NEW, {**REPORT, "channels.given": "1", "channels": "email"}, hx_request="true"
    )
    page = Markup(response.text)
    assert page.all("h1") == []
    statistics = page.one("fieldset", id="field-statistics")
    assert "Unique opens" in statistics.said
    assert "SMS sends" not in statistics.said
    assert page.one("fieldset", id="field-tags").attributes["hx-target"] == "#field-statistics"
    whole = Markup((await reader.sends(NEW, {**REPORT, "then": "refresh", "tags": "spring"})).text)
    assert whole.texts("h1") == ["Engagement report"]
    assert (await bilan.services.reports.list(await operator(bilan.services))) == ()


@pytest.mark.requirement("DC-03")
async def test_whoever_may_not_see_rows_about_persons_is_told_so_on_a_page(
    reader: Reader, bilan: Bilan, source: UUID, signs_in: Enter
) -> None:
    there = await reader.goes(NEW, REPORT)
    services = bilan.services
    mia, password = await add_person(services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    await services.sources.grant(await operator(services), source, mia.id, SourceRole.EDITOR)
    browser = await signs_in("mia@example.org", password)
    page = await browser.refused(NEW, REPORT, 422)
    refusal = "This shows rows about single persons and takes the permission export_contact_data."
    assert refusal in page.one("div", id="errors").said
    await browser.get(there, 404)
    assert await browser.goes("/reports/new/email.campaign", {**REPORT, "name": "Campaigns"})


async def test_a_waiting_run_can_be_cancelled_and_says_so(reader: Reader, source: UUID) -> None:
    run = await reader.goes(NEW, {**REPORT, "then": "run"})
    page = await reader.get(run)
    assert page.texts("h2") == ["Working on it"]
    assert page.one("meta", http_equiv="refresh").attributes["content"] == "2"
    assert page.one("div", id="run").attributes["hx-trigger"] == "every 1s, told"
    assert await reader.goes(f"{run}/cancel") == run
    page = await reader.get(run)
    assert page.one("div", class_="warning").said == "This run was cancelled."
    assert page.all("meta", http_equiv="refresh") == []
    assert "hx-get" not in page.one("div", id="run").attributes
    assert await reader.goes(f"{run}/cancel") == run  # once more changes nothing, and is no error
    assert (await reader.get(run)).one("p", class_="notice").said == "This run is over already."


async def test_watching_a_run_renders_only_what_moved(reader: Reader, source: UUID) -> None:
    run = await reader.goes(NEW, {**REPORT, "then": "run"})
    watched = (await reader.get(run)).one("div", id="run").attributes["hx-get"]
    response = await reader.client.get(watched, headers={"hx-request": "true"})
    assert (response.status_code, response.text) == (204, "")
    await reader.goes(f"{run}/cancel")
    part = await reader.get(watched, hx_request="true")
    assert (part.texts("h1"), part.all("html")) == (["Weekly"], [])


@pytest.mark.requirement("BZ-06")
async def test_running_again_may_change_the_figures_and_the_old_run_keeps_its_own(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        there = await reader.goes(NEW, REPORT)
        note = "running again may change them"
        assert any(note in said for said in (await reader.get(there)).texts("p"))
        first = await finished(reader, await reader.goes(f"{there}/run"))
        assert first["Delivered"] == "2"
        body = (
            b'{"event-data": {"event": "delivered", "id": "late", "recipient": "bob@example.com",'
            b'"timestamp": %f}}' % (bilan.services.clock.now() - timedelta(days=2)).timestamp()
        )
        now = bilan.services.clock.now()
        await bilan.services.inbox.accept(source, WebhookRequest(body, {}, {}, "application/json", now))
        await appended(bilan)
        runs = (await reader.get(there)).all("a")
        old = next(one.attributes["href"] for one in runs if one.attributes["href"].startswith("/runs/"))
        second = await finished(reader, await reader.goes(f"{old}/again"))
        assert second["Delivered"] == "3"
        assert (await finished(reader, old))["Delivered"] == "2"


async def finished(reader: Reader, run: str) -> dict[str, str]:
    """The tiles of a run, once it is over."""
    for _look in range(600):
        page = await reader.get(run)
        if "hx-get" not in page.one("div", id="run").attributes:
            return dict(zip(page.texts("dt", class_="kpi-label"), page.texts("dd", class_="kpi-value"),
                            strict=True))  # fmt: skip
    raise AssertionError("the run is never over")


@pytest.mark.requirement("AD-04")
async def test_heads_of_columns_sort_by_address_whatever_the_address_says(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        run = await reader.goes("/reports/new/email.campaign", {**REPORT, "then": "run"})
        await finished(reader, run)
        for sort, names in (
            ("campaigns:campaign_name", ["autumn letter", "spring letter"]),
            ("-campaigns:campaign_name", ["spring letter", "autumn letter"]),
        ):
            page = await reader.get(f"{run}?sort={sort}")
            rows = [one.said for one in page.all("th", scope="row")]
            assert [name for row in rows for name in names if name == row] == names
            (head,) = [one for one in page.all("th") if "aria-sort" in one.attributes]
            assert head.said == "Campaign name"
            assert head.attributes["aria-sort"] == ("descending" if sort.startswith("-") else "ascending")
        for odd in (
            "",
            ":",
            "-",
            "campaigns:",
            "campaigns:nothing",
            "nothing:campaign_name",
            "x" * 500,
            "%00",
        ):
            page = await reader.get(f"{run}?sort={odd}")
            assert not [one for one in page.all("th") if "aria-sort" in one.attributes and one.said]


async def test_a_report_can_be_taken_along_and_other_formats_are_refused_on_a_page(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        run = await reader.goes(NEW, {**REPORT, "then": "run"})
        await finished(reader, run)
        file = await reader.client.get(f"{run}/files/html")
        assert re.match(r'attachment; filename=".+\.html"', file.headers["content-disposition"])
        page = await reader.get(f"{run}/files/exe", 404)
        assert page.texts("h1") == ["Not found"]


@pytest.mark.requirement("AP-14")
async def test_a_file_is_asked_for_with_options_and_what_is_wrong_stands_beside_them(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        run = await reader.goes(NEW, {**REPORT, "then": "run"})
        await finished(reader, run)
        assert f"{run}/files" in [one.attributes["href"] for one in (await reader.get(run)).all("a")]
        offered = await reader.get(f"{run}/files")
        actions = {one.attributes["action"] for one in offered.all("form", class_="card")}
        assert actions == {f"{run}/files/{one}" for one in bilan.services.registry.renderers}
        asked = {"csv.compression": "none", "csv.delimiter": "semicolon", "csv.machine.given": "1",
                 "csv.machine": "true"}  # fmt: skip
        file = await reader.sends(f"{run}/files/csv", asked)
        assert ";" in file.text.splitlines()[0]
        page = await reader.refused(f"{run}/files/csv", {"csv.delimiter": "wave"})
        assert "wave is not offered" in page.one("p", id="f-csv-delimiter-error").said
        assert "wave is not offered" in page.one("a", href="#f-csv-delimiter").said
        assert (await reader.sends(f"{run}/files/exe", {})).status_code == 404


async def test_a_run_that_nobody_named_is_called_as_its_document(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    async with bilan.working():
        await post_events(bilan, source)
        for name, title in (("Campaign report", "Campaigns"), ("Monthly", "Monthly")):
            form = {**WEEKLY, "name": name, "then": "run"}
            run = await reader.goes("/reports/new/email.campaign", form)
            await finished(reader, run)
            page = await reader.get(run)
            assert (page.texts("h1"), page.texts("title")) == ([title], [f"{title} · Bilan"])


async def test_people_without_a_role_on_a_source_know_nothing_of_its_runs(
    reader: Reader, bilan: Bilan, source: UUID, signs_in: Enter
) -> None:
    run = await reader.goes(NEW, {**REPORT, "then": "run"})
    _mia, password = await add_person(bilan.services, "mia@example.org", "Mia", WorkspaceRole.ADMIN)
    mia = await signs_in("mia@example.org", password)
    await mia.get(run, 404)
    await mia.get(f"/sources/{source}", 200)
    assert "Nothing has been run yet" in (await mia.get("/runs")).texts("h2")
    assert EMAIL in (await mia.get("/people")).texts("td")


async def test_the_history_calls_the_operator_in_the_language_of_the_page(
    reader: Reader, bilan: Bilan, source: UUID
) -> None:
    services = bilan.services
    await services.runs.start(await operator(services), "email.engagement", {"period": "last_7_days"})
    assert "operator" in (await reader.get("/runs")).texts("td")
    await reader.goes("/language", {"language": "fr", "next": "/reports"})
    assert "opérateur" in (await reader.get("/runs")).texts("td")
