"""How an engagement report is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bilan.sdk import (
    AllOf,
    Answer,
    Block,
    Building,
    Choice,
    IntervalUnit,
    Invalid,
    Is,
    Kpis,
    Message,
    Notice,
    Question,
    Report,
    ReportRequest,
    Section,
    section,
)
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.reports import timelines
from bilan_email_campaigns.reports.channel_findings import finding
from bilan_email_campaigns.reports.engagement_tables import TableShape, table
from bilan_email_campaigns.reports.headline_kpis import headline_kpis
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.selection import selection
from bilan_email_campaigns.reports.statistics import CHANNEL_LABELS, METRIC, channels_of, standard, with_parts
from bilan_email_campaigns.reports.timelines import Timeline, drawable
from bilan_email_campaigns.textdomain import _, ngettext
from bilan_email_campaigns.vocabulary import EVENTS

WHOLE, DETAIL = "campaign", "variant"
ALL, MESSAGES = "all", "messages"
SECTIONS: tuple[tuple[str, Message], ...] = (
    (ALL, _("All channels")),
    *((channel.value, label) for channel, label in CHANNEL_LABELS.items()),
)
BLOCKS = (*(Choice(key, label) for key, label in SECTIONS), Choice(MESSAGES, _("Messages")))
"""The parts of the report by their keys."""


def build(request: ReportRequest, client: Building) -> Report:
    """Tiles and charts for each channel, then the tables that become the data files."""
    if request["interval"].unit is IntervalUnit.HOUR:
        raise Invalid(
            _("An engagement report is broken down by days, weeks, months, quarters or not at all."),
            ("interval",),
        )
    scope = Scope(request, client, selection(client, request.values), detail=request["level"] == DETAIL)
    report = Engagement(scope)
    return Report(
        title=_("Engagement report"),
        span=scope.span,
        blocks=(*report.overview(), section(MESSAGES, _("Messages"), report.tables)),
        notes=(*notes(scope), *report.notes()),
    )


@dataclass(frozen=True)
class Engagement:
    """The parts of the report."""

    scope: Scope

    @cached_property
    def statistics(self) -> tuple[str, ...]:
        """The metrics' keys, as chosen, or those of the messages' channels."""
        request = self.scope.request
        channels = channels_of(self.scope.client, self.scope.chosen)
        chosen: tuple[str, ...] = request["statistics"] or standard(channels)
        rates = [rate.key for rate in RATE_METRICS if request["rates"] and rate.group in channels]
        return tuple(dict.fromkeys((*chosen, *rates)))

    @cached_property
    def summary(self) -> Answer:
        """All messages together over time, and over the whole period."""
        scope = self.scope
        question = Question(
            EVENTS,
            with_parts(self.statistics),
            span=scope.span,
            interval=drawable(scope.request["interval"], scope.span),
            where=scope.where,
            compare=scope.compared,
        )
        return scope.client(question)

    @cached_property
    def charted(self) -> Answer:
        """What the charts show."""
        return timelines.charted(self.scope, self.channels.values(), self.summary)

    @cached_property
    def channels(self) -> dict[str, list[str]]:
        """The chosen statistics by channel, in the usual order."""
        groups = {name: "" if name == ALL else name for name, _label in SECTIONS}
        found = {
            name: [k for k in self.statistics if METRIC[k].group == group] for name, group in groups.items()
        }
        return {name: keys for name, keys in found.items() if keys}

    def overview(self) -> Iterator[Section]:
        """A section for each channel that has a chosen statistic."""
        labels = dict(SECTIONS)
        for name, keys in self.channels.items():
            yield section(name, labels[name], lambda n=name, k=keys: self.channel(n, k))

    def notes(self) -> Iterator[Message]:
        """What a reader must know of rates and charts. Where nothing could be rendered, its part says so."""
        yield from self.scope.uncompared()
        yield from self.scope.undelivered(self.statistics)
        if "charted" in vars(self):
            yield from timelines.notes(self.scope, self.charted)

    def channel(self, name: str, keys: list[str]) -> Iterator[Block]:
        """The channel's statistics as tiles, its counts and its rates over time."""
        tiles = headline_kpis(self.scope.tile(key, self.summary) for key in keys)
        yield Kpis(
            name, tiles, self.scope.origin(self.summary), self.scope.headline(finding(name), self.summary)
        )
        yield from Timeline(self.scope, name, keys, self.charted).charts()

    def tables(self) -> Iterable[Block]:
        """The campaigns' table and the Canvases'; an empty one is left out."""
        scope = self.scope
        shape = TableShape(scope, self.statistics, scope.request["interval"])
        known = [*scope.directory.counted, *(one.channel_key for one in scope.now)]
        made = [
            table(shape, canvas=canvas) for canvas in (False, True) if canvas in {p.canvas for p in known}
        ]
        found = [one for one in made if one.rows or one.part]
        return found or [Notice(_("Nothing is known of the selected messages in this period."))]


def notes(scope: Scope) -> Iterator[Message]:
    """What a reader must know before comparing figures."""
    undated = AllOf((scope.where, Is("undated", True)))
    if any(True for _row in scope.client.rows(EVENTS, ("kind",), where=undated, limit=1)):
        yield _("Some events carry no time. They are in no period and so not in this report.")
    if scope.now:
        yield ngettext(
            "For one campaign only the totals of its sender's report are known. "
            "They are marked, cannot be broken down by time, and stand in a row of their own.",
            "For {count} campaigns only the totals of their senders' reports are known. "
            "They are marked, cannot be broken down by time, and stand in rows of their own.",
            count=len(scope.now),
        )
    left = [one for one in scope.reported if one.sent_at is None and one not in scope.now]
    if left:
        yield ngettext(
            "One campaign is left out because its sender's report gives no send date.",
            "{count} campaigns are left out because their senders' reports give no send date.",
            count=len(left),
        )
