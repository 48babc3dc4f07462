"""The report on buttons: who clicked where, and which part of the clicks became conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from bilan.sdk import (
    Answer,
    AnswerRow,
    Block,
    Building,
    Chart,
    ChartKind,
    Choice,
    Choices,
    Example,
    FilterValue,
    Interval,
    IntervalUnit,
    Message,
    Notice,
    Order,
    Parameter,
    ParameterKind,
    QueryClient,
    Question,
    Report,
    ReportKind,
    ReportRequest,
    Series,
    Values,
    answer_table,
    section,
    tiles,
    timeline,
)
from bilan_whatsapp_inbox.button.datasets import CLICK_DATASET, DIMENSIONS
from bilan_whatsapp_inbox.button.metrics import CLICKS, CONVERSION, FROM_BUTTONS, LED, MISSED, SHARE
from bilan_whatsapp_inbox.reports.filtering import FILTER, filters_of
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import BUTTON_CLICKS, CONVERSATIONS, NAMESPACE

FIGURES = (CLICKS, LED, CONVERSION)
ALL = f"{NAMESPACE}.all_conversations"
CHARTED = 8
"""Bars of a picture; the table has all."""
LISTED = 1_000
ENOUGH = 30
"""Clicks of a value below which its conversion says little."""
TITLES = {
    "button": _("Clicks by button"),
    "referrer": _("Clicks by referrer"),
    "utm_source": _("Clicks by UTM source"),
    "utm_medium": _("Clicks by UTM medium"),
    "utm_campaign": _("Clicks by UTM campaign"),
    "utm_term": _("Clicks by UTM term"),
    "utm_content": _("Clicks by UTM content"),
}
NARROWED = ("button", "referrer", "utm_source", "utm_medium", "utm_campaign")


@dataclass(frozen=True)
class Clicks:
    """The clicks of the period, as somebody narrowed them."""

    request: ReportRequest
    building: Building

    @property
    def filters(self) -> tuple[FilterValue, ...]:
        """What somebody filled in."""
        given = ((name, tuple(self.request[name])) for name in NARROWED)
        return tuple(FilterValue(f"{NAMESPACE}.{name}", any=values) for name, values in given if values)

    @cached_property
    def over_time(self) -> Answer:
        """All figures, by the interval."""
        span = self.building.span
        keys = (*(metric.key for metric in FIGURES), MISSED.key)
        interval, compare = self.request["interval"], self.request.compare.of(span)
        return self.building(
            Question(BUTTON_CLICKS, keys, span, interval, filters=self.filters, compare=compare)
        )

    @cached_property
    def conversations(self) -> Answer:
        """The conversations of the period and those from buttons, by the interval, narrowed by the Filter."""
        span = self.building.span
        keys = (FROM_BUTTONS.key, SHARE.key, ALL)
        interval, compare = self.request["interval"], self.request.compare.of(span)
        filters = filters_of(self.request)
        return self.building(Question(CONVERSATIONS, keys, span, interval, filters=filters, compare=compare))

    def by(self, dimension: str) -> Answer:
        """The figures of each value, those with the most clicks first."""
        keys = tuple(metric.key for metric in FIGURES)
        order = (Order(CLICKS.key), Order(dimension, descending=False))
        return self.building(
            Question(
                BUTTON_CLICKS, keys, self.building.span, by=(dimension,), filters=self.filters, order=order,
                limit=LISTED,
            )
        )  # fmt: skip


def build(request: ReportRequest, building: Building) -> Report:
    """An overview, and a section for each thing that clicks are counted by."""
    clicks = Clicks(request, building)
    overview = section("overview", _("Overview"), lambda: _overview(clicks))
    came = section("conversations", FROM_BUTTONS.label, lambda: _conversations(clicks))
    breakdowns = (section(name, TITLES[name], partial(_by, clicks, name)) for name in DIMENSIONS)
    return Report(_("WhatsApp button"), (overview, came, *breakdowns))


def _overview(clicks: Clicks) -> Iterator[Block]:
    answer = clicks.over_time
    yield tiles("figures", answer, FIGURES, headline=finding(answer))
    if not answer.totals[CLICKS.key]:
        yield Notice(_("There are no clicks here. Buttons are made under Administration, WhatsApp buttons."))
    if filters_of(clicks.request):
        yield Notice(
            _("Clicks have no tags and no agents; the Filter by these narrows the conversations alone.")
        )
    if missed := answer.totals[MISSED.key]:
        text = ngettext(
            "One click led to WhatsApp but could not be written down, and is missing here.",
            "{count:count} clicks led to WhatsApp but could not be written down, and are missing here.",
            count=missed,
        )
        yield Notice(text, "warning")
    if clicks.request["interval"].unit is not IntervalUnit.NONE:
        yield timeline(
            "clicks",
            _("Clicks, and those that led to a conversation"),
            answer,
            [CLICKS, LED],
            kind=ChartKind.BAR,
        )
        yield timeline("conversion", CONVERSION.label, answer, [CONVERSION])


def _conversations(clicks: Clicks) -> Iterator[Block]:
    answer = clicks.conversations
    yield tiles("conversations", answer, (FROM_BUTTONS, SHARE), headline=came_from_buttons(answer))
    if clicks.filters:
        yield Notice(_("These are the conversations from all buttons, however the clicks are narrowed."))
    if clicks.request["interval"].unit is not IntervalUnit.NONE:
        yield timeline("from_buttons", FROM_BUTTONS.label, answer, [FROM_BUTTONS], kind=ChartKind.BAR)


def _by(clicks: Clicks, name: str) -> Iterator[Block]:
    answer = clicks.by(name)
    named = [row for row in answer.rows if row.keys[0]]
    if len(named) > 1:
        yield _bars(name, answer, named)
    note = (
        None if len(named) == len(answer.rows) else _("The row without a name has the clicks that tell none.")
    )
    yield answer_table(
        f"by_{name}", TITLES[name], answer, FIGURES, CLICK_DATASET, note=note, headline=best(named)
    )


def _bars(name: str, answer: Answer, rows: Sequence[AnswerRow]) -> Chart:
    shown = rows[:CHARTED]
    return Chart(
        key=f"chart_{name}",
        kind=ChartKind.BAR,
        title=TITLES[name],
        description=_("{metric}, highest for {name}.", metric=CLICKS.label, name=shown[0].keys[0]),
        categories=[row.keys[0] for row in shown],
        series=tuple(
            Series(metric.key, metric.label, [row.values[metric.key] for row in shown], metric.key)
            for metric in (CLICKS, LED)
        ),
        unit=CLICKS.unit,
        origin=answer.origin,
    )


def finding(answer: Answer) -> Message | None:
    """How many clicks there were and what became of them; nothing without any."""
    clicks, led, rate = (answer.totals[metric.key] for metric in FIGURES)
    if not clicks:
        return None
    return ngettext(
        "One click; {led:count} led to a conversation.",
        "{count:count} clicks, of which {led:count} ({rate:proportion}) led to a conversation.",
        count=clicks,
        led=led,
        rate=rate,
    )


def came_from_buttons(answer: Answer) -> Message | None:
    """How many conversations came of a click; nothing where there were none at all."""
    total, came = answer.totals[ALL], answer.totals[FROM_BUTTONS.key]
    if not total:
        return None
    return ngettext(
        "{came:count} of one conversation came from a button.",
        "{came:count} of {count:count} conversations came from a button.",
        count=total,
        came=came,
    )


def best(rows: Sequence[AnswerRow]) -> Message | None:
    """The value whose clicks most often lead to a conversation, among those with enough clicks to say so."""
    known = [
        row for row in rows if row.values[CLICKS.key] >= ENOUGH and row.values[CONVERSION.key] is not None
    ]
    ranked = sorted(known, key=lambda row: row.values[CONVERSION.key], reverse=True)
    if len(ranked) < 2 or ranked[0].values[CONVERSION.key] == ranked[1].values[CONVERSION.key]:
        return None
    return _(
        "“{name}” leads to a conversation most often: {rate:proportion} of {clicks:count} clicks.",
        name=ranked[0].keys[0],
        rate=ranked[0].values[CONVERSION.key],
        clicks=ranked[0].values[CLICKS.key],
    )


def _known(column: str) -> Choices:
    def choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
        return tuple(Choice(value, value) for value in client.values(BUTTON_CLICKS, column) if value)

    return choices


BUTTON = ReportKind(
    key=f"{NAMESPACE}.button",
    label=_("WhatsApp button"),
    page=_("WhatsApp button"),
    description=_("Clicks on the buttons of your web site, where they came from, and what they led to."),
    parameters=(
        Parameter("interval", _("Broken down by"), ParameterKind.INTERVAL, default=Interval()),
        *(
            Parameter(
                name, CLICK_DATASET.by_name[name].label, ParameterKind.TAGS, default=(), choices=_known(name),
                help=_("Any of these."),
            )
            for name in NARROWED
        ),
        *FILTER,
    ),
    build=build,
    datasets=(BUTTON_CLICKS, CONVERSATIONS),
    examples=(
        Example(
            "weekly", _("The button by week"), _("The clicks of the last 90 days, week by week."),
            {"period": "last_90_days", "interval": "week"},
        ),
    ),
)  # fmt: skip
