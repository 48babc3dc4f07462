"""Orders, conversions and revenue as senders state them, a currency at a time."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import (
    AllOf,
    Answer,
    AnyOf,
    Block,
    Condition,
    In,
    Is,
    Message,
    Order,
    Question,
    Table,
    TableColumn,
    Value,
    plain_value,
)
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.reported_by_source import within
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import NAMESPACE, TOTALS

REVENUE = f"{NAMESPACE}.reported_revenue"
FIGURES = tuple(
    f"{NAMESPACE}.reported_{name}" for name in ("orders", "conversions", "revenue", "revenue_per_recipient")
)
COLUMNS = ("orders", "conversions", "revenue")
CURRENCY = TableColumn(key="currency", label=_("Currency"))
NOTE = _("As the senders report them. What is in several currencies is never added up.")


def by_currency(scope: Scope) -> Iterator[Block]:
    """A row for each currency, where any of the campaigns has such figures."""
    yield from _table(scope, "revenue", _("By currency"), ())


def by_campaign(scope: Scope) -> Iterator[Block]:
    """A row for each campaign that has such figures, the largest revenue of each currency first."""
    yield from _table(scope, "revenue_by_campaign", _("By campaign"), ("source", "campaign"))


def _table(scope: Scope, key: str, title: Message, who: tuple[str, ...]) -> Iterator[Block]:
    records = _selected(scope)
    if not records:
        return
    order = (Order("currency", descending=False), Order(REVENUE))
    question = Question(TOTALS, FIGURES, by=("currency", *who), where=_where(records), order=order)
    answer = scope.client(question)
    several = len(scope.client.names) > 1
    columns = (
        *((TableColumn(key="source", label=_("Source")),) if who and several else ()),
        *((TableColumn(key="campaign", label=_("Campaign"), data=True),) if who else ()),
        *((TableColumn(key="campaign_name", label=_("Campaign name")),) if who else ()),
        CURRENCY,
        *(TableColumn.of(METRIC[metric]) for metric in FIGURES),
    )
    made = Table(key=key, title=title, columns=columns, note=NOTE, file=key, origin=answer.origin)
    yield scope.client.keep(made, _rows(scope, answer, records, several=several))


def _rows(
    scope: Scope, answer: Answer, records: tuple[CampaignRecord, ...], *, several: bool
) -> Iterator[list[Value]]:
    stated = {
        (column, one.figures["currency"], *who)
        for one in records
        for column in COLUMNS
        if one.figures[column] is not None
        for who in ((), (one.source, one.key))
    }
    for row in answer.rows:
        currency, *who = row.keys
        cells: list[Value] = []
        if who:
            source, campaign = who
            cells += [scope.client.names.get(source, source)] if several else []
            cells += [campaign, scope.directory.name("campaign", source, campaign) or campaign]
        # What nobody states is unknown, and no nought.
        silent = {f"{NAMESPACE}.reported_{name}" for name in COLUMNS if (name, *row.keys) not in stated}
        figures = (None if key in silent else plain_value(row.values[key]) for key in FIGURES)
        yield [*cells, currency, *figures]


def _selected(scope: Scope) -> tuple[CampaignRecord, ...]:
    """The totals of the selected campaigns that were sent in the period and brought something in."""
    selected = (
        one
        for one in scope.chosen.campaign_records
        if any(one.figures.get(column) is not None for column in COLUMNS)
        and scope.chosen.holds(one)
        and not (one.canvas and scope.campaigns_only)
    )
    return within(selected, scope.span, undated=scope.since_oldest)


def _where(records: tuple[CampaignRecord, ...]) -> Condition:
    found = dict[tuple[str, str, bool], set[str]]()
    for one in records:
        found.setdefault((one.source, one.channel, one.canvas), set()).add(one.key)
    return AnyOf(
        tuple(
            AllOf(
                (
                    Is("source", source),
                    Is("channel", channel),
                    Is("canvas", canvas),
                    In("campaign", tuple(sorted(keys))),
                )
            )
            for (source, channel, canvas), keys in sorted(found.items())
        )
    )
