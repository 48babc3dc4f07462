"""Schedules send while schedulers and workers are killed, and every mailbox holds what its schedules say."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.chaos.audit import Audit, Delivered, Wrong, look_for_duplicates, look_for_words
from benchmarks.chaos.mail_server import Mailboxes
from benchmarks.chaos.run import Outcome, Plan, chaos
from benchmarks.chaos.table import markdown

from support.long import times

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.usefixtures("rabbitmq_url")
@pytest.mark.requirement("GO-01", "GO-02", "GO-08", "GO-12")
def test_whatever_is_killed_nothing_is_sent_twice_and_nothing_is_lost(
    request: pytest.FixtureRequest, clickhouse_url: str, tmp_path: Path, chance: random.Random
) -> None:
    database = request.getfixturevalue("_migrated_postgres")
    plan = Plan(times(60, 5), chance.randrange(1_000_000), harm_every=1)
    outcome = chaos(plan, tmp_path, database=database, warehouse=clickhouse_url)
    assert outcome.audit.wrong == {one: {} for one in Wrong}, markdown(outcome)
    assert outcome.audit.deliveries["accepted"] > plan.deliveries / 2, markdown(outcome)
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


def test_the_table_counts_what_is_wrong() -> None:
    audit = Audit(Counter(accepted=7, unknown=2), Counter(sent=3), arrived_unknown=1)
    audit.say(Wrong.MAILBOX, ANN, "one is missing")
    audit.say(Wrong.MAILBOX, ANN, "another, too")
    table = markdown(Outcome(audit, Counter({"worker killed": 4}), 3))
    assert "| deliveries | 9 | 7 accepted, 2 unknown, of the unknown 1 arrived |" in table
    assert "| mailboxes that do not hold what their schedules say | 1 | to be 0 |" in table
    assert "| occurrences without a final row | 0 | to be 0 |" in table
    assert not audit.right
