"""Conversations that are open far longer than others take: an inbox closes what is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bilan.sdk import (
    AllOf,
    Between,
    Block,
    Building,
    Is,
    Message,
    Order,
    Paragraph,
    Question,
    ReportRequest,
    Table,
    TableColumn,
    Unit,
    Value,
    plain_value,
)
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.reports.figures import METRIC
from bilan_whatsapp_inbox.reports.filtering import filters_of
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS

USUAL, OPEN = METRIC["long_duration"], METRIC["open_conversations"]
TIMES = 3
"""So many times as long as nine in ten take is far beyond the others."""
LEAST = timedelta(days=1)
"""Nothing is called late before."""
FEW = 10
"""Of fewer closed conversations nobody can say how long they take."""
NAMED = 10
SHOWN = ("started_at", "conversation_id", "agents", "conversation_tags")


def still_open(request: ReportRequest, building: Building) -> Iterator[Block]:
    """The longest open ones by name, whenever they started; or a sentence where there are none."""
    filters = filters_of(request)
    closed = METRIC["closed_conversations"]
    answer = building(Question(CONVERSATIONS, (USUAL.key, closed.key), building.span, filters=filters))
    usual = answer.totals[USUAL.key]
    if usual is None or answer.totals[closed.key] < FEW:
        yield Paragraph(
            _("Too few conversations were closed in the period to say which are open far longer than others.")
        )
        return
    limit = max(timedelta(seconds=usual) * TIMES, LEAST)
    late = AllOf((Is("status", "open"), Between("started_at", None, request.as_of - limit)))
    count = building(Question(CONVERSATIONS, (OPEN.key,), where=late, filters=filters)).totals[OPEN.key]
    if not count:
        yield Paragraph(
            _(
                "No conversation is open far longer than the others: nine in ten are closed within "
                "{usual:seconds}.",
                usual=usual,
            )
        )
        return
    found = building.rows(
        CONVERSATIONS, SHOWN, where=late, filters=filters,
        order=(Order("started_at", descending=False),), limit=NAMED,
    )  # fmt: skip
    more = count - NAMED
    yield Table(
        key="still_open",
        title=_("Conversations that are still open"),
        columns=tuple(_columns()),
        rows=[_line(row["started_at"], [row[name] for name in SHOWN], request.as_of) for row in found],
        note=ngettext("{count} more is left out.", "{count} more are left out.", count=more)
        if more > 0
        else None,
        file="still_open",
        headline=_finding(count, limit, usual),
    )


def _columns() -> Iterator[TableColumn]:
    units = {"started_at": Unit.INSTANT, "agents": Unit.TEXTS, "conversation_tags": Unit.TEXTS}
    for name in SHOWN:
        yield TableColumn(
            key=name, label=CONVERSATION_DATASET.by_name[name].label, unit=units.get(name, Unit.TEXT)
        )
    yield TableColumn(key="open_for", label=_("Open for"), unit=Unit.SECONDS)


def _line(started_at: datetime, values: list[Value], as_of: datetime) -> list[Value]:
    return [*map(plain_value, values), int((as_of - started_at).total_seconds())]


def _finding(count: int, limit: timedelta, usual: float) -> Message:
    return ngettext(
        "One conversation has been open for more than {limit:seconds}; nine in ten were closed within "
        "{usual:seconds}. What is done should be closed.",
        "{count:count} conversations have been open for more than {limit:seconds}; nine in ten were closed "
        "within {usual:seconds}. What is done should be closed.",
        count=count, limit=limit.total_seconds(), usual=usual,
    )  # fmt: skip
