"""The summary: how many conversations there were, what began them, how they were answered, and messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from bilan.sdk import (
    Answer,
    Block,
    Building,
    Chart,
    ChartKind,
    Condition,
    Example,
    In,
    Interval,
    IntervalUnit,
    Kpis,
    Message,
    Parameter,
    ParameterKind,
    Question,
    Report,
    ReportKind,
    ReportRequest,
    Series,
    Table,
    answer_table,
    section,
    tiles,
    timeline,
)
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.reports.figures import LEADING, METRIC, named
from bilan_whatsapp_inbox.reports.filtering import FILTER, filters_of
from bilan_whatsapp_inbox.reports.messages import Messages
from bilan_whatsapp_inbox.reports.still_open import still_open
from bilan_whatsapp_inbox.reports.words import SOURCES
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, MESSAGES, NAMESPACE

K = ParameterKind
LARGE = frozenset(METRIC[name].key for name in ("all_conversations", "mean_first_response", "mean_rating"))
"""The figures that tell the story."""
COLUMNS = (
    "all_conversations", "distinct_contacts", "conversation_messages_in", "conversation_messages_out",
    "closed_conversations", "mean_duration", "replied_conversations", "mean_first_response",
    "rated_conversations", "mean_rating",
)  # fmt: skip
"""Each mean stands behind the number of conversations that it is of."""
FOR_PROGRAMS = frozenset(METRIC[f"conversation_messages_{way}"].key for way in ("in", "out"))
"""Columns that data files alone have, so that tables stay legible; messages have a part of their own."""
COUNT = METRIC["all_conversations"]
PERSONS = In("conversation_source", ("inbox", "inbound"))
"""Conversations that a person began, on either side."""


@dataclass(frozen=True)
class Conversations:
    """Asks of the conversations that started in a report's period."""

    request: ReportRequest
    building: Building

    def ask(self, interval: Interval, by: tuple[str, ...] = (), where: Condition | None = None) -> Answer:
        """All figures, beside those of the comparison where nothing narrows or breaks them down."""
        span, keys = self.building.span, tuple(METRIC[name].key for name in COLUMNS)
        compare = None if by or where else self.request.compare.of(span)
        filters = filters_of(self.request)
        return self.building(
            Question(CONVERSATIONS, keys, span, interval, by, filters, where=where, compare=compare)
        )

    def overview(self) -> Iterator[Block]:
        """The leading figures, and their courses."""
        interval: Interval = self.request["interval"]
        answer = self.ask(interval)
        yield _leading(tiles("figures", answer, named(*LEADING), headline=finding(answer)))
        if interval.unit is IntervalUnit.NONE:
            return
        counted = named("all_conversations", "distinct_contacts")
        title = _("Conversations over the period")
        yield timeline("conversations", title, answer, counted, kind=ChartKind.BAR)
        for name in LEADING[2:]:
            yield timeline(name, METRIC[name].label, answer, named(name))

    def sources(self) -> Iterator[Block]:
        """What began conversations, drawn and as a table."""
        answer = self.ask(Interval(IntervalUnit.NONE), ("conversation_source",))
        if answer.rows:
            yield _ring(answer)
        table = answer_table(
            "by_source", _("Conversations by source"), answer, named(*COLUMNS), CONVERSATION_DATASET
        )
        first, *others = table.columns
        yield _legible(structs.replace(table, columns=(structs.replace(first, names=SOURCES), *others)))

    def summed_up(self, title: Message, unit: IntervalUnit) -> Iterator[Table]:
        """Inbox and inbound conversations, a row a week or a day in which there were any."""
        answer = self.ask(Interval(unit), where=PERSONS)
        rows = tuple(row for row in answer.rows if row.values[COUNT.key])
        left_out = len(answer.rows) - len(rows)
        headline = _busiest(_counts(answer), unit)
        answer = replace(answer, rows=rows, total_rows=len(rows))
        table = answer_table(
            f"by_{unit.value}", title, answer, named(*COLUMNS), CONVERSATION_DATASET, headline=headline
        )
        yield _legible(structs.replace(table, note=_left_out(unit, left_out) if left_out else None))


