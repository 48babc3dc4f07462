"""Orders, conversions and revenue that senders state: read from files, and never added over currencies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk import Answer, In, Question
from bilan.sdk.document import Section
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.readers.mailchimp_report import MailchimpReportReader
from bilan_email_campaigns.vocabulary import TOTALS
from fixtures.email_campaigns import DATA, imported
from fixtures.email_reports import MAIN, NOW, MailRoom, table

READER = GenericReader()
CAMPAIGN = "email.campaign"


def on(day: int) -> datetime:
    return datetime(2026, 3, day, 9, tzinfo=UTC)


def money(tmp_path: Path, content: str, **settings: Any) -> dict[str, tuple[Any, ...]]:
    """Orders, conversions, revenue and currency of each campaign of a CSV file without a reject."""
    path = tmp_path / "campaigns.csv"
    path.write_text(content, encoding="utf-8")
    facts, rejects = imported(READER, path, settings=settings)
    assert rejects == []
    return {
        fact.row["campaign"]: tuple(
            fact.row[name] for name in ("orders", "conversions", "revenue", "currency")
        )
        for fact in facts
        if fact.dataset == TOTALS
    }


@pytest.mark.requirement("AD-03")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "Campaign ID,Recipients,Total Orders,Conversions,Total Revenue,Currency\n"
            "a,100,3,4,1234.50,EUR\nb,50,0,,0,usd\nc,10,,,,\n",
            {"a": (3, 4, 1234.5, "EUR"), "b": (0, None, 0.0, "USD"), "c": (None, None, None, "")},
            id="own-column",
        ),
        pytest.param(
            'Campaign ID,Recipients,Orders,Revenue (EUR)\na,100,3,"1,234.50"\nb,50,1,99.90\n',
            {"a": (3, None, 1234.5, "EUR"), "b": (1, None, 99.9, "EUR")},
            id="heading",
        ),
        pytest.param(
            "Identifiant de campagne;Destinataires;Commandes;Chiffre d’affaires;Devise\n"
            "a;100;3;1 234,50 €;EUR\nb;50;1;12,00 CHF;CHF\n",
            {"a": (3, None, 1234.5, "EUR"), "b": (1, None, 12.0, "CHF")},
            id="french",
        ),
        pytest.param(
            "Campaign ID,Recipients,Revenue\na,100,£12.50\nb,50,-$3\nc,10,US$ 7.25\nd,5,$0.75\n",
            {
                "a": (None, None, 12.5, "GBP"),
                "b": (None, None, -3.0, "$"),
                "c": (None, None, 7.25, "USD"),
                "d": (None, None, 0.75, "$"),
            },
            id="signs",
        ),
    ],
)
def test_orders_conversions_and_revenue_are_read_with_their_currency(
    tmp_path: Path, content: str, expected: dict[str, tuple[Any, ...]]
) -> None:
    assert money(tmp_path, content) == expected


@pytest.mark.requirement("AD-03")
def test_an_amount_without_a_currency_has_the_one_of_its_source(tmp_path: Path) -> None:
    content = "Campaign ID,Recipients,Revenue\na,100,12.50\nb,50,€3.00\n"
    assert [row[3] for row in money(tmp_path, content).values()] == ["", "EUR"]
    assert [row[3] for row in money(tmp_path, content, currency="pln").values()] == ["PLN", "EUR"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,100,€12.50,USD", "The amount is in EUR, its row in USD."),
        ("a,100,12.50,bottlecaps", "“bottlecaps” is no currency"),
        ("a,100,a lot,EUR", "“a lot” is no number."),
    ],
)
def test_an_amount_that_cannot_be_read_is_a_reject(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "campaigns.csv"
    path.write_text(f"Campaign ID,Recipients,Revenue,Currency\nok,1,2.50,EUR\n{row}\n", encoding="utf-8")
    facts, [reject] = imported(READER, path)
    assert [fact.row["campaign"] for fact in facts if fact.dataset == TOTALS] == ["ok"]
    assert reject.number == 3
    assert str(reject.reason).startswith(reason)


@pytest.mark.requirement("DC-27")
def test_a_row_that_sums_up_orders_and_revenue_is_no_campaign(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.csv"
    path.write_text(
        "Campaign Title,Send Date,Recipients,Revenue\n"
        "A,2026-03-01,10,1.10\nB,2026-03-02,10,2.20\nTotal,,20,3.30\n",
        encoding="utf-8",
    )
    facts, rejects = imported(READER, path)
    assert [fact.row["revenue"] for fact in facts if fact.dataset == TOTALS] == [1.1, 2.2]
    assert [str(reject.reason) for reject in rejects] == ["This row sums up the others; it is no campaign."]


@pytest.mark.requirement("AD-03")
def test_a_report_of_mailchimp_brings_its_shop(tmp_path: Path) -> None:
    report = json.loads((DATA / "mailchimp_report_api" / "report.json").read_text())
    report["ecommerce"] = {
        "total_orders": 12, "total_spent": 300, "total_revenue": 280.55, "currency_code": "USD",
    }  # fmt: skip
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    facts, _rejects = imported(MailchimpReportReader(), path)
    [row] = [fact.row for fact in facts if fact.dataset == TOTALS]
    assert [row[name] for name in ("orders", "revenue", "currency")] == [12, 280.55, "USD"]


def ask(room: MailRoom, question: Question) -> Answer:
    return QuerySession(room.warehouse, room.registry, frozenset({MAIN}), Snapshot(NOW))(question)


@pytest.fixture
def shop(mail_room: MailRoom) -> MailRoom:
    """Three campaigns that sold something in two currencies, and one that sold nothing."""
    mail_room.totals(
        {"campaign": "a", "campaign_name": "A", "occurred_at": on(1), "recipients": 100, "orders": 2,
         "revenue": 50.0, "currency": "EUR"},
        {"campaign": "b", "campaign_name": "B", "occurred_at": on(2), "recipients": 300, "orders": 3,
         "conversions": 9, "revenue": 150.0, "currency": "EUR"},
        {"campaign": "c", "campaign_name": "C", "occurred_at": on(3), "recipients": 50, "orders": 1,
         "revenue": 20.0, "currency": "USD"},
        {"campaign": "d", "campaign_name": "D", "occurred_at": on(4), "recipients": 1000},
    )  # fmt: skip
    return mail_room


@pytest.mark.requirement("AD-03")
def test_the_list_of_campaigns_states_revenue_by_currency_and_by_campaign(shop: MailRoom) -> None:
    made = shop.report(CAMPAIGN)

    assert shop.rows(table(made, "revenue")) == [
        {"currency": "EUR", "email.reported_orders": 5, "email.reported_conversions": 9,
         "email.reported_revenue": 200.0, "email.reported_revenue_per_recipient": 0.5},
        {"currency": "USD", "email.reported_orders": 1, "email.reported_conversions": None,
         "email.reported_revenue": 20.0, "email.reported_revenue_per_recipient": 0.4},
    ]  # fmt: skip
    by_campaign = [
        (row["campaign_name"], row["currency"], row["email.reported_revenue"])
        for row in shop.rows(table(made, "revenue_by_campaign"))
    ]
    assert by_campaign == [("B", "EUR", 150.0), ("A", "EUR", 50.0), ("C", "USD", 20.0)]


@pytest.mark.requirement("AD-03")
def test_one_campaign_states_its_revenue_and_one_without_has_no_such_part(shop: MailRoom) -> None:
    made = shop.report(CAMPAIGN, {"campaign": "b"})
    [row] = shop.rows(table(made, "revenue"))
    assert (row["currency"], row["email.reported_revenue_per_recipient"]) == ("EUR", 0.5)

    made = shop.report(CAMPAIGN, {"campaign": "d"})
    assert "revenue" not in [block.key for block in made.blocks if isinstance(block, Section)]


@pytest.mark.requirement("AD-03")
def test_revenue_is_never_added_over_currencies(shop: MailRoom) -> None:
    revenue, each = "email.reported_revenue", "email.reported_revenue_per_recipient"
    answer = ask(shop, Question(TOTALS, (revenue, each, "email.reported_orders")))
    assert dict(answer.totals) == {revenue: None, each: None, "email.reported_orders": 6}
    [note] = map(str, answer.notes)
    assert note.startswith("Revenue (as reported) is never added up over several values of Currency")

    answer = ask(shop, Question(TOTALS, (revenue,), by=("currency",)))
    assert {row.keys[0]: row.values[revenue] for row in answer.rows} == {"EUR": 200.0, "USD": 20.0, "": None}

    one = ask(shop, Question(TOTALS, (revenue, each), where=In("campaign", ("a", "b", "d"))))
    assert dict(one.totals) == {revenue: 200.0, each: 0.5}
    assert one.notes == ()


@pytest.mark.requirement("AD-03")
def test_a_heading_and_a_row_that_name_two_currencies_are_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.csv"
    path.write_text(
        "Campaign ID,Recipients,Revenue (USD),Currency\na,1,12.5,EUR\nb,2,12.5,\nc,3,12.5,USD\nd,4,,EUR\n"
    )
    facts, rejects = imported(READER, path)
    assert [str(reject.reason) for reject in rejects] == ["The amount is in USD, its row in EUR."]
    kept = [fact.row for fact in facts if fact.dataset == TOTALS]
    assert [(row["campaign"], row["revenue"], row["currency"]) for row in kept] == [
        ("b", 12.5, "USD"), ("c", 12.5, "USD"), ("d", None, "EUR"),
    ]  # fmt: skip
