"""Clicks and the messages that carry their references: tied whatever arrives, in any order, however often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import Fact, Post, Row, WebhookRequest
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.button.datasets import clicks, with_references
from bilan_whatsapp_inbox.button.references import LETTERS, new_reference, reference_in
from bilan_whatsapp_inbox.vocabulary import BUTTON_LOG
from bilan_whatsapp_inbox.webhooks.inbox_events import InboxEvents

pytestmark = pytest.mark.requirement("DC-21")

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIGURES = ("whatsapp.clicks", "whatsapp.clicks_with_conversation", "whatsapp.click_conversion")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def click(minutes: float, reference: str, **told: object) -> Row:
    empty = dict.fromkeys(
        ("button_id", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"), ""
    )
    return {
        "occurred_at": at(minutes), "kind": "click", "reference": reference, "button": "Footer", "missed": 0,
        "message_id": "", "fact_id": f"click {reference} {minutes}", **empty, **told,
    }  # fmt: skip


def message(minutes: float, reference: str, ident: str) -> Row:
    return {
        "occurred_at": at(minutes), "kind": "message", "reference": reference, "message_id": ident,
        "fact_id": f"message {ident}",
    }  # fmt: skip


def led(rows: list[Row]) -> list[tuple[datetime, str]]:
    return [(row["occurred_at"], row["message_id"]) for row in clicks(rows, {})]


def test_a_click_is_tied_to_the_first_message_that_carries_its_reference() -> None:
    told = [message(9, "A", "second"), click(0, "A"), message(2, "A", "first")]

    assert led(told) == [(at(0), "first")]


def test_a_message_told_in_whole_seconds_may_seem_to_come_before_its_click() -> None:
    assert led([click(0.01, "A"), message(0, "A", "m")]) == [(at(0.01), "m")]


def test_a_reference_that_no_click_has_is_no_click() -> None:
    assert led([message(2, "A", "m")]) == []


def test_of_two_clicks_with_one_reference_each_has_the_messages_after_it() -> None:
    both = [click(0, "A"), click(10, "A")]

    assert led([*both, message(11, "A", "m")]) == [(at(0), ""), (at(10), "m")]
    assert led([*both, message(5, "A", "m"), message(6, "A", "n")]) == [(at(0), "m"), (at(10), "")]


@given(st.randoms(use_true_random=False))
def test_rows_in_any_order_give_the_same_clicks(random: Random) -> None:
    told = [click(0, "A"), click(10, "A"), *(message(minute, "A", f"m{minute}") for minute in (1, 2, 11, 12))]
    shuffled = random.sample(told, len(told))

    assert list(clicks(shuffled, {})) == list(clicks(told, {}))


def test_late_and_repeated_arrival_changes_no_figure(bilan_harness: PluginHarness) -> None:
    events = [click(0, "AA"), click(1, "BB"), click(2, "CC"), message(3, "BB", "m"), message(4, "AA", "n")]
    for sequence, row in enumerate([*reversed(events), *events], start=1):
        bilan_harness.load([Fact(BUTTON_LOG, row)], sequence=sequence)

    # Three clicks, two of which came back in a message.
    assert bilan_harness.totals(*FIGURES) == {FIGURES[0]: 3, FIGURES[1]: 2, FIGURES[2]: pytest.approx(2 / 3)}


def test_references_are_found_in_what_people_make_of_the_text() -> None:
    reference = new_reference()

    assert reference_in(f"Bonjour, une question #{reference}") == reference
    assert reference_in(f"#{reference.lower()}\nthanks") == reference
    assert reference_in(f"first #{reference}, second #{new_reference()}") == reference


def test_what_is_no_reference_is_none() -> None:
    reference = new_reference()
    wrong = LETTERS[LETTERS.index(reference[-1]) - 1]

    assert reference_in("") == reference_in("#whatsapp #1234567890") == ""
    assert reference_in(reference) == ""
    assert reference_in(f"#{reference}X") == ""
    assert reference_in(f"#{reference[:-1]}{wrong}") == ""
    assert reference_in("#" * 100_000) == ""


def test_a_message_of_a_contact_tells_the_buttons_log_and_nothing_of_its_text_is_kept() -> None:
    reference = new_reference()
    told = '{"event": "message", "id": "m-1", "occurred_at": "2026-03-02T12:00:00Z", "contact": "33612345678"'
    text = f'"text": "Do you have it in blue? #{reference}"'
    body = f'[{told}, "direction": "in", {text}}}, {told}, "direction": "out", {text}}}]'

    facts = [one for one in InboxEvents().parse(_request(Post(body.encode())), {}) if isinstance(one, Fact)]

    assert [one.dataset for one in facts] == ["whatsapp.log", "whatsapp.button_log", "whatsapp.log"]
    assert facts[1].row == {
        "occurred_at": NOON, "reference": reference, "message_id": "m-1", "kind": "message",
        "fact_id": "message m-1",
    }  # fmt: skip
    assert not any("blue" in str(value) for one in facts for value in one.row.values())
    assert list(with_references([facts[2]])) == [facts[2]]


def _request(post: Post) -> WebhookRequest:
    return WebhookRequest(post.body, {}, {}, post.content_type, NOON)
