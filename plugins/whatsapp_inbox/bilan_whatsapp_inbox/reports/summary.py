"""The summary: how many conversations there were, what began them, and how they were answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bilan.sdk import (
    Answer,
    Block,
    Building,
    ChartKind,
    Condition,
    Example,
    In,
    Interval,
    IntervalUnit,
    Message,
    Parameter,
    ParameterKind,
    Question,
    Report,
    ReportKind,
    ReportRequest,
    answer_table,
    section,
    tiles,
    timeline,
)
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.metrics import METRICS
from bilan_whatsapp_inbox.reports.figures import LEADING, METRIC, named
from bilan_whatsapp_inbox.reports.filtering import FILTER, filters_of
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, NAMESPACE

K = ParameterKind
FIGURES = tuple(metric for metric in METRICS if metric.dataset == CONVERSATIONS)
KEYS = tuple(metric.key for metric in FIGURES)
PERSONS = In("conversation_source", ("inbox", "inbound"))
"""Conversations that a person began, on either side."""

Ask = Callable[..., Answer]


def build(request: ReportRequest, building: Building) -> Report:
    """Four sections; what fails in one leaves the others be."""
    span = building.span
    filters = filters_of(request)

    def ask(interval: Interval, by: tuple[str, ...] = (), where: Condition | None = None) -> Answer:
        compare = None if by or where else request.compare.of(span)
        return building(
            Question(CONVERSATIONS, KEYS, span, interval, by, filters, where=where, compare=compare)
        )

    parts = (
        ("overview", _("Overview"), lambda: _overview(ask, request["interval"])),
        ("sources", _("Conversations by source"), lambda: _sources(ask)),
        ("weekly", _("Inbox and inbound conversations by week"), lambda: _summary(ask, IntervalUnit.WEEK)),
        ("daily", _("Inbox and inbound conversations by day"), lambda: _summary(ask, IntervalUnit.DAY)),
    )
    return Report(_("WhatsApp summary"), tuple(section(key, title, blocks) for key, title, blocks in parts))


def _overview(ask: Ask, interval: Interval) -> Iterator[Block]:
    answer = ask(interval)
    yield tiles("figures", answer, named(*LEADING), headline=finding(answer))
    if interval.unit is IntervalUnit.NONE:
        return
    counted = named("all_conversations", "distinct_contacts")
    yield timeline("conversations", _("Conversations over the period"), answer, counted, kind=ChartKind.BAR)
    messages = named("conversation_messages_in", "conversation_messages_out")
    yield timeline("messages", _("Messages over the period"), answer, messages, kind=ChartKind.BAR)
    for name in LEADING[2:]:
        yield timeline(name, METRIC[name].label, answer, named(name))


def _sources(ask: Ask) -> Iterator[Block]:
    answer = ask(Interval(IntervalUnit.NONE), ("conversation_source",))
    yield answer_table("by_source", _("Conversations by source"), answer, FIGURES, CONVERSATION_DATASET)


def _summary(ask: Ask, unit: IntervalUnit) -> Iterator[Block]:
    answer = ask(Interval(unit), where=PERSONS)
    title = _("Inbox and inbound conversations")
    yield answer_table(f"by_{unit.value}", title, answer, FIGURES, CONVERSATION_DATASET)


def finding(answer: Answer) -> Message | None:
    """How many conversations a person answered; nothing where there were none."""
    total, replied = (
        answer.totals[METRIC[name].key] for name in ("all_conversations", "replied_conversations")
    )
    if not total:
        return None
    return ngettext(
        "One conversation started.",
        "{count:count} conversations started; a person replied in {replied:count} of them.",
        count=total,
        replied=replied,
    )


SUMMARY = ReportKind(
    key=f"{NAMESPACE}.summary",
    label=_("WhatsApp summary"),
    page=_("Summary"),
    description=_("Conversations and contacts over time, what began them, and how they were answered."),
    parameters=(
        Parameter("interval", _("Broken down by"), K.INTERVAL, default=Interval()),
        *FILTER,
    ),
    build=build,
    datasets=(CONVERSATIONS,),
    examples=(
        Example(
            "monthly",
            _("The inbox by month"),
            _("All conversations there are, month by month."),
            {"period": "since_oldest", "interval": "month"},
        ),
    ),
)
