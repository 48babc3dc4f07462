"""What an e-mail says, in order and fully worded: its HTML and its text are drawn from this one value.

A mailbox is no place for long tables, so a letter holds the first rows and the
columns that matter most. Both drawings say what was left out, and hold the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from msgspec.structs import replace

from bilan.rendering.options import option
from bilan.rendering.selection import chosen
from bilan.rendering.tables import row_count
from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.rendering.views import ShownTable, shown_chart, shown_table
from bilan.sdk.channels import Parcel
from bilan.sdk.document import Block, Chart, Column, Custom, Kpis, Notice, Paragraph, Section, Table
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import Rows
from bilan.sdk.units import FIGURES, Unit

_, _n = messages("bilan")

ROWS = 10
"""How many rows of a table a letter holds."""
COLUMNS = 5
"""How many columns: more cannot be read on a phone."""
NAMES = 2
"""How many of them may say what the row is about."""
POINTS = 100
"""How many categories of a chart are listed."""
FEW = 8
"""So many stand below their chart; more come at the end of the HTML, behind everything else."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence. ``level`` is that of a notice, with its name in ``label``."""

    kind: ClassVar[str] = "words"
    text: str
    level: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures with their changes."""

    kind: ClassVar[str] = "tiles"
    tiles: tuple[ShownKpi, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart and the figures behind it. ``note`` says which of them are not listed."""

    kind: ClassVar[str] = "picture"
    chart: Chart
    title: str
    description: str
    figures: ShownTable
    note: str = ""

    @property
    def long(self) -> bool:
        """Whether its figures would push apart what belongs together."""
        return len(self.figures.rows) > FEW


@dataclass(frozen=True, slots=True)
class Grid:
    """The beginning of a table. ``note`` says what is not in it."""

    kind: ClassVar[str] = "grid"
    table: ShownTable
    note: str = ""


