"""Messages of the summary: on which day, weekday and hour they were written, and what became of those sent.

The Filter asks for tags and agents, which conversations have and messages do not. Where
somebody fills it in, messages are those of the conversations that it leaves, on
the day on which these started, and the report says so. See docs/decisions/089.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from bilan.sdk import (
    HOUR,
    WEEKDAY,
    AllOf,
    Answer,
    Block,
    Building,
    Chart,
    ChartKind,
    Interval,
    IntervalUnit,
    Is,
    Message,
    Notice,
    Order,
    Paragraph,
    Question,
    ReportRequest,
    Table,
    answer_table,
    heatmap,
    tiles,
    timeline,
)
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET, MESSAGE_DATASET
from bilan_whatsapp_inbox.reports.figures import METRIC, named
from bilan_whatsapp_inbox.reports.filtering import filters_of
from bilan_whatsapp_inbox.reports.words import CATEGORIES, ERRORS, TYPES
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, MESSAGES, Direction

COUNTED = ("messages_received", "messages_sent")
OUTCOMES = ("messages_sent", "messages_told", "messages_delivered", "messages_read", "messages_failed")
RATES = ("delivery_rate", "read_rate", "failure_rate")
LEADING = ("messages_sent", "messages_delivered", "messages_read", "messages_failed", *RATES)
SENT = Is("direction", Direction.OUT.value)
FAILED = METRIC["messages_failed"]
MOST_ERRORS = 20


@dataclass(frozen=True)
class Messages:
    """Asks of the messages of a report's period."""

    request: ReportRequest
    building: Building

    @property
    def filtered(self) -> bool:
        """Whether the Filter leaves some conversations alone."""
        return bool(filters_of(self.request))

    def over_time(self) -> Iterator[Block]:
        """How many came in and went out, by their own days, and when in the week they come in."""
        if self.filtered:
            yield Notice(
                _(
                    "Tags and agents belong to conversations: with the Filter, messages are those of the "
                    "conversations that it leaves, on the day on which these started."
                )
            )
        yield from self._courses()
        yield from self._week()

    def _courses(self) -> Iterator[Chart]:
        interval: Interval = self.request["interval"]
        if interval.unit is IntervalUnit.NONE:
            return
        span = self.building.span
        dataset, names = MESSAGES, COUNTED
        if self.filtered:
            dataset, names = CONVERSATIONS, ("conversation_messages_in", "conversation_messages_out")
        keys = tuple(METRIC[name].key for name in names)
        question = Question(dataset, keys, span, interval, compare=self.request.compare.of(span))
        answer = self.building(replace(question, filters=filters_of(self.request)))
        title = _("Messages over the period")
        headline = _received_and_sent(answer, *keys)
        yield timeline("messages", title, answer, named(*names), kind=ChartKind.BAR, headline=headline)

    def _week(self) -> Iterator[Block]:
        name, dataset, title = (
            "messages_received",
            MESSAGE_DATASET,
            _("Messages received by weekday and hour"),
        )
        if self.filtered:
            name, dataset = "all_conversations", CONVERSATION_DATASET
            title = _("Conversations by weekday and hour of their start")
        metric, by = METRIC[name], (WEEKDAY, HOUR)
        where = None if self.filtered else Is("direction", Direction.IN.value)
        question = Question(dataset.key, (metric.key,), self.building.span, by=by, where=where)
        answer = self.building(replace(question, filters=filters_of(self.request)))
        yield from heatmap(
            "week", title, answer, metric, dataset,
            first_weekday=self.request.first_weekday, headline=_busiest(answer, metric.key),
        )  # fmt: skip

    def outcomes(self) -> Iterator[Block]:
        """What became of what was sent: in all, by type and category, and why messages failed."""
        if self.filtered:
            text = _(
                "What became of messages is told of the inbox as a whole: the Filter asks for something else."
            )
            yield Notice(text)
        answer = self._ask(*OUTCOMES, *RATES)
        if not answer.totals[METRIC["messages_told"].key]:
            yield Paragraph(_("No source tells what became of messages sent in this period."))
            return
        yield tiles("outcomes", answer, named(*LEADING), headline=_outcome(answer))
        yield self._kinds()
        if answer.totals[FAILED.key]:
            yield self._errors()

    def _kinds(self) -> Table:
        kinds = self._ask(*OUTCOMES, *RATES, by=("type", "category"))
        if not any(row.keys[1] for row in kinds.rows):
            kinds = self._ask(*OUTCOMES, *RATES, by=("type",))  # no source tells categories
        metrics = named(*OUTCOMES, *RATES)
        table = answer_table("kinds", _("Messages sent by type"), kinds, metrics, MESSAGE_DATASET)
        return _worded(table, type=TYPES, category=CATEGORIES)

    def _errors(self) -> Table:
        errors = self._ask("messages_failed", by=("error_codes",))
        errors = replace(errors, rows=tuple(row for row in errors.rows if row.values[FAILED.key]))
        table = answer_table(
            "errors", _("Why messages failed"), errors, [FAILED], MESSAGE_DATASET, headline=_reason(errors)
        )
        return _worded(table, error_codes=ERRORS)

    def _ask(self, *names: str, by: tuple[str, ...] = ()) -> Answer:
        span, keys = self.building.span, tuple(METRIC[name].key for name in names)
        order = (Order(keys[0]),) if by else ()
        compare = None if by else self.request.compare.of(span)
        where = AllOf((SENT, Is("status", "failed"))) if by == ("error_codes",) else SENT
        question = Question(MESSAGES, keys, span, by=by, where=where, compare=compare, order=order)
        return self.building(replace(question, limit=MOST_ERRORS) if by else question)


def _worded(table: Table, **names: dict[str, Message]) -> Table:
    """The table with words for the codes of some columns."""
    columns = (structs.replace(one, names=names.get(one.key, one.names)) for one in table.columns)
    return structs.replace(table, columns=tuple(columns))


def _received_and_sent(answer: Answer, received: str, sent: str) -> Message | None:
    came, went = answer.totals[received], answer.totals[sent]
    if not came and not went:
        return None
    return _("Messages: {received:count} received, {sent:count} sent.", received=came, sent=went)


def _busiest(answer: Answer, key: str) -> Message | None:
    """When most begins; nothing where several hours are alike."""
    ranked = sorted((row.values[key], row.keys) for row in answer.rows)
    if len(ranked) < 2 or ranked[-1][0] == ranked[-2][0]:
        return None
    count, (weekday, hour) = ranked[-1]
    return _(
        "Busiest on {day:weekday} at {hour:hour}, with {count:count} of {total:count}.",
        day=int(weekday), hour=int(hour), count=count, total=answer.totals[key],
    )  # fmt: skip


def _outcome(answer: Answer) -> Message:
    told, read, failed = (answer.totals[METRIC[name].key] for name in ("messages_told", *OUTCOMES[3:]))
    if not failed:
        return _("{read:count} of {told:count} messages were read; none failed.", read=read, told=told)
    return ngettext(
        "{read:count} of {told:count} messages were read; one failed.",
        "{read:count} of {told:count} messages were read; {failed:count} failed.",
        count=failed, read=read, told=told, failed=failed,
    )  # fmt: skip


def _reason(errors: Answer) -> Message | None:
    """The commonest reason, where there are several and one stands out."""
    known = [(row.values[FAILED.key], row.keys[0]) for row in errors.rows if row.keys[0]]
    if len(known) < 2 or known[0][0] == known[1][0]:
        return None
    count, code = known[0]
    return _("Most often: {why} ({count:count}).", why=ERRORS.get(code, code), count=count)
