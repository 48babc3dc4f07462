"""Whether the slides hold what GraphQL gave: every tile, every row of a table, every value of a chart."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from bilan.i18n import LocaleFormatter
from bilan.rendering.pptx_format import PPTX
from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.units import Unit
from support.alike.cards import figures, galleries, tables
from support.alike.seen import at, counted_beside, grids, rendered, series_of, tiles_in, worded
from support.alike.slide_tables import table_alike
from support.alike.slide_tiles import is_large, is_listed, large_tiles, listed_tiles
from support.slides import Slide
from support.slides import read as read_slides

Json = dict[str, Any]

MOST_NAMES = 16
"""So many categories with names a chart on a slide has."""


def slides_alike(document: Json, made: Document, rows: Rows, formatter: LocaleFormatter) -> None:
    """Every figure on a slide is GraphQL's, and what is on none is said to be left out."""
    found = read_slides(rendered(PPTX, made, rows, RenderContext(formatter, "")))
    large, listed = list(large_tiles(found)), list(listed_tiles(found, formatter))
    for tile in tiles_in(document):
        assert any(is_large(one, tile, formatter) for one in large) or any(
            is_listed(one, tile, formatter) for one in listed
        ), tile
        assert any(counted_beside(tile, formatter) in text for one in found for text in one.texts), tile
    waiting = list(found)
    for gallery in galleries(document):
        _cards_alike(gallery, found, formatter)
    for block in [one for one in grids(document) if "series" in one or one in tables(document)]:
        if "series" in block:
            _chart_alike(block, waiting, formatter)
        elif block["detail"] and not block["hidden"]:
            _named_alike(block, found, formatter)
        elif not block["hidden"]:
            table_alike(block, waiting, formatter)


def _named_alike(table: Json, slides: list[Slide], formatter: LocaleFormatter) -> None:
    """A table to be looked up is named with its rows, as far as it has any."""
    rows = formatter.value(table["rowCount"], Unit.COUNT)
    named = {(row[0], row[-1]) for slide in slides for one in slide.tables for row in one}
    assert (table["title"], rows) in named or not table["rowCount"], table["key"]


def _cards_alike(gallery: Json, slides: list[Slide], formatter: LocaleFormatter) -> None:
    """Every card's figures stand together, in the order of the cards."""
    texts = [text for slide in slides for text in slide.texts]
    for card in figures(gallery, formatter):
        said = "\n".join(f"{label}\t{value}" for label, value in card)
        assert said in texts, (gallery["key"], said)
        texts = texts[texts.index(said) + 1 :]


def _chart_alike(chart: Json, waiting: list[Slide], formatter: LocaleFormatter) -> None:
    known = any(value is not None for one in chart["series"] for value in one["values"])
    if not chart["categories"] or not known:
        return
    if chart["chartKind"] == "HEATMAP":
        _heatmap_alike(chart, waiting, formatter)
        return
    while not waiting[0].charts:
        waiting.pop(0)
    slide = waiting.pop(0)
    (native,) = slide.charts
    along = Unit[chart["categoryUnit"]]
    dated, rendered_ = along in (Unit.DATE, Unit.INSTANT), len(chart["categories"])
    if not dated and rendered_ > MOST_NAMES:
        assert str(rendered_ - MOST_NAMES) in "\n".join(slide.texts), "categories are left out without a word"
        rendered_ = MOST_NAMES
    size = _seconds_of_one(chart)
    assert native.series == [
        (label, [value and value / size for value in (at(values, place) for place in range(rendered_))])
        for label, values in series_of(chart, formatter)
    ], chart["title"]
    names = [worded(one, chart["names"]) for one in chart["categories"][:rendered_]]
    if along is Unit.DATE:
        days = [date.fromisoformat(one) for one in names]
        in_a_row = all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
        # Bars of weeks or months stand under words, as an axis of days would make them thin.
        along_days = chart["chartKind"] == "LINE" or in_a_row
        assert native.categories == (days if along_days else formatter.labels(names, along))
    elif along is Unit.INSTANT:
        # Hours of several days stand below their days, which the labels begin with.
        labels = formatter.labels(names, along)
        assert all(label.endswith(one) for label, one in zip(labels, native.categories, strict=True))
    else:
        assert native.categories == formatter.labels(names, along)


def _seconds_of_one(chart: Json) -> int:
    """Durations stand in hours or minutes from two of them on; other figures as they are."""
    if Unit[chart["unit"]] is not Unit.SECONDS:
        return 1
    highest = max(value or 0 for one in (*chart["series"], *chart["previous"]) for value in one["values"])
    return next(size for size in (3600, 60, 1) if highest >= 2 * size or size == 1)


def _heatmap_alike(chart: Json, waiting: list[Slide], formatter: LocaleFormatter) -> None:
    """A heat map is a table: nothing stands where nothing was counted."""
    while not (waiting[0].tables and chart["title"] in waiting[0].described):
        waiting.pop(0)
    (((_corner, *heads), *rows),) = waiting.pop(0).tables
    names = [worded(one, chart["names"]) for one in chart["categories"]]
    assert heads == formatter.labels(names, Unit[chart["categoryUnit"]])
    unit = Unit[chart["unit"]]
    assert rows == [
        [one["label"], *(formatter.value(value, unit) if value else "" for value in one["values"])]
        for one in chart["series"]
    ], chart["title"]
