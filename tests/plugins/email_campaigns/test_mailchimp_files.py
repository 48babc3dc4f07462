"""Mailchimp's reports and tables, against figures counted by hand in the files."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk.datasets import UNDATED, Fact, RowFacts
from bilan.sdk.errors import Invalid
from bilan_email_campaigns.datasets import DATASETS
from bilan_email_campaigns.readers.mailchimp_report import MailchimpReportReader, read_report
from bilan_email_campaigns.readers.mailchimp_tables import MailchimpTablesReader
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, HOURS, TOTALS
from fixtures.email_campaigns import DATA, imported

REPORTS = DATA / "mailchimp_report_api"
TABLES = DATA / "mailchimp_connector"


def of(facts: list[Fact], dataset: str) -> list[dict[str, object]]:
    return [fact.row for fact in facts if fact.dataset == dataset]


@pytest.mark.parametrize("name", ["report.json", "reports.json"])
def test_a_report_gives_a_campaign_its_totals_and_its_hours(name: str) -> None:
    facts, rejects = imported(MailchimpReportReader(), REPORTS / name)

    assert rejects == []
    [campaign] = of(facts, CAMPAIGNS)
    sent_at = datetime(2015, 9, 15, 19, 5, 51, tzinfo=UTC)
    assert campaign["campaign"] == "42694e9e57"
    assert campaign["name"] == "Freddie's Jokes Vol. 1"
    assert campaign["category"] == "regular"
    assert campaign["sent_at"] == campaign["occurred_at"] == sent_at

    [totals] = of(facts, TOTALS)
    last = datetime(2015, 9, 15, 19, 15, 47, tzinfo=UTC)
    assert {key: totals[key] for key in totals if key not in campaign} == {
        "undated": False, "reported_at": None, "campaign_name": "Freddie's Jokes Vol. 1",
        "recipients": 200, "delivered": 198, "bounces": 2, "hard_bounces": 0, "soft_bounces": 2,
        "opens": 186, "unique_opens": 100, "machine_opens": None,
        "clicks": 42, "unique_clicks": 42, "unique_link_clicks": 400,
        "unsubscribes": 2, "complaints": 0, "forwards": 0, "orders": None, "conversions": None,
        "revenue": None, "currency": "", "last_open": last, "last_click": last,
    }  # fmt: skip

    hours = of(facts, HOURS)
    first = datetime(2015, 9, 15, 19, tzinfo=UTC)
    assert [hour["occurred_at"] for hour in hours] == [first + timedelta(hours=n) for n in range(24)]
    assert [hour["sends"] for hour in hours] == [198, 2, *[0] * 22]


def test_a_broken_report_is_a_reject_and_the_others_are_read(tmp_path: Path) -> None:
    good = json.loads((REPORTS / "report.json").read_text())
    path = tmp_path / "reports.json"
    path.write_text(json.dumps({"reports": [{}, {**good, "emails_sent": "many"}, 3, good]}))

    facts, rejects = imported(MailchimpReportReader(), path)

    assert len(of(facts, TOTALS)) == 1
    assert [(each.number, str(each.reason)) for each in rejects] == [
        (1, "This report names no campaign."),
        (2, "“many” is no whole number."),
        (3, "This report names no campaign."),
    ]


@pytest.mark.parametrize("content", ["", "{", '"text"', '{"reports": 3}'])
def test_a_file_without_reports_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "reports.json"
    path.write_text(content)
    with pytest.raises(Invalid):
        imported(MailchimpReportReader(), path)


def test_the_tables_give_what_is_in_them() -> None:
    main, *others = sorted(TABLES.glob("*.csv"))
    facts, rejects = imported(MailchimpTablesReader(), main, companions=tuple(others))

    assert rejects == []
    events = of(facts, EVENTS)
    regular = [row for row in events if row["campaign"] == "c2b4c1c0d9"]
    automated = [row for row in events if row["canvas"]]
    assert len(regular) + len(automated) == len(events) == 39
    assert Counter(row["kind"] for row in regular) == {"sent": 10, "opened": 12, "clicked": 5}
    assert Counter(row["kind"] for row in automated) == {
        "sent": 3, "opened": 2, "clicked": 6, "unsubscribed": 1,
    }  # fmt: skip
    assert len({row["fact_id"] for row in events}) == 39
    assert {row["occurred_at"] for row in regular if row["kind"] == "sent"} == {
        datetime(2019, 11, 27, 16, 59, 27, tzinfo=UTC)
    }
    assert {row["occurred_at"] for row in automated if row["kind"] == "sent"} == {UNDATED}
    assert {(row["campaign_name"], row["audience"], row["category"]) for row in regular} == {
        ("Release 0.1.1", "Example Company", "regular")
    }
    assert {(row["canvas"], row["canvas_name"], row["step"]) for row in automated} == {
        ("71ad2ce945", "Welcome Email", "b63e7b8aff"), ("12345", "", "123"),
    }  # fmt: skip
    assert [(row["campaign"], row["canvas"]) for row in of(facts, CAMPAIGNS)] == [
        ("c2b4c1c0d9", False), ("71ad2ce945", True), ("12345", True),
    ]  # fmt: skip


def test_the_tables_times_are_in_utc_whatever_the_sources_zone() -> None:
    path = TABLES / "campaign_recipient_activity.csv"
    facts, _rejects = imported(MailchimpTablesReader(), path, settings={"zone": "Asia/Tokyo"})
    assert facts[0].row["occurred_at"] == datetime(2019, 11, 27, 17, 44, 9, tzinfo=UTC)


def test_recipients_without_their_campaign_are_rejects_that_say_what_to_do() -> None:
    facts, rejects = imported(MailchimpTablesReader(), TABLES / "campaign_recipient.csv")
    assert facts == []
    assert len(rejects) == 10
    assert "hand both files over together" in str(rejects[0].reason)


def test_members_are_named_by_their_addresses_where_the_table_came_along(tmp_path: Path) -> None:
    members = tmp_path / "member.csv"
    members.write_text("id,email_address\nc6de178b4b5cac03e73f9d787b352f15,Ann@Example.com\n")
    path = TABLES / "campaign_recipient_activity.csv"
    facts, _rejects = imported(MailchimpTablesReader(), path, companions=(members,))
    assert facts[0].row["recipient"] == "ann@example.com"
    assert facts[1].row["recipient"] == "f5114e6e6bb39e07781d2f51f409a7fe"


@pytest.mark.requirement("DC-26")
def test_a_report_of_many_facts_counts_as_one_row_and_a_refused_one_leaves_nothing() -> None:
    good = json.loads((REPORTS / "report.json").read_text())
    for report, counted in ((good, (1, 0)), ({**good, "send_time": "1970-01-01T00:00:00Z"}, (0, 1))):
        facts = tuple(read_report(report, ZoneInfo("UTC")))
        normalisers = Normalisers({dataset.key: dataset for dataset in DATASETS})
        batch = Batch(normalisers, datetime(2026, 3, 1, tzinfo=UTC))
        batch.add(UUID(int=7), 1, RowFacts(1, facts))
        count = batch.count(UUID(int=7))
        assert (count.accepted, count.rejected) == counted
