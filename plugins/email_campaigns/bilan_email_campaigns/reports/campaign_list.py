"""The list of campaigns, with what asks for attention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from bilan.sdk import (
    Answer,
    AnswerRow,
    Block,
    Building,
    Cell,
    Choice,
    Kpis,
    Notice,
    Question,
    Report,
    ReportRequest,
    Table,
    TableColumn,
    Unit,
    Value,
    plain_value,
    section,
)
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.reports import revenue
from bilan_email_campaigns.reports.campaign_attributes import AttributeIndex, campaign_attributes
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.channel_findings import finding
from bilan_email_campaigns.reports.flags import flagged, threshold_metric, threshold_value
from bilan_email_campaigns.reports.headline_kpis import HEADLINE, headline_kpis
from bilan_email_campaigns.reports.rankings import Rated, best_click_rate
from bilan_email_campaigns.reports.reported_by_source import cell
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.selection import selection
from bilan_email_campaigns.reports.statistics import CHANNEL_NAMES, METRIC, channels_of, standard, with_parts
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, NAMESPACE, MessageChannel

COUNTS, RATES = "counts", "rates"
COUNTED = tuple(
    f"{NAMESPACE}.{name}"
    for name in (
        "recipients", "delivered", "unique_opens", "unique_clicks", "hard_bounces", "soft_bounces",
        "unsubscribes", "spam_reports",
    )
)  # fmt: skip
RATED = tuple(metric.key for metric in RATE_METRICS)
SHOWN = 10
"""Columns of the table on pages, slides and paper; data files hold all there are."""
TELLING = {
    COUNTS: (
        "delivered", "unique_opens", "unique_clicks", "unsubscribes", "spam_reports", "hard_bounces",
        "recipients", "soft_bounces",
    ),
    RATES: (
        "delivery_rate", "open_rate", "click_rate", "complaint_rate", "unsubscribe_rate",
        "click_to_open_rate", "hard_bounce_rate", "soft_bounce_rate", "human_open_rate",
    ),
}  # fmt: skip
"""The statistics of e-mail, the most telling first: as many as fit are shown where nobody chose."""
LEADING = tuple(line[0] for line in HEADLINE)
"""What the tiles of e-mail show first, whatever was chosen for the list."""
SORTS = (
    Choice("sent", _("Sent")),
    Choice("name", _("Campaign name")),
    *(Choice(key.partition(".")[2], METRIC[key].label) for key in (*COUNTED, *RATED)),
)

BLOCKS = (
    Choice("overview", _("Overview")),
    Choice("campaigns", _("Campaigns")),
    Choice("revenue", _("Revenue")),
)
"""The parts of the report by their keys."""


def build(request: ReportRequest, client: Building) -> Report:
    """Tiles over all campaigns of the period, then a row for each."""
    scope = Scope(request, client, selection(client, request.values), campaigns_only=True)
    campaign_list_report = CampaignList(scope)
    money = section("revenue", _("Revenue"), campaign_list_report.revenue)
    return Report(
        title=_("Campaigns"),
        span=scope.span,
        blocks=(
            section("overview", _("Overview"), campaign_list_report.overview),
            section("campaigns", _("Campaigns"), campaign_list_report.table),
            *((money,) if money.blocks else ()),
        ),
        notes=(*scope.uncompared(), *scope.undelivered(campaign_list_report.asked)),
    )


@dataclass(frozen=True)
class Line:
    """A campaign in the list, what it is sorted by, and how it was clicked."""

    sort: Any
    clicked: Rated
    cells: list[Value]


@dataclass(frozen=True)
class CampaignList:
    """The parts of the report."""

    scope: Scope

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Those that occur in the period; those of the selected campaigns where none does."""
        scope = self.scope
        events = Question(EVENTS, ("email.first_event",), span=scope.span, by=("channel",), where=scope.where)
        present = {row.keys[0] for row in scope.client(events).rows} | {one.channel for one in scope.now}
        found = tuple(channel.value for channel in MessageChannel if channel in present)
        return found or channels_of(scope.client, scope.chosen)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """All statistics of the list: those that were chosen, and the usual ones, of which files hold all."""
        rates = self.scope.request["show"] == RATES
        email = (RATED if rates else COUNTED) if MessageChannel.EMAIL in self.channels else ()
        others = () if rates else standard(one for one in self.channels if one != MessageChannel.EMAIL)
        return tuple(dict.fromkeys((*self.chosen, *email, *others)))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The statistics that somebody chose."""
        return tuple(self.scope.request["statistics"] or ())

    @cached_property
    def shown(self) -> frozenset[str]:
        """The statistics that people see: the chosen ones, else as many as leave the table legible."""
        if self.chosen:
            return frozenset(self.chosen)
        telling = [f"{NAMESPACE}.{name}" for name in TELLING[self.scope.request["show"]]]
        others = [key for key in self.keys if METRIC[key].group != MessageChannel.EMAIL]
        # Each other channel by its first count, before e-mail's finer points.
        firsts = {METRIC[key].group: key for key in reversed(others)}
        order = dict.fromkeys((*telling[:5], *reversed(firsts.values()), *telling, *others))
        room = SHOWN - sum(not column.data for column in self._who())
        return frozenset([key for key in order if key in self.keys][:room])

    @property
    def asked(self) -> tuple[str, ...]:
        """Everything that is counted: what is shown, sorted by, or decides about a flag."""
        leading = LEADING if MessageChannel.EMAIL in self.channels else ()
        return with_parts((*self.keys, *map(threshold_metric, self.keys), *leading, *self._sorted_by()))

    @cached_property
    def answer(self) -> Answer:
        scope = self.scope
        return scope.client(
            Question(
                EVENTS,
                self.asked,
                span=scope.span,
                by=("source", "campaign"),
                where=scope.where,
                compare=scope.compared,
            )
        )

    @cached_property
    def campaign_attributes(self) -> AttributeIndex:
        return campaign_attributes(self.scope)

    def overview(self) -> Iterator[Block]:
        """The statistics over all listed campaigns, a channel at a time."""
        origin = self.scope.origin(self.answer)
        for channel in self.channels:
            keys = [key for key in self.keys if METRIC[key].group == channel]
            shown = dict.fromkeys((*LEADING, *keys)) if channel == MessageChannel.EMAIL else keys
            if shown:
                tiles = headline_kpis(self.scope.tile(key, self.answer) for key in shown)
                yield Kpis(channel, tiles, origin, self.scope.headline(finding(channel), self.answer))

    def table(self) -> Iterator[Block]:
        """A row for each campaign with an event or a stated total in the period."""
        lines = [*map(self.counted, self.answer.rows), *map(self.as_reported, self.scope.now)]
        if not lines:
            yield Notice(_("There are no campaigns in this period."))
            return
        ascending = bool(self.scope.request["ascending"])
        known = sorted((line for line in lines if line.sort is not None), key=lambda line: line.sort,
                       reverse=not ascending)  # fmt: skip
        unknown = [line for line in lines if line.sort is None]
        made = Table(
            key="campaigns",
            title=_("Campaigns"),
            columns=tuple(self.columns()),
            note=_(
                "Complaints above {complaints:proportion} and unsubscribes above {unsubscribes:proportion} "
                "of delivered e-mails are flagged.",
                complaints=0.001,
                unsubscribes=0.015,
            ),
            file="campaigns",
            origin=self.scope.origin(self.answer),
            headline=best_click_rate(line.clicked for line in lines),
        )
        yield self.scope.client.keep(made, (line.cells for line in (*known, *unknown)))

    def revenue(self) -> Iterator[Block]:
        """What the campaigns brought in, where senders say so."""
        yield from revenue.by_currency(self.scope)
        yield from revenue.by_campaign(self.scope)

    def counted(self, row: AnswerRow) -> Line:
        """A campaign whose events were counted."""
        source, key = row.keys
        figures = {name: plain_value(value) for name, value in row.values.items()}
        return self._line(source, key, False, figures)

    def as_reported(self, one: CampaignRecord) -> Line:
        """A campaign of which only stated totals are known."""
        return self._line(one.source, one.key, True, {name: cell(name, None, (one,)) for name in self.asked})

    def columns(self) -> Iterator[TableColumn]:
        """Who it is, then the figures. Data files hold all of them."""
        yield from self._who()
        for key in self.keys:
            yield replace(TableColumn.of(METRIC[key]), data=key not in self.shown)

    def _who(self) -> Iterator[TableColumn]:
        if self._several:
            one = len({row.keys[0] for row in self.answer.rows} | {one.source for one in self.scope.now}) < 2
            yield TableColumn(key="source", label=_("Source"), data=one)
        yield TableColumn(key="campaign", label=_("Campaign"), data=True)
        yield TableColumn(key="campaign_name", label=_("Campaign name"))
        yield TableColumn(key="sent", label=_("Sent"), unit=Unit.INSTANT)
        yield TableColumn(
            key="channels",
            label=_("Channels"),
            unit=Unit.TEXTS,
            names=CHANNEL_NAMES,
            data=len(self.channels) == 1,
        )
        yield TableColumn(key="category", label=_("Category"), data=True)
        yield TableColumn(key="tags", label=_("Tags"), unit=Unit.TEXTS, data=True)
        yield TableColumn(key="as_reported", label=_("As reported"), unit=Unit.BOOLEAN, data=True)

    @property
    def _several(self) -> bool:
        return len(self.scope.client.names) > 1

    def _line(self, source: str, key: str, reported: bool, figures: dict[str, Value]) -> Line:
        who = self.campaign_attributes.of(source, key)
        name = who.name or key
        cells: list[Value] = [self.scope.client.names.get(source, source)] if self._several else []
        cells += [
            key,
            who.name or key,
            plain_value(who.sent),
            list(who.channels),
            who.category,
            list(who.tags),
            reported,
        ]
        cells += [flagged(name, figures[name], threshold_value(name, figures)) for name in self.keys]
        return Line(self._sort_value(name, who.sent, figures), self._clicked(name, reported, figures), cells)

    def _clicked(self, name: str, reported: bool, figures: dict[str, Value]) -> Rated:
        rate, delivered = (figures.get(key) for key in ("email.click_rate", "email.delivered"))
        rate, delivered = (one.value if isinstance(one, Cell) else one for one in (rate, delivered))
        return Rated(
            name,
            rate if isinstance(rate, float | int) else None,
            delivered if isinstance(delivered, int) else None,
            reported,
        )

    def _sorted_by(self) -> tuple[str, ...]:
        chosen: str = self.scope.request["sort"]
        return () if chosen in ("sent", "name") else (f"{NAMESPACE}.{chosen}",)

    def _sort_value(self, name: str, sent: datetime | None, figures: dict[str, Value]) -> Any:
        match self.scope.request["sort"]:
            case "sent":
                return sent
            case "name":
                return name.casefold()
            case chosen:
                value = figures[f"{NAMESPACE}.{chosen}"]
                return value.value if isinstance(value, Cell) else value
