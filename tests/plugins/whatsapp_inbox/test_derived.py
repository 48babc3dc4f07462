"""Conversations and messages as they are asked for: derived from whatever came, in whatever order."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from bilan.sdk import Fact, ImportFile, Question, row_by_row
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.readers.service_desk import ServiceDeskReader
from bilan_whatsapp_inbox.sample import DATA
from bilan_whatsapp_inbox.vocabulary import LOG, Kind
from support.whatsapp import became, replied, row, wrote

(DESK,) = (DATA / "service_desk_log").glob("*.csv.gz")
EXPECTED = json.loads((DATA / "service_desk_log" / "expected_totals.json").read_text())
ALL, CONTACTS = "whatsapp.all_conversations", "whatsapp.distinct_contacts"
REPLIED, RESPONSE = "whatsapp.replied_conversations", "whatsapp.mean_first_response"
CLOSED, DURATION = "whatsapp.closed_conversations", "whatsapp.mean_duration"


def facts(*rows: dict[str, Any]) -> list[Fact]:
    return [Fact(LOG, one) for one in rows]


@pytest.mark.requirement("AC-10", "DC-19")
def test_the_desks_log_gives_the_conversations_counted_from_it_elsewhere(
    bilan_harness: PluginHarness,
) -> None:
    bilan_harness.load(row_by_row(ServiceDeskReader().read(ImportFile(DESK, DESK.name), {}, None)))

    means = EXPECTED["per_day_means"].values()
    found = bilan_harness.totals(ALL, REPLIED, RESPONSE, CLOSED, DURATION)

    replies, ends = (sum(day[key] for day in means) for key in ("with_first_response", "with_duration"))
    assert (found[ALL], found[REPLIED], found[CLOSED]) == (
        sum(day["conversations"] for day in means), replies, ends,
    )  # fmt: skip
    # Each day's mean is rounded to a thousandth of its unit.
    assert found[RESPONSE] / 60 == pytest.approx(
        sum(day["mean_first_response_min"] * day["with_first_response"] for day in means) / replies, abs=0.001
    )
    assert found[DURATION] / 3600 == pytest.approx(
        sum(day["mean_duration_h"] * day["with_duration"] for day in means) / ends, abs=0.001
    )


STREAM = (
    wrote(0, contact_name="Ana"), replied(1, agent="bo@example.org"), row(Kind.CLOSED, 2), wrote(3),
    became(4, "sent by us", "sent", pricing_category="service"), became(5, "sent by us", "read"),
    row(Kind.RATED, 6, rating=3.0), wrote(100), wrote(50, contact_phone="33699999999"),
)  # fmt: skip


@pytest.mark.requirement("DC-20")
@pytest.mark.parametrize("seed", range(3))
def test_rows_that_come_one_by_one_in_any_order_give_the_same_figures(
    bilan_harness: PluginHarness, seed: int
) -> None:
    order = list(STREAM)
    random.Random(seed).shuffle(order)
    for sequence, one in enumerate(order, start=1):
        bilan_harness.load(facts(one), sequence=sequence)

    # The contact's own: closed at two, silent after five, and the one at a hundred; the other's one.
    assert bilan_harness.totals(ALL, CONTACTS, REPLIED, RESPONSE, "whatsapp.mean_rating") == {
        ALL: 4, CONTACTS: 2, REPLIED: 2, RESPONSE: 3600, "whatsapp.mean_rating": 3.0,
    }  # fmt: skip
    assert bilan_harness.totals("whatsapp.messages_received", "whatsapp.messages_sent") == {
        "whatsapp.messages_received": 4, "whatsapp.messages_sent": 2,
    }  # fmt: skip


def test_a_message_has_the_furthest_that_became_of_it(bilan_harness: PluginHarness) -> None:
    bilan_harness.load(facts(became(2, "m", "read")), sequence=1)
    bilan_harness.load(facts(became(0, "m", "sent"), became(1, "m", "delivered")), sequence=2)

    answer = bilan_harness.client(Question("whatsapp.messages", ("whatsapp.all_messages",), by=("status",)))

    assert [(one.keys, one.values) for one in answer.rows] == [(("read",), {"whatsapp.all_messages": 1})]


@pytest.mark.requirement("AC-09", "AC-15", "AC-16")
@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ("conversation_source", {"inbound": 2, "inbox": 1}),
        ("direction", {"inbound": 2, "outbound": 1}),
        ("conversation_tags", {"sales": 2, "support": 1}),
        ("agents", {"bo@example.org": 1, "cy@example.org": 1}),
    ],
)
def test_conversations_are_counted_by_source_tag_and_agent(
    bilan_harness: PluginHarness, column: str, shown: dict[str, int]
) -> None:
    bilan_harness.load(
        facts(
            wrote(0), row(Kind.TAGGED, 1, tags=["sales", "support"]), replied(2, agent="bo@example.org"),
            replied(40, agent="cy@example.org"), row(Kind.TAGGED, 41, tags=["sales"]), wrote(100),
        )
    )  # fmt: skip

    answer = bilan_harness.client(Question("whatsapp.conversations", (ALL,), by=(column,)))

    assert {one.keys[0]: one.values[ALL] for one in answer.rows if one.keys[0]} == shown


def test_a_shorter_silence_makes_more_conversations(bilan_harness: PluginHarness) -> None:
    short = replace(bilan_harness, settings={"silence_hours": 2})
    short.load(facts(wrote(0), wrote(3), wrote(4)))

    assert short.totals(ALL) == {ALL: 2}
