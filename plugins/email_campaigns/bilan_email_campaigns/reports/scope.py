"""What a report covers: its messages, its days, and the totals that stand in where events are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bilan.sdk import (
    AllOf,
    Answer,
    Building,
    Condition,
    Is,
    Kpi,
    Message,
    Not,
    Origin,
    Present,
    Preset,
    ReportRequest,
    Span,
)
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.channel_findings import Finding
from bilan_email_campaigns.reports.directory import DELIVERED, Directory, directory
from bilan_email_campaigns.reports.reported_by_source import reported_origin, within, without_events
from bilan_email_campaigns.reports.selection import Selection
from bilan_email_campaigns.reports.statistics import METRIC, denominators
from bilan_email_campaigns.reports.tiles import compared_tile
from bilan_email_campaigns.textdomain import ngettext
from bilan_email_campaigns.vocabulary import EVENTS, MessageChannel

CAMPAIGNS = (Present("campaign"), Not(Present("canvas")))


@dataclass(frozen=True)
class Scope:
    """One report on its way; what several parts need is asked once."""

    request: ReportRequest
    client: Building
    chosen: Selection
    detail: bool = False
    """Whether variants and steps are told apart."""
    campaigns_only: bool = False
    """Whether Canvases and messages outside campaigns are left out."""

    @property
    def where(self) -> Condition:
        """The events of the selected messages."""
        return AllOf((self.chosen.condition, *(CAMPAIGNS if self.campaigns_only else ())))

    @cached_property
    def directory(self) -> Directory:
        return directory(self.client, self.where, self.chosen.campaign_records, detail=self.detail)

    @cached_property
    def reported(self) -> tuple[CampaignRecord, ...]:
        """The totals that stand in for messages without events, whenever they were sent."""
        campaign_records = (
            one for one in self.chosen.campaign_records if not (one.canvas and self.campaigns_only)
        )
        selected = (one for one in campaign_records if self.chosen.holds(one))
        return without_events(selected, self.directory.counted)

    @property
    def since_oldest(self) -> bool:
        """Whether the report begins with its oldest message, so that nothing of it is left out."""
        return self.request.period.preset is Preset.SINCE_OLDEST

    @cached_property
    def span(self) -> Span:
        if not self.since_oldest:
            return self.request.span()
        seen = self.client.extent(EVENTS, where=AllOf((self.where, Is("undated", False))))
        starts = [seen[0]] if seen else []
        starts += [one.sent_at for one in self.reported if one.sent_at is not None]
        return self.request.span(min(starts, default=None))

    @property
    def compared(self) -> Span | None:
        """The days that are compared with."""
        return self.request.compare.of(self.span)

    @cached_property
    def now(self) -> tuple[CampaignRecord, ...]:
        """The totals of what was sent in the period; since the oldest, also of what states no time."""
        return within(self.reported, self.span, undated=self.since_oldest)

    @cached_property
    def before(self) -> tuple[CampaignRecord, ...]:
        """The totals of what was sent in the days compared with."""
        return within(self.reported, self.compared, undated=False) if self.compared else ()

    def counted(self, metric: str, figures: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The counted figures, or ``None`` where the metric has nothing but stated totals to go by."""
        seen = any(place.channel == MessageChannel.EMAIL for place in self.directory.counted)
        return figures if seen or not self.now or METRIC[metric].group != MessageChannel.EMAIL else None

    @cached_property
    def comparable(self) -> bool:
        """Whether both spans are over, were watched from the first day on, and hold no stated totals."""
        before = self.compared
        if before is None or self.before or self.span.instants[1] > self.request.as_of:
            return False
        seen = self.client.extent(EVENTS, where=AllOf((self.where, Is("undated", False))))
        return seen is not None and seen[0] <= before.instants[0]

    def headline(self, finding: Finding | None, answer: Answer) -> Message | None:
        """What counted figures say; of stated totals, which are not cut to the period, nothing is said."""
        if finding is None or self.now:
            return None
        return finding(answer.totals, answer.previous_totals if self.comparable else None)

    def undelivered(self, keys: Iterable[str]) -> tuple[Message, ...]:
        """Which sources report no deliveries, where some of these statistics are shares of them.

        One that fell silent before the days that are shown or compared with is in none of the rates.
        """
        first = (self.compared or self.span).instants[0]
        read = self.directory.undelivered
        names = sorted(
            self.client.names.get(source, source) for source, last in read.items() if last >= first
        )
        if not names or DELIVERED not in denominators(keys):
            return ()
        return (
            ngettext(
                "{sources} reports opens or clicks and no deliveries: "
                "rates of delivered e-mails that hold them are too high, or cannot be stated.",
                "{sources} report opens or clicks and no deliveries: "
                "rates of delivered e-mails that hold them are too high, or cannot be stated.",
                count=len(names), sources=", ".join(names),
            ),
        )  # fmt: skip

    def origin(self, answer: Answer) -> Origin:
        """What the figures of an answer were counted from, and where stated ones come from."""
        return answer.origin.beside(reported_origin(self.now, self.client.names))

    def tile(self, key: str, answer: Answer) -> Kpi:
        """A statistic over the whole period, held against the comparison; stated totals are marked."""
        return compared_tile(
            key,
            self.counted(key, answer.totals),
            self.now,
            answer.previous_totals,
            self.before,
            compared=self.compared is not None,
        )
