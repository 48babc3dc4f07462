"""What a campaign is called, when it was sent, and what it is filed under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bilan.sdk import AllOf, Is, Present, Question
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.vocabulary import EVENTS, MessageChannel

SourceCampaign = tuple[str, str]
"""A source and the campaign's key in it."""


@dataclass(frozen=True)
class CampaignAttributes:
    """One campaign's own description."""

    name: str = ""
    sent: datetime | None = None
    channels: tuple[str, ...] = ()
    category: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttributeIndex:
    """The descriptions of all campaigns that a report lists."""

    known: Mapping[SourceCampaign, CampaignAttributes]

    def of(self, source: str, key: str) -> CampaignAttributes:
        """A campaign's description."""
        return self.known.get((source, key), CampaignAttributes())


def campaign_attributes(scope: Scope) -> AttributeIndex:
    """What senders list counts before what events say; tags of both are joined."""
    found: dict[SourceCampaign, CampaignAttributes] = {}
    _from_events(scope, found)
    # The first mention of something is the one that stands.
    for one in reversed(scope.chosen.campaign_records):
        if one.canvas:
            continue
        known = found.get((one.source, one.key), CampaignAttributes())
        found[one.source, one.key] = replace(
            known,
            sent=one.sent_at or known.sent,
            channels=_ordered({*known.channels, one.channel}),
            category=one.category or known.category,
            tags=tuple(sorted({*known.tags, *one.tags})),
        )
    return AttributeIndex(
        {
            who: replace(attributes, name=scope.directory.name("campaign", *who))
            for who, attributes in found.items()
        }
    )


def _from_events(scope: Scope, found: dict[SourceCampaign, CampaignAttributes]) -> None:
    dated = AllOf((scope.where, Is("undated", False)))
    by = ("source", "campaign", "channel", "category")
    first = ("email.first_send", "email.first_event")
    for row in scope.client(Question(EVENTS, first, by=by, where=dated)).rows:
        source, key, channel, category = row.keys
        known = found.get((source, key), CampaignAttributes())
        sent = row.values["email.first_send"]
        found[source, key] = replace(
            known,
            sent=min(filter(None, (known.sent, sent)), default=None),
            channels=_ordered({*known.channels, channel}),
            category=known.category or category,
        )
    with_tags = AllOf((scope.where, Present("tags")))
    tagged = Question(EVENTS, ("email.first_event",), by=("source", "campaign", "tags"), where=with_tags)
    for row in scope.client(tagged).rows:
        source, key, tag = row.keys
        known = found.get((source, key), CampaignAttributes())
        found[source, key] = replace(known, tags=tuple(sorted({*known.tags, tag})))


def _ordered(channels: set[str]) -> tuple[str, ...]:
    return tuple(channel.value for channel in MessageChannel if channel in channels)
