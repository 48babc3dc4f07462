"""A campaign, its reported totals and hours on their way into their datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bilan.sdk import UNDATED, Fact
from bilan_email_campaigns.vocabulary import CAMPAIGNS, HOURS, TOTALS, MessageChannel

COUNTS = (
    "recipients", "delivered", "bounces", "hard_bounces", "soft_bounces", "opens", "unique_opens",
    "machine_opens", "clicks", "unique_clicks", "unique_link_clicks", "unsubscribes",
    "complaints", "forwards", "orders", "conversions",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A row of ``email.campaigns``. Moments are in UTC."""

    campaign: str
    channel: str = MessageChannel.EMAIL.value
    name: str = ""
    subject: str = ""
    audience: str = ""
    category: str = ""
    tags: list[str] = field(default_factory=list[str])
    sent_at: datetime | None = None
    created_at: datetime | None = None
    canvas: bool = False
    archived: bool = False
    test: bool = False

    def fact(self) -> Fact:
        """The campaign as a row of its dataset."""
        return Fact(
            CAMPAIGNS,
            {
                "occurred_at": self.sent_at or self.created_at or UNDATED,
                "campaign": self.campaign,
                "channel": self.channel,
                "name": self.name,
                "subject": self.subject,
                "audience": self.audience,
                "category": self.category,
                "tags": self.tags,
                "sent_at": self.sent_at,
                "created_at": self.created_at,
                "canvas": self.canvas,
                "archived": self.archived,
                "test": self.test,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A row of ``email.campaign_totals``. What the report leaves out is ``None``, never nought."""

    campaign: Campaign
    reported_at: datetime | None = None
    last_open: datetime | None = None
    last_click: datetime | None = None
    revenue: float | None = None
    currency: str = ""
    counts: Mapping[str, int | None] = field(default_factory=dict[str, int | None])

    def fact(self) -> Fact:
        """The totals as a row of their dataset, with what can be told from the others."""
        counts = {name: self.counts.get(name) for name in COUNTS}
        hard, soft = counts["hard_bounces"], counts["soft_bounces"]
        if counts["bounces"] is None and hard is not None and soft is not None:
            counts["bounces"] = hard + soft
        if counts["delivered"] is None and counts["recipients"] is not None and counts["bounces"] is not None:
            counts["delivered"] = counts["recipients"] - counts["bounces"]
        about = self.campaign
        return Fact(
            TOTALS,
            {
                "occurred_at": about.sent_at or UNDATED,
                "undated": about.sent_at is None,
                "reported_at": self.reported_at,
                "campaign": about.campaign,
                "channel": about.channel,
                "campaign_name": about.name,
                "subject": about.subject,
                "category": about.category,
                "audience": about.audience,
                "tags": about.tags,
                "canvas": about.canvas,
                "archived": about.archived,
                "test": about.test,
                **counts,
                "revenue": self.revenue,
                "currency": self.currency,
                "last_open": self.last_open,
                "last_click": self.last_click,
            },
        )


def hour(campaign: Campaign, start: datetime, counts: Mapping[str, int | None]) -> Fact:
    """A row of ``email.campaign_hours``. ``start`` is the hour's first moment, in UTC."""
    return Fact(
        HOURS,
        {
            "occurred_at": start,
            "campaign": campaign.campaign,
            "channel": campaign.channel,
            "sends": counts.get("sends"),
            "unique_opens": counts.get("unique_opens"),
            "unique_clicks": counts.get("unique_clicks"),
        },
    )
