"""What stands beside a chart: what it shows in a sentence, and the figures that its lines add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.figures import Figure, figures_of, signs_of
from bilan.rendering.deck.fills import accent
from bilan.rendering.deck.grid import GAP, Frame
from bilan.rendering.deck.kpi_table import Plan, add_figures, height_in
from bilan.rendering.deck.words import Run, height_of
from bilan.sdk.document import Chart, ChartKind, Kpis

WIDE, COMPARED = (8, 4), (7, 5)
"""Columns of a chart and of its panel, and where the figures are compared with others."""
SENTENCE = 18
COMPACT = 14
FIGURES = (Plan(1, 0, 12, 0.3, 0.36), Plan(1, 0, 11, 0.28, 0.31), Plan(1, 0, 10, 0.26, 0.27))
"""How the figures are set: as large as there is room for."""


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of a panel. ``marks`` are the colours of their series; ``named``: every series has one."""

    figures: tuple[Figure, ...]
    marks: tuple[str, ...]
    named: bool

    @property
    def metrics(self) -> list[str | None]:
        """The definitions of the figures."""
        return [one.shown.definition for one in self.figures]

    @property
    def alt_text(self) -> list[str]:
        """The figures in words."""
        return [f"{one.alt_text}." for one in self.figures]


def told_beside(deck: Deck, chart: Chart, figures: Mapping[str, Figure], kpis: Kpis | None) -> Told:
    """The figures that stand beside a chart: those of its series, in their order, then the rest of a row."""
    series = [one.metric or "" for one in chart.series]
    row = figures_of(deck, [kpis] if kpis else [])
    known = {one.shown.definition or "": one for one in row} or dict(figures)
    # Several lines of one metric are told apart by their own names, in a legend.
    named = (
        chart.kind not in (ChartKind.DONUT, ChartKind.HEATMAP)
        and 0 < len(series) == len(set(series))
        and all(key in known for key in series)
    )
    if not named:
        return Told(tuple(row), ("",) * len(row), named=False)
    first = [known[key] for key in series]
    others = [one for one in row if one not in first]
    colours = deck.palette.series
    marks = [accent(n) or colours[n % len(colours)] for n in range(len(first))]
    return Told((*first, *others), (*marks, *[""] * len(others)), named=True)


def split(room: Frame, figures: Sequence[Figure]) -> list[Frame]:
    """The frames of the chart and of the panel beside it."""
    return room.columns(*(COMPARED if any(one.before for one in figures) else WIDE))


def add_panel(deck: Deck, slide: Any, where: Frame, sentence: str, told: Told, name: str) -> None:
    """Write the sentence, and below it the figures, each behind a square of its line's colour."""
    room = where.under(0.1)
    if sentence:
        size = COMPACT if told.figures else SENTENCE
        deck.box(slide, room, [[Run(sentence, size)]], name)
        room = room.under(height_of(sentence, room.width - 0.1, size) + GAP)
    if told.figures:
        signs = signs_of(told.figures)
        plans = (one for one in FIGURES if height_in(deck, told.figures, room.width, one) <= room.height)
        add_figures(deck, slide, told.figures, room, next(plans, FIGURES[-1]), signs, told.marks)
