"""Tiles as a template shows them: everything formatted, nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from bilan.rendering.drilldown_links import NO_LINK, DrilldownLink, DrilldownLinks, no_links
from bilan.rendering.marks import MARKS
from bilan.rendering.sparkline import draw_sparkline, sparkline
from bilan.sdk.document import Cell, Document, Kpi, Kpis, Mark
from bilan.sdk.rendering import Formatter, RenderContext
from bilan.sdk.textdomain import _
from bilan.sdk.units import FIGURES, Unit


@dataclass(frozen=True, slots=True)
class ShownKpi:
    """A tile. ``trend``: up, down, flat or nothing; ``good`` says whether that is welcome."""

    label: str
    value: str
    change: str = ""
    trend: str = ""
    alt_text: str = ""
    good: bool | None = None
    previous: str = ""
    remarks: tuple[str, ...] = ()
    alert: bool = False
    definition: str | None = None
    link: DrilldownLink = NO_LINK
    previous_link: DrilldownLink = NO_LINK
    lead: bool = False
    words: bool = False
    """Whether the value is a moment or words, which take more room than a figure."""
    spark: Markup = Markup("")  # noqa: RUF009 - it cannot be changed
    """Its course, rendered small, where a chart of the same document tells it."""


def shown_kpis(
    kpis: Kpis, context: RenderContext, *, links: DrilldownLinks = no_links, document: Document | None = None
) -> tuple[ShownKpi, ...]:
    """The tiles with their changes; those that lead with their course in the ``document``."""
    tiles = (
        _kpi(
            tile,
            context.formatter,
            links(kpis, f"t{place}", Cell(tile.value, tile.mark)),
            links(kpis, f"t{place}p", tile.previous),
        )
        for place, tile in enumerate(kpis.tiles)
    )
    if document is None:
        return tuple(tiles)
    return tuple(
        replace(shown, spark=draw_sparkline(sparkline(document, kpis, tile))) if tile.lead else shown
        for shown, tile in zip(tiles, kpis.tiles, strict=True)
    )


def _kpi(tile: Kpi, formatter: Formatter, link: DrilldownLink, previous_link: DrilldownLink) -> ShownKpi:
    trend = _trend(tile)
    remarks = [formatter.text(MARKS[tile.mark].short)] if tile.mark else []
    if (counted := tile.beside) is not None:
        figure = formatter.value(counted.value, counted.unit)
        remarks.append(formatter.text(_("{series}: {figure}", series=counted.label, figure=figure)))
    remarks += [formatter.text(tile.note)] if tile.note else []
    return ShownKpi(
        label=formatter.text(tile.label),
        value=formatter.value(tile.value, tile.unit),
        change=_change(tile, formatter),
        trend=trend,
        alt_text=formatter.text(_TRENDS[trend]) if trend else "",
        good=welcome(tile),
        previous=_previous(tile, formatter) if tile.compared else "",
        remarks=tuple(remarks),
        alert=tile.mark is Mark.RED_FLAG,
        definition=tile.metric,
        link=link,
        previous_link=previous_link,
        lead=tile.lead,
        words=tile.unit not in FIGURES,
    )


def welcome(tile: Kpi) -> bool | None:
    """Whether a tile's change is good news; nothing where it is neither, or where nobody can say."""
    trend = _trend(tile)
    if trend in ("", "flat") or tile.higher_is_better is None:
        return None
    return (trend == "up") is tile.higher_is_better


def _previous(tile: Kpi, formatter: Formatter) -> str:
    if tile.previous is None:
        return formatter.text(_("no earlier figure"))
    return formatter.text(_("previously {figure}", figure=formatter.value(tile.previous, tile.unit)))


_TRENDS = {"up": _("up"), "down": _("down"), "flat": _("unchanged")}


def _trend(tile: Kpi) -> str:
    if tile.held is None or tile.previous is None:
        return ""
    if not _moved(tile.held, tile.previous, tile.unit):
        return "flat"
    return "up" if tile.held > tile.previous else "down"


def _moved(value: float, previous: float, unit: Unit) -> bool:
    """Whether a change is more than nothing as it is written: in tenths of a point or of a per cent."""
    if unit is Unit.PROPORTION:
        return round((value - previous) * 100, 1) != 0
    # From nought anything is a change.
    return round((value - previous) / abs(previous), 3) != 0 if previous else value != previous


def _change(tile: Kpi, formatter: Formatter) -> str:
    if tile.held is None or tile.previous is None:
        return ""
    if not _moved(tile.held, tile.previous, tile.unit):
        # Written in one way, also where nought stayed nought.
        return formatter.change(1, 1, tile.unit) or ""
    return formatter.change(tile.held, tile.previous, tile.unit) or ""
