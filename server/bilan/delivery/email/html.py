"""A letter as HTML that mail programs render: tables for its frame, styles on the elements, no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined

from bilan.delivery.email.letter import Letter
from bilan.delivery.email.parts import COLUMNS
from bilan.delivery.email.plain import PlainLetter
from bilan.rendering.blocks import words
from bilan.rendering.colours import ink_on, readable
from bilan.rendering.text_width import width
from bilan.rendering.views import ShownColumn, ShownTable
from bilan.sdk.rendering import RenderContext

ACCENT = "#0e6377"


CELL = 12.0
"""The size that a table's texts have on a phone."""
LONGEST = 130.0
"""The most that a text takes before it goes over several lines."""
PHONE, FIGURES, INSET = 284.0, 0.5, 8.0
"""The room on the smallest phone, the share of it that figures may always take, and a cell's own margins."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the e-mail: by which address it is found, and how large it is rendered."""

    src: str
    width: int
    height: int


@cache
def environment() -> Environment:
    """The templates of e-mails. Escaping, strict about names."""
    return Environment(
        loader=PackageLoader("bilan.delivery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _inliner() -> CSSInliner:
    # What phones and dark screens need stays in a style element: it cannot stand on elements.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def render_html(
    letter: Letter,
    context: RenderContext,
    pictures: Mapping[int, Shown],
    logo: Shown | None,
    cards: Mapping[str, Shown],
) -> str:
    """The whole letter. ``pictures`` of charts are by their places, those of ``cards`` by their keys."""
    return frame(
        "mail.html",
        context,
        letter=letter,
        pictures=pictures,
        logo=logo,
        cards=cards,
        shares=shares,
        parts=parts,
    )


def render_plain_html(letter: PlainLetter, context: RenderContext, logo: Shown | None) -> str:
    """A plain e-mail."""
    return frame("plain.html", context, letter=letter, logo=logo)


def frame(template: str, context: RenderContext, **shown: Any) -> str:
    """A template in the frame of all e-mails, in the workspace's colour."""
    accent = readable(context.brand.colour, ACCENT)
    found = environment().get_template(template)
    html = found.render(words(context), accent=accent, on_accent=ink_on(accent), **shown)
    return _inliner().inline(html)


def parts(table: ShownTable) -> Iterator[ShownTable]:
    """A table of a chart in parts that a phone has room for, each with the first column."""
    count = len(table.columns)
    for start in range(1, max(count, 2), COLUMNS - 1):
        indexes = [0, *range(start, min(start + COLUMNS - 1, count))]
        columns = tuple(table.columns[index] for index in indexes)
        rows = tuple(tuple(row[index] for index in indexes) for row in table.rows)
        yield ShownTable(table.title, columns, rows)


def shares(table: ShownTable) -> tuple[int, ...]:
    """How many hundredths of the width each column takes.

    Left to themselves, tables push a letter past the edge of a phone: no word is narrower than it is.
    Figures take what they need on the smallest phone, as far as that leaves room for what the rows are about.
    """
    lines = (*table.rows, *((table.totals,) if table.totals else ()))
    columns = [(column, [line[index].text for line in lines]) for index, column in enumerate(table.columns)]
    needs = [_need(column, texts) for column, texts in columns]
    texts, figures = ([need for need in needs if need.figure is figure] for figure in (False, True))
    words, counts = (sum(need.word for need in some) for some in (texts, figures))
    granted = min(counts, max(PHONE - words, PHONE * FIGURES)) if texts else PHONE
    shared = {False: iter(_shared(texts, PHONE - granted)), True: iter(_shared(figures, granted))}
    return tuple(int(100 * next(shared[need.figure]) / PHONE) for need in needs)


def _shared(needs: Sequence[_Need], room: float) -> Iterator[float]:
    """The room in shares: first for what should not be broken, then for what would rather stay on a line."""
    least = sum(need.word for need in needs)
    more = sum(need.wanted for need in needs) - least
    for need in needs:
        if room <= least or not more:
            yield need.word * room / least
        else:
            yield need.word + (need.wanted - need.word) * (room - least) / more


@dataclass(frozen=True, slots=True)
class _Need:
    """How wide the longest stretch is that should not be broken, and all of it."""

    word: float
    wanted: float
    figure: bool


def _need(column: ShownColumn, texts: Sequence[str]) -> _Need:
    head = [width(word, CELL, strong=True) for word in column.label.split()]
    if column.figure:
        word = max(*head, *(width(text, CELL, strong=True) for text in texts), 0.0, 0.0) + INSET
        return _Need(word, word, True)
    word = max(*head, *(width(part, CELL) for text in texts for part in text.split()), 0.0, 0.0)
    wanted = max(word, *(width(text, CELL) for text in texts), 0.0)
    return _Need(min(word, LONGEST) + INSET, min(wanted, LONGEST) + INSET, False)
