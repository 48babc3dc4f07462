"""When a report compares, and when it says nothing, over hand-made events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.reports.blocks import every
from bilan.sdk.document import Document, Kpis
from fixtures.email_reports import MailRoom, table
from support.wording import written

MARCH = {"period": "2026-03-09..2026-03-15", "compare": "previous_period"}
PLAIN = "Of 40 delivered e-mails, 50.0% were opened and 25.0% clicked."


def mailing(month: int, day: int, campaign: str, *, opened: int, clicked: int) -> list[dict[str, Any]]:
    """Forty delivered e-mails, some opened and clicked."""
    at = datetime(2026, month, day, 9, tzinfo=UTC)
    return [
        {"kind": kind, "occurred_at": at, "campaign": campaign, "recipient": f"{n}@a.org"}
        for kind, number in {"sent": 40, "delivered": 40, "opened": opened, "clicked": clicked}.items()
        for n in range(number)
    ]


def headline(document: Document, key: str = "email") -> str | None:
    return next(
        written(one.headline) for one in every(document.blocks) if isinstance(one, Kpis) and one.key == key
    )


@pytest.fixture
def season(mail_room: MailRoom) -> MailRoom:
    mail_room.events(
        *mailing(3, 3, "before", opened=16, clicked=12), *mailing(3, 10, "spring", opened=20, clicked=10)
    )
    return mail_room


@pytest.mark.requirement("AD-01")
@pytest.mark.parametrize(("kind", "more"), [("email.campaign", {}), ("email.engagement", {"rates": True})])
def test_the_change_is_said_where_senders_were_heard_of_before(
    season: MailRoom, kind: str, more: dict[str, Any]
) -> None:
    assert headline(season.report(kind, {**MARCH, **more})) == PLAIN

    season.events(*mailing(2, 1, "long ago", opened=1, clicked=1))

    assert headline(season.report(kind, {**MARCH, **more})) == (
        "The open rate rose by 10 points to 50.0%, while the click rate fell by 5 points to 25.0%."
    )


def test_a_period_that_still_runs_is_held_against_nothing(season: MailRoom) -> None:
    season.events(*mailing(1, 1, "long ago", opened=1, clicked=1))
    running = {"period": "2026-03-09..2026-03-31", "compare": "previous_period"}

    assert headline(season.report("email.campaign", running)) == PLAIN


def test_of_stated_totals_nothing_is_said(season: MailRoom) -> None:
    season.totals(
        {"campaign": "file", "occurred_at": datetime(2026, 3, 11, tzinfo=UTC), "recipients": 90,
         "delivered": 90, "unique_opens": 80, "unique_clicks": 70},
    )  # fmt: skip

    assert headline(season.report("email.campaign", {"period": "2026-03-09..2026-03-15"})) is None
    assert headline(season.report("email.campaign", {"campaign": "file"}), "rates") is None


def test_tables_name_the_campaign_that_stands_out(season: MailRoom) -> None:
    listed = table(season.report("email.campaign"), "campaigns")
    rows = table(season.report("email.engagement"), "campaigns")

    assert written(listed.headline) == "“before” had the best click rate, 30.0%."
    assert written(rows.headline) == "“before” had the most unique clicks: 12."
