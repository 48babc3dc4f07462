"""Which campaigns and Canvases have events, and what everything is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bilan.sdk import AnswerRow, Condition, QueryClient, Question
from bilan_email_campaigns.reports.campaign_records import CampaignRecord, ChannelKey
from bilan_email_campaigns.vocabulary import EVENTS

WHOLE = ("source", "channel", "campaign", "campaign_name", "canvas", "canvas_name")
DETAIL = ("variant", "variant_name", "step", "step_name")
DELIVERED, READ = "email.delivered", ("email.opens", "email.clicks")

Seen = tuple[datetime, Mapping[str, str]]
"""When a combination of keys and names last occurred."""
Named = tuple[str, ...]
"""A column, a source, and the keys down to the thing that has a name."""


@dataclass(frozen=True)
class Directory:
    """Looked up once for a report, over all time."""

    counted: frozenset[ChannelKey]
    names: Mapping[Named, str]
    undelivered: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """The sources with opens or clicks of e-mails and no delivery at all; when the last event of them was."""

    def name(self, column: str, *keys: str) -> str:
        """What a campaign, Canvas, variant or step is called; empty where nobody says."""
        return self.names.get((column, *keys), "")


def directory(
    client: QueryClient,
    where: Condition,
    campaign_records: tuple[CampaignRecord, ...],
    *,
    detail: bool = False,
) -> Directory:
    """The names of the selected messages: as senders list them, else as their latest event has them."""
    by = (*WHOLE, *DETAIL) if detail else WHOLE
    answer = client(Question(EVENTS, ("email.last_event", DELIVERED, *READ), by=by, where=where))
    seen: list[Seen] = [
        (row.values["email.last_event"], dict(zip(by, row.keys, strict=True))) for row in answer.rows
    ]
    return Directory(
        counted=frozenset(
            ChannelKey(row["source"], bool(row["canvas"]), row["canvas"] or row["campaign"], row["channel"])
            for _at, row in seen
        ),
        names={**_latest(seen), **_names_of(campaign_records)},
        undelivered=_undelivered(answer.rows),
    )


def _undelivered(rows: Iterable[AnswerRow]) -> dict[str, datetime]:
    rows = tuple(rows)
    delivered = {row.keys[0] for row in rows if row.values[DELIVERED]}
    read: dict[str, datetime] = {}
    for row in rows:
        source, at = row.keys[0], row.values["email.last_event"]
        if source not in delivered and any(row.values[key] for key in READ):
            read[source] = max(at, read.get(source, at))
    return read


def _latest(seen: list[Seen]) -> dict[Named, str]:
    # The later one wins; of two at the same moment the one later in the alphabet.
    mentions = [(at, name, named) for at, row in seen for named, name in _mentions(row) if name]
    return {named: name for _at, name, named in sorted(mentions)}


def _mentions(row: Mapping[str, str]) -> Iterator[tuple[Named, str]]:
    source, campaign, canvas = row["source"], row["campaign"], row["canvas"]
    yield (
        ("canvas" if canvas else "campaign", source, canvas or campaign),
        row["canvas_name"] if canvas else row["campaign_name"],
    )
    if "variant" in row:
        yield ("variant", source, row["campaign"], row["variant"]), row["variant_name"]
        yield ("step", source, canvas, row["step"]), row["step_name"]


def _names_of(campaign_records: tuple[CampaignRecord, ...]) -> dict[Named, str]:
    # Lists of campaigns come before reports with totals, and their names stand.
    return {
        ("canvas" if one.canvas else "campaign", one.source, one.key): one.name
        for one in reversed(campaign_records)
        if one.name
    }
