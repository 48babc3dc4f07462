"""What waits for a yes on its page: every letter and file with its hash, and the answer of who is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bilan.accounts import Principal, SourceRole, WorkspaceRole
from bilan.clock import SystemClock
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import Mode
from bilan.reports.values import Draft
from bilan.runs.models import ReportRunRow
from bilan.schedules import weekly
from bilan.schedules.approval import ApprovalRule
from bilan.schedules.conclude import Conclusions
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.schedules.values import DeliveryOptions, OccurrenceState, RecordedOccurrence, ScheduleDraft
from bilan.sdk.errors import Conflict
from bilan.sdk.periods import Period
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.pages import Reader

PASSWORD = "correct horse battery"
MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 4))

pytestmark = pytest.mark.requirement("GO-20")


@pytest.fixture
async def kim(mailing: Mailing) -> Principal:
    """Reads the shop's figures, and approves what the owner sends."""
    return await mailing.person("Kim", shop=SourceRole.GUEST, lab=SourceRole.GUEST)


async def held(mailing: Mailing, kim: Principal, delivery: DeliveryOptions) -> RecordedOccurrence:
    """The owner's report of March, sent now, waits for Kim."""
    services, olga = mailing.bilan.services, mailing.owner
    saved = await services.reports.create(olga, Draft("March", "email.campaign", {}, ("csv",)))
    assert kim.person is not None
    timetable = weekly(date(2026, 3, 2), "Europe/Paris")
    draft = ScheduleDraft(
        saved.id, type(timetable)(timetable.recurrence, MARCH), approval=ApprovalRule(kim.person),
        delivery=delivery,
    )  # fmt: skip
    schedule = await services.schedules.create(olga, draft)
    sent = await services.resends.send_now(olga, schedule.id, "now")
    await work(mailing)
    return await services.occurrences.get(olga, sent.id)


@pytest.fixture
async def waiting(mailing: Mailing, kim: Principal) -> RecordedOccurrence:
    """It goes by link."""
    return await held(mailing, kim, DeliveryOptions(("csv",)))


async def work(mailing: Mailing) -> None:
    """Do every step that is due."""
    while steps := await StepRow.filter(state=State.WAITING, due_at__lte=SystemClock().now()):
        for step in steps:
            await mailing.bilan.engine.work(step.id)


async def test_who_is_asked_looks_at_all_of_it_and_says_yes_to_exactly_that(
    mailing: Mailing, waiting: RecordedOccurrence, signs_in: Any
):
    assert waiting.state is OccurrenceState.WAITING
    reader: Reader = await signs_in("kim@example.org", PASSWORD)
    where = f"/occurrences/{waiting.id}"
    page = await reader.get(where)
    assert any(said.startswith("Waits for a yes until") for said in page.texts("h2"))
    package = await mailing.bilan.services.approvals.package(mailing.owner, waiting.id)
    (file,), (letter,) = package.files, package.letters
    assert page.texts("code") == [letter.sha256, file.sha256]
    shown = await reader.get(f"{where}/letters/{letter.id}")
    assert shown.one("h1").said.startswith("March")
    html = await reader.client.get(f"{where}/letters/{letter.id}/html")
    assert "sandbox" in html.headers["content-security-policy"]
    assert (await reader.client.get(f"/files/{file.run}/{file.id}")).status_code == 200
    assert await reader.goes(f"{where}/approve", {"digest": "another"}) == where
    assert await DeliveryRow.filter(state="accepted", sending__mail__isnull=True).count() == 0
    digest = page.one("input", name="digest").attributes["value"]
    assert await reader.goes(f"{where}/approve", {"digest": digest}) == where
    await work(mailing)
    assert await DeliveryRow.filter(state="accepted", sending__mail__isnull=True).count() == 1


async def test_who_is_asked_says_yes_to_the_very_report_that_protected_links_lead_to(
    mailing: Mailing, kim: Principal, signs_in: Any
):
    waiting = await held(mailing, kim, DeliveryOptions(mode=Mode.PROTECTED))
    reader: Reader = await signs_in("kim@example.org", PASSWORD)
    where = f"/occurrences/{waiting.id}"
    page = await reader.get(where)
    approvals = mailing.bilan.services.approvals
    (letter,) = (await approvals.package(kim, waiting.id)).letters
    row = await ReportRunRow.get(job_id=waiting.run)
    assert page.texts("code") == [letter.sha256, row.document_sha256]
    links = page.texts("a", href=f"/runs/{waiting.run}")
    assert links == ["Open the report", "The report behind the protected link"]
    digest = page.one("input", name="digest").attributes["value"]
    await ReportRunRow.filter(job_id=waiting.run).update(document_sha256="0" * 64)
    with pytest.raises(Conflict, match="What is to be sent is not what you have seen"):
        await approvals.approve(kim, waiting.id, digest)


