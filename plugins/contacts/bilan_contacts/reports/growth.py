"""The growth of lists: who came by which way, who left how, in which languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from msgspec import structs

from bilan.sdk import (
    Answer,
    AnswerRow,
    AnyOf,
    Block,
    Building,
    Chart,
    ChartKind,
    Condition,
    Example,
    Interval,
    IntervalUnit,
    Is,
    Kpi,
    Kpis,
    Message,
    Metric,
    Order,
    Paragraph,
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
from bilan_contacts.datasets import CHANGE_DATASET
from bilan_contacts.metrics import METRICS
from bilan_contacts.reports.parameters import GOAL, INTERVAL, MOVEMENT, NARROWING, Movement, filters_of
from bilan_contacts.reports.words import LANGUAGES, LISTS, ORIGINS
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import LIST_CHANGES, NAMESPACE

METRIC = {metric.key.partition(".")[2]: metric for metric in METRICS}
CAME, LEFT = ("new_contacts", "additions"), ("removals", "unsubscribed", "blacklisted", "taken_off")
FIGURES: Mapping[Movement, tuple[str, ...]] = {
    Movement.BOTH: (*CAME, *LEFT, "net_growth"),
    Movement.ADDITIONS: CAME,
    Movement.REMOVALS: LEFT,
}
LEADING: Mapping[Movement, tuple[str, ...]] = {
    Movement.BOTH: ("new_contacts", "additions", "removals", "net_growth"),
    Movement.ADDITIONS: CAME,
    Movement.REMOVALS: LEFT,
}
"""The tiles that are large."""
MOVED: Mapping[Movement, tuple[str, ...]] = {
    Movement.BOTH: ("additions", "removals"),
    Movement.ADDITIONS: ("additions",),
    Movement.REMOVALS: LEFT[1:],
}
"""The bars over time and beside each other."""
IS_NEW, IS_ADDED, IS_REMOVED = Is("new_contact", True), Is("growth", 1), Is("growth", -1)
COUNTED: Mapping[Movement, Condition] = {
    Movement.BOTH: AnyOf((IS_NEW, IS_ADDED, IS_REMOVED)),
    Movement.ADDITIONS: AnyOf((IS_NEW, IS_ADDED)),
    Movement.REMOVALS: IS_REMOVED,
}
"""The changes that any of the figures counts: a changed profile is no row of a breakdown."""
CHARTED = 8
"""Bars of a picture; the table has all."""
LISTED = 1_000
WHOLE = Interval(IntervalUnit.NONE)


def named(names: tuple[str, ...]) -> list[Metric]:
    """The metrics with these names."""
    return [METRIC[name] for name in names]


@dataclass(frozen=True)
class Growth:
    """Asks of the changes of lists in a report's period."""

    request: ReportRequest
    building: Building

    @property
    def movement(self) -> Movement:
        """Which changes are shown."""
        return Movement(self.request["movement"])

    @cached_property
    def over_time(self) -> Answer:
        """All figures over the period."""
        return self.ask(self.request["interval"])

    def ask(self, interval: Interval = WHOLE, by: tuple[str, ...] = ()) -> Answer:
        """All figures, beside those of the comparison."""
        span = self.building.span
        keys = tuple(METRIC[name].key for name in FIGURES[self.movement])
        question = Question(
            LIST_CHANGES, keys, span, interval, by, filters_of(self.request),
            where=COUNTED[self.movement], compare=self.request.compare.of(span),
        )  # fmt: skip
        if by:
            leading = METRIC[MOVED[self.movement][0]].key
            question = replace(question, order=(Order(leading), Order(by[0], descending=False)), limit=LISTED)
        return self.building(question)

    def overview(self) -> Iterator[Block]:
        """The leading figures, and who came and left over time."""
        answer = self.over_time
        yield self._tiles(answer)
        interval: Interval = self.request["interval"]
        if interval.unit is IntervalUnit.NONE:
            return
        moved = named(MOVED[self.movement])
        yield timeline("moved", _("Lists over the period"), answer, moved, kind=ChartKind.BAR)
        if self.movement is Movement.BOTH:
            yield timeline("net_growth", METRIC["net_growth"].label, answer, named(("net_growth",)))

    def _tiles(self, answer: Answer) -> Kpis:
        large = {METRIC[name].key for name in LEADING[self.movement]}
        made = tiles("figures", answer, named(FIGURES[self.movement]), headline=finding(answer))

        def tile(one: Kpi) -> Kpi:
            note = self._reached(one) if one.key == METRIC["additions"].key else one.note
            return structs.replace(one, lead=one.key in large, note=note)

        return structs.replace(made, tiles=tuple(sorted(map(tile, made.tiles), key=lambda one: not one.lead)))

    def _reached(self, tile: Kpi) -> Message | None:
        """How far additions have come towards their goal."""
        goal = self.request["goal"]
        if not goal or not isinstance(tile.value, int | float):
            return tile.note
        return _("{share:proportion} of the goal of {goal:count}", share=tile.value / goal, goal=goal)

    def over_intervals(self) -> Iterator[Block]:
        """The figures of each interval."""
        if self.request["interval"].unit is not IntervalUnit.NONE:
            yield answer_table(
                "by_interval", _("Growth over time"), self.over_time, named(FIGURES[self.movement]),
                CHANGE_DATASET,
            )  # fmt: skip

    def broken_down(self, column: str, title: Message, names: Mapping[str, Message]) -> Iterator[Block]:
        """The figures by the values of a column, as a chart and as a table."""
        answer = self.ask(by=(column,))
        if not answer.rows:
            yield Paragraph(_("No list changed in this period."))
            return
        if len(answer.rows) > 1:
            yield self._bars(column, title, answer, names)
        yield self._table(column, title, answer, names)

    def _bars(self, column: str, title: Message, answer: Answer, names: Mapping[str, Message]) -> Chart:
        metrics = named(MOVED[self.movement])
        rows, compared = answer.rows[:CHARTED], metrics[:1] if answer.question.compare else []
        return Chart(
            key=f"{column}_bars",
            kind=ChartKind.BAR,
            title=title,
            description=_described(metrics[0], rows, names),
            categories=[row.keys[0] for row in rows],
            names=dict(names),
            series=tuple(Series(m.key, m.label, [row.values[m.key] for row in rows], m.key) for m in metrics),
            previous=tuple(
                Series(m.key, m.label, [(row.previous or {}).get(m.key) for row in rows], m.key)
                for m in compared
            ),
            unit=metrics[0].unit,
            origin=answer.origin,
            headline=_foremost(metrics[0], answer, names),
        )

    def _table(self, column: str, title: Message, answer: Answer, names: Mapping[str, Message]) -> Table:
        made = answer_table(f"by_{column}", title, answer, named(FIGURES[self.movement]), CHANGE_DATASET)
        first, *figures = made.columns
        return structs.replace(made, columns=(structs.replace(first, names=dict(names)), *figures))

    def sources(self) -> Iterator[Block]:
        """The figures of each source, where there are several."""
        answer = self.ask(by=("source",))
        if len(answer.rows) > 1:
            title = _("Growth by source")
            yield answer_table("by_source", title, answer, named(FIGURES[self.movement]), CHANGE_DATASET)


