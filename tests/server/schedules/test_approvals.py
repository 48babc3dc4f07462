"""An occurrence waits for a yes of somebody who sees exactly what will leave, or for the end of its time."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

import pytest
from tortoise.expressions import F

from bilan.accounts.models import SourceGrant
from bilan.accounts.values import Principal
from bilan.delivery import Confirmations, DeliveryState, OwnLinks, PlainMails
from bilan.delivery.models import DeliveryRow, LetterRow, SendingRow
from bilan.recipients import RecipientDraft
from bilan.runs.models import ReportRunRow
from bilan.schedules.approval import ApprovalRule, Unanswered
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, ScheduleDraft
from bilan.sdk.errors import Conflict, Forbidden, Invalid, NotFound
from bilan.work import NewStep, State
from bilan.work.models import StepRow
from support.office import LEFT
from support.schedules import HTML, NINE, Agency, addresses, send

pytestmark = pytest.mark.requirement("GO-20")


@pytest.fixture
async def kim(agency: Agency) -> Principal:
    """Reads the left till, and approves."""
    return await agency.person("Kim", {LEFT: "guest"})


async def waiting(
    agency: Agency, ada: Principal, kim: Principal, unanswered: Unanswered = Unanswered.WITHHOLD
) -> RecordedOccurrence:
    """What goes to Ada and Bob, and waits for Kim until two o'clock."""
    await agency.person("Bob", {})
    assert kim.person is not None
    rule = ApprovalRule(kim.person, hours=1, unanswered=unanswered)
    await agency.schedule(ada, NINE, to=addresses("ada", "bob"), delivery=HTML, approval=rule)
    return await send(agency, ada)


async def rule(
    agency: Agency, ada: Principal, held: RecordedOccurrence, approval: ApprovalRule | None
) -> None:
    """Have its schedule ask somebody else, or nobody."""
    known = await agency.schedules.get(ada, held.schedule)
    draft = ScheduleDraft(known.report, known.timetable, delivery=known.delivery, approval=approval)
    await agency.schedules.edit(ada, known.id, draft, version=known.version)


async def later(agency: Agency, minutes: int) -> None:
    agency.clock.move(timedelta(minutes=minutes))
    await agency.work()


