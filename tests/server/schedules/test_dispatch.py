"""What is due is built, sent once to each recipient, and ends in a row that says what became of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bilan.accounts.models import Person
from bilan.accounts.values import Principal
from bilan.delivery import DeliveryState, Mode
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import FileContent
from bilan.i18n import DateFormat, DisplayFormats, TimeFormat
from bilan.recipients import RecipientDraft
from bilan.recipients.models import RecipientRow
from bilan.reports.values import Draft
from bilan.schedules import CatchUp
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.values import (
    DeliveryOptions,
    OccurrenceState,
    Schedule,
    ScheduleDraft,
)
from bilan.sdk.channels import DeliveryStatus
from bilan.sdk.errors import Forbidden, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.work.models import JobRow, StepRow
from support.office import LEFT
from support.schedules import HTML, NINE, Agency, addresses, daily, send


async def ledger() -> dict[str, list[str]]:
    """The states of each recipient's rows, oldest first."""
    found = dict[str, list[str]]()
    for row in await DeliveryRow.all().order_by("created_at"):
        found.setdefault(row.address.partition("@")[0], []).append(row.state)
    return found


@pytest.mark.requirement("AP-17", "AP-22", "AP-28", "GO-01")
async def test_what_is_due_is_built_and_sent_to_each_recipient_once(
    agency: Agency, ada: Principal, schedule: Schedule
):
    sent = await send(agency, ada)
    assert (sent.state, sent.reason) == (OccurrenceState.SENT, None)
    assert sorted(address for address, _report in agency.post.taken) == list(addresses("ada", "bob", "eve"))
    assert await ledger() == {name: ["accepted"] for name in ("ada", "bob", "eve")}
    (_address, report) = agency.post.taken[0]
    assert (report.document.title, report.document.period) == (
        schedule.report_name, ("2026-03-09", "2026-03-09"),
    )  # fmt: skip
    assert (report.sender, [one.media_type for one in report.files]) == ("Ada", ["text/html; charset=utf-8"])
    await agency.due.tick()
    await agency.work()
    assert len(agency.post.taken) == 3


@pytest.mark.requirement("AP-29", "GO-07")
async def test_files_arrive_as_was_chosen_in_the_language_of_the_schedule(agency: Agency, ada: Principal):
    options = DeliveryOptions(("csv",), Mode.ATTACH, 3, "fr", "Voilà.")
    await agency.schedule(ada, NINE, delivery=options)
    await send(agency, ada)
    ((_address, report),) = agency.post.taken
    assert (report.attach, report.message) == (True, "Voilà.")
    assert report.render_context.formatter.language == "fr"
    assert report.links_until == report.sent_at + timedelta(days=3)


@pytest.mark.parametrize("mode", [Mode.LINK, Mode.ATTACH])
async def test_a_report_without_a_table_is_sent_without_the_file_for_tables_and_says_so(
    agency: Agency, ada: Principal, mode: Mode
):
    report = await agency.report(ada, kind="shop.sums")
    options = DeliveryOptions(("html", "csv"), mode)
    await agency.schedules.create(ada, ScheduleDraft(report.id, NINE, delivery=options))
    sent = await send(agency, ada)
    assert (sent.state, str(sent.reason)) == (
        OccurrenceState.SENT,
        "It was sent without a file for tables, since the report had no table to attach.",
    )
    ((_address, mailed),) = agency.post.taken
    assert [one.media_type for one in mailed.files] == ["text/html; charset=utf-8"]
    assert [str(one) for one in mailed.without] == ["CSV"]


async def test_a_report_with_a_table_is_sent_with_its_file_and_without_a_word(agency: Agency, ada: Principal):
    agency.sell(LEFT, "one")
    report = await agency.report(ada, kind="shop.sums")
    await agency.schedules.create(
        ada, ScheduleDraft(report.id, NINE, delivery=DeliveryOptions(("html", "csv")))
    )
    sent = await send(agency, ada)
    assert (sent.state, sent.reason) == (OccurrenceState.SENT, None)
    ((_address, mailed),) = agency.post.taken
    assert ([one.media_type for one in mailed.files][1], mailed.without) == ("application/zip", ())


