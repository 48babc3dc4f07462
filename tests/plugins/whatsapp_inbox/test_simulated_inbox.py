"""The simulated inbox: the same whenever one looks, up to now, with all that reports speak of."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan_whatsapp_inbox.sample import SAMPLES
from bilan_whatsapp_inbox.sample.simulate import AGENTS, events

NOW = datetime(2026, 3, 11, 15, 30, tzinfo=UTC)
"""A Wednesday afternoon."""
TOLD = list(events(NOW))


def by_conversation(told: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in told:
        found.setdefault(one["conversation"], []).append(one["event"])
    return found


def test_a_week_later_the_same_days_had_the_same_conversations() -> None:
    later = {one["id"]: one for one in events(NOW + timedelta(days=7))}

    # Nothing that was told is told otherwise; what was ahead has happened since.
    still = [one for one in TOLD if one["conversation"] in by_conversation(list(later.values()))]
    assert len(still) > len(TOLD) * 3 / 4
    assert [one for one in still if later.get(one["id"]) != one] == []


def test_it_reaches_from_nine_weeks_ago_up_to_now() -> None:
    moments = sorted(datetime.fromisoformat(one["occurred_at"]) for one in TOLD)

    assert moments[0].date() == NOW.date() - timedelta(weeks=9)
    assert NOW - timedelta(hours=2) < moments[-1] <= NOW


def test_agents_tags_and_ratings_are_there_and_some_contacts_wait() -> None:
    kinds = Counter(one["event"] for one in TOLD)
    waiting = [one for one, told in by_conversation(TOLD).items() if "closed" not in told]

    assert {one.get("agent") for one in TOLD} == {None, *(one.address for one in AGENTS)}
    assert set(kinds) == {"message", "status", "assigned", "tagged", "closed", "rated"}
    assert {one["rating"] for one in TOLD if one["event"] == "rated"} >= {2, 3, 4, 5}
    assert 300 < len(by_conversation(TOLD)) < 700
    assert 3 < len(waiting) < 40


def test_its_source_says_that_it_is_simulated() -> None:
    (sample,) = (one for one in SAMPLES if one.kind == "inbox_events")

    assert (sample.name, "simulated" in str(sample.note)) == ("Shop inbox (simulated)", True)
