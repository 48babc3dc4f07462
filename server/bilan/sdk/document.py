"""A finished report before it is rendered: numbers with units, instants and messages, nothing formatted.

A document is built once and stored with its run; the page, every file and a
later replay render it. It can be rendered after the plugin that built it is gone.
See docs/decisions/004.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast

import msgspec

from bilan.sdk.document_versions import VERSION, upgraded
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.origins import Origin
from bilan.sdk.textdomain import _
from bilan.sdk.units import FIGURES, Unit

CARDS = 12
"""How many rows of a gallery are rendered as cards; the rest is in its table."""
SINCE_LAST_COPY = "since_last_copy"
"""The key of the section that the core adds: what changed since the copy that recipients have."""
NO_VALUE = _("(none)")
"""What stands for having no value where figures are broken down by a list, such as no tag at all."""
Text = Message | str
"""Messages are translated when rendered; plain strings are data and shown as they are."""


class Mark(StrEnum):
    """What a reader must know about one figure."""

    REPORTED = "reported"
    """Taken from a total that the source stated, not counted from events."""
    MIXED = "mixed"
    """Holds both counted and as-reported parts."""
    RED_FLAG = "red_flag"
    """Past a limit that asks for attention."""


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value with a mark or a note; plain values stand for themselves.

    Words of the program's own, which are translated when rendered, stand in a
    cell as a message; data never does.
    """

    value: int | float | str | bool | list[str] | Message | None
    mark: Mark | None = None
    note: Message | None = None


Value = int | float | str | bool | list[str] | None | Cell


def plain_value(value: Any) -> Any:
    """A value of the warehouse as a document holds it: days and instants as ISO 8601, these in UTC."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case tuple() | list():
            return [str(item) for item in cast("Sequence[Any]", value)]
        case _:
            return value


class TableColumn(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A column of a table. ``metric`` names the definition behind its figures.

    ``drilldown`` names the metric whose rows stand behind figures that have no
    definition of their own, such as a share of a sum. ``origin`` stands in
    for the table's where this column was counted from something else.

    ``names`` are words for values that are codes (``{"web_push": _("Web
    push")}``): people read the words, data files keep the codes. A ``data``
    column stands in data files alone: what programs join by and people read
    in another column. A ``contact`` column names contacts as datasets do: on
    a page each leads to what they did.
    """

    key: str
    label: Text
    unit: Unit = Unit.TEXT
    metric: str | None = None
    personal: bool = False
    drilldown: str | None = None
    origin: Origin | None = None
    names: dict[str, Message] = {}
    data: bool = False
    contact: bool = False

    @classmethod
    def of(cls, metric: Metric) -> TableColumn:
        """The column of a metric's figures."""
        return cls(key=metric.key, label=metric.label, unit=metric.unit, metric=metric.key)


class Part(msgspec.Struct, frozen=True):
    """Rows kept outside the document because there are many: a compressed file of JSON lines."""

    sha256: str
    rows: int
    size: int


class Table(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag="table"):
    """Rows under columns.

    ``rows`` hold one value a column. Past 1,000 rows the core moves them to
    ``part``. ``file`` names the table in data formats (``campaigns`` becomes
    ``campaigns.csv``); a table without one is not exported. ``hidden`` tables
    are exported but not shown on the page. A ``detail`` is looked up rather
    than presented: slides name it with its rows and leave it to the data
    formats, as long as no number of rows is asked for. ``origin`` says what the
    figures were counted from, so that the rows behind them can be shown.
    ``headline`` is what they say, in a sentence.
    """

    key: str
    title: Text
    columns: tuple[TableColumn, ...]
    rows: list[list[Value]] = []
    part: Part | None = None
    totals: list[Value] | None = None
    note: Message | None = None
    file: str | None = None
    hidden: bool = False
    detail: bool = False
    origin: Origin | None = None
    headline: Message | None = None
    row_metrics: tuple[str, ...] = ()
    """The metric of each row's figures, where rows rather than columns are metrics."""


