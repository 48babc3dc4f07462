"""Rows of a table of campaigns that are no campaign: the sum or the mean of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from math import isclose
from typing import NamedTuple

from bilan.sdk import Unreadable, read_number
from bilan_email_campaigns.readers.cells import Cells
from bilan_email_campaigns.readers.synonyms import FIGURES, REVENUE, plain

WORDS = """
    total, totals, grand total, sub total, subtotal, overall, sum, sums, average, avg, mean, total average,
    all campaigns, summary, totaux, total général, sous-total, somme, moyenne, moyenne générale, ensemble,
    toutes les campagnes, gesamt, gesamtsumme, summe, zwischensumme, durchschnitt, mittelwert, insgesamt,
    suma, total general, promedio, media, totales
"""
LABELS = frozenset(plain(word) for word in WORDS.split(","))
"""What stands in front of sums and means, in English, French, German and Spanish."""


class _Others(NamedTuple):
    """What the rows without such a label hold together."""

    rows: int
    dated: bool
    sums: dict[str, float]


class TotalsRows:
    """Tells totals rows from campaigns, by their label and their figures. ``rows`` goes through the table."""

    def __init__(self, rows: Callable[[], Iterator[Cells]]) -> None:
        self._rows = rows

    def __contains__(self, cells: Cells) -> bool:
        label = _label(cells)
        if label in LABELS:
            return (self._others.dated and not _is_dated(cells)) or self._adds_up(cells)
        return _begins_alike(label) and self._adds_up(cells)

    def _adds_up(self, cells: Cells) -> bool:
        """Whether most figures of the row are the sum or the mean of the others."""
        rows, _dated, sums = self._others
        figures = {target: figure for target in FIGURES if (figure := _figure(cells, target)) is not None}
        alike = [
            target
            for target, figure in figures.items()
            if isclose(figure, sums.get(target, 0)) or abs(figure - sums.get(target, 0) / max(rows, 1)) <= 1
        ]
        return bool(rows) and len(alike) * 2 > len(figures)

    @cached_property
    def _others(self) -> _Others:
        rows, dated, sums = 0, False, dict[str, float]()
        for cells in self._rows():
            if _label(cells) in LABELS or _begins_alike(_label(cells)):
                continue
            rows, dated = rows + 1, dated or _is_dated(cells)
            for target in FIGURES:
                sums[target] = sums.get(target, 0) + (_figure(cells, target) or 0)
        return _Others(rows, dated, sums)


def _label(cells: Cells) -> str:
    return plain(next(filter(None, (cells.text(name) for name in ("campaign_name", "name", "campaign"))), ""))


def _begins_alike(label: str) -> bool:
    return any(label.startswith(f"{word} ") for word in LABELS)


def _is_dated(cells: Cells) -> bool:
    for target in ("occurred_at", "sent_at"):
        try:
            if cells.instant(target) is not None:
                return True
        except Unreadable:
            continue
    return False


def _figure(cells: Cells, target: str) -> float | None:
    try:
        return cells.revenue()[0] if target == REVENUE else cells.count(target)
    except Unreadable:
        pass
    try:
        return read_number(cells[target])
    except Unreadable:
        return None
