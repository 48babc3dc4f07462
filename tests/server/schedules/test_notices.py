"""The owner of a schedule hears of what failed, once each time, and its recipients never do."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest

from bilan.accounts.models import Person, SourceGrant
from bilan.accounts.values import Principal
from bilan.delivery.models import DeliveryRow
from bilan.recipients.models import UnsubscriptionRow
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.values import OccurrenceState, Schedule
from bilan.sdk.channels import DeliveryStatus
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import Message
from support.office import LEFT
from support.schedules import NINE, Agency, daily, send

BOB = "bob@example.org"
REST = "The others have it. It can be sent to the rest, with the same files, on the page behind this button."


async def told(agency: Agency) -> list[tuple[str, str, tuple[str, ...]]]:
    """The notices that arrived: to whom, subject, what they say."""
    await agency.notices.sweep()
    await agency.work()
    return [(to, mail.letter.subject, mail.letter.paragraphs) for to, mail in agency.post.mails]


async def test_the_owner_alone_hears_who_did_not_get_it_and_why(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.post.answers = {BOB: DeliveryStatus.REFUSED, "eve@example.org": DeliveryStatus.UNKNOWN}
    failed = await send(agency, ada)
    assert await told(agency) == [
        (
            "ada@example.org",
            f"{schedule.report_name} was not sent to everybody",
            (
                "What was due on Mar 10, 2026, 2:00\u202fPM CET did not reach everybody, as far as is known.",
                "Bob: The receiving server refused this: 550 no",
                "Eve: nobody knows whether it arrived.",
                REST,
            ),
        )
    ]
    ((_to, mail),) = agency.post.mails
    button = mail.letter.button
    assert button == ("Look at it", f"https://bilan.example.org/occurrences/{failed.id}")
    assert len(await told(agency)) == 1


async def test_of_what_could_not_be_built_the_owner_hears_the_reason_in_their_language(
    agency: Agency, ada: Principal, schedule: Schedule
):
    async def fail(_context: Any) -> None:
        raise Unavailable(Message("The warehouse is away."))

    agency.handlers["build"] = fail
    await Person.filter(id=ada.person).update(language="fr")
    await send(agency, ada)
    ((to, subject, said),) = await told(agency)
    assert (to, subject) == ("ada@example.org", f"{schedule.report_name} n’a pas été envoyé")
    assert said[1] == "The warehouse is away."
    assert agency.post.taken == []


async def test_what_fails_again_is_told_again(agency: Agency, ada: Principal, schedule: Schedule):
    agency.post.answers = {BOB: DeliveryStatus.REFUSED}
    failed = await send(agency, ada)
    assert len(await told(agency)) == 1
    agency.clock.move(timedelta(minutes=5))
    await agency.resends.resend_failed(ada, failed.id, "again")
    await agency.work()
    assert len(await told(agency)) == 2
    agency.post.answers = {}
    agency.clock.move(timedelta(minutes=5))
    await agency.resends.resend_failed(ada, failed.id, "and again")
    await agency.work()
    assert len(await told(agency)) == 2


async def test_many_processes_write_once(agency: Agency, ada: Principal, schedule: Schedule):
    agency.post.answers = {BOB: DeliveryStatus.REFUSED}
    await send(agency, ada)
    await asyncio.gather(*(agency.notices.sweep() for _process in range(3)))
    assert len(await told(agency)) == 1


async def test_nobody_hears_of_what_they_deleted_or_of_what_was_left_out(agency: Agency, ada: Principal):
    late = await agency.schedule(ada, daily(date(2026, 3, 11)))
    deleted = await agency.schedule(ada, NINE)
    agency.post.answers = {"ada@example.org": DeliveryStatus.REFUSED}
    assert (await send(agency, ada)).state is OccurrenceState.FAILED
    await agency.schedules.delete(ada, deleted.id)
    agency.post.answers = {}
    agency.set_clock(2026, 3, 13, 12)
    await agency.due.tick()
    await agency.work()
    states = [one.state for one in await agency.told(ada, late.id)]
    assert states[:2] == [OccurrenceState.LEFT_OUT] * 2
    assert await told(agency) == []


async def test_nobody_is_written_to_for_a_schedule_without_an_owner(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.post.answers = {BOB: DeliveryStatus.REFUSED}
    await send(agency, ada)
    await Person.filter(id=ada.person).update(active=False)
    await agency.person("Kim", {LEFT: "admin"})
    assert await told(agency) == []


async def test_of_what_could_not_begin_the_owner_hears_where_it_can_be_sent(
    agency: Agency, ada: Principal, schedule: Schedule
):
    await SourceGrant.filter(person_id=ada.person).delete()
    await send(agency, ada)
    ((_to, _subject, said),) = await told(agency)
    assert said[-1] == "To have it sent all the same, open its schedule and send it now."


async def test_of_what_nobody_said_yes_to_before_an_upgrade_nobody_is_written_to_after_it(
    agency: Agency, ada: Principal, schedule: Schedule
):
    settled = await send(agency, ada)
    over = {"state": OccurrenceState.WITHHELD, "approval_until": agency.clock.now()}
    await OccurrenceRow.filter(id=settled.id).update(**over)
    migration = import_module("bilan.migrations.0028_delivered_shares")
    await agency.catalog.connection.execute_query(migration.TOLD_ALREADY)
    row = await OccurrenceRow.get(id=settled.id)
    assert row.notified_at == row.settled_at
    assert await told(agency) == []


@pytest.mark.parametrize("of_all", [True, False], ids=["of everything", "of this schedule"])
async def test_who_wants_no_more_is_listed_and_the_owner_is_written_to_for_others_alone(
    agency: Agency, ada: Principal, schedule: Schedule, of_all: bool
):
    bob = next(one.id for one in schedule.recipients if one.address == BOB)
    scope = ada.workspace if of_all else schedule.id
    await UnsubscriptionRow.create(
        workspace_id=ada.workspace, recipient=bob, scope=scope, at=agency.clock.now()
    )
    failed = await send(agency, ada)
    row = await DeliveryRow.get(sending__occurrence=failed.id, recipient=bob)
    wants = "wants no more e-mails." if of_all else "wants no more of this report."
    assert (failed.state, str(row.reason)) == (OccurrenceState.INCOMPLETE, f"{BOB} {wants}")
    assert await told(agency) == []
    agency.clock.move(timedelta(minutes=5))
    bounced = {"state": "bounced", "settled_at": agency.clock.now()}
    await DeliveryRow.filter(address="eve@example.org").update(**bounced)
    await agency.conclusions.sweep()
    ((_to, _subject, said),) = await told(agency)
    assert said[1:3] == (f"Bob: {row.reason}", "Eve: It was not sent.")
