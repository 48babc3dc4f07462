"""The simulated clicks: the same whenever one looks, up to now, and tied to conversations of the inbox."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bilan.sdk import Fact, WebhookRequest
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.button.references import reference_in
from bilan_whatsapp_inbox.sample.clicks import PLACEMENTS, with_clicks
from bilan_whatsapp_inbox.sample.simulate import events
from bilan_whatsapp_inbox.webhooks.inbox_events import InboxEvents

NOW = datetime(2026, 3, 11, 15, 30, tzinfo=UTC)
TOLD = list(with_clicks(events(NOW), NOW))
CLICKS = [one for one in TOLD if one["event"] == "clicked"]


def test_what_was_told_is_not_told_otherwise_later() -> None:
    later = NOW + timedelta(days=7)
    told = {one["id"]: one for one in with_clicks(events(later), later)}

    still = [one for one in CLICKS if one["id"] in told]
    assert len(still) > len(CLICKS) * 3 / 4
    assert [one for one in still if told[one["id"]] != one] == []


def test_clicks_reach_up_to_now_and_come_from_every_placement() -> None:
    assert max(datetime.fromisoformat(one["occurred_at"]) for one in CLICKS) <= NOW
    assert Counter(one["button"] for one in CLICKS).keys() == {one.button for one in PLACEMENTS}
    assert 300 < len(CLICKS) < 1_500


@pytest.mark.requirement("AC-19", "DC-21")
def test_conversations_of_the_sample_came_of_its_clicks(bilan_harness: PluginHarness) -> None:
    body = json.dumps(TOLD).encode()
    facts = InboxEvents().parse(WebhookRequest(body, {}, {}, "application/json", NOW), {})
    assert bilan_harness.load([one for one in facts if isinstance(one, Fact)]) == []

    carried = [reference_in(one["text"]) for one in TOLD if one.get("text")]
    figures = bilan_harness.totals("whatsapp.clicks", "whatsapp.clicks_with_conversation")
    assert figures == {
        "whatsapp.clicks": len(CLICKS),
        "whatsapp.clicks_with_conversation": len(carried),
    }
    assert bilan_harness.totals("whatsapp.button_conversations") == {
        "whatsapp.button_conversations": len(carried)
    }