async def test_who_is_not_asked_sees_who_is_and_answers_nothing(
    mailing: Mailing, waiting: RecordedOccurrence, signs_in: Any
):
    await mailing.person("Ola", shop=SourceRole.EDITOR, lab=SourceRole.EDITOR)
    reader: Reader = await signs_in("ola@example.org", PASSWORD)
    page = await reader.get(f"/occurrences/{waiting.id}")
    assert "Kim is asked to look at all of it." in page.one("section", id="approval").said
    assert page.all("input", name="digest") == []
    answer = await reader.client.post(f"/occurrences/{waiting.id}/reject", data={"reason": "no"})
    assert answer.status_code == 403
    assert (
        await reader.client.get(f"/occurrences/{waiting.id}/letters/99999999999999999999")
    ).status_code == 404


async def test_a_no_says_why_and_nothing_waits_any_more(
    mailing: Mailing, waiting: RecordedOccurrence, signs_in: Any
):
    reader: Reader = await signs_in("kim@example.org", PASSWORD)
    where = f"/occurrences/{waiting.id}"
    assert await reader.goes(f"{where}/reject", {"reason": "A campaign is missing."}) == where
    page = await reader.get(where)
    assert "Kim did not approve it: A campaign is missing." in page.texts("p")
    assert page.all("section", id="approval") == []
    await reader.goes(f"{where}/reject", {"reason": "twice"})
    assert "Nothing of it waits for an answer." in " ".join((await reader.get(where)).texts("p"))
    assert (await reader.client.get(f"{where}/letters/1")).status_code == 409


@pytest.mark.requirement("GO-18")
async def test_what_is_split_is_looked_at_by_part_and_what_nobody_knows_of_a_part_is_resolved_on_its_page(
    mailing: Mailing, kim: Principal, signs_in: Any
):
    services, olga = mailing.bilan.services, mailing.owner
    saved = await services.reports.create(olga, Draft("March", "email.campaign", {}, ("csv",)))
    assert kim.person is not None
    timetable = weekly(date(2026, 3, 2), "Europe/Paris")
    draft = ScheduleDraft(
        saved.id, type(timetable)(timetable.recurrence, MARCH), approval=ApprovalRule(kim.person),
        delivery=DeliveryOptions(("csv",)), split=SplitRule("tags"),
        table=(
            RecipientValues("olga@example.org", ("letter",)), RecipientValues("kim@example.org", ("offer",)),
        ),
    )  # fmt: skip
    schedule = await services.schedules.create(olga, draft)
    held = (await services.resends.send_now(olga, schedule.id, "now")).id
    await work(mailing)
    reader: Reader = await signs_in("kim@example.org", PASSWORD)
    page = await reader.get(f"/occurrences/{held}")
    assert page.texts("th", scope="rowgroup") == ["letter Olga", "offer Kim"]
    package = await services.approvals.package(kim, held)
    hashes = list[str]()
    for part in package.parts.parts:
        hashes += [one.sha256 for one in (*package.letters, *package.files) if one.run == part.run]
    assert page.texts("code") == hashes
    assert len(hashes) == 4
    await reader.goes(f"/occurrences/{held}/approve", {"digest": package.digest})
    await work(mailing)

    unknown = DeliveryRow.filter(address="olga@example.org", sending__occurrence=held)
    await unknown.update(state="unknown", reason=None)
    await OccurrenceRow.filter(id=held).update(state=OccurrenceState.BEGUN)
    conclusions = Conclusions(services.catalog, SystemClock())
    await conclusions.sweep()
    assert (await services.occurrences.get(olga, held)).state is OccurrenceState.INCOMPLETE
    await mailing.person("Ola", shop=SourceRole.EDITOR, lab=SourceRole.EDITOR, role=WorkspaceRole.ADMIN)
    ola: Reader = await signs_in("ola@example.org", PASSWORD)
    page = await ola.get(f"/occurrences/{held}")
    (arrived,) = [
        one.attributes["action"]
        for one in page.all("form")
        if one.attributes.get("action", "").endswith("/arrived")
    ]
    await ola.goes(arrived)
    await conclusions.sweep()
    assert (await services.occurrences.get(olga, held)).state is OccurrenceState.SENT
