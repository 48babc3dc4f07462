"""The metrics of the reports, by their names, and as tiles."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from bilan.sdk import Answer, Dataset, Kpi, Kpis, Message, Metric, Table, answer_table, tiles
from bilan_social_profiles.metrics import METRICS
from bilan_social_profiles.textdomain import _

METRIC = {metric.key.partition(".")[2]: metric for metric in METRICS}
HEADINGS = {
    METRIC[name].key: heading
    for name, heading in (
        ("followers_change", _("Change")),
        ("followers_gained", _("Gained")),
        ("followers_lost", _("Lost")),
        ("profile_impressions", _("Impressions")),
        ("profile_reach", _("Daily reach")),
        ("profile_engagement", _("Engagement")),
        ("engagement_rate_by_followers", _("Rate by followers")),
        ("engagement_rate_by_reach", _("Rate by reach")),
        ("engagement_rate_by_impressions", _("Rate by impressions")),
        ("responded", _("With a time")),
        ("response_time_median", _("Median")),
    )
}
"""Short words for the heads of narrow columns, where the table says what they are about."""


def named(*names: str) -> list[Metric]:
    """The metrics with these names."""
    return [METRIC[name] for name in names]


def known(answer: Answer, names: Sequence[str]) -> list[str]:
    """Those of the metrics of which the answer knows a total."""
    return [one for one in names if answer.totals[METRIC[one].key] is not None]


def table_of(
    key: str, title: Message, answer: Answer, names: Sequence[str], dataset: Dataset,
    headline: Message | None = None,
) -> Table:  # fmt: skip
    """A table of what is known of the metrics, under short heads."""
    made = answer_table(key, title, answer, named(*known(answer, names)), dataset, headline=headline)
    columns = (structs.replace(one, label=HEADINGS.get(one.key, one.label)) for one in made.columns)
    return structs.replace(made, columns=tuple(columns))


def told(
    key: str, answer: Answer, names: Sequence[str], headline: Message | None = None, *,
    leading: Sequence[str] = (), goal: tuple[str, int | None] = ("", None),
) -> Kpis:  # fmt: skip
    """Tiles of what is known of the metrics; ``goal`` is one of them and what it should come to."""
    large = {one.key for one in named(*leading)}
    made = tiles(key, answer, named(*known(answer, names)), headline=headline)
    aim = METRIC[goal[0]].key if goal[1] else ""

    def tile(one: Kpi) -> Kpi:
        note = _reached(one, goal[1]) if one.key == aim else one.note
        return structs.replace(one, lead=one.key in large, note=note)

    return structs.replace(made, tiles=tuple(map(tile, made.tiles)))


def _reached(tile: Kpi, goal: int | None) -> Message | None:
    """How far a figure has come towards its goal."""
    if not goal or not isinstance(tile.value, int | float):
        return tile.note
    return _("{share:proportion} of the goal of {goal:count}", share=tile.value / goal, goal=goal)
