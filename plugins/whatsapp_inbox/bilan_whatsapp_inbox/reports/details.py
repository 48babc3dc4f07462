"""The details: conversations as a table, one row each, for those who may see single persons."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import (
    Block,
    Building,
    ColumnType,
    Example,
    FilterValue,
    Message,
    Order,
    Question,
    Report,
    ReportKind,
    ReportRequest,
    Table,
    TableColumn,
    Unit,
    Value,
    plain_value,
    section,
    tiles,
)
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.reports.figures import LEADING, METRIC, named
from bilan_whatsapp_inbox.reports.filtering import FILTER, filters_of
from bilan_whatsapp_inbox.textdomain import _, ngettext
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, NAMESPACE

COLUMNS = (
    "started_at", "first_reply_at", "closed_at", "contact_phone", "contact_name", "contact_tags",
    "conversation_tags", "agents", "status", "direction", "conversation_source", "messages_in",
    "messages_out", "first_response_seconds", "duration_seconds", "rating",
)  # fmt: skip
UNITS = {
    ColumnType.TEXT: Unit.TEXT,
    ColumnType.TEXTS: Unit.TEXTS,
    ColumnType.INTEGER: Unit.COUNT,
    ColumnType.NUMBER: Unit.NUMBER,
    ColumnType.INSTANT: Unit.INSTANT,
}
WORDS = {
    "status": {"open": _("Open"), "closed": _("Closed")},
    "direction": {"inbound": _("Inbound"), "outbound": _("Outbound")},
    "conversation_source": {"flow": _("Flow"), "inbound": _("Inbound"), "inbox": _("Inbox")},
}


def build(request: ReportRequest, building: Building) -> Report:
    """Two sections; what fails in one leaves the other be."""
    filters = filters_of(request)
    sections = (
        section("overview", _("Overview"), lambda: _overview(request, building, filters)),
        section("conversations", _("Conversations"), lambda: conversations(building, filters)),
    )
    return Report(_("WhatsApp details"), sections)


def _overview(
    request: ReportRequest, building: Building, filters: tuple[FilterValue, ...]
) -> Iterator[Block]:
    span, keys = building.span, tuple(METRIC[name].key for name in LEADING)
    compared = request.compare.of(span)
    answer = building(Question(CONVERSATIONS, keys, span, filters=filters, compare=compared))
    yield tiles("figures", answer, named(*LEADING), headline=_finding(answer.totals[keys[0]]))


def conversations(building: Building, filters: tuple[FilterValue, ...]) -> Iterator[Table]:
    """The newest first; read row by row, however many there are."""
    found = building.rows(
        CONVERSATIONS,
        COLUMNS,
        span=building.span,
        filters=filters,
        order=(Order(CONVERSATION_DATASET.time),),
    )
    table = Table(
        key="conversations",
        title=_("Conversations"),
        columns=tuple(_column(name) for name in COLUMNS),
        file="conversations",
    )
    rows: Iterator[list[Value]] = ([plain_value(row[name]) for name in COLUMNS] for row in found)
    yield building.keep(table, rows)


def _column(name: str) -> TableColumn:
    column = CONVERSATION_DATASET.by_name[name]
    return TableColumn(
        key=name,
        label=column.label,
        unit=Unit.SECONDS if name.endswith("_seconds") else UNITS[column.type],
        personal=column.personal,
        names=WORDS.get(name, {}),
        contact=name == CONVERSATION_DATASET.contact,
    )


def _finding(count: int) -> Message | None:
    if not count:
        return None
    return ngettext("There is one conversation.", "There are {count:count} conversations.", count=count)


DETAILS = ReportKind(
    key=f"{NAMESPACE}.details",
    label=_("WhatsApp details"),
    page=_("Details"),
    description=_("Every conversation in a row: who, when, about what, with whom, and how it ended."),
    parameters=FILTER,
    build=build,
    datasets=(CONVERSATIONS,),
    personal=True,
    examples=(
        Example(
            "month", _("Conversations, row by row"), _("Those of the last 30 days, the newest first."),
            {"period": "last_30_days"},
        ),
    ),
)  # fmt: skip
