"""A breakdown of conversations by a column that lists several values, such as their agents or tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from msgspec import structs

from bilan.sdk import (
    Answer,
    AnswerRow,
    Building,
    Chart,
    ChartKind,
    Condition,
    Kpis,
    Message,
    Metric,
    Order,
    Question,
    ReportRequest,
    Series,
    Table,
    answer_table,
    tiles,
)
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.reports.figures import LEADING, METRIC, named
from bilan_whatsapp_inbox.reports.filtering import filters_of
from bilan_whatsapp_inbox.reports.words import WITHOUT
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS

CHARTED = 10
"""Bars of a picture; the table has all."""
LISTED = 1_000
COUNT = METRIC["all_conversations"].key
COLUMNS = (
    "all_conversations", "distinct_contacts", "conversation_messages_in", "conversation_messages_out",
    "closed_conversations", "mean_duration", "replied_conversations", "mean_first_response",
    "mean_business_response", "rated_conversations", "mean_rating",
)  # fmt: skip
"""The number of conversations that a mean is of stands before it."""
HEADINGS = {
    METRIC[name].key: heading
    for name, heading in (
        ("all_conversations", _("Conversations")),
        ("distinct_contacts", _("Contacts")),
        ("conversation_messages_in", _("Messages received")),
        ("conversation_messages_out", _("Messages sent")),
        ("replied_conversations", _("With a reply")),
        ("mean_first_response", _("Avg. first response")),
        ("rated_conversations", _("Rated")),
    )
}
"""Short words for the heads of narrow columns."""
FOR_PROGRAMS = frozenset({METRIC["mean_business_response"].key})
"""Columns that data files alone have, so that the table stays legible."""


@dataclass(frozen=True)
class Breakdown:
    """The conversations of a period by the values of ``column``, those with the most conversations first.

    A conversation counts under each of its values. Where the Filter names values
    of the column, these alone are listed.
    """

    request: ReportRequest
    building: Building
    column: str

    @cached_property
    def answer(self) -> Answer:
        """All figures of each value."""
        span = self.building.span
        keys = tuple(METRIC[name].key for name in COLUMNS)
        return self.ask(Question(CONVERSATIONS, keys, span, compare=self.request.compare.of(span)))

    def ask(self, question: Question, where: Condition | None = None) -> Answer:
        """The question, broken down and narrowed by the Filter."""
        question = replace(
            question,
            by=(self.column,),
            filters=filters_of(self.request),
            where=where,
            order=(Order(question.metrics[0]),),
            limit=LISTED,
        )
        answer = self.building(question)
        if not (chosen := self.request[self.column]):
            return answer
        rows = tuple(row for row in answer.rows if row.keys[0] in chosen)
        return replace(answer, rows=rows, total_rows=len(rows))

    @property
    def named_rows(self) -> tuple[AnswerRow, ...]:
        """The rows that have a value."""
        return tuple(row for row in self.answer.rows if row.keys[0])

    def tiles(self, headline: Message | None) -> Kpis:
        """The leading figures of all conversations of the period."""
        return tiles("figures", self.answer, named(*LEADING), headline=headline)

    def bars(self, key: str, title: Message, *names: str, headline: Message | None = None) -> Chart:
        """Metrics of one unit, a bar each for the first values; those without a figure are left out."""
        metrics = named(*names)
        first = metrics[0]
        rows = [row for row in self.named_rows[:CHARTED] if row.values[first.key] is not None]
        compared = metrics[:1] if self.answer.question.compare is not None else []
        return Chart(
            key=key,
            kind=ChartKind.BAR,
            title=title,
            description=_described(first, rows),
            categories=[row.keys[0] for row in rows],
            series=tuple(Series(m.key, m.label, [row.values[m.key] for row in rows], m.key) for m in metrics),
            unit=first.unit,
            previous=tuple(
                Series(m.key, m.label, [(row.previous or {}).get(m.key) for row in rows], m.key)
                for m in compared
            ),
            origin=self.answer.origin,
            headline=headline,
            beside=tuple(
                Series(count.key, count.label, [row.values[count.key] for row in rows], count.key)
                for count in (self.answer.beside.get(m.key) for m in metrics)
                if count is not None
            ),
        )

    def table(self, key: str, title: Message, note: Message) -> Table:
        """A row for each value."""
        made = answer_table(key, title, self.answer, named(*COLUMNS), CONVERSATION_DATASET)
        first, *figures = made.columns
        columns = (
            structs.replace(one, label=HEADINGS.get(one.key, one.label), data=one.key in FOR_PROGRAMS)
            for one in figures
        )
        first = structs.replace(first, names=WITHOUT.get(self.column, first.names))
        return structs.replace(made, columns=(first, *columns), note=made.note or note)


def leader(rows: Sequence[AnswerRow], key: str) -> AnswerRow | None:
    """The row with the greatest figure, where there are several and one is before all others."""
    ranked = sorted(
        (row for row in rows if row.values[key] is not None), key=lambda row: row.values[key], reverse=True
    )
    if len(ranked) < 2 or ranked[0].values[key] == ranked[1].values[key]:
        return None
    return ranked[0]


def _described(metric: Metric, rows: Sequence[AnswerRow]) -> Message:
    if not rows:
        return _("{metric}: no figures.", metric=metric.label)
    highest = max(rows, key=lambda row: row.values[metric.key])
    return _("{metric}, highest for {name}.", metric=metric.label, name=highest.keys[0])