@pytest.mark.requirement("AP-12", "AP-13", "DC-05")
@pytest.mark.parametrize("content", list(FileContent))
async def test_files_hold_everything_or_the_parts_that_the_report_chose(
    agency: Agency, ada: Principal, content: FileContent
):
    agency.sell(LEFT, "the-only-order")
    draft = Draft("Sales", "shop.sums", {"blocks": ["totals"]}, sources=frozenset({LEFT}))
    report = await agency.reports.create(ada, draft)
    options = DeliveryOptions(("html",), content=content)
    schedule = await agency.schedules.create(ada, ScheduleDraft(report.id, NINE, delivery=options))
    assert schedule.delivery.content is content
    await send(agency, ada)
    ((_address, mailed),) = agency.post.taken
    whole = "the-only-order" in mailed.files[0].content().decode()
    assert whole is (content is FileContent.EVERYTHING)


async def test_an_external_recipient_gets_files_of_their_own_and_the_preview_says_so(
    agency: Agency, ada: Principal
):
    people = {"zoe": ("csv",), "mia": (), "eve": None}
    for name, formats in people.items():
        added = await agency.address_book.add(ada, RecipientDraft(f"{name}@example.net", formats=formats))
        await RecipientRow.filter(id=added.id).update(confirmed_at=agency.clock.now())
    to = tuple(f"{name}@example.net" for name in people)
    schedule = await agency.schedule(ada, NINE, to=to, delivery=HTML)
    expected = (await agency.schedules.preview_saved(ada, schedule.id)).recipients
    assert {one.recipient.address: one.recipient.formats for one in expected} == {
        "zoe@example.net": ("csv",), "mia@example.net": (), "eve@example.net": None,
    }  # fmt: skip
    assert (await send(agency, ada)).state is OccurrenceState.SENT
    got = {to: [one.media_type.partition(";")[0] for one in mailed.files] for to, mailed in agency.post.taken}
    assert got == {
        "zoe@example.net": ["application/zip"], "mia@example.net": [], "eve@example.net": ["text/html"],
    }  # fmt: skip


@pytest.mark.requirement("AP-31", "AP-42")
async def test_days_and_times_are_written_as_was_chosen_in_the_e_mail_and_in_its_files(
    agency: Agency, ada: Principal
):
    display = DisplayFormats(DateFormat.ISO, TimeFormat.HOURS_24)
    schedule = await agency.schedule(ada, NINE, delivery=DeliveryOptions(("html",), display=display))
    assert (await agency.schedules.get(ada, schedule.id)).delivery.display == display
    await send(agency, ada)
    ((_address, report),) = agency.post.taken
    written = report.render_context.formatter
    assert written.value(report.document.as_of, "instant").startswith("2026-03-10, 14:00")
    content = report.files[0].content().decode()
    assert "2026-03-09" in content
    assert "Mar 9, 2026" not in content


@pytest.mark.requirement("AP-19")
async def test_whoever_creates_a_schedule_receives_it_unless_others_are_named(agency: Agency, ada: Principal):
    schedule = await agency.schedule(ada, NINE)
    assert [(one.id, one.address) for one in schedule.recipients] == [(ada.person, "ada@example.org")]
    # The files are those of the report.
    assert schedule.delivery == DeliveryOptions(("html",))
    assert (await send(agency, ada)).state is OccurrenceState.SENT
    assert [address for address, _report in agency.post.taken] == ["ada@example.org"]


@pytest.mark.requirement("AP-20")
async def test_a_schedule_goes_to_somebody(agency: Agency, ada: Principal):
    with pytest.raises(Invalid, match="Choose at least one recipient"):
        await agency.schedule(ada, NINE, to=())


@pytest.mark.requirement("AP-23", "DC-02")
async def test_a_member_chooses_themselves_alone(agency: Agency, ada: Principal, schedule: Schedule):
    kim = await agency.person("Kim", {LEFT: "editor"})
    with pytest.raises(Forbidden, match="Sending a report to somebody else takes one of these roles"):
        await agency.schedule(kim, NINE, to=addresses("kim", "ada"))
    own = await agency.schedule(kim, NINE, to=addresses("kim"))
    # Nor does anybody choose others for them: it would be sent with their rights.
    draft = ScheduleDraft(own.report, own.timetable, addresses("kim", "ada"))
    with pytest.raises(Invalid, match="it goes to Kim, or somebody who may send reports to others"):
        await agency.schedules.edit(ada, own.id, draft, version=1)
    with pytest.raises(Invalid, match="it goes to Kim, or somebody who may send reports to others"):
        await agency.schedules.take_over(kim, schedule.id)


