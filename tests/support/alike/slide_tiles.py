"""Whether a tile stands on the slides, large or in a list, with the figure before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bilan.i18n import LocaleFormatter
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from support.alike.seen import shown_tile
from support.slides import Slide

_ = messages("bilan")[0]
Json = dict[str, Any]


def large_tiles(found: list[Slide]) -> Iterator[tuple[str, ...]]:
    """The tiles that stand large: name, figure, change, and the sentence about the figure before."""
    for slide in found:
        for text in slide.texts:
            lines = text.split("\n")
            if lines[0] in slide.described and len(lines) > 1:
                yield lines[0], lines[1], *lines[2:]


def listed_tiles(found: list[Slide], formatter: LocaleFormatter) -> Iterator[tuple[str, ...]]:
    """The tiles in lists: name, figure, change, and the figure before."""
    head = [formatter.text(one) for one in (_("Figure"), _("Value"))]
    for slide in found:
        for table in slide.tables:
            for row in table[1:] if table[0][:2] == head else ():
                yield row[0].removeprefix("■ "), row[1], *row[2:]


def is_large(shown: tuple[str, ...], tile: Json, formatter: LocaleFormatter) -> bool:
    """Whether what stands large is this tile."""
    name, value, *rest = shown
    return (name, value) == shown_tile(tile, formatter)[:2] and (
        not tile["compared"] or any(line.endswith(_against(tile, formatter)) for line in rest)
    )


def is_listed(shown: tuple[str, ...], tile: Json, formatter: LocaleFormatter) -> bool:
    """Whether a line of a list is this tile."""
    name, value, *rest = shown
    label, figure, _before = shown_tile(tile, formatter)
    if name != label or not re.fullmatch(rf"{re.escape(figure)}( (⚑?\d*))?", value):
        return False
    if tile["previous"] is None:
        # Without columns for it, none of the list has an earlier figure; words stand across them.
        return not rest or rest[-1] in ("–", "")
    return rest[-1] == formatter.value(tile["previous"], Unit[tile["unit"]])


def _against(tile: Json, formatter: LocaleFormatter) -> str:
    if tile["previous"] is None:
        return formatter.text(_("no earlier figure"))
    before = formatter.value(tile["previous"], Unit[tile["unit"]])
    if not isinstance(tile["value"], int | float):
        return formatter.text(_("previously {figure}", figure=before))
    change = formatter.change(tile["value"], tile["previous"], Unit[tile["unit"]]) or ""
    if tile["value"] == tile["previous"] or change.startswith("±"):
        return formatter.text(_("unchanged from {figure}", figure=before))
    up = tile["value"] > tile["previous"]
    sentence = _("up from {figure}", figure=before) if up else _("down from {figure}", figure=before)
    return formatter.text(sentence)
