"""A letter as plain text: every figure of its HTML, readable in any program."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from bilan.delivery.email.letter import Letter
from bilan.delivery.email.parts import Cards, Grid, Heading, LetterPart, Picture, Tiles, Words
from bilan.delivery.email.plain import PlainLetter
from bilan.rendering.cards import BETWEEN
from bilan.rendering.tiles import ShownKpi
from bilan.rendering.views import ShownCell, ShownTable

WIDTH = 76
LONGEST_TEXT, LONGEST_HEAD = 28, 12
"""How wide a column becomes at most; what is longer goes on in the next line."""
_MANY = re.compile(r"\n{3,}")


def render_text(letter: Letter) -> str:
    """The whole letter."""
    return _MANY.sub("\n\n", "\n".join(_lines(letter))).strip() + "\n"


def render_plain_text(letter: PlainLetter) -> str:
    """A plain e-mail."""
    return "\n".join(_plain_lines(letter)).strip() + "\n"


def _plain_lines(letter: PlainLetter) -> Iterator[str]:
    yield letter.workspace
    for paragraph in letter.paragraphs:
        yield ""
        yield from _wrapped(paragraph)
    if letter.button:
        yield ""
        yield letter.button[0]
        yield f"  {letter.button[1]}"
    yield ""
    yield "-- "
    for line in letter.footer:
        yield from _wrapped(line)


def _lines(letter: Letter) -> Iterator[str]:
    if letter.workspace:
        yield letter.workspace
    yield from _underlined(letter.title, "=")
    if letter.subtitle:
        yield from _wrapped(letter.subtitle)
        yield ""
    yield from _aligned([(letter.named(label), value) for label, value in letter.period])
    yield ""
    yield from _wrapped(letter.greeting)
    yield from _alert(letter)
    if letter.message:
        yield ""
        for line in letter.message.splitlines():
            yield from _quoted(line)
    yield ""
    for finding in letter.findings:
        yield from _wrapped(finding)
        yield ""
    yield from _tiles(letter, letter.leading)
    yield ""
    for note in letter.notes:
        yield from _wrapped(f"* {note}")
    yield ""
    yield from _page(letter)
    yield from _files(letter)
    for part in letter.parts:
        yield from _part(letter, part)
        yield ""
    yield "-- "
    yield from _aligned([(letter.named(label), value) for label, value in letter.basis])
    for line in letter.footer:
        yield from _wrapped(line)
    yield from _link(letter, letter.leave)


def _alert(letter: Letter) -> Iterator[str]:
    if letter.alert:
        yield ""
        yield from _quoted(letter.alert)
    yield from _link(letter, letter.confirm)


def _page(letter: Letter) -> Iterator[str]:
    if letter.page:
        yield from _wrapped(letter.named(letter.online, letter.page))
        yield ""


def _link(letter: Letter, link: tuple[str, str] | None) -> Iterator[str]:
    """A link in lines of its own: programs find it whole."""
    if link:
        yield ""
        yield letter.named(link[0])
        yield f"  {link[1]}"


def _files(letter: Letter) -> Iterator[str]:
    if not letter.files_note:
        return
    for one in letter.files:
        yield f"{letter.named(one.label, one.name)} ({one.size})"
        if one.url:
            yield f"  {one.url}"
    yield from _wrapped(letter.files_note)
    yield ""


def _part(letter: Letter, part: LetterPart) -> Iterator[str]:
    match part:
        case Heading():
            yield from _underlined(part.text, "=" if part.level <= 2 else "-")
        case Words():
            yield from _wrapped(letter.named(part.label, part.text) if part.label else part.text)
        case Tiles():
            yield from _said(part.finding)
            yield from _tiles(letter, part.tiles)
        case Picture():
            if part.title:
                yield from _underlined(part.title, "-")
            yield from _said(part.finding)
            yield from _wrapped(part.description)
            yield ""
            yield from _table(part.figures)
            yield from _wrapped(part.note)
        case Cards():
            yield from _cards(letter, part)
        case Grid():
            if part.table.title:
                yield from _underlined(part.table.title, "-")
            yield from _said(part.finding)
            yield from _table(part.table)
            for sign, sentence in part.table.footnotes:
                yield from _wrapped(f"{sign} {sentence}".strip())
            yield from _wrapped(part.note)


def _cards(letter: Letter, part: Cards) -> Iterator[str]:
    if part.title:
        yield from _underlined(part.title, "-")
    yield from _said(part.finding)
    for card in part.cards:
        yield from _wrapped(BETWEEN.join(filter(None, (card.caption, card.time))))
        yield from _wrapped(card.text)
        yield from _aligned([(letter.named(one.label), _cell(one.cell)) for one in card.figures])
        yield from _wrapped(card.href)
        yield ""
    for sign, sentence in part.footnotes:
        yield from _wrapped(f"{sign} {sentence}".strip())
    yield from _wrapped(part.note)


def _said(finding: str) -> Iterator[str]:
    if finding:
        yield from _wrapped(finding)
        yield ""


def _tiles(letter: Letter, tiles: Sequence[ShownKpi]) -> Iterator[str]:
    yield from _aligned([(letter.named(tile.label), _tile(tile)) for tile in tiles])


def _tile(tile: ShownKpi) -> str:
    change = " ".join(filter(None, (tile.alt_text, tile.change)))
    beside = ", ".join(filter(None, (change, tile.previous, *tile.remarks)))
    return f"{tile.value} ({beside})" if beside else tile.value


def _table(table: ShownTable) -> Iterator[str]:
    """A table; one that is wider than a line in parts, each of which begins with the first column."""
    lines = [*table.rows, *((table.totals,) if table.totals else ())]
    rows = [[column.label for column in table.columns], *([_cell(cell) for cell in line] for line in lines)]
    widths = [
        _column(column, figure=shown.figure)
        for shown, column in zip(table.columns, zip(*rows, strict=True), strict=True)
    ]
    figures = [column.figure for column in table.columns]
    for number, indexes in enumerate(_parts(widths)):
        if number:
            yield ""
        for index, row in enumerate(rows):
            rule = "  ".join("-" * widths[one] for one in indexes)
            if table.totals and index == len(rows) - 1:
                yield rule
            yield from _row(
                [row[one] for one in indexes],
                [widths[one] for one in indexes],
                [figures[one] for one in indexes],
            )
            if index == 0:
                yield rule


def _column(texts: Sequence[str], *, figure: bool) -> int:
    """How wide a column is. A figure is never broken; its head and texts go on in the next line."""
    head, *cells = map(width, texts)
    longest = max(cells, default=0)
    most = max(longest, min(head, LONGEST_HEAD)) if figure else min(max(head, longest), LONGEST_TEXT)
    # A column without a name and values takes room too: nothing can be broken into none.
    return max(1, most)


def _parts(widths: Sequence[int]) -> Iterator[list[int]]:
    """The indexes of columns that stand beside each other within a line."""
    part, taken = [0], widths[0]
    for index, most in enumerate(widths[1:], 1):
        if len(part) > 1 and taken + 2 + most > WIDTH:
            yield part
            part, taken = [0], widths[0]
        part.append(index)
        taken += 2 + most
    yield part


def _row(row: Sequence[str], widths: Sequence[int], figures: Sequence[bool]) -> Iterator[str]:
    """A row; a longer text goes on in the next line, and nothing is cut."""
    cells = [
        textwrap.wrap(cell, most, break_long_words=True) or [""]
        for cell, most in zip(row, widths, strict=True)
    ]
    for index in range(max(map(len, cells))):
        texts = [cell[index] if index < len(cell) else "" for cell in cells]
        filled = [
            _filled(text, most, right=figure)
            for text, most, figure in zip(texts, widths, figures, strict=True)
        ]
        yield "  ".join(filled).rstrip()


def _cell(cell: ShownCell) -> str:
    return f"{cell.text}{''.join(cell.signs)}"


def _aligned(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    most = max((width(label) for label, _value in pairs), default=0)
    for label, value in pairs:
        # Only spaces may be broken at: the words of a moment or a figure stay together.
        first, *others = textwrap.wrap(value, max(WIDTH - most - 2, LONGEST_TEXT)) or [""]
        yield f"{_filled(label, most)}  {first}".rstrip()
        for line in others:
            yield f"{' ' * most}  {line}"


def _underlined(text: str, sign: str) -> Iterator[str]:
    yield text
    yield sign * min(width(text), WIDTH)


def _wrapped(text: str) -> Iterator[str]:
    # Addresses must stay whole, or no program recognises them.
    yield from textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _quoted(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, WIDTH - 2, break_long_words=False, break_on_hyphens=False) or [""]:
        yield f"> {line}".rstrip()


def _filled(text: str, most: int, *, right: bool = False) -> str:
    blanks = " " * (most - width(text))
    return blanks + text if right else text + blanks


def width(text: str) -> int:
    """How many columns the text takes: characters of East Asia take two, accents of their own none."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)
