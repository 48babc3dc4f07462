"""A letter as HTML that mail programs draw: tables for its frame, styles on the elements, no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined

from bilan.delivery.email.letter import Letter
from bilan.delivery.email.parts import COLUMNS
from bilan.rendering.blocks import words
from bilan.rendering.colours import ink_on, readable
from bilan.rendering.svg.measure import width
from bilan.rendering.views import ShownTable
from bilan.sdk.rendering import Look

ACCENT = "#0e6377"


CELL = 12.0
"""The size that a table's texts have on a phone."""
LONGEST = 130.0
"""The most that a text takes before it goes over several lines."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the e-mail: by which address it is found, and how large it is drawn."""

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


def draw_html(letter: Letter, look: Look, pictures: Mapping[int, Shown], logo: Shown | None) -> str:
    """The whole letter. ``pictures`` are by the place of their part."""
    accent = readable(look.brand.colour, ACCENT)
    html = (
        environment()
        .get_template("mail.html")
        .render(
            words(look),
            letter=letter,
            pictures=pictures,
            logo=logo,
            accent=accent,
            on_accent=ink_on(accent),
            shares=shares,
            parts=parts,
        )
    )
    return _inliner().inline(html)


def parts(table: ShownTable) -> Iterator[ShownTable]:
    """A table of a chart in parts that a phone has room for, each with the first column."""
    count = len(table.columns)
    for start in range(1, max(count, 2), COLUMNS - 1):
        places = [0, *range(start, min(start + COLUMNS - 1, count))]
        columns = tuple(table.columns[place] for place in places)
        rows = tuple(tuple(row[place] for place in places) for row in table.rows)
        yield ShownTable(table.title, columns, rows)


def shares(table: ShownTable) -> tuple[int, ...]:
    """How many hundredths of the width each column takes.

    Left to themselves, tables push a letter past the edge of a phone: no word is narrower than it is.
    """
    lines = (*table.rows, *((table.totals,) if table.totals else ()))
    needs: list[float] = []
    for place, column in enumerate(table.columns):
        texts = [line[place].text for line in lines]
        words = max((width(word, CELL, strong=True) for word in column.label.split()), default=0.0)
        if column.figure:
            needs.append(max(words, *(width(text, CELL, strong=True) for text in texts), 0.0))
        else:
            longest = max((width(text, CELL) for text in texts), default=0.0)
            needs.append(max(words, min(longest, LONGEST)))
    total = sum(needs) or 1.0
    return tuple(max(int(100 * need / total), 1) for need in needs)
