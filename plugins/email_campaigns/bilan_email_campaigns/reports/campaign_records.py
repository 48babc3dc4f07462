"""The campaigns and Canvases that senders list, with or without totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bilan.sdk import QueryClient
from bilan_email_campaigns.vocabulary import CAMPAIGNS, TOTALS

DESCRIBED = ("source", "campaign", "channel", "subject", "category", "tags", "canvas", "archived", "test")
FIGURES = (
    "recipients", "delivered", "bounces", "hard_bounces", "soft_bounces", "opens", "unique_opens",
    "machine_opens", "clicks", "unique_clicks", "unsubscribes", "complaints", "last_open", "last_click",
    "orders", "conversions", "revenue", "currency",
)  # fmt: skip


class ChannelKey(NamedTuple):
    """A campaign or Canvas on one channel. Keys are the senders' own, so they belong to a source."""

    source: str
    canvas: bool
    key: str
    channel: str


CampaignKey = tuple[str, bool, str]
"""A campaign or Canvas on whatever channel: its source, whether it is a Canvas, its key."""


@dataclass(frozen=True)
class CampaignRecord:
    """A campaign or Canvas as a sender lists it. ``figures`` are stated totals, if it states any."""

    source: str
    key: str
    channel: str
    canvas: bool
    name: str = ""
    subject: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    archived: bool = False
    test: bool = False
    sent_at: datetime | None = None
    reported_at: datetime | None = None
    figures: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def campaign_key(self) -> CampaignKey:
        """What it is, whatever the channel."""
        return self.source, self.canvas, self.key

    @property
    def channel_key(self) -> ChannelKey:
        """What makes two mentions the same thing."""
        return ChannelKey(self.source, self.canvas, self.key, self.channel)


def campaign_records(client: QueryClient) -> tuple[CampaignRecord, ...]:
    """Everything that senders list, first the lists of campaigns, then the reports with totals."""
    campaigns = client.rows(CAMPAIGNS, (*DESCRIBED, "name", "sent_at"))
    totals = client.rows(
        TOTALS, (*DESCRIBED, "campaign_name", "occurred_at", "undated", "reported_at", *FIGURES)
    )
    return (*map(_campaign, campaigns), *map(_total, totals))


def _campaign(row: Mapping[str, Any]) -> CampaignRecord:
    return CampaignRecord(**_described(row), name=row["name"], sent_at=row["sent_at"])


def _total(row: Mapping[str, Any]) -> CampaignRecord:
    return CampaignRecord(
        **_described(row),
        name=row["campaign_name"],
        sent_at=None if row["undated"] else row["occurred_at"],
        reported_at=row["reported_at"],
        figures={name: row[name] for name in FIGURES},
    )


def _described(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": str(row["source"]),
        "key": row["campaign"],
        "channel": row["channel"],
        "canvas": row["canvas"],
        "subject": row["subject"],
        "category": row["category"],
        "tags": tuple(row["tags"]),
        "archived": row["archived"],
        "test": row["test"],
    }
