"""What stands beside a chart: what it shows in a sentence, and the figures that its lines add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.figures import Figure, signs_of
from bilan.rendering.deck.geometry import Frame, inches
from bilan.rendering.deck.listing import Plan, add_figures
from bilan.rendering.deck.pens import accent
from bilan.rendering.deck.words import Run, lines_of
from bilan.sdk.document import Chart, ChartKind

WIDE, COMPARED, GAP = 3.7, 4.6, 0.35
"""Inches: of a panel, of one whose figures are compared with others, and between it and the chart."""
SENTENCE = 18
COMPACT = 14
LINE = 1.2 / 72
FIGURES = Plan(1, 0, 12, 0.3, 0.36)
"""How the figures are set."""


def beside(chart: Chart, figures: Mapping[str, Figure]) -> list[Figure]:
    """The figures of a chart's series, in their order, where there is one for each of them."""
    found = [figures.get(one.metric or "") for one in chart.series]
    if chart.kind is ChartKind.DONUT or not all(found):
        return []
    return [one for one in found if one]


def split(room: Frame, figures: Sequence[Figure]) -> tuple[Frame, Frame]:
    """The frames of the chart and of the panel beside it."""
    wide = inches(COMPARED if any(one.before for one in figures) else WIDE)
    chart = replace(room, width=room.width - wide - inches(GAP))
    return chart, replace(room, x=room.x + room.width - wide, width=wide)


def add_panel(
    deck: Deck, slide: Any, where: Frame, sentence: str, figures: Sequence[Figure], name: str
) -> None:
    """Write the sentence, and below it the figures, each behind a square of its line's colour."""
    room = where.under(0.1)
    if sentence:
        size = COMPACT if figures else SENTENCE
        deck.box(slide, room, [[Run(sentence, size)]], name)
        room = room.under(lines_of(sentence, room.wide - 0.1, size) * size * LINE + 0.25)
    if figures:
        colours = deck.palette.series
        marks = [accent(n) or colours[n % len(colours)] for n in range(len(figures))]
        add_figures(deck, slide, figures, room, FIGURES, signs_of(figures), marks)
