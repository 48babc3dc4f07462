"""A slide with a chart: what it shows above it, and its figures beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from bilan.rendering.deck.alt_text import alt_text
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.figures import Figure, footnotes_of
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.deck.heatmap import ROWS, add_heatmap
from bilan.rendering.deck.native import dress
from bilan.rendering.deck.panel import add_panel, split, told_beside
from bilan.rendering.deck.plot import data_of, drawable, kind_of
from bilan.rendering.deck.words import Run
from bilan.sdk.document import Chart, ChartKind, Kpis
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import Unit

HOURS = 24
"""So many columns of a heat map have room."""
NAMED = 16
"""So many categories with names have room at an axis; further ones are left to the files."""
ROOMY = 12
"""Up to so many bars have room beside a panel."""


def add_chart(
    deck: Deck,
    chart: Chart,
    section: str,
    figures: Mapping[str, Figure] = MappingProxyType({}),
    footnotes: Sequence[Footnote] = (),
    kpis: Kpis | None = None,
) -> None:
    """A slide with one chart. Its finding is the title, and its name a line below it.

    Beside it stand the ``figures`` of its series by their metrics, or all of
    a row of tiles, whose finding is the title then. What the chart draws is
    said beside it where it has no finding and leaves the room.
    """
    title, sentence = deck.text(chart.title), deck.text(chart.description)
    headline = deck.text(kpis.headline if kpis and kpis.headline else chart.headline)
    said = deck.text(chart.headline) or sentence if kpis and kpis.headline else "" if headline else sentence
    drawn, left_out = readable(deck, chart)
    own = [Footnote(one) for one in (_before(deck, chart), left_out) if one]
    told = told_beside(deck, chart, figures, kpis)
    panelled = (
        drawable(chart)
        and chart.kind is not ChartKind.HEATMAP
        and (bool(told.figures) or (not headline and _roomy(chart)))
    )
    below = title if headline and title.casefold() != section.casefold() else ""
    page = deck.slide(
        headline or deck.named(section, title), section=section,
        message=below if panelled else below or sentence,
        metrics=[
            *(series.metric for series in (*chart.series, *chart.previous, *chart.beside)), *told.metrics,
        ],
        alt_text=[*([sentence] if panelled or below else []), *alt_text(deck, chart), *told.alt_text],
        footnotes=[*own, *footnotes_of(deck, told.figures), *footnotes],
    )  # fmt: skip
    if not drawable(chart):
        nothing = deck.text(_("No figures in this period"))
        deck.box(page.slide, page.body, [[Run(nothing, 18, "tx2")]], title)
        return
    if chart.kind is ChartKind.HEATMAP:
        spoken = " ".join([f"{title}.", sentence, *(one.text for one in own)])
        add_heatmap(deck, page.slide, page.body, drawn, spoken)
        return
    whole, panel = split(page.body, told.figures)
    room = whole if panelled else page.body
    kind = kind_of(drawn, deck, room.width)
    shape = page.slide.shapes.add_chart(kind, *deck.place(room), data_of(deck, drawn))
    described(shape, title, " ".join([f"{title}.", sentence, *(one.text for one in own)]))
    dress(deck, shape.chart, drawn, room.width, named=told.named)
    if panelled:
        add_panel(deck, page.slide, panel, said, told, deck.text(_("In short")))


def _before(deck: Deck, chart: Chart) -> str:
    if not (chart.previous and drawable(chart)):
        return ""
    if chart.kind is ChartKind.LINE:
        return deck.text(_("Dashed: the previous period."))
    return deck.text(_("Grey: the previous period."))


def readable(deck: Deck, chart: Chart) -> tuple[Chart, str]:
    """The chart with as many named categories as can be read, and the sentence about the others."""
    heat = chart.kind is ChartKind.HEATMAP
    most, rows = (HOURS, ROWS) if heat else (NAMED, len(chart.series))
    over = max(len(chart.categories) - most, 0) + max(len(chart.series) - rows, 0)
    if (chart.category_unit in (Unit.DATE, Unit.INSTANT) and not heat) or not over:
        return chart, ""
    said = ngettext(
        "{count} more category is not drawn; it is in the Excel file.",
        "{count} more categories are not drawn; they are in the Excel file.",
        count=over,
    )
    return replace(chart, categories=chart.categories[:most], series=chart.series[:rows]), deck.text(said)


def _roomy(chart: Chart) -> bool:
    return chart.kind in (ChartKind.LINE, ChartKind.DONUT) or len(chart.categories) <= ROOMY
