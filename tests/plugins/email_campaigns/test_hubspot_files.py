"""HubSpot's tables, against figures counted by hand in the files."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bilan_email_campaigns.readers.hubspot_tables import HubSpotTablesReader
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS
from fixtures.email_campaigns import DATA, imported

TABLES = DATA / "hubspot_connector"
EVENT_TABLE = TABLES / "email_event_data.csv"


def test_the_events_and_campaigns_are_all_there() -> None:
    companions = (TABLES / "email_campaign_data.csv",)
    facts, rejects = imported(HubSpotTablesReader(), EVENT_TABLE, companions=companions)

    assert rejects == []
    assert Counter(fact.dataset for fact in facts) == {CAMPAIGNS: 100, EVENTS: 100}
    events = [fact.row for fact in facts if fact.dataset == EVENTS]
    assert Counter(row["kind"] for row in events) == {"opened": 90, "sent": 4, "delivered": 3, "queued": 3}
    assert sum(row["send"] for row in events) == 4
    listed = {fact.row["campaign"] for fact in facts if fact.dataset == CAMPAIGNS}
    assert sum(row["campaign"] in listed for row in events) == 16
    assert events[0]["occurred_at"] == datetime(2020, 3, 16, 19, 3, 20, 357000, tzinfo=UTC)
    assert len({row["fact_id"] for row in events}) == 100


@pytest.mark.requirement("AD-07")
def test_filtered_events_are_made_by_machines() -> None:
    facts, _rejects = imported(HubSpotTablesReader(), EVENT_TABLE)
    assert Counter(fact.row["machine"] for fact in facts) == {False: 97, True: 3}


def test_rows_that_add_to_no_event_are_rejects_that_say_what_to_do() -> None:
    others = tuple(sorted(path for path in TABLES.glob("*.csv") if path != EVENT_TABLE))
    facts, rejects = imported(HubSpotTablesReader(), EVENT_TABLE, companions=others)
    assert len(facts) == 200
    assert len(rejects) == 600
    assert str(rejects[0].reason).startswith("In email_event_click_data: Its event is not in")


@pytest.mark.parametrize(
    ("kind", "table", "cells", "expected"),
    [
        ("CLICK", "email_event_click_data", {"url": "https://example.com", "browser": "Firefox"},
         {"kind": "clicked", "url": "https://example.com", "user_agent": "Firefox"}),
        ("BOUNCE", "email_event_bounce_data", {"category": "UNKNOWN_USER", "status": "450"},
         {"kind": "bounced", "bounce_class": "hard", "reason": "UNKNOWN_USER"}),
        ("BOUNCE", "email_event_bounce_data", {"category": "MAILBOX_FULL", "status": "450"},
         {"kind": "bounced", "bounce_class": "soft", "reason": "MAILBOX_FULL"}),
        ("DROPPED", "email_event_dropped_data", {"drop_reason": "PREVIOUSLY_BOUNCED", "subject": "Hello"},
         {"kind": "rejected", "reject_reason": "bounced", "subject": "Hello"}),
        ("STATUSCHANGE", "email_event_status_change_data", {"portal_subscription_status": "UNSUBSCRIBED"},
         {"kind": "unsubscribed"}),
        ("DEFERRED", "email_event_deferred_data", {"attempt": "1"}, {"kind": "deferred"}),
    ],
)  # fmt: skip
def test_the_other_tables_add_to_the_events_by_their_ids(
    tmp_path: Path, kind: str, table: str, cells: dict[str, str], expected: dict[str, str]
) -> None:
    events, added = tmp_path / "email_event_data.csv", tmp_path / f"{table}.csv"
    events.write_text(f"id,type,created,recipient\ne1,{kind},2026-01-02 03:04:05,Ann@Example.com\n")
    added.write_text(",".join(["id", *cells]) + "\n" + ",".join(["e1", *cells.values()]) + "\n")

    facts, rejects = imported(HubSpotTablesReader(), events, companions=(added,))

    assert rejects == []
    [row] = [fact.row for fact in facts]
    assert row["recipient"] == "ann@example.com"
    assert {key: row[key] for key in expected} == expected
