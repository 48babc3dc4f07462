"""One campaign in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from bilan.sdk import (
    AllOf,
    Answer,
    Block,
    Building,
    Cell,
    Choice,
    Is,
    Kpi,
    Kpis,
    Message,
    Notice,
    Origin,
    Question,
    Report,
    ReportRequest,
    Section,
    Table,
    TableColumn,
    Unit,
    section,
)
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.reports import breakdowns, findings, first_day, rankings, revenue
from bilan_email_campaigns.reports.campaign_records import campaign_records
from bilan_email_campaigns.reports.channel_findings import finding
from bilan_email_campaigns.reports.flags import flagged, threshold_metric, threshold_value
from bilan_email_campaigns.reports.headline_kpis import PEOPLE, headline_kpis
from bilan_email_campaigns.reports.reported_by_source import combined_figure
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.selection import Selection
from bilan_email_campaigns.reports.statistics import CHANNEL_LABELS, METRIC, channels_of, standard, with_parts
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, NAMESPACE, MessageChannel

COUNTS = tuple(
    f"{NAMESPACE}.{name}"
    for name in (
        "recipients", "sends", "delivered", "unique_opens", "opens", "last_open", "unique_clicks", "clicks",
        "last_click", "bounces", "hard_bounces", "soft_bounces", "unsubscribes", "spam_reports",
    )
)  # fmt: skip
DELIVERED, OPEN_RATE = f"{NAMESPACE}.delivered", f"{NAMESPACE}.open_rate"
RATES = tuple(metric.key for metric in RATE_METRICS)
MACHINES = tuple(
    f"{NAMESPACE}.{name}"
    for name in (
        "opens", "machine_opens", "human_opens", "unique_human_opens",
        "clicks", "machine_clicks", "human_clicks", "unique_human_clicks",
    )
)  # fmt: skip

BLOCKS = (
    Choice("overview", _("Overview")),
    Choice("revenue", _("Revenue")),
    Choice("machines", _("People and machines")),
    Choice("first_day", _("The first 24 hours")),
    Choice("links", _("Clicks by link")),
    Choice("places", _("Where it was read")),
    Choice("domains", _("Recipients' domains")),
    Choice("average", _("Beside the workspace's average")),
    *(
        Choice(channel.value, label)
        for channel, label in CHANNEL_LABELS.items()
        if channel != MessageChannel.EMAIL
    ),
)
"""The parts of the report by their keys."""


def build(request: ReportRequest, client: Building) -> Report:
    """Tiles, the first 24 hours, links, places, and the workspace's average beside the campaign's rates."""
    known = campaign_records(client)
    key: str = request["campaign"]
    tested = any(one.test for one in known if one.key == key and not one.canvas)
    chosen = Selection(known, campaigns=(key,), tests=tested or request["include_tests"])
    scope = Scope(request, client, chosen)
    campaign = CampaignReport(scope, key)
    return Report(
        title=campaign.name,
        subtitle=campaign.subject,
        span=scope.span,
        blocks=tuple(one for one in campaign.sections() if one.blocks),
        notes=tuple(campaign.notes()),
    )


@dataclass(frozen=True)
class CampaignReport:
    """The parts of the report."""

    scope: Scope
    key: str

    @cached_property
    def name(self) -> str:
        sources = sorted(self.scope.client.names)
        names = (self.scope.directory.name("campaign", source, self.key) for source in sources)
        return next(filter(None, names), self.key)

    @property
    def subject(self) -> str | None:
        mentions = (
            one.subject
            for one in self.scope.chosen.campaign_records
            if one.key == self.key and not one.canvas
        )
        return next(filter(None, mentions), None)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        return channels_of(self.scope.client, self.scope.chosen)

    @cached_property
    def figures(self) -> Answer:
        """Everything that is counted once for the whole campaign."""
        keys = with_parts((*COUNTS, *RATES, *MACHINES, *standard(self.channels)))
        scope = self.scope
        return scope.client(
            Question(EVENTS, keys, span=scope.span, where=scope.where, compare=scope.compared)
        )

    @property
    def origin(self) -> Origin:
        return self.scope.origin(self.figures)

    def sections(self) -> Iterator[Section]:
        """A section for each thing there is to say."""
        if MessageChannel.EMAIL in self.channels:
            yield section("overview", _("Overview"), self.overview)
            yield section("revenue", _("Revenue"), lambda: revenue.by_currency(self.scope))
            yield section("machines", _("People and machines"), self.machines)
            yield section("first_day", _("The first 24 hours"), self.first_day)
            yield section("links", _("Clicks by link"), lambda: breakdowns.links(self.scope))
            yield section("places", _("Where it was read"), lambda: breakdowns.places(self.scope))
            yield section("domains", _("Recipients' domains"), lambda: breakdowns.domains(self.scope))
            yield section("average", _("Beside the workspace's average"), self.average)
        for channel in (one for one in self.channels if one != MessageChannel.EMAIL):
            yield section(channel, CHANNEL_LABELS[MessageChannel(channel)], lambda c=channel: self.others(c))

    def overview(self) -> Iterator[Block]:
        """How many got it and what they made of it, then all other counts."""
        if not self.scope.directory.counted and not self.scope.now:
            yield Notice(_("Nothing is known of this campaign in this period."))
        tiles = headline_kpis(map(self.tile, (DELIVERED, *RATES)))
        yield Kpis("rates", tiles, self.origin, self.scope.headline(findings.engagement, self.figures))
        others = (self.tile(key) for key in COUNTS if key != DELIVERED)
        yield Kpis("counts", tuple(others), self.origin)

    def machines(self) -> Iterator[Block]:
        """Opens and clicks by proxies and scanners apart from those by people."""
        tiles = headline_kpis(map(self.tile, MACHINES), PEOPLE)
        yield Kpis("machines", tiles, self.origin, self.scope.headline(findings.machines, self.figures))

    def first_day(self) -> Iterable[Block]:
        """Opens and clicks hour by hour."""
        return first_day.blocks(self.scope, self.key)

    def others(self, channel: str) -> Iterator[Block]:
        """The counts of another channel."""
        tiles = map(self.tile, standard((channel,)))
        yield Kpis(channel, tuple(tiles), self.origin, self.scope.headline(finding(channel), self.figures))

    def tile(self, key: str) -> Kpi:
        """A tile, flagged where its rate is past the limit."""
        tile = self.scope.tile(key, self.figures)
        parts = {
            part: self.scope.tile(part, self.figures).value for part in with_parts((threshold_metric(key),))
        }
        shown = flagged(key, Cell(tile.value, tile.mark, tile.note), threshold_value(key, parts))
        assert isinstance(shown, Cell)  # noqa: S101 - a cell stays one
        return replace(tile, mark=shown.mark, note=shown.note)

    def average(self) -> Iterable[Block]:
        """The campaign's rates beside those of all campaigns together, ever, without tests."""
        every = Selection(self.scope.chosen.campaign_records)
        workspace = Scope(self.scope.request, self.scope.client, every, campaigns_only=True)
        dated = AllOf((workspace.where, Is("undated", False)))
        every_campaign = self.scope.client(Question(EVENTS, with_parts(RATES), where=dated))
        average = {key: combined_figure(key, every_campaign.totals, workspace.reported) for key in RATES}
        yield Table(
            key="average",
            title=_("Rates"),
            columns=(
                TableColumn(key="rate", label=_("Rate")),
                TableColumn(
                    key="campaign",
                    label=_("This campaign"),
                    unit=Unit.PROPORTION,
                    origin=self.origin,
                ),
                TableColumn(
                    key="workspace",
                    label=_("All campaigns"),
                    unit=Unit.PROPORTION,
                    origin=every_campaign.origin,
                ),
            ),
            rows=[[Cell(METRIC[key].label), self.tile(key).value, average[key]] for key in RATES],
            row_metrics=RATES,
            headline=self.scope.headline(
                lambda now, _before: rankings.beside_average(
                    now[OPEN_RATE], now[DELIVERED], average[OPEN_RATE]
                ),
                self.figures,
            ),
            note=_(
                "All campaigns of the workspace so far, without tests. "
                "Their sums are divided; rates are never averaged."
            ),
            file="average",
        )

    def notes(self) -> Iterator[Message]:
        """What a reader must know."""
        if self.scope.now:
            yield _(
                "Only the totals of the sender's report are known, since the campaign was sent. "
                "They are marked, and not cut to the period."
            )
        yield from self.scope.uncompared()
        yield from self.scope.undelivered(RATES)
        if len({place.source for place in self.scope.directory.counted}) > 1:
            yield _("More than one source has a campaign with this key; the figures hold them all.")
