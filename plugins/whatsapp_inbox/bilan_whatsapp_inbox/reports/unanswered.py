"""Open conversations without an answer, by agent and by how long ago they started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bilan.sdk import Answer, Between, Message, Question, Table, TableColumn, Value
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.reports.breakdown import Breakdown
from bilan_whatsapp_inbox.reports.figures import METRIC
from bilan_whatsapp_inbox.reports.words import WITHOUT
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS

UNANSWERED = METRIC["unanswered_conversations"]
AGES: tuple[tuple[str, Message, timedelta, timedelta | None], ...] = (
    ("under_1_hour", _("Under 1 hour"), timedelta(), timedelta(hours=1)),
    ("under_4_hours", _("1 to 4 hours"), timedelta(hours=1), timedelta(hours=4)),
    ("under_1_day", _("4 to 24 hours"), timedelta(hours=4), timedelta(days=1)),
    ("under_3_days", _("1 to 3 days"), timedelta(days=1), timedelta(days=3)),
    ("from_3_days", _("3 days and more"), timedelta(days=3), None),
)
"""From so long before the report up to so long, not included."""
OLD = ("under_3_days", "from_3_days")


def unanswered(breakdown: Breakdown) -> Iterator[Table]:
    """A table of agents by ages, at the moment of the report, whenever the conversations started."""
    answers = {key: _aged(breakdown, since, until) for key, _label, since, until in AGES}
    counts = {
        key: {row.keys[0]: count for row in one.rows if (count := row.values[UNANSWERED.key])}
        for key, one in answers.items()
    }
    # Those with whom somebody has waited longest come first.
    agents = dict.fromkeys(agent for key in reversed(counts) for agent in counts[key])
    agent = CONVERSATION_DATASET.by_name[breakdown.column]
    columns = [TableColumn(key=agent.name, label=agent.label, names=WITHOUT[agent.name])]
    columns += [
        TableColumn(
            key=key, label=label, unit=UNANSWERED.unit, metric=UNANSWERED.key, origin=answers[key].origin
        )
        for key, label, _since, _until in AGES
    ]
    rows: list[list[Value]] = [[name, *(counts[key].get(name, 0) for key in counts)] for name in agents]
    yield Table(
        key="unanswered",
        title=_("Open conversations without an answer, by age"),
        columns=tuple(columns),
        rows=rows,
        totals=[None, *(one.totals[UNANSWERED.key] for one in answers.values())],
        note=_(
            "At the moment of the report, whenever they started: those in which the contact wrote and no "
            "person has replied."
        ),
        file="unanswered",
        origin=answers[AGES[0][0]].origin,
        headline=_finding(answers),
    )


def _aged(breakdown: Breakdown, since: timedelta, until: timedelta | None) -> Answer:
    now = breakdown.request.as_of
    # From the latest start that counts as old enough, not included, back to the earliest that does.
    latest = now - since if since else None
    within = Between("started_at", None if until is None else now - until, latest)
    return breakdown.ask(Question(CONVERSATIONS, (UNANSWERED.key,)), within)


def _finding(answers: dict[str, Answer]) -> Message | None:
    """How many have waited for a day or longer; nothing where none has."""
    old = sum(answers[key].totals[UNANSWERED.key] for key in OLD)
    if not old:
        return None
    return ngettext(
        "One open conversation has waited for an answer for a day or longer.",
        "{count:count} open conversations have waited for an answer for a day or longer.",
        count=old,
    )