def build(request: ReportRequest, building: Building) -> Report:
    """Seven sections; what fails in one leaves the others be."""
    conversations, messages = Conversations(request, building), Messages(request, building)
    weekly, daily = _("Inbox and inbound conversations by week"), _("Inbox and inbound conversations by day")
    parts = (
        ("overview", _("Overview"), conversations.overview),
        ("open", _("Open far longer than others"), lambda: still_open(request, building)),
        ("messages", _("Messages"), messages.over_time),
        ("outcomes", _("What became of messages sent"), messages.outcomes),
        ("sources", _("Conversations by source"), conversations.sources),
        ("weekly", weekly, lambda: conversations.summed_up(weekly, IntervalUnit.WEEK)),
        ("daily", daily, lambda: conversations.summed_up(daily, IntervalUnit.DAY)),
    )
    return Report(_("WhatsApp summary"), tuple(section(key, title, blocks) for key, title, blocks in parts))


def _counts(answer: Answer) -> list[tuple[int, str]]:
    """How many conversations each bucket has, and its first day."""
    return [(row.values[COUNT.key], row.bucket.start.isoformat()) for row in answer.rows if row.bucket]


def _legible(table: Table) -> Table:
    columns = (structs.replace(one, data=one.key in FOR_PROGRAMS) for one in table.columns)
    return structs.replace(table, columns=tuple(columns))


def _leading(kpis: Kpis) -> Kpis:
    """The tiles, those that lead before the others."""
    told = (structs.replace(one, lead=one.key in LARGE) for one in kpis.tiles)
    return structs.replace(kpis, tiles=tuple(sorted(told, key=lambda one: not one.lead)))


def _ring(answer: Answer) -> Chart:
    shares = [(row.values[COUNT.key], row.keys[0]) for row in answer.rows]
    most, source = max(shares)
    return Chart(
        key="sources",
        kind=ChartKind.DONUT,
        title=_("Conversations by source"),
        description=_("Parts of all conversations, by what began them."),
        categories=[name for _count, name in shares],
        names=SOURCES,
        series=(Series(COUNT.key, COUNT.label, [count for count, _name in shares], COUNT.key),),
        origin=answer.origin,
        headline=_(
            "{source}: {share:proportion} of all conversations.",
            source=SOURCES.get(source, source), share=most / answer.totals[COUNT.key],
        ),
    )  # fmt: skip


def _busiest(rows: list[tuple[int, str]], unit: IntervalUnit) -> Message | None:
    """Which week or day had the most; nothing where several did."""
    ranked = sorted(rows)
    if len(ranked) < 2 or ranked[-1][0] == ranked[-2][0]:
        return None
    count, day = ranked[-1]
    if unit is IntervalUnit.WEEK:
        return _("Most conversations in the week from {day:date}: {count:count}.", day=day, count=count)
    return _("Most conversations on {day:date}: {count:count}.", day=day, count=count)


def _left_out(unit: IntervalUnit, count: int) -> Message:
    if unit is IntervalUnit.WEEK:
        return ngettext(
            "One week without conversations is left out.",
            "{count:count} weeks without conversations are left out.",
            count=count,
        )
    return ngettext(
        "One day without conversations is left out.",
        "{count:count} days without conversations are left out.",
        count=count,
    )


def finding(answer: Answer) -> Message | None:
    """How many conversations a person answered, and how soon; nothing where there were none."""
    names = ("all_conversations", "replied_conversations", "mean_first_response")
    total, replied, response = (answer.totals[METRIC[name].key] for name in names)
    if not total:
        return None
    if not replied:
        return ngettext(
            "One conversation started; no person replied.",
            "{count:count} conversations started; a person replied in none of them.",
            count=total,
        )
    return ngettext(
        "One conversation started; a person replied after {time:seconds}.",
        "{count:count} conversations started; a person replied in {replied:count} of them, after "
        "{time:seconds} on average.",
        count=total, replied=replied, time=response,
    )  # fmt: skip


SUMMARY = ReportKind(
    key=f"{NAMESPACE}.summary",
    label=_("WhatsApp summary"),
    page=_("Summary"),
    description=_(
        "Conversations, contacts and messages over time, what began them, how they were answered, and what "
        "became of what was sent."
    ),
    parameters=(Parameter("interval", _("Broken down by"), K.INTERVAL, default=Interval()), *FILTER),
    build=build,
    datasets=(CONVERSATIONS, MESSAGES),
    examples=(
        Example(
            "recent",
            _("The inbox of the last 30 days"),
            _("Conversations and messages day by day, against the 30 days before."),
            {"period": "last_30_days", "compare": "previous_period"},
        ),
    ),
)
