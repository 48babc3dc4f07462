"""A slide with a chart: what it shows above it, and its figures beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace
from pptx.util import Emu

from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.feet import Remark
from bilan.rendering.deck.figures import Figure, remarks_of
from bilan.rendering.deck.native import dress
from bilan.rendering.deck.panel import add_panel, beside, split
from bilan.rendering.deck.plot import data_of, drawable, kind_of
from bilan.rendering.deck.spoken import spoken
from bilan.rendering.deck.words import Run
from bilan.sdk.document import Chart, ChartKind
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_, _n = messages("bilan")

NAMED = 16
"""So many categories with names have room at an axis; further ones are left to the files."""
ROOMY = 12
"""Up to so many bars have room beside a panel."""


def add_chart(
    deck: Deck,
    chart: Chart,
    section: str,
    figures: Mapping[str, Figure] = MappingProxyType({}),
    remarks: Sequence[Remark] = (),
) -> None:
    """A slide with one chart. Its finding is the title, and what it draws a line below it.

    Where no finding is known, what it draws stands beside the chart, as do
    the ``figures`` of its series by their metrics.
    """
    title, sentence = deck.text(chart.title), deck.text(chart.description)
    headline = deck.text(chart.headline)
    drawn, left_out = readable(deck, chart)
    feet = [Remark(one) for one in (_before(deck, chart), left_out) if one]
    found = beside(chart, figures)
    panelled = drawable(chart) and (bool(found) or (not headline and _roomy(chart)))
    page = deck.slide(
        headline or deck.named(section, title), section=section,
        message="" if panelled and not headline else sentence,
        metrics=[series.metric for series in (*chart.series, *chart.previous)],
        spoken=[
            *([sentence] if panelled else []), *spoken(deck, chart), *(f"{one.spoken}." for one in found),
        ],
        remarks=[*feet, *remarks_of(deck, found), *remarks],
    )  # fmt: skip
    if not drawable(chart):
        said = deck.text(_("No figures in this period"))
        deck.box(page.slide, page.body, [[Run(said, 18, "tx2")]], title)
        return
    whole, panel = split(page.body, found)
    room = whole if panelled else page.body
    where = deck.place(room)
    shape = page.slide.shapes.add_chart(
        kind_of(drawn, deck), *map(Emu, (where.x, where.y, where.width, where.height)), data_of(deck, drawn)
    )
    described(shape, title, " ".join([f"{title}.", sentence, *(one.text for one in feet)]))
    dress(deck, shape.chart, drawn, room.wide, named=bool(found))
    if panelled:
        add_panel(deck, page.slide, panel, "" if headline else sentence, found, deck.text(_("In short")))


def _before(deck: Deck, chart: Chart) -> str:
    if not (chart.previous and drawable(chart)):
        return ""
    if chart.kind is ChartKind.LINE:
        return deck.text(_("Dashed: the previous period."))
    return deck.text(_("Grey: the previous period."))


def readable(deck: Deck, chart: Chart) -> tuple[Chart, str]:
    """The chart with as many named categories as can be read, and the sentence about the others."""
    over = len(chart.categories) - NAMED
    if chart.category_unit in (Unit.DATE, Unit.INSTANT) or over <= 0:
        return chart, ""
    said = _n(
        "{count} more category is not drawn; it is in the Excel file.",
        "{count} more categories are not drawn; they are in the Excel file.",
        count=over,
    )
    return replace(chart, categories=chart.categories[:NAMED]), deck.text(said)


def _roomy(chart: Chart) -> bool:
    return chart.kind in (ChartKind.LINE, ChartKind.DONUT) or len(chart.categories) <= ROOMY
