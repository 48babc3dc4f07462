"""Send only if: what has to be true of a report so that an occurrence of a schedule is sent.

Asked of the document that was built, as a pure function. Where a part of it
could not be built, nothing is withheld: what is missing there may be what was waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isclose, isfinite

from bilan.reports.since_last_copy import figures_of, own_blocks
from bilan.sdk.document import Cell, Chart, Document, Kpi, Notice, Table, Value
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import _
from bilan.sdk.units import FIGURES, Unit
from bilan.sdk.walk import leaves, tables_of

TIMES = (Unit.DATE, Unit.INSTANT, Unit.WEEKDAY, Unit.HOUR)


class SendConditionKind(StrEnum):
    """What is asked of the report."""

    NOT_EMPTY = "not_empty"
    """It has a figure that is not 0, or a table of anything but figures has a row."""
    ABOVE = "above"
    """A figure is greater than a threshold."""
    BELOW = "below"
    """A figure is less than a threshold."""
    MOVED = "moved"
    """A figure has moved by more than a share since the last copy."""
    CHANGED = "changed"
    """Anything but days and hours has changed since the last copy."""


ABOUT_A_FIGURE = (SendConditionKind.ABOVE, SendConditionKind.BELOW, SendConditionKind.MOVED)


@dataclass(frozen=True, slots=True)
class SendCondition:
    """What has to be true of a report.

    ``kpi`` is the key of one of its leading figures. ``value`` is the
    threshold, in that figure's unit, or the share, where 0.1 is a tenth.
    Raises ``Invalid`` with the field's path.
    """

    kind: SendConditionKind
    kpi: str = ""
    value: float = 0.0

    def __post_init__(self) -> None:
        if self.kind in ABOUT_A_FIGURE and not self.kpi:
            raise Invalid(_("Choose the figure that this is about."), ("kpi",))
        if self.kind not in ABOUT_A_FIGURE and (self.kpi or self.value):
            raise Invalid(_("A figure can be chosen only where one is looked at."), ("kpi",))
        if not isfinite(self.value):
            raise Invalid(_("Write a number."), ("value",))
        if self.kind is SendConditionKind.MOVED and self.value < 0:
            raise Invalid(_("A figure moves by a share of 0 or more; 0.1 is a tenth."), ("value",))


def why_withheld(
    condition: SendCondition, document: Document, last: Document | None, rows: Rows
) -> Message | None:
    """Why a report is not to be sent, or ``None``. Without ``last``, what was sent last, all has changed.

    Raises ``Conflict`` where the figure is not there (any more).
    """
    if any(
        isinstance(block, Notice) and block.level == "error" for _title, block in leaves(own_blocks(document))
    ):
        return None
    match condition.kind:
        case SendConditionKind.NOT_EMPTY:
            return None if _has_something(document, rows) else _("There is nothing in it.")
        case SendConditionKind.CHANGED:
            same = last is not None and list(_content(document, rows)) == list(_content(last, rows))
            return _("Nothing has changed since the last copy.") if same else None
        case SendConditionKind.MOVED:
            return _not_moved(condition, document, last)
        case _:
            return _not_past(condition, document)


def _not_past(condition: SendCondition, document: Document) -> Message | None:
    """Why a threshold is not crossed."""
    tile, value = _figure(condition.kpi, document)
    above = condition.kind is SendConditionKind.ABOVE
    if value is None:
        return _("{figure} has no value.", figure=tile.label)
    if value > condition.value if above else value < condition.value:
        return None
    args = {
        "figure": tile.label,
        "value": _written(value, tile.unit),
        "threshold": _written(condition.value, tile.unit),
    }
    if above:
        return _("{figure} is {value}, which is not more than {threshold}.", **args)
    return _("{figure} is {value}, which is not less than {threshold}.", **args)


def _not_moved(condition: SendCondition, document: Document, last: Document | None) -> Message | None:
    """Why a figure has not moved far enough."""
    tile, now = _figure(condition.kpi, document)
    before_tile = figures_of(last).get(condition.kpi) if last is not None else None
    if before_tile is None:
        return None
    before = before_tile.value if isinstance(before_tile.value, int | float) else None
    if now is None or before is None:
        moved = now is not before
    else:
        movement, edge = abs(now - before), condition.value * abs(before)
        # A product such as 0.29 * 100 lies beside the 29 that is meant.
        moved = movement > edge and not isclose(movement, edge)
    if moved:
        return None
    return _(
        "{figure} was {before} and is {value}: it has not moved by more than {share:proportion}.",
        figure=tile.label,
        before=_written(before, tile.unit),
        value=_written(now, tile.unit),
        share=condition.value,
    )


def _figure(key: str, document: Document) -> tuple[Kpi, float | None]:
    tile = figures_of(document).get(key)
    if tile is None:
        raise Conflict(
            _("The report has no figure {key} (any more); choose another condition.", key=key), ("kpi",)
        )
    return tile, tile.value if isinstance(tile.value, int | float) else None


def _has_something(document: Document, rows: Rows) -> bool:
    if any(tile.value for tile in figures_of(document).values()):
        return True
    charts = (block for _title, block in leaves(own_blocks(document)) if isinstance(block, Chart))
    if any(value for chart in charts for series in chart.series for value in series.values):
        return True
    return any(_filled_row(table, row) for table in tables_of(own_blocks(document)) for row in rows(table))


def _filled_row(table: Table, row: list[Value]) -> bool:
    """Whether a row says something: a day on which nothing happened does not."""
    figures = [value for column, value in zip(table.columns, row, strict=False) if column.unit in FIGURES]
    return any(map(_plain, figures)) if figures else True


def _content(document: Document, rows: Rows) -> Iterator[object]:
    """All that a report says, but for the days and hours that it is about."""
    for key, tile in figures_of(document).items():
        yield key, tile.value
    for _title, block in leaves(own_blocks(document)):
        if isinstance(block, Chart):
            yield block.key, [series.values for series in block.series]
    for table in tables_of(own_blocks(document)):
        timeless = [place for place, column in enumerate(table.columns) if column.unit not in TIMES]
        for row in rows(table):
            yield table.key, [_plain(row[place]) for place in timeless if place < len(row)]


def _plain(value: Value) -> object:
    """A cell's value without what is remarked of it."""
    return value.value if isinstance(value, Cell) else value


def _written(value: float | None, unit: Unit) -> Message:
    """A figure in its unit, written when it is read."""
    return Message(f"{{value:{unit}}}", args={"value": value})
