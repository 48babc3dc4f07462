"""Schedules send while schedulers and workers are killed, and every mailbox holds what its schedules say."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from benchmarks.chaos.audit import look_for_duplicates, look_for_words
from benchmarks.chaos.findings import Audit, Delivered, Wrong
from benchmarks.chaos.mail_server import Mailboxes
from benchmarks.chaos.population import Expected, Fate, Planned
from benchmarks.chaos.reading import KeptPart, Reading
from benchmarks.chaos.run import Outcome, Plan, chaos
from benchmarks.chaos.table import markdown

from bilan.delivery import Mode
from bilan.schedules.values import OccurrenceState
from support.long import times

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.usefixtures("rabbitmq_url")
@pytest.mark.requirement("GO-01", "GO-02", "GO-08", "GO-12", "GO-18")
def test_whatever_is_killed_nothing_is_sent_twice_and_nothing_is_lost(
    request: pytest.FixtureRequest, clickhouse_url: str, tmp_path: Path, chance: random.Random
) -> None:
    database = request.getfixturevalue("_migrated_postgres")
    plan = Plan(times(60, 5), chance.randrange(1_000_000), harm_every=1)
    outcome = chaos(plan, tmp_path, database=database, warehouse=clickhouse_url)
    assert outcome.audit.wrong == {one: {} for one in Wrong}, markdown(outcome)
    assert outcome.audit.deliveries["accepted"] > plan.deliveries / 2, markdown(outcome)
    assert outcome.audit.posted > 0
    assert outcome.audit.parts > 0
    assert outcome.faults["worker killed"] + outcome.faults["scheduler killed"] > 0


@pytest.fixture
def mailboxes(tmp_path: Path) -> Mailboxes:
    """A mail server that has taken nothing yet."""
    return Mailboxes(tmp_path, random.Random(1))


def row(ident: str, state: str, address: str = ANN) -> Delivered:
    """A row of the ledger."""
    return Delivered(ident, address, state, "occurrence", "run", frozenset())


def mail(ident: str, subject: str = "Takings") -> bytes:
    """A message."""
    return f"Message-ID: <{ident}@bilan>\r\nSubject: {subject}\r\n\r\n".encode()


@pytest.mark.parametrize(("state", "duplicates"), [("accepted", 1), ("refused", 1), ("unknown", 0)])
def test_a_message_that_is_there_twice_is_a_duplicate_unless_its_row_is_unknown(
    mailboxes: Mailboxes, state: str, duplicates: int
) -> None:
    for _time in range(2):
        mailboxes.keep(ANN, mail("one"), answered=False)
    audit = Audit()
    look_for_duplicates(audit, [row("one", state)], mailboxes)
    assert len(audit.wrong[Wrong.DUPLICATE]) == duplicates


def test_two_messages_about_one_thing_are_duplicates_whatever_their_rows_say(mailboxes: Mailboxes) -> None:
    for ident, address in (("one", ANN), ("two", ANN), ("three", BOB)):
        mailboxes.keep(address, mail(ident), answered=True)
    audit = Audit()
    look_for_duplicates(audit, [row("one", "unknown"), row("two", "accepted")], mailboxes)
    assert list(audit.wrong[Wrong.DUPLICATE]) == [f"{ANN} Takings"]


@pytest.mark.parametrize(("answered", "address", "wrong"), [(True, ANN, 0), (False, ANN, 1), (True, BOB, 1)])
def test_a_row_says_accepted_where_the_server_answered_for_this_message_to_this_mailbox(
    mailboxes: Mailboxes, answered: bool, address: str, wrong: int
) -> None:
    mailboxes.keep(address, mail("one"), answered=answered)
    audit = Audit()
    look_for_words(audit, [row("one", "accepted")], mailboxes)
    assert len(audit.wrong[Wrong.NO_WORD]) == wrong


FRANCE, JAPAN, BRAZIL = (f"http://hooks.example.org/#{number}" for number in range(3))
SHARES = {FRANCE: ("fr",), JAPAN: ("jp",), BRAZIL: ("br",)}
DAY = date(2026, 6, 1)


def post(figure: int) -> bytes:
    """A post of a part."""
    day = DAY.isoformat()
    report = {"title": "Takings 1", "period": {"first": day, "last": day}}
    return json.dumps({"report": report, "figures": [{"value": figure}], "files": []}).encode()


async def held(mailboxes: Mailboxes, figures: Mapping[str, int], whole: int = 60) -> Audit:
    """What is found where each webhook was posted so much, of 10, 20 and 30 orders that were theirs."""
    for address, figure in figures.items():
        mailboxes.keep(address, post(figure), answered=True, posted=address)
    to_come = dict(zip(SHARES, (10, 20, 30), strict=True))
    expected = Expected(DAY, DAY, whole, Fate.SENT, to_come)
    schedule = Planned(UUID(int=1), "Takings 1", tuple(SHARES), (), Mode.LINK, (expected,), parts=SHARES)
    parts = [KeptPart(share, f"run of {share}", OccurrenceState.SENT) for share in SHARES.values()]
    sent = [
        Delivered(one, one, "accepted", "occurrence", f"run of {share}", frozenset())
        for one, share in SHARES.items()
    ]
    audit = Audit()
    # Neither links nor words of any language are in what is posted here.
    reading = Reading(audit, mailboxes, cast(Any, None), cast(Any, None), {"occurrence": parts})
    await reading.compare(schedule, expected, {"id": "occurrence", "run": None, "state": "sent"}, sent)
    return audit


@pytest.mark.requirement("GO-18")
async def test_each_webhook_holds_its_own_part_and_the_parts_make_up_the_whole(mailboxes: Mailboxes) -> None:
    audit = await held(mailboxes, {FRANCE: 10, JAPAN: 20, BRAZIL: 30})
    assert (audit.right, audit.posted, audit.parts, audit.summed) == (True, 3, 3, 1)


async def test_another_recipients_part_is_found(mailboxes: Mailboxes) -> None:
    audit = await held(mailboxes, {FRANCE: 20, JAPAN: 20, BRAZIL: 30})
    said = audit.wrong[Wrong.MAILBOX]
    assert said[FRANCE] == "Takings 1 of 2026-06-01: it says ('20',) in place of 10"
    assert said["Takings 1 of 2026-06-01"] == "its parts say [20, 20, 30], which is not 60 together"


async def test_a_part_that_did_not_arrive_is_found(mailboxes: Mailboxes) -> None:
    audit = await held(mailboxes, {FRANCE: 10, BRAZIL: 30})
    assert audit.wrong[Wrong.MAILBOX] == {JAPAN: "Takings 1 of 2026-06-01 is there 0 times, and is accepted"}
    assert audit.summed == 0


def test_the_table_counts_what_is_wrong() -> None:
    audit = Audit(Counter(accepted=7, unknown=2), Counter(sent=3), arrived_unknown=1)
    audit.say(Wrong.MAILBOX, ANN, "one is missing")
    audit.say(Wrong.MAILBOX, ANN, "another, too")
    table = markdown(Outcome(audit, Counter({"worker killed": 4}), 3))
    assert "| deliveries | 9 | 7 accepted, 2 unknown, of the unknown 1 arrived |" in table
    assert "| mailboxes and webhooks that do not hold what their schedules say | 1 | to be 0 |" in table
    assert "| occurrences without a final row | 0 | to be 0 |" in table
    assert not audit.right
