"""What a report covers: its messages, its days, and the totals that stand in where events are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bilan.sdk import (
    AllOf,
    Answer,
    Building,
    Condition,
    In,
    Is,
    Kpi,
    Message,
    Not,
    Origin,
    Present,
    Preset,
    Question,
    ReportRequest,
    Span,
    Value,
)
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.channel_findings import Finding
from bilan_email_campaigns.reports.directory import DELIVERED, Directory, directory
from bilan_email_campaigns.reports.reported_by_source import cell, reported_origin, within, without_events
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
    kept: dict[tuple[str, ...], Mapping[str, Any]] = field(
        default_factory=dict[tuple[str, ...], Mapping[str, Any]], compare=False
    )
    """The totals of the sources with a past, by the metrics that were asked."""

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
    def without_past(self) -> tuple[str, ...]:
        """The sources with figures in the period and none before, where others have some in both."""
        if self.compared is None:
            return ()
        found = Question(EVENTS, ("email.first_event",), self.span, by=("source",), where=self.where)
        now = {row.keys[0] for row in self.client(found).rows} | {one.source for one in self.now}
        earlier = replace(found, span=self.compared)
        before = {row.keys[0] for row in self.client(earlier).rows} | {one.source for one in self.before}
        return tuple(sorted(now - before)) if now & before else ()

    def like_for_like(self, key: str, answer: Answer) -> Value:
        """What of a figure can be held against the comparison: nothing to say where that is all of it."""
        if not self.without_past:
            return None
        totals = tuple(one for one in self.now if one.source not in self.without_past)
        return cell(key, self.counted(key, self._alike(answer.question.metrics)), totals)

    def _alike(self, metrics: tuple[str, ...]) -> Mapping[str, Any]:
        if metrics not in self.kept:
            others = AllOf((self.where, Not(In("source", self.without_past))))
            self.kept[metrics] = self.client(Question(EVENTS, metrics, span=self.span, where=others)).totals
        return self.kept[metrics]

    def uncompared(self) -> tuple[Message, ...]:
        """Which sources are left out of the changes, because they have no past."""
        names = sorted(self.client.names.get(source, source) for source in self.without_past)
        if not names:
            return ()
        return (
            ngettext(
                "{sources} has no figures in the period compared with, and is left out of the changes.",
                "{sources} have no figures in the period compared with, and are left out of the changes.",
                count=len(names), sources=", ".join(names),
            ),
        )  # fmt: skip

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
        told = self.comparable and not self.without_past
        return finding(answer.totals, answer.previous_totals if told else None)

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
            alike=self.like_for_like(key, answer),
        )
