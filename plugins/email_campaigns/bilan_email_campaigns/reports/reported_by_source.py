"""Totals that senders state, held beside counted figures and never mixed with them in silence.

See docs/decisions/018.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    AllOf,
    AnyOf,
    Cell,
    In,
    Is,
    Mark,
    Message,
    Origin,
    Ratio,
    Span,
    Unit,
    Value,
    packed,
    plain_value,
)
from bilan_email_campaigns.reports.campaign_records import CampaignRecord, ChannelKey
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import NAMESPACE, TOTALS

Figure = Any
"""A number, a moment, or ``None``."""

COLUMNS: Mapping[str, str] = {
    # Whoever states totals states recipients, one e-mail each.
    "email.sends": "recipients",
    "email.recipients": "recipients",
    "email.delivered": "delivered",
    "email.bounces": "bounces",
    "email.hard_bounces": "hard_bounces",
    "email.soft_bounces": "soft_bounces",
    "email.opens": "opens",
    "email.unique_opens": "unique_opens",
    "email.machine_opens": "machine_opens",
    "email.clicks": "clicks",
    "email.unique_clicks": "unique_clicks",
    "email.unsubscribes": "unsubscribes",
    "email.spam_reports": "complaints",
    "email.last_open": "last_open",
    "email.last_click": "last_click",
}
"""Which stated total stands for which statistic. Recipients of different campaigns never overlap
in these statistics, so stated totals of several campaigns may be summed."""


REPORTED: Mapping[str, str] = {
    **{key: f"{NAMESPACE}.reported_{column}" for key, column in COLUMNS.items()},
    **{
        key: f"{NAMESPACE}.reported_{key.partition('.')[2]}"
        for key, metric in METRIC.items()
        if isinstance(metric.formula, Ratio)
        and {metric.formula.numerator, metric.formula.denominator} <= COLUMNS.keys()
    },
}
"""Which metric over stated totals stands for which statistic."""


def reported_origin(totals: tuple[CampaignRecord, ...], names: Mapping[str, str]) -> Origin | None:
    """Where stated figures come from: the totals of these campaigns and Canvases."""
    if not totals:
        return None

    def kind(one: CampaignRecord) -> tuple[str, str, bool]:
        return one.source, one.channel, one.canvas

    parts = tuple(
        AllOf(
            (
                Is("source", source),
                Is("channel", channel),
                Is("canvas", canvas),
                In("campaign", tuple(sorted(one.key for one in found))),
            )
        )
        for (source, channel, canvas), found in groupby(sorted(totals, key=kind), key=kind)
    )
    several = len(names) != 1
    return Origin(
        dataset=TOTALS,
        where=packed(AnyOf(parts)),
        by=("source", "campaign") if several else ("campaign",),
        sources={name: source for source, name in names.items()} if several else {},
        metrics=dict(REPORTED),
    )


def reported_figure(metric: str, totals: Iterable[CampaignRecord]) -> Figure:
    """The statistic over these totals; rates divide sums, over the totals that state both parts."""
    formula = METRIC[metric].formula
    if isinstance(formula, Ratio):
        return formula.divided(*_parts(formula, totals))
    reported = [_reported(metric, one) for one in totals]
    known = [figure for figure in reported if figure is not None]
    return _joined(metric, known)


def combined_figure(metric: str, counted: Mapping[str, Any], totals: Iterable[CampaignRecord]) -> Figure:
    """The statistic over counted events and stated totals; rates divide the sums of both."""
    formula = METRIC[metric].formula
    if not isinstance(formula, Ratio):
        known = [one for one in (counted[metric], reported_figure(metric, totals)) if one is not None]
        return _joined(metric, known)
    return formula.divided(*_sums(formula, counted, totals))


def cell(metric: str, counted: Mapping[str, Any] | None, totals: tuple[CampaignRecord, ...]) -> Value:
    """The figure for a table or a tile, marked unless it was counted alone.

    ``counted`` holds the counted figures by metric, or ``None`` where no event was seen.
    """
    reported = reported_figure(metric, totals)
    if counted is None:
        return None if reported is None else Cell(plain_value(reported), Mark.REPORTED)
    if note := _outnumbered(metric, counted, totals):
        return Cell(None, Mark.MIXED if reported is not None else None, note)
    if reported is None:
        return plain_value(counted[metric])
    note = _mixed_note(metric, counted[metric], reported)
    return Cell(plain_value(combined_figure(metric, counted, totals)), Mark.MIXED, note)


def without_events(
    campaign_records: Iterable[CampaignRecord], counted: frozenset[ChannelKey]
) -> tuple[CampaignRecord, ...]:
    """The stated totals of campaigns and Canvases of which no event was ever seen."""
    return tuple(one for one in campaign_records if one.figures and one.channel_key not in counted)


def within(totals: Iterable[CampaignRecord], span: Span, *, undated: bool) -> tuple[CampaignRecord, ...]:
    """Those sent in the span, by the time of sending; ``undated`` adds those that state none."""
    start, end = span.instants
    dated = [one for one in totals if one.sent_at is not None and start <= one.sent_at < end]
    others = [one for one in totals if one.sent_at is None] if undated else []
    return (
        *sorted(dated, key=lambda one: (one.sent_at, one.channel_key)),
        *sorted(others, key=lambda one: one.channel_key),
    )


def local_day(at: datetime | None, zone: str) -> str | None:
    """The day of a moment in a zone."""
    return None if at is None else at.astimezone(ZoneInfo(zone)).date().isoformat()


def _joined(metric: str, known: list[Any]) -> Figure:
    """The latest of some moments, the sum of some numbers."""
    if not known:
        return None
    return max(known) if METRIC[metric].unit is Unit.INSTANT else sum(known)


def _outnumbered(metric: str, counted: Mapping[str, Any], totals: Iterable[CampaignRecord]) -> Message | None:
    """Why no rate is stated of these parts, where more is known of the part than of the whole."""
    formula = METRIC[metric].formula
    if not isinstance(formula, Ratio) or not formula.proportion:
        return None
    above, below = _sums(formula, counted, totals)
    if not formula.numerator_exceeds_denominator(above, below):
        return None
    return _(
        "{part} ({above:count}) outnumber {whole} ({below:count}), so no rate is stated.",
        part=METRIC[formula.numerator].label, above=above,
        whole=METRIC[formula.denominator].label, below=below,
    )  # fmt: skip


def _mixed_note(metric: str, counted: Figure, reported: Figure) -> Message | None:
    if METRIC[metric].unit is Unit.INSTANT:
        return None
    if METRIC[metric].unit is Unit.PROPORTION:
        return _(
            "{counted:proportion} counted from events, {stated:proportion} as senders' reports state it.",
            counted=counted,
            stated=reported,
        )
    return _(
        "{counted:count} counted from events, {stated:count} as senders' reports state it.",
        counted=counted,
        stated=reported,
    )


def _reported(metric: str, one: CampaignRecord) -> Any:
    return one.figures.get(COLUMNS.get(metric, ""))


def _parts(formula: Ratio, totals: Iterable[CampaignRecord]) -> tuple[int, int]:
    pairs = [(_reported(formula.numerator, one), _reported(formula.denominator, one)) for one in totals]
    known = [(above, below) for above, below in pairs if above is not None and below is not None]
    return sum(above for above, _below in known), sum(below for _above, below in known)


def _sums(formula: Ratio, counted: Mapping[str, Any], totals: Iterable[CampaignRecord]) -> tuple[int, int]:
    above, below = _parts(formula, totals)
    return above + (counted[formula.numerator] or 0), below + (counted[formula.denominator] or 0)
