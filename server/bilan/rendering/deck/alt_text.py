"""Alternative text of a chart: where each line begins and ends, and its highest point."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.rendering.deck.deck import Deck
from bilan.rendering.series import categories_of
from bilan.sdk.document import Chart, Series
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

FEW = 6
"""Up to so many values of a series are all said."""


def alt_text(deck: Deck, chart: Chart) -> Iterator[str]:
    """A sentence for each series that has values."""
    drawn = [(series, chart.unit) for series in chart.series]
    for series, unit in (*drawn, *((one, Unit.COUNT) for one in chart.beside)):
        if known := [(n, value) for n, value in enumerate(series.values) if value is not None]:
            yield _said(deck, chart, series, unit, known)


def _said(deck: Deck, chart: Chart, series: Series, unit: Unit, known: list[tuple[int, int | float]]) -> str:
    formatter, label = deck.context.formatter, deck.text(series.label)
    categories = categories_of(chart, formatter)

    def at(place: int) -> str:
        named = place < len(categories)
        return formatter.value(categories[place], chart.category_unit) if named else "–"

    if len(known) <= FEW:
        each = [
            deck.text(_("{name} {figure}", name=at(n), figure=formatter.value(value, unit)))
            for n, value in known
        ]
        return deck.text(_("{part}: {title}", part=label, title=formatter.value(each, Unit.TEXTS)))
    highest = max(known, key=lambda one: one[1])
    sentence = _(
        "{series}: highest {highest} ({when}); {first} at the beginning, {last} at the end.",
        series=label,
        highest=formatter.value(highest[1], unit),
        when=at(highest[0]),
        first=formatter.value(known[0][1], unit),
        last=formatter.value(known[-1][1], unit),
    )
    return deck.text(sentence)