async def test_what_waits_is_seen_by_its_hashes_and_leaves_as_it_was_seen_after_a_yes(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    assert (held.state, held.recipients, held.reached) == (OccurrenceState.WAITING, 2, 0)
    assert held.approval_until == agency.clock.now() + timedelta(hours=1)
    assert agency.post.taken == []
    ((asked, mail),) = agency.post.mails
    assert (asked, mail.letter.paragraphs[-1]) == (
        "kim@example.org", "Without an answer it is sent to nobody.",
    )  # fmt: skip
    package = await agency.approvals.package(kim, held.id)
    assert (package.mine, [one.to for one in package.letters]) == (True, [("Ada", "Bob")])
    assert not (await agency.approvals.package(ada, held.id)).mine
    # Whatever changes until then, what was seen leaves.
    await agency.branding.set_colour(ada, "#aa0000")
    approved = await agency.approvals.approve(kim, held.id, package.digest)
    assert (approved.state, approved.decided_by_name) == (OccurrenceState.BEGUN, "Kim")
    await agency.work()
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.SENT
    (seen,) = package.files
    received = {hashlib.sha256(report.files[0].content()).hexdigest() for _to, report in agency.post.taken}
    assert (received, len(agency.post.taken)) == ({seen.sha256}, 2)


async def test_workers_that_are_killed_now_and_then_while_it_waits_do_not_end_it(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    look = await StepRow.get(name="approve")
    for _worker in range(5):
        killed = {"state": State.RUNNING, "holder": "a worker that is gone", "attempt": F("attempt") + 1}
        await StepRow.filter(id=look.id).update(**killed, lease_until=agency.clock.now())
        agency.clock.move(timedelta(minutes=10))
        await agency.engine.work(look.id)
        await agency.conclusions.sweep()
        assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.WAITING
    package = await agency.approvals.package(kim, held.id)
    await agency.approvals.approve(kim, held.id, package.digest)
    await agency.work()
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.SENT


@pytest.mark.requirement("GO-05")
@pytest.mark.parametrize("unanswered", list(Unanswered))
async def test_links_last_from_when_it_was_approved_and_the_letter_that_was_seen_names_no_date(
    agency: Agency, ada: Principal, kim: Principal, unanswered: Unanswered
):
    held = await waiting(agency, ada, kim, unanswered)
    (letter,) = (await agency.approvals.package(kim, held.id)).letters
    await later(agency, 59)
    if unanswered is Unanswered.WITHHOLD:
        package = await agency.approvals.package(kim, held.id)
        await agency.approvals.approve(kim, held.id, package.digest)
    await later(agency, 1)
    (until,) = {row.links_until for row in await DeliveryRow.filter(sending__occurrence=held.id)}
    assert until == agency.clock.now() + timedelta(days=7)
    run = await ReportRunRow.get(job_id=held.run)
    assert run.hold_until == until
    (_address, mailed), _other = agency.post.taken
    assert (mailed.links_until, mailed.links_days) == (None, 7)
    (left,) = await LetterRow.filter(sending__occurrence=held.id)
    assert left.sha256 == letter.sha256


async def test_whoever_confirms_their_address_after_the_yes_gets_the_letter_that_was_approved(
    agency: Agency, ada: Principal, kim: Principal
):
    await agency.address_book.add(ada, RecipientDraft("zoe@example.net"))
    assert kim.person is not None
    rule = ApprovalRule(kim.person, hours=1, unanswered=Unanswered.WITHHOLD)
    await agency.schedule(ada, NINE, to=("zoe@example.net",), delivery=HTML, approval=rule)
    held = await send(agency, ada)
    package = await agency.approvals.package(kim, held.id)
    await agency.approvals.approve(kim, held.id, package.digest)
    await agency.work()
    row = await DeliveryRow.get(sending__occurrence=held.id).select_related("sending")
    assert row.state == DeliveryState.WITHHELD
    own_links = OwnLinks(b"key", "https://bilan.example.org")
    mails = PlainMails(agency.catalog, agency.jobs, agency.clock)
    confirmations = Confirmations(agency.catalog, agency.clock, agency.jobs, agency.ledger, mails, own_links)
    agency.clock.move(timedelta(days=3))
    await confirmations.confirm(own_links.url("confirm", row.id).rpartition("/")[2])
    await agency.work()
    (left,) = await LetterRow.filter(sending__occurrence=held.id)
    assert [left.sha256] == [one.sha256 for one in package.letters]
    await row.refresh_from_db()
    assert (row.state, row.links_until) == ("accepted", agency.clock.now() + timedelta(days=7))


async def test_what_is_not_approved_is_sent_to_nobody_for_the_reason_given(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    rejected = await agency.approvals.reject(kim, held.id, "  The campaign is\nmissing. ")
    assert (rejected.state, str(rejected.reason)) == (
        OccurrenceState.WITHHELD, "Kim did not approve it: The campaign is missing.",
    )  # fmt: skip
    await later(agency, 61)
    assert (agency.post.taken, await DeliveryRow.filter(state="cancelled").count()) == ([], 2)
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.WITHHELD
    with pytest.raises(Conflict, match="Nothing of it waits for an answer"):
        await agency.approvals.reject(kim, held.id)


@pytest.mark.parametrize(
    ("unanswered", "state", "sent"),
    [(Unanswered.WITHHOLD, OccurrenceState.WITHHELD, 0), (Unanswered.SEND, OccurrenceState.SENT, 2)],
)
async def test_without_an_answer_the_rule_decides_once_the_time_is_over(
    agency: Agency, ada: Principal, kim: Principal, unanswered: Unanswered, state: OccurrenceState, sent: int
):
    held = await waiting(agency, ada, kim, unanswered)
    await later(agency, 59)
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.WAITING
    await later(agency, 2)
    over = await agency.occurrences.get(ada, held.id)
    assert (over.state, len(agency.post.taken)) == (state, sent)
    assert str(over.reason) == ("None" if sent else "Nobody approved it in time.")


async def test_only_who_is_asked_answers_and_only_to_what_they_have_seen(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    digest = (await agency.approvals.package(kim, held.id)).digest
    for answer in (agency.approvals.approve(ada, held.id, digest), agency.approvals.reject(ada, held.id)):
        with pytest.raises(Forbidden, match="Only who is asked to approve it may answer"):
            await answer
    with pytest.raises(Conflict, match="What is to be sent is not what you have seen"):
        await agency.approvals.approve(kim, held.id, "another")
    answers = [agency.approvals.approve(kim, held.id, digest) for _click in range(2)]
    told = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Conflict", "RecordedOccurrence"]
    await agency.work()
    assert len(agency.post.taken) == 2


async def test_a_confirmation_in_the_meantime_releases_nothing_that_waits_for_a_yes(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    # As if a step had been added for a recipient who has just confirmed their address.
    sending, delivery = await SendingRow.get(occurrence=held.id), await DeliveryRow.get(name="Bob")
    await agency.jobs.add(sending.job, NewStep("deliver:email", {"delivery": str(delivery.id)}))
    await agency.work()
    assert agency.post.taken == []
    await agency.approvals.approve(kim, held.id, (await agency.approvals.package(kim, held.id)).digest)
    await agency.work()
    await later(agency, 1)
    assert len(agency.post.taken) == 2


async def test_who_may_not_see_the_report_cannot_be_asked(agency: Agency, ada: Principal, kim: Principal):
    report = await agency.report(ada)
    stranger = await agency.person("Eve", {})
    assert stranger.person is not None
    draft = ScheduleDraft(report.id, NINE, approval=ApprovalRule(stranger.person))
    with pytest.raises(Invalid, match="Whoever approves has to be able to see the report"):
        await agency.schedules.create(ada, draft)
    with pytest.raises(Invalid, match="An answer is waited for from 1 to 720 hours"):
        ApprovalRule(stranger.person, hours=721)


async def test_what_nobody_may_approve_any_more_is_withheld(agency: Agency, ada: Principal, kim: Principal):
    assert kim.person is not None
    await agency.schedule(ada, NINE, approval=ApprovalRule(kim.person))
    await SourceGrant.filter(person_id=kim.person).delete()
    withheld = await send(agency, ada)
    assert (withheld.state, str(withheld.reason)) == (
        OccurrenceState.WITHHELD, "There is nobody (any more) who may approve it.",
    )  # fmt: skip
    assert (agency.post.taken, agency.post.mails) == ([], [])


async def test_deleting_the_schedule_ends_what_waits(agency: Agency, ada: Principal, kim: Principal):
    held = await waiting(agency, ada, kim)
    await agency.schedules.delete(ada, held.schedule)
    await agency.work()
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.CANCELLED
    assert agency.post.taken == []


async def test_what_was_stopped_before_a_yes_needs_one_when_it_is_sent_again(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    await agency.jobs.cancel((await SendingRow.get(occurrence=held.id)).job)
    await agency.work()
    assert (await agency.occurrences.get(ada, held.id)).state is OccurrenceState.CANCELLED
    await agency.resends.resend_failed(ada, held.id, "again")
    await agency.work()
    again = await agency.occurrences.get(ada, held.id)
    assert (again.state, agency.post.taken) == (OccurrenceState.WAITING, [])
    package = await agency.approvals.package(kim, held.id)
    await agency.approvals.approve(kim, held.id, package.digest)
    await agency.work()
    assert len(agency.post.taken) == 2


async def test_a_letter_is_looked_at_before_it_leaves(agency: Agency, ada: Principal, kim: Principal):
    held = await waiting(agency, ada, kim)
    (letter,) = (await agency.approvals.package(kim, held.id)).letters
    seen = await agency.approvals.letter(kim, held.id, letter.id)
    assert "Takings" in seen.text
    with pytest.raises(NotFound, match="There is no such letter"):
        await agency.approvals.letter(kim, held.id, letter.id + 1)


async def test_who_is_to_approve_instead_is_written_to_and_answers(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    lee = await agency.person("Lee", {LEFT: "guest"})
    assert lee.person is not None
    await rule(agency, ada, held, ApprovalRule(lee.person, hours=1))
    await later(agency, 1)
    await later(agency, 1)
    assert [to for to, _mail in agency.post.mails] == ["kim@example.org", "lee@example.org"]
    package = await agency.approvals.package(lee, held.id)
    assert package.until == held.approval_until
    with pytest.raises(Forbidden):
        await agency.approvals.approve(kim, held.id, package.digest)
    await agency.approvals.approve(lee, held.id, package.digest)
    await agency.work()
    assert len(agency.post.taken) == 2


async def test_what_waits_leaves_once_nobody_is_asked_for_a_yes_any_more(
    agency: Agency, ada: Principal, kim: Principal
):
    held = await waiting(agency, ada, kim)
    await rule(agency, ada, held, None)
    await later(agency, 1)
    sent = await agency.occurrences.get(ada, held.id)
    assert (sent.state, sent.reached, len(agency.post.taken)) == (OccurrenceState.SENT, 2, 2)


@pytest.mark.parametrize("answered", [True, False])
async def test_the_owner_hears_of_what_nobody_said_yes_to(
    agency: Agency, ada: Principal, kim: Principal, answered: bool
):
    held = await waiting(agency, ada, kim)
    agency.post.mails.clear()
    if answered:
        await agency.approvals.reject(kim, held.id, "The wrong till")
    else:
        await later(agency, 61)
    for _sweep in range(2):
        await agency.notices.sweep()
        await agency.work()
    ((to, mail),) = agency.post.mails
    assert (to, mail.letter.subject) == ("ada@example.org", f"{held.report_name} was not sent")
    assert mail.letter.paragraphs[1:] == (
        "Kim did not approve it: The wrong till" if answered else "Nobody approved it in time.",
        "To have it sent all the same, open its schedule and send it now.",
    )


async def test_who_said_no_to_their_own_report_is_not_told(agency: Agency, ada: Principal):
    held = await waiting(agency, ada, ada)
    agency.post.mails.clear()
    await agency.approvals.reject(ada, held.id)
    assert await agency.notices.sweep() == 1
    await agency.work()
    assert agency.post.mails == []