async def test_a_member_may_change_the_days_of_what_goes_to_others(
    agency: Agency, ada: Principal, schedule: Schedule
):
    kim = await agency.person("Kim", {LEFT: "editor"})
    later = ScheduleDraft(schedule.report, daily(date(2026, 3, 10), time(15)))
    changed = await agency.schedules.edit(kim, schedule.id, later, version=1)
    assert (changed.recipients, changed.delivery) == (schedule.recipients, HTML)


async def test_whoever_has_left_or_changed_address_is_written_to_as_they_are_now(
    agency: Agency, ada: Principal, schedule: Schedule
):
    await Person.filter(name="Bob").update(email="robert@example.org")
    await Person.filter(name="Eve").update(active=False)
    sent = await send(agency, ada)
    assert await ledger() == {"ada": ["accepted"], "robert": ["accepted"], "eve": ["refused"]}
    assert (sent.state, str(sent.reason)) == (
        OccurrenceState.INCOMPLETE, "Of 3 recipients one did not get it, as far as is known.",
    )  # fmt: skip


async def test_one_refused_recipient_keeps_nothing_from_the_others(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.post.answers = {"bob@example.org": DeliveryStatus.REFUSED}
    sent = await send(agency, ada)
    assert await ledger() == {"ada": ["accepted"], "bob": ["refused"], "eve": ["accepted"]}
    assert sent.state is OccurrenceState.INCOMPLETE


async def test_what_nobody_gets_has_failed_with_the_reason(agency: Agency, ada: Principal):
    await agency.schedule(ada, NINE)
    agency.post.answers = {"ada@example.org": DeliveryStatus.REFUSED}
    failed = await send(agency, ada)
    assert (failed.state, str(failed.reason)) == (
        OccurrenceState.FAILED, "The receiving server refused this: 550 no",
    )  # fmt: skip


async def test_what_may_have_arrived_is_never_sent_again_and_said(agency: Agency, ada: Principal):
    await agency.schedule(ada, NINE)
    agency.post.answers = {"ada@example.org": DeliveryStatus.UNKNOWN}
    unknown = await send(agency, ada)
    assert unknown.state is OccurrenceState.INCOMPLETE
    assert await ledger() == {"ada": ["unknown"]}
    # A person says that it arrived, and so the occurrence does.
    agency.clock.move(timedelta(seconds=1))
    row = await DeliveryRow.get()
    assert await agency.ledger.resolve(row.id, DeliveryState.ARRIVED, Message("It is there."))
    await agency.work()
    assert (await agency.told(ada))[0].state is OccurrenceState.SENT


async def test_what_comes_back_later_makes_an_occurrence_incomplete_that_had_been_sent(
    agency: Agency, ada: Principal, schedule: Schedule
):
    sent = await send(agency, ada)
    assert sent.state is OccurrenceState.SENT
    agency.clock.move(timedelta(hours=1))
    row = await DeliveryRow.get(address="bob@example.org")
    for _time in range(2):
        await agency.ledger.report(row.id, DeliveryState.BOUNCED, "5.1.1 gone", Message("It came back."))
        await agency.work()
    told, *_others = await agency.told(ada)
    assert (told.state, str(told.reason)) == (
        OccurrenceState.INCOMPLETE, "Of 3 recipients one did not get it, as far as is known.",
    )  # fmt: skip
    assert await ledger() == {"ada": ["accepted"], "bob": ["bounced"], "eve": ["accepted"]}


async def test_a_report_that_cannot_be_built_has_failed_with_its_reason_and_nobody_hears_of_it(
    agency: Agency, ada: Principal, schedule: Schedule
):
    async def fail(_context: Any) -> None:
        raise Unavailable(Message("The warehouse is away."))

    agency.handlers["build"] = fail
    failed = await send(agency, ada)
    assert (failed.state, str(failed.reason)) == (OccurrenceState.FAILED, "The warehouse is away.")
    assert (agency.post.taken, await SendingRow.all().count()) == ([], 0)


@pytest.mark.requirement("AP-36", "DC-06")
async def test_deleting_a_schedule_cancels_what_was_not_handed_over(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    for step in await StepRow.filter(name__in=("build", "dispatch")).order_by("position"):
        await agency.engine.work(step.id)
    assert await ledger() == {name: ["planned"] for name in ("ada", "bob", "eve")}
    await agency.schedules.delete(ada, schedule.id)
    await agency.work()
    (cancelled,) = await agency.told(ada)
    assert (cancelled.state, str(cancelled.reason)) == (
        OccurrenceState.CANCELLED, "The schedule was deleted before this was sent.",
    )  # fmt: skip
    assert (await ledger(), agency.post.taken) == (
        {name: ["cancelled"] for name in ("ada", "bob", "eve")}, [],
    )  # fmt: skip


async def test_a_worker_that_comes_again_sends_nothing_again(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    build, dispatch = await StepRow.all().order_by("position")
    await agency.engine.work(build.id)
    # Its lease runs out before it settles: another does the same, and one of the two is heard.
    await asyncio.gather(*(agency.engine.work(dispatch.id) for _worker in range(3)))
    await agency.work()
    assert await SendingRow.all().count() == 1
    assert len(agency.post.taken) == 3
    assert await JobRow.all().count() == 2


async def test_an_occurrence_whose_owner_left_while_it_was_built_acts_for_nobody(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    await agency.engine.work((await StepRow.get(name="build")).id)
    kim = await agency.person("Kim", {LEFT: "guest"})
    await Person.filter(id=ada.person).update(active=False)
    await agency.work()
    failed = (await agency.told(kim))[0]
    assert (failed.state, str(failed.reason)) == (
        OccurrenceState.FAILED, "Its owner no longer has access; somebody else has to take it over.",
    )  # fmt: skip
    assert agency.post.taken == []


async def test_what_is_expected_and_what_became_of_it_is_told_with_the_report(
    agency: Agency, ada: Principal, schedule: Schedule
):
    await send(agency, ada)
    since = datetime(2026, 3, 10, tzinfo=UTC)
    told = await agency.occurrences.expected(ada, since, since + timedelta(days=2))
    assert [(one.report_name, one.state) for one in told] == [
        (schedule.report_name, OccurrenceState.SENT), (schedule.report_name, OccurrenceState.PLANNED),
    ]  # fmt: skip


@pytest.mark.requirement("GO-19")
async def test_what_its_condition_keeps_back_is_sent_to_nobody_and_told_with_the_reason(
    agency: Agency, ada: Principal
):
    changed = SendCondition(SendConditionKind.CHANGED)
    schedule = await agency.schedule(ada, NINE, CatchUp.ALL, condition=changed)
    for day in (10, 11):
        agency.set_clock(2026, 3, day, 13)
        await agency.due.tick()
        await agency.work()
    sent, withheld, _planned = await agency.told(ada)
    assert (sent.state, withheld.state) == (OccurrenceState.SENT, OccurrenceState.WITHHELD)
    assert str(withheld.reason) == "Nothing has changed since the last copy."
    assert (len(agency.post.taken), await SendingRow.all().count()) == (1, 1)
    # Whoever wants it now gets it all the same.
    await agency.resends.send_now(ada, schedule.id, "now")
    await agency.work()
    assert len(agency.post.taken) == 2


async def test_a_condition_about_a_figure_that_is_gone_fails_and_says_so(agency: Agency, ada: Principal):
    await agency.schedule(ada, NINE, condition=SendCondition(SendConditionKind.ABOVE, "visits", 5))
    failed = await send(agency, ada)
    assert (failed.state, agency.post.taken) == (OccurrenceState.FAILED, [])
    assert str(failed.reason).startswith("The report has no figure visits (any more)")


async def test_a_condition_is_about_a_figure_that_the_report_had_when_it_was_last_built(
    agency: Agency, ada: Principal, schedule: Schedule
):
    await send(agency, ada)
    figures = await agency.schedules.figures(ada, schedule.report)
    assert {key: one.value for key, one in figures.items()} == {"ordered": 0}
    wrong = ScheduleDraft(
        schedule.report, NINE, condition=SendCondition(SendConditionKind.BELOW, "visits", 5)
    )
    with pytest.raises(Invalid, match="The report has no figure visits; choose from ordered"):
        await agency.schedules.create(ada, wrong)
