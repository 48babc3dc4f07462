"""A campaign's opens and clicks by link, by place and by the recipients' domain."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import (
    AllOf,
    Answer,
    Block,
    In,
    Is,
    Message,
    Order,
    Present,
    Question,
    Table,
    TableColumn,
    Unit,
    Value,
    plain_value,
)
from bilan_email_campaigns.reports import rankings
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.textdomain import _, ngettext
from bilan_email_campaigns.vocabulary import EVENTS, Kind, MessageChannel

LINKS = ("email.clicks", "email.unique_clicks", "email.human_clicks", "email.last_click")
PLACES = ("email.unique_opens", "email.opens", "email.unique_clicks", "email.clicks")
DOMAINS = (
    "email.recipients", "email.delivered", "email.bounces", "email.unique_opens", "email.unique_clicks",
    "email.open_rate", "email.click_rate",
)  # fmt: skip
MOST_LINKS = 1_000
"""More links than this come from addresses made for single recipients."""
TOP = 10


def links(scope: Scope) -> Iterator[Block]:
    """Every link by its clicks, most clicked first, with its share of all clicks."""
    clicked = AllOf(
        (Is("channel", MessageChannel.EMAIL.value), Is("kind", Kind.CLICKED.value), Present("url"))
    )
    question = Question(
        EVENTS,
        LINKS,
        span=scope.span,
        by=("url",),
        where=AllOf((scope.where, clicked)),
        order=(Order("email.clicks"),),
        limit=MOST_LINKS,
    )
    answer = scope.client(question)
    total = answer.totals["email.clicks"]
    rows: list[list[Value]] = [
        [row.keys[0], *(plain_value(row.values[key]) for key in LINKS), row.values["email.clicks"] / total]
        for row in answer.rows
    ]
    share = TableColumn(
        key="share", label=_("Share of clicks"), unit=Unit.PROPORTION, drilldown="email.clicks"
    )
    if rows:
        columns = (TableColumn(key="url", label=_("Link")), *_columns(LINKS), share)
        clicks = [(row.keys[0], row.values["email.clicks"]) for row in answer.rows]
        message = rankings.most_clicked(clicks, total)
        yield _table("links", _("Clicks by link"), columns, rows, answer, message)


def places(scope: Scope) -> Iterator[Block]:
    """The countries and cities with the most unique opens, where the sender names them."""
    for column, title, label in (
        ("country", _("Top countries"), _("Country")),
        ("city", _("Top cities"), _("City")),
    ):
        read = In("kind", (Kind.OPENED.value, Kind.CLICKED.value))
        for answer in _top(scope, column, PLACES, AllOf((read, Present(column)))):
            yield _ranked(column, title, label, answer)


def domains(scope: Scope) -> Iterator[Block]:
    """The domains with the most recipients."""
    for answer in _top(scope, "domain", DOMAINS, AllOf((Present("domain"),))):
        recipients = [(row.keys[0], row.values["email.recipients"]) for row in answer.rows]
        message = rankings.largest_domain(recipients, answer.totals["email.recipients"])
        yield _ranked("domain", _("Top domains"), _("Recipient's domain"), answer, message)


def _top(scope: Scope, column: str, keys: tuple[str, ...], where: AllOf) -> Iterator[Answer]:
    """The values of a column with the most of the first figure; nothing where there are none."""
    question = Question(
        EVENTS,
        keys,
        span=scope.span,
        by=(column,),
        where=AllOf((scope.where, Is("channel", MessageChannel.EMAIL.value), where)),
        order=(Order(keys[0]),),
        limit=TOP,
    )
    answer = scope.client(question)
    if answer.rows:
        yield answer


def _ranked(
    column: str, title: Message, label: Message, answer: Answer, headline: Message | None = None
) -> Table:
    keys = answer.question.metrics
    rows: list[list[Value]] = [
        [row.keys[0], *(plain_value(row.values[key]) for key in keys)] for row in answer.rows
    ]
    columns = (TableColumn(key=column, label=label), *_columns(keys))
    return _table(column, title, columns, rows, answer, headline)


def _columns(keys: tuple[str, ...]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn.of(METRIC[key]) for key in keys)


def _table(
    key: str,
    title: Message,
    columns: tuple[TableColumn, ...],
    rows: list[list[Value]],
    answer: Answer,
    headline: Message | None,
) -> Table:
    left = answer.total_rows - len(rows)
    note = ngettext("{count} more is left out.", "{count} more are left out.", count=left) if left else None
    return Table(
        key=key,
        title=title,
        columns=columns,
        rows=rows,
        note=note,
        file=key,
        origin=answer.origin,
        headline=headline,
    )