def build(request: ReportRequest, building: Building) -> Report:
    """What fails in one section leaves the others be."""
    growth = Growth(request, building)
    origins, lists, languages = _("Growth by origin"), _("Growth by list"), _("Growth by language")
    parts = [
        ("overview", _("Overview"), growth.overview),
        ("origins", origins, lambda: growth.broken_down("origin", origins, ORIGINS)),
        ("lists", lists, lambda: growth.broken_down("audience", lists, LISTS)),
        ("languages", languages, lambda: growth.broken_down("language", languages, LANGUAGES)),
        ("over_time", _("Growth over time"), growth.over_intervals),
    ]
    if len(building.names) > 1:
        parts.insert(2, ("sources", _("Growth by source"), growth.sources))
    made = tuple(section(key, title, blocks) for key, title, blocks in parts)
    return Report(
        _("Growth of lists"),
        tuple(one for one in made if one.blocks),
        notes=(
            _("A contact on several lists is one new contact and an addition to each of them."),
            _("Contacts are new to a source: one that two sources have is new to each of them."),
        ),
    )


def finding(answer: Answer) -> Message | None:
    """By how many members lists grew or shrank; nothing where nobody came or left."""
    totals = {name: answer.totals.get(METRIC[name].key) for name in ("additions", "removals", "net_growth")}
    came, left, net = (totals[name] or 0 for name in ("additions", "removals", "net_growth"))
    if not came and not left:
        return None
    if totals["removals"] is None:
        return _("Members who came: {came:count}.", came=came)
    if totals["additions"] is None:
        return _("Members who left: {left:count}.", left=left)
    if net > 0:
        return _(
            "Lists grew by {net:count}: {came:count} came and {left:count} left.",
            net=net, came=came, left=left,
        )  # fmt: skip
    if net < 0:
        return _(
            "Lists shrank by {net:count}: {came:count} came and {left:count} left.",
            net=-net, came=came, left=left,
        )  # fmt: skip
    return _("As many came as left: {came:count}.", came=came)


def _foremost(metric: Metric, answer: Answer, names: Mapping[str, Message]) -> Message | None:
    """What most came or left by; nothing where two did."""
    ranked = [row for row in answer.rows if row.values[metric.key]]
    if len(ranked) < 2 or ranked[0].values[metric.key] == ranked[1].values[metric.key]:
        return None
    count, total = ranked[0].values[metric.key], answer.totals[metric.key]
    return _(
        "{metric}: {name} has {count:count} of {total:count}.",
        metric=metric.label, name=_called(ranked[0], names), count=count, total=total,
    )  # fmt: skip


def _described(metric: Metric, rows: tuple[AnswerRow, ...], names: Mapping[str, Message]) -> Message:
    highest = max(rows, key=lambda row: row.values[metric.key] or 0)
    return _("{metric}, highest for {name}.", metric=metric.label, name=_called(highest, names))


def _called(row: AnswerRow, names: Mapping[str, Message]) -> Message | str:
    return names.get(row.keys[0], row.keys[0])


GROWTH = ReportKind(
    key=f"{NAMESPACE}.growth",
    label=_("Growth of lists"),
    page=_("Growth of lists"),
    description=_(
        "New contacts by the way they came, who unsubscribed, was blacklisted or taken off, net growth and "
        "languages."
    ),
    parameters=(MOVEMENT, INTERVAL, *NARROWING, GOAL),
    build=build,
    datasets=(LIST_CHANGES,),
    examples=(
        Example(
            "month",
            _("The growth of the last 30 days"),
            _("Who came and who left, against the 30 days before."),
            {"period": "last_30_days", "compare": "previous_period"},
        ),
        Example(
            "lost",
            _("Who left, week by week"),
            _("Unsubscribed, blacklisted and taken off in the last 90 days."),
            {"period": "last_90_days", "interval": "week", "movement": "removals"},
        ),
    ),
)