LetterPart = Heading | Words | Tiles | Picture | Grid


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file: behind its link, or attached where ``url`` is empty."""

    name: str
    label: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything an e-mail says."""

    language: str
    direction: str
    workspace: str
    subject: str
    title: str
    subtitle: str
    greeting: str
    message: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    parts: tuple[LetterPart, ...]
    files: tuple[Enclosed, ...]
    files_note: str
    page: str
    online: str
    footer: tuple[str, ...]
    preview: str

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The charts, in order."""
        return tuple(part for part in self.parts if isinstance(part, Picture))


def write_letter(parcel: Parcel, *, attached: bool, too_large: bool = False) -> Letter:
    """The letter that goes with a parcel. ``too_large`` says why files asked for are not attached."""
    look, formatter, document = parcel.look, parcel.look.formatter, parcel.document
    say = formatter.text
    shown = chosen(document, option(document, look, "blocks") or ())
    parts = tuple(_parts(parcel, shown.blocks, 2, ""))
    title = say(document.title)
    return Letter(
        language=formatter.language,
        direction=formatter.direction,
        workspace=look.workspace,
        subject=_subject(title, parcel),
        title=title,
        subtitle=say(document.subtitle),
        greeting=say(_("{sender} sends you this report.", sender=parcel.sender)),
        message=parcel.message,
        facts=tuple(_facts(parcel)),
        notes=tuple(map(say, document.notes)),
        parts=parts,
        files=tuple(
            Enclosed(
                one.name,
                say(one.label),
                formatter.value(one.size, Unit.BYTES),
                "" if attached else one.url,
            )
            for one in parcel.files
        ),
        files_note=_files_note(parcel, attached, too_large),
        page=parcel.page,
        online=say(_("Read the report online")),
        footer=(
            say(_("{sender} chose you as a recipient; nothing more comes by itself.", sender=parcel.sender)),
            say(_("What the figures mean and where they come from is explained on the page of the report.")),
        ),
        preview=_preview(parts),
    )


def _subject(title: str, parcel: Parcel) -> str:
    formatter = parcel.look.formatter
    period = parcel.document.period
    subject = f"{title} · {formatter.period(*period)}" if period else title
    # A line break in a header begins the next one.
    return " ".join(subject.split())


def _facts(parcel: Parcel) -> Iterator[tuple[str, str]]:
    document, formatter = parcel.document, parcel.look.formatter
    say = formatter.text
    if document.period:
        yield say(_("Period")), formatter.period(*document.period)
    if document.compared:
        yield say(_("Compared with")), formatter.period(*document.compared)
    yield say(_("Figures as of")), formatter.value(document.as_of, Unit.INSTANT)
    yield say(_("Time zone")), document.zone


def _files_note(parcel: Parcel, attached: bool, too_large: bool) -> str:
    if not parcel.files:
        return ""
    formatter = parcel.look.formatter
    say, count = formatter.text, len(parcel.files)
    if attached:
        return say(
            _n("The file is attached to this e-mail.", "The files are attached to this e-mail.", count=count)
        )
    until = formatter.value(parcel.links_until, Unit.INSTANT)
    if formatter.direction == "rtl":
        # A moment written from the right may stand in a sentence that has no translation.
        until = f"\N{FIRST STRONG ISOLATE}{until}\N{POP DIRECTIONAL ISOLATE}"
    sentences = [
        _n(
            "The link works without a sign-in until {until}.",
            "The links work without a sign-in until {until}.",
            count=count,
            until=until,
        )
    ]
    if too_large:
        sentences.insert(
            0,
            _n(
                "The file is too large for an e-mail, so here is a link to it.",
                "The files are too large for an e-mail, so here are links to them.",
                count=count,
            ),
        )
    return " ".join(map(say, sentences))


def _parts(parcel: Parcel, blocks: tuple[Block, ...], level: int, heading: str) -> Iterator[LetterPart]:
    say = parcel.look.formatter.text
    for block in blocks:
        match block:
            case Section():
                title = say(block.title)
                yield Heading(title, level)
                yield from _parts(parcel, block.blocks, level + 1, title)
            case Kpis():
                yield Tiles(shown_kpis(block, parcel.look))
            case Chart():
                yield _picture(parcel, block, heading)
            case Table():
                yield from _grid(parcel, block, heading)
            case Custom():
                yield from _grid(parcel, block.table, heading)
            case Paragraph():
                yield Words(say(block.text))
            case Notice():
                yield Words(say(block.text), block.level, say(_NOTICES.get(block.level, _NOTICES["info"])))


_NOTICES = {"info": _("Note"), "warning": _("Caution"), "error": _("Error")}


def _picture(parcel: Parcel, chart: Chart, heading: str) -> Picture:
    formatter = parcel.look.formatter
    figures = shown_chart(chart, parcel.look)
    left_out, note = len(figures.rows) - POINTS, ""
    if left_out > 0:
        figures = _shortened(figures)
        note = formatter.text(
            _n("{count} more is on the page of the report.", "{count} more are on the page of the report.",
               count=left_out)
        )  # fmt: skip
    title = formatter.text(chart.title)
    return Picture(chart, "" if title == heading else title, formatter.text(chart.description), figures, note)


def _shortened(figures: ShownTable) -> ShownTable:
    return ShownTable(title=figures.title, columns=figures.columns, rows=figures.rows[:POINTS])


def _grid(parcel: Parcel, table: Table, heading: str) -> Iterator[Grid]:
    if table.hidden:
        return
    places = _essential(table.columns)
    narrow = replace(
        table,
        title="" if parcel.look.formatter.text(table.title) == heading else table.title,
        columns=tuple(table.columns[place] for place in places),
        totals=None if table.totals is None else [table.totals[place] for place in places],
        file=None,
    )
    shown = shown_table(narrow, parcel.look, _narrowed(table, parcel.rows, places), limit=ROWS)
    yield Grid(shown, _left_out(parcel, table, len(shown.rows), len(places)))


def _narrowed(table: Table, rows: Rows, places: tuple[int, ...]) -> Rows:
    def narrowed(_table: Table) -> Iterator[list[Any]]:
        # One more than is shown, so that a long table is not read to its end.
        for row in islice(rows(table), ROWS + 1):
            yield [row[place] for place in places]

    return narrowed


def _essential(columns: tuple[Column, ...]) -> tuple[int, ...]:
    """What the rows are about, then figures, then whatever else there is room for; in the table's order."""
    places = range(len(columns))
    figures = [place for place in places if columns[place].unit in FIGURES]
    texts = [place for place in places if columns[place].unit is Unit.TEXT]
    # A name often needs what stands beside it: a campaign its source.
    about = [place for place in texts if not figures or place < figures[0]][:NAMES] or [0]
    others = [place for place in places if place not in figures]
    order = dict.fromkeys((*about, *figures, *others))
    return tuple(sorted(list(order)[:COLUMNS]))


def _left_out(parcel: Parcel, table: Table, rows: int, columns: int) -> str:
    formatter = parcel.look.formatter
    all_rows, all_columns = row_count(table), len(table.columns)
    sentences: list[Message] = []
    if rows < all_rows:
        sentences.append(
            _("These are the first {shown} of {all} rows.", shown=rows, all=all_rows),
        )
    if columns < all_columns:
        sentences.append(
            _("These are {shown} of {all} columns.", shown=columns, all=all_columns),
        )
    if not sentences:
        return ""
    return " ".join(map(formatter.text, (*sentences, _("The page of the report shows everything."))))


def _preview(parts: tuple[LetterPart, ...]) -> str:
    """What a mailbox shows beside the subject: the first figures."""
    tiles = next((part.tiles for part in parts if isinstance(part, Tiles)), ())
    return " · ".join(f"{tile.label}: {tile.value}" for tile in tiles[:4])
