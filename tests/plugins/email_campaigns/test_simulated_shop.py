"""The demo's shop believes itself, whatever the day on which it is shown."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bilan_email_campaigns.sample import SAMPLES
from bilan_email_campaigns.sample.simulate import events

DAYS = [datetime(2026, 1, 1, 0, 30, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)]


def shop(now: datetime) -> list[dict[str, Any]]:
    return list(events(now))


@pytest.mark.parametrize("now", DAYS, ids=["night", "noon"])
def test_a_person_gets_one_mail_of_a_newsletter(now: datetime) -> None:
    sent = Counter(
        (event["campaign"], event["recipient"])
        for event in shop(now)
        if event["kind"] == "sent" and event["channel"] == "email" and event["campaign"]
    )
    assert set(sent.values()) == {1}


@pytest.mark.parametrize("now", DAYS, ids=["night", "noon"])
def test_every_mail_is_delivered_or_bounces_in_one_of_two_classes(now: datetime) -> None:
    kinds = Counter[str]()
    for event in shop(now):
        if event["channel"] == "email" and event["kind"] in ("sent", "delivered", "bounced"):
            kinds[event["kind"]] += 1
            kinds[event.get("bounce_class", "")] += event["kind"] == "bounced"
    # The last of them may be under way.
    assert 0 <= kinds["sent"] - kinds["delivered"] - kinds["bounced"] <= 20
    assert kinds["hard"] + kinds["soft"] == kinds["bounced"] > 0


@pytest.mark.parametrize("now", DAYS, ids=["night", "noon"])
def test_its_events_reach_the_day_on_which_it_is_shown(now: datetime) -> None:
    days = {event["occurred_at"] for event in shop(now)}
    last = datetime.fromisoformat(max(days))
    assert now - timedelta(hours=6) <= last <= now


def test_who_gets_the_steps_of_a_canvas_began_it() -> None:
    steps = defaultdict[str, set[str]](set)
    for event in shop(DAYS[1]):
        if event["canvas"] == "Welcome" and event["kind"] == "sent":
            steps[event["step"]].add(event["recipient"])
    assert steps["3 of 3"] <= steps["2 of 3"] <= steps["1 of 3"]


def test_nobody_reads_a_hash_for_a_name(tmp_path: Path) -> None:
    [hubspot] = [sample for sample in SAMPLES if sample.kind == "hubspot"]
    assert hubspot.files is not None
    [file] = hubspot.files(tmp_path, DAYS[0])
    for path in (file.path, *file.companions.values()):
        assert not re.search(r"[A-Za-z0-9+/]{22}==", path.read_text()), path.name
