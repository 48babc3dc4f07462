"""Events of campaigns and Canvases for the engagement report, and the figures that it gives for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bilan.sdk.document import Document
from fixtures.email_reports import MailRoom, table

Row = dict[str, Any]

ENGAGEMENT = "email.engagement"


def on(day: int, hour: int = 9, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def event(kind: str, when: datetime, campaign: str = "spring", to: str = "ann@a.org", **more: Any) -> Row:
    return {"kind": kind, "occurred_at": when, "campaign": campaign, "recipient": to, **more}


def canvas(kind: str, when: datetime, key: str = "welcome", step: str = "s1", **more: Any) -> Row:
    return {"kind": kind, "occurred_at": when, "canvas": key, "step": step, "recipient": "ann@a.org", **more}


def keys(document: Document, name: str = "campaigns") -> list[str]:
    """The statistics of a table, in order."""
    return [column.key.removeprefix("email.") for column in table(document, name).columns if column.metric]


def figures(room: MailRoom, document: Document, name: str = "campaigns") -> list[tuple[Any, ...]]:
    """The first day, the campaign or Canvas, and the statistics of each row."""
    chosen = [column.key for column in table(document, name).columns if column.metric]
    column = "canvas" if name == "canvases" else "campaign"
    return [
        (row["first_day"], row[column], *(row[key] for key in chosen))
        for row in room.rows(table(document, name))
    ]
