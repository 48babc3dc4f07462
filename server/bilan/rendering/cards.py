"""Cards of a gallery as a template shows them: everything formatted, nothing left to decide."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from bilan.rendering.drilldown_links import DrilldownLink, DrilldownLinks, no_links
from bilan.rendering.views import ShownCell, ShownTable, shown_table
from bilan.sdk.document import CARDS, Cell, Gallery, Value
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.textdomain import _

LONGEST = 180
"""Characters of a text that stand on a card; the whole is in the table."""
LONGEST_ADDRESS = 2_000
"""Characters of an address that programs for slides and mail follow; what is longer is in the table."""
HOST = re.compile(r"[\w.-]+")
STRAY = re.compile("%(?![0-9A-Fa-f]{2})")
KEPT = "%/?#@!$&'()*+,;=:~"
"""What stays as it is in an address, besides letters, figures and ``-._``."""
BETWEEN = " · "
JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
"""What holds several characters together as one sign."""


@dataclass(frozen=True, slots=True)
class CardFigure:
    """A number on a card, and what it is. ``definition`` is the key of the metric that it follows."""

    label: str
    cell: ShownCell
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One thing of a gallery. Empty where the gallery has no such column or the row no such value.

    ``picture`` is a picture's key and ``alt`` says what it is of; ``blank`` stands in its place
    where there is none. ``href`` is an address of the web, where the row has one that is.
    """

    picture: str
    alt: str
    blank: str
    caption: str
    time: str
    text: str
    href: str
    figures: tuple[CardFigure, ...]


@dataclass(frozen=True, slots=True)
class ShownGallery:
    """A gallery's cards, the footnotes that their signs refer to, and how many rows have none."""

    title: str
    headline: str
    cards: tuple[Card, ...]
    footnotes: tuple[tuple[str, str], ...] = ()
    left_out: str = ""

    @property
    def definitions(self) -> tuple[str | None, ...]:
        """The keys of the metrics that the figures follow."""
        return tuple(one.definition for card in self.cards[:1] for one in card.figures)


def shown_gallery(
    gallery: Gallery,
    context: RenderContext,
    rows: Rows,
    *,
    limit: int = CARDS,
    longest: int = LONGEST,
    links: DrilldownLinks = no_links,
) -> ShownGallery:
    """The first rows of a gallery as cards, whatever its table is sorted by on a page."""
    table = gallery.table

    def link(_table: object, place: str, value: Value) -> DrilldownLink:
        return links(table, place, value)

    # A role may be a column for data files; under another key no page sorts the table.
    columns = tuple(replace(one, data=False) for one in table.columns)
    whole = replace(table, key="", columns=columns)
    shown = shown_table(whole, context, rows, limit=limit, links=link)
    # The rows once more: only there is an address or a key as it was, not as it is written.
    values = zip(shown.rows, rows(whole), strict=False)
    roles = _Roles(gallery, shown, context, longest)
    return ShownGallery(
        title=shown.title,
        headline=context.formatter.text(table.headline),
        cards=tuple(roles.card(cells, row) for cells, row in values),
        footnotes=shown.footnotes,
        left_out=shown.left_out,
    )


class _Roles:
    """Finds what a gallery's columns hold in a row."""

    def __init__(self, gallery: Gallery, shown: ShownTable, context: RenderContext, longest: int) -> None:
        self._gallery, self._shown, self._say = gallery, shown, context.formatter.text
        self._places = {column.key: place for place, column in enumerate(shown.columns)}
        self._longest = longest

    def card(self, cells: tuple[ShownCell, ...], row: list[Any]) -> Card:
        gallery = self._gallery
        captions = [text for key in gallery.caption if (text := self._text(cells, row, key))]
        caption, time = BETWEEN.join(captions), self._text(cells, row, gallery.time)
        what = ", ".join(filter(None, (caption, time))) or self._shown.title
        return Card(
            picture=str(self._raw(row, gallery.picture)),
            alt=self._say(_("Picture: {what}", what=what)),
            blank=captions[0] if captions else "",
            caption=caption,
            time=time,
            text=beginning(self._text(cells, row, gallery.text), self._longest),
            href=web_address(self._raw(row, gallery.link)),
            figures=tuple(self._figure(cells, key) for key in gallery.figures),
        )

    def _figure(self, cells: tuple[ShownCell, ...], key: str) -> CardFigure:
        place = self._places[key]
        column = self._shown.columns[place]
        return CardFigure(column.label, cells[place], column.definition)

    def _text(self, cells: tuple[ShownCell, ...], row: list[Any], key: str) -> str:
        """A value as people read it; nothing rather than a dash where there is none."""
        return cells[self._places[key]].text if self._raw(row, key) not in ("", []) else ""

    def _raw(self, row: list[Any], key: str) -> Any:
        value = row[self._places[key]] if key else None
        plain = value.value if isinstance(value, Cell) else value
        return "" if plain is None else plain


def beginning(text: str, longest: int) -> str:
    """The beginning of a text in one line, cut between words, never within a sign of several characters."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    end = longest
    while end > 1 and _goes_on(line, end):
        end -= 1
    cut = line[:end]
    word = cut.rfind(" ")
    # Where words are not spaced apart, the cut is where it falls.
    kept = cut[:word] if word > longest * 0.6 and line[end] != " " else cut
    return f"{kept.rstrip(' ,;:–-')}…"


def _goes_on(line: str, end: int) -> bool:
    """Whether the character at a place belongs to the one before it."""
    char = line[end]
    modifier = "\U0001f3fb" <= char <= "\U0001f3ff"
    flags = all("\U0001f1e6" <= one <= "\U0001f1ff" for one in line[end - 1 : end + 1])
    return (
        bool(unicodedata.combining(char)) or char in JOINERS or modifier or flags or line[end - 1] == "\u200d"
    )


def web_address(value: Any) -> str:
    """An address that a reader may be led to, such as that of a post; nothing for any other text.

    It is written as every format takes it: whatever has no place in an address is escaped.
    """
    try:
        parts = urlsplit(str(value).strip())
        host, _port = parts.hostname or "", parts.port
        address = quote(STRAY.sub("%25", parts.geturl()), safe=KEPT)
    except ValueError:
        return ""
    web = parts.scheme in ("http", "https") and HOST.fullmatch(host) and "@" not in parts.netloc
    return address if web and len(address) <= LONGEST_ADDRESS else ""