class Kpi(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One figure with its change. ``previous`` is the comparison's figure.

    ``lead`` is for the few figures that tell the story: they are rendered
    larger, and the others smaller. ``beside`` counts what a mean is made of.
    """

    key: str
    label: Text
    value: int | float | str | None
    unit: Unit = Unit.COUNT
    previous: int | float | None = None
    compared: bool = False
    """Whether ``previous`` was asked for; it may then still be empty."""
    alike: int | float | None = None
    """What of ``value`` is held against ``previous``, where that is not all of it."""
    higher_is_better: bool | None = None
    metric: str | None = None
    mark: Mark | None = None
    note: Message | None = None
    lead: bool = False
    beside: Kpi | None = None

    @property
    def held(self) -> int | float | None:
        """The figure that is held against ``previous``; nothing where there is none."""
        figure = self.value if self.alike is None else self.alike
        return figure if isinstance(figure, int | float) else None

    @classmethod
    def of(
        cls, metric: Metric, value: Any, *, previous: Any = None, compared: bool = False, alike: Any = None,
        beside: Kpi | None = None,
    ) -> Kpi:  # fmt: skip
        """The tile of a metric's figure, with the figure's own mark and note."""
        shown = value if isinstance(value, Cell) else Cell(value)
        before = previous.value if isinstance(previous, Cell) else previous
        held = alike.value if isinstance(alike, Cell) else alike
        return cls(
            key=metric.key,
            label=metric.label,
            value=plain_value(shown.value),
            unit=metric.unit,
            previous=before if isinstance(before, int | float) else None,
            compared=compared,
            alike=held if isinstance(held, int | float) else None,
            higher_is_better=metric.higher_is_better,
            metric=metric.key,
            mark=shown.mark,
            note=shown.note,
            beside=beside,
        )


class Kpis(msgspec.Struct, frozen=True, omit_defaults=True, tag="kpis"):
    """A row of tiles. ``origin`` says what their figures were counted from.

    ``headline`` is what they say, in a sentence with its figures: a slide's
    title, and the line above them elsewhere.
    """

    key: str
    tiles: tuple[Kpi, ...]
    origin: Origin | None = None
    headline: Message | None = None


class ChartKind(StrEnum):
    LINE = "line"
    BAR = "bar"
    STACKED = "stacked"
    DONUT = "donut"
    HEATMAP = "heatmap"
    """A row a series and a column a category, the darker the larger a figure is."""


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line or one set of bars; a value for each category, ``None`` where there is none."""

    key: str
    label: Text
    values: list[int | float | None]
    metric: str | None = None


class Chart(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag="chart"):
    """Figures as a picture. ``category_unit`` says what the categories are (dates as ISO 8601).

    ``description`` tells what is rendered to those who cannot see it,
    ``headline`` what it shows: the finding, with its figures. ``names`` are
    words for categories that are codes, as a column has them. ``beside``
    counts what means are made of: it is not drawn, only written with them.
    """

    key: str
    kind: ChartKind
    title: Text
    description: Message
    categories: list[str]
    series: tuple[Series, ...]
    unit: Unit = Unit.COUNT
    category_unit: Unit = Unit.TEXT
    previous: tuple[Series, ...] = ()
    """The comparison's series, rendered behind."""
    origin: Origin | None = None
    headline: Message | None = None
    names: dict[str, Message] = {}
    beside: tuple[Series, ...] = ()


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A sentence or two between the figures."""

    text: Text


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """Something the reader must know before trusting a figure. ``level``: info, warning, error."""

    text: Message
    level: str = "info"


class Custom(msgspec.Struct, frozen=True, kw_only=True, tag="custom"):
    """A block of a plugin with a look of its own.

    ``kind`` (``namespace.name``) finds the plugin's rendering for a format. A
    format that has none, or a server without the plugin, renders ``table``.
    """

    kind: str
    key: str
    data: dict[str, Any]
    table: Table


class Gallery(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag="gallery"):
    """The first rows of a table as cards, such as a brand's best posts.

    The others name columns of the table by their keys: ``picture`` holds keys of
    pictures, as a column of a dataset does that is declared so, and is for data
    files alone (``data=True``); ``text`` what the thing says; ``time`` when it was;
    ``link`` its address; ``caption`` whose it is, such as network and profile;
    ``figures`` numbers, the most important first. Rows beyond the first
    12 are in the table, which data formats export and whose figures
    lead to their rows. Raises ``ValueError`` where a column is not there or does not fit.
    """

    table: Table
    picture: str = ""
    text: str = ""
    time: str = ""
    link: str = ""
    caption: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = {one.key: one for one in self.table.columns}
        roles = (self.picture, self.text, self.time, self.link)
        named = (*filter(None, roles), *self.caption, *self.figures)
        if missing := [key for key in named if key not in columns]:
            raise ValueError(f"the table of the gallery {self.key} has no column {', '.join(missing)}")
        if self.picture and not columns[self.picture].data:
            raise ValueError(
                f"the column {self.picture} of the gallery {self.key} holds keys of pictures, "
                "which nobody reads: it must be for data files alone (data=True)"
            )
        if self.time and columns[self.time].unit not in (Unit.INSTANT, Unit.DATE):
            raise ValueError(f"the column {self.time} of the gallery {self.key} holds no times")
        if wrong := [key for key in self.figures if columns[key].unit not in FIGURES]:
            raise ValueError(f"the gallery {self.key} has figures that are none: {', '.join(wrong)}")

    @property
    def key(self) -> str:
        """That of its table."""
        return self.table.key


class Section(msgspec.Struct, frozen=True, omit_defaults=True, tag="section"):
    """Blocks under a heading."""

    key: str
    title: Text
    blocks: tuple[Block, ...]


Block = Section | Kpis | Chart | Table | Gallery | Paragraph | Notice | Custom


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a metric means, as it was when the report was built."""

    key: str
    label: Message
    description: Message
    formula: Message
    version: int
    unit: Unit


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where the figures came from: a source and how far it had reported."""

    dataset: str
    source: str
    rows: int
    """How many of the source's facts the report could see."""
    watermark: str | None
    """When the last of them happened, ISO 8601 in UTC; a date alone where the source counts by days."""


class ParameterValue(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parameter as it was understood, to be printed with the report."""

    key: str
    label: Message
    value: Any
    shown: tuple[Text, ...] = ()


class Document(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A report, complete. ``as_of`` and all instants are ISO 8601 in UTC; days are cut in ``zone``."""

    kind: str
    title: Text
    as_of: str
    zone: str
    blocks: tuple[Block, ...]
    subtitle: Text | None = None
    period: tuple[str, str] | None = None
    """First and last day, both included."""
    compared: tuple[str, str] | None = None
    parameters: tuple[ParameterValue, ...] = ()
    definitions: tuple[Definition, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    notes: tuple[Message, ...] = ()
    provisional: bool = False
    """Whether a source had not reported all of its days yet; a notice says which."""
    version: int = msgspec.field(default_factory=lambda: VERSION)
    """Of the words that stand in its JSON; see :mod:`bilan.sdk.document_versions`."""


# Made once, by the thread that imports this: msgspec crashes where several first learn a type at once.
_decoder = msgspec.json.Decoder(Document)


def encode(document: Document) -> bytes:
    """The document as JSON, the same bytes for the same document."""
    return msgspec.json.encode(document, order="deterministic")


def decode(data: bytes | str) -> Document:
    """A document from its JSON, also from that of an earlier version."""
    return _decoder.decode(upgraded(data))
