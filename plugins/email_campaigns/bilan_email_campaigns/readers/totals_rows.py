"""Rows of a table of campaigns that are no campaign: the sum or the mean of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from math import isclose

from bilan.sdk import Unreadable, is_sum_word, read_number
from bilan_email_campaigns.readers.cells import Cells
from bilan_email_campaigns.readers.synonyms import FIGURES, REVENUE, plain

ENOUGH = 2
"""How many figures of a row without such a label have to be sums."""


Figures = Mapping[str, float]


class _Group:
    """Rows that another one may sum up: how many, and their figures together."""

    def __init__(self, rows: int = 0, sums: Figures | None = None) -> None:
        self.rows = rows
        self.sums = dict(sums or {})

    def add(self, figures: Figures) -> None:
        """Count a row among them."""
        self.rows += 1
        for target, figure in figures.items():
            self.sums[target] = self.sums.get(target, 0) + figure

    def without(self, figures: Figures) -> _Group:
        """The group as it would be without one of its rows."""
        sums = {target: total - figures.get(target, 0) for target, total in self.sums.items()}
        return _Group(self.rows - 1, sums)

    def is_sum(self, target: str, figure: float) -> bool:
        """Whether a figure is the sum of theirs."""
        return isclose(figure, self.sums.get(target, 0), abs_tol=1e-6)

    def adds_up(self, figures: Figures) -> bool:
        """Whether most figures of a row are the sum or the mean of theirs."""
        alike = [
            target
            for target, figure in figures.items()
            if self.is_sum(target, figure) or abs(figure - self.sums.get(target, 0) / max(self.rows, 1)) <= 1
        ]
        return self.rows > 0 and len(alike) * 2 > len(figures)


class _Others:
    """What the rows of a table hold together, by what they are called."""

    def __init__(self) -> None:
        self.plain, self.dated, self.unlabelled = _Group(), _Group(), _Group()
        self.subtotals = list[Figures]()


class TotalsRows:
    """Tells totals rows from campaigns, by their label and their figures. ``rows`` goes through the table.

    A row called so is one where it has no date while others have, or where it
    adds up: over the table, or over the rows since the last such row. A row
    whose name has such a word at an end is one where it adds up, and any row
    without a date where all its figures are sums of those with dates.
    """

    def __init__(self, rows: Callable[[], Iterator[Cells]]) -> None:
        self._rows = rows

    def __contains__(self, cells: Cells) -> bool:
        if _is_labelled(cells):
            others = self._others
            figures = _figures(cells)
            undated = others.dated.rows > 0 and not _is_dated(cells)
            return undated or others.plain.adds_up(figures) or figures in others.subtotals
        if _mentions(cells):
            figures = _figures(cells)
            rest = self._others.unlabelled.without(figures)
            return self._others.plain.adds_up(figures) or rest.adds_up(figures)
        return not _is_dated(cells) and self._sums_up_dated(cells)

    def _sums_up_dated(self, cells: Cells) -> bool:
        dated = self._others.dated
        figures = {target: figure for target, figure in _figures(cells).items() if figure}
        enough = dated.rows >= ENOUGH and len(figures) >= ENOUGH
        return enough and all(dated.is_sum(target, figure) for target, figure in figures.items())

    @cached_property
    def _others(self) -> _Others:
        others, section = _Others(), _Group()
        for cells in self._rows():
            figures = _figures(cells)
            if _is_labelled(cells):
                if section.adds_up(figures):
                    others.subtotals.append(figures)
                section = _Group()
                continue
            section.add(figures)
            others.unlabelled.add(figures)
            if not _mentions(cells):
                others.plain.add(figures)
            if _is_dated(cells):
                others.dated.add(figures)
        return others


def _labels(cells: Cells) -> list[str]:
    return [text for name in ("campaign_name", "name", "campaign") if (text := cells.text(name))]


def _is_labelled(cells: Cells) -> bool:
    """Whether a row is called a sum, whatever is added in brackets."""
    return any(map(is_sum_word, _labels(cells)))


def _mentions(cells: Cells) -> bool:
    """Whether a row's name begins or ends with such a word."""
    said = [plain(text).split() for text in _labels(cells)]
    ends = (end for words in said for n in (1, 2, 3) for end in (words[:n], words[-n:]))
    return any(is_sum_word(" ".join(end)) for end in ends)


def _figures(cells: Cells) -> Figures:
    return {target: figure for target in FIGURES if (figure := _figure(cells, target)) is not None}


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
