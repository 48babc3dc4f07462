"""Tables: so many rows a slide under the same heads, wide ones over several slides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bilan.rendering.deck.columns import Split, split
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.figures import ATTENTION
from bilan.rendering.deck.footnotes import Footnote, measured
from bilan.rendering.deck.grid import GAP, PAGE, evenly
from bilan.rendering.deck.native_table import INSET, Filled, add_native_table
from bilan.rendering.deck.truncation_notes import left_out, silent_columns, without
from bilan.rendering.deck.words import Run, cut, wide
from bilan.rendering.tables import row_count
from bilan.rendering.views import ShownCell, ShownTable, shown_table
from bilan.sdk.document import Table
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import _

A_SLIDE = 14
HEAD, LOW = 0.52, 0.36
"""Heights in inches of heads with two lines, and with one."""
BEGINS = 2.1
"""Inches from the top at which a table begins below a title of two lines and a message."""
LEAST, MOST = 0.27, 0.55
"""Heights of rows in inches: as tall as there is room for."""
SPOKEN = 3
"""So many rows stand in the notes in words."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What one slide shows of a table: rows and columns, and whether the totals stand below."""

    rows: tuple[tuple[ShownCell, ...], ...]
    columns: Split
    totals: bool
    said: str
    """Which rows these are, and how many more there are; nothing where the slide shows them all."""


def add_table(
    deck: Deck, table: Table, rows: Rows, section: str, limit: int, footnotes: Sequence[Footnote] = ()
) -> None:
    """The slides of a table."""
    if table.hidden:
        return
    shown = shown_table(table, deck.context, rows, limit=limit)
    title, headline = deck.named(section, shown.title), deck.text(table.headline)
    if not shown.rows:
        page = deck.slide(title, section=section, footnotes=footnotes)
        sentence = deck.text(_("No rows in this period"))
        deck.box(page.slide, page.body, [[Run(sentence, 18, "tx2")]], shown.title)
        return
    units = [column.unit for column in shown.columns]
    splits, dropped = split(shown, units, PAGE.width), list[Footnote]()
    if len(splits) > 1 and (silent := silent_columns(table, rows, limit)):
        shown, units, sentence = without(deck, shown, units, silent)
        splits, dropped = split(shown, units, PAGE.width), [Footnote(sentence)]
    dropped = [*left_out(deck, table, shown, splits), *dropped]
    cuts = _fitting_cuts(deck, shown, splits, row_count(table), [*dropped, *footnotes])
    for number, one in enumerate(cuts, 1):
        last = [*dropped, *footnotes] if number == len(cuts) else []
        name = deck.continued(title, number, len(cuts)) if number > 1 or not headline else headline
        known = headline and number == 1 and shown.title.casefold() != section.casefold()
        message = (f"{title}. {one.said}" if one.said else title) if known else one.said
        _slide(deck, shown, one, name, section, message, last)


def _fitting_cuts(
    deck: Deck, table: ShownTable, splits: Sequence[Split], total: int, last: Sequence[Footnote]
) -> list[Cut]:
    """The slides, each with as many rows as stand above its footnotes; ``last`` are those of the last one."""
    cuts = list[Cut]()
    for most in range(A_SLIDE, 0, -1):
        cuts = list(_cuts(deck, table, splits, total, most))
        more = [*[()] * (len(cuts) - 1), last]
        if all(_fits(one, [*_footnotes(table, one), *foot]) for one, foot in zip(cuts, more, strict=True)):
            break
    return cuts


def _fits(cut_: Cut, footnotes: Sequence[Footnote]) -> bool:
    """Whether a slide's rows end above its footnotes, whatever its title takes."""
    taken = measured(footnotes, PAGE.width - 0.1)[0] + GAP if footnotes else 0
    rows = len(cut_.rows) + (1 if cut_.totals else 0)
    return HEAD + LEAST * rows + taken <= PAGE.y + PAGE.height - BEGINS


def _cuts(deck: Deck, table: ShownTable, splits: Sequence[Split], total: int, most: int) -> Iterator[Cut]:
    """The slides: all columns of some rows, then the next rows."""
    for places in evenly([1] * len(table.rows), most):
        some = table.rows[places.start : places.stop]
        last = places.stop == len(table.rows)
        said = "" if len(some) == total else _rows_said(deck, places.start + 1, places.stop, total)
        said = f"{said} {table.left_out}".strip()
        for columns in splits:
            yield Cut(some, columns, last and bool(table.totals), said)


def _rows_said(deck: Deck, first: int, last: int, count: int) -> str:
    if first == last:
        return deck.text(_("Row {first} of {count}.", first=first, count=count))
    return deck.text(_("Rows {first} to {last} of {count}.", first=first, last=last, count=count))


def _slide(
    deck: Deck, table: ShownTable, cut_: Cut, title: str, section: str, message: str,
    footnotes: Sequence[Footnote],
) -> None:  # fmt: skip
    places, size = cut_.columns.places, cut_.columns.size
    page = deck.slide(
        title, section=section, message=message,
        metrics=[table.columns[place].definition for place in places],
        alt_text=_alt_text(deck, table, cut_),
        footnotes=[*_footnotes(table, cut_), *footnotes],
    )  # fmt: skip
    heads = [
        Filled(table.columns[place].label, end=table.columns[place].figure, size=size) for place in places
    ]
    body = [_line(row, cut_) for row in (*cut_.rows, *([table.totals] if cut_.totals else []))]
    wraps = any(_wraps(one, width) for one, width in zip(heads, cut_.columns.widths, strict=True))
    head = HEAD if wraps else LOW
    height = min(max((page.body.height - head) / len(body), LEAST), MOST)
    add_native_table(
        deck, page.slide, page.body, cut_.columns.widths, [heads, *body], (head, height),
        name=table.title, description=_description(deck, table, cut_), totals=cut_.totals,
    )  # fmt: skip


def _wraps(head: Filled, width: float) -> bool:
    return wide(head.text, head.size, strong=True) > width - INSET


def _line(cells: Sequence[ShownCell], cut_: Cut) -> list[Filled]:
    columns = cut_.columns
    return [
        Filled(
            cut(cells[place].text, width - INSET, columns.size),
            signs="".join(f" {sign}" for sign in cells[place].signs),
            end=cells[place].figure,
            alert=cells[place].alert,
            size=columns.size,
        )
        for place, width in zip(columns.places, columns.widths, strict=True)
    ]


def _description(deck: Deck, table: ShownTable, cut_: Cut) -> str:
    heads = ", ".join(table.columns[place].label for place in cut_.columns.places)
    columns = deck.text(_("Columns: {names}.", names=heads))
    return " ".join(filter(None, (f"{table.title}.", cut_.said, columns)))


def _alt_text(deck: Deck, table: ShownTable, cut_: Cut) -> Iterator[str]:
    """The first rows in words."""
    first, *figures = cut_.columns.places
    for row in cut_.rows[:SPOKEN]:
        said = ", ".join(f"{table.columns[place].label} {row[place].text}" for place in figures)
        yield deck.text(_("{part}: {title}", part=row[first].text, title=said)) if said else row[first].text


def _footnotes(table: ShownTable, cut_: Cut) -> list[Footnote]:
    used = {sign for row in cut_.rows for place in cut_.columns.places for sign in row[place].signs}
    if cut_.totals:
        used |= {sign for place in cut_.columns.places for sign in table.totals[place].signs}
    return [
        Footnote(f"{sign} {sentence}".strip(), alert=sign == ATTENTION)
        for sign, sentence in table.footnotes
        if not sign or sign in used
    ]
