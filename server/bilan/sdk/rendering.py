"""Formats, and how a plugin's own blocks are rendered in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from bilan.sdk.document import Custom, Document, Table
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter


class Formatter(Protocol):
    """Writes values for one reader: language, formats and display zone. There is one implementation."""

    @property
    def language(self) -> str:
        """The language's code, such as ``fr`` or ``en-GB``."""
        ...

    @property
    def direction(self) -> str:
        """How the language is written: ``ltr`` or ``rtl``."""
        ...

    @property
    def zone(self) -> str:
        """The IANA name of the zone that instants are shown in."""
        ...

    def text(self, text: Message | str | None) -> str:
        """A message translated; data as it is."""
        ...

    def value(self, value: Any, unit: Any) -> str:
        """A value of a unit; empty values give a dash."""
        ...

    def labels(self, values: Sequence[Any], unit: Any) -> list[str]:
        """Short labels for a row of values, as on an axis: only what tells them apart."""
        ...

    def change(self, value: float, previous: float, unit: Any) -> str | None:
        """A change with its sign: in per cent, in points between shares; ``None`` from zero."""
        ...

    def period(self, first: str, last: str) -> str:
        """The days from ``first`` to ``last``, both ISO 8601 and included."""
        ...


@dataclass(frozen=True, slots=True)
class Brand:
    """How a workspace presents itself. Without a colour or a logo the defaults stand in."""

    colour: str | None = None
    """``#rrggbb``; readable on white as it is, else darkened where text stands in it."""
    logo: bytes | None = field(default=None, repr=False)
    logo_type: str | None = None
    """``image/png``, ``image/jpeg`` or ``image/svg+xml``."""


Pictures = Callable[[str], bytes | None]
"""A picture by its key, as JPEG or PNG; nothing where it is not kept (any more)."""


def no_pictures(_key: str) -> bytes | None:
    """No picture at all."""
    return None


@dataclass(frozen=True, slots=True)
class RenderContext:
    """How to render: the reader's formatter, the workspace's name and brand, and the format's own options.

    An option that is not given is taken from the document's parameter of the
    same key, then from its default. ``blocks`` holds how the plugins render
    their own blocks in the format, by kind. ``pictures`` are those of the document's galleries,
    ``style`` the stylesheets of plugins' own blocks.
    """

    formatter: Formatter
    workspace: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    blocks: Mapping[str, Callable[[Custom, RenderContext], str]] = field(
        default_factory=dict[str, Callable[[Custom, "RenderContext"], str]]
    )
    brand: Brand = Brand()
    pictures: Pictures = no_pictures
    style: str = ""


Rows = Callable[[Table], Iterator[list[Any]]]
"""All rows of a table, also of one whose rows are kept outside the document."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """A file format.

    ``render`` writes the document to ``out``; the same document, context and
    release give the same bytes. ``options`` are rendered as a form.
    ``extension`` may depend on the options. ``data`` marks a format that is
    read by programs: it holds every part of the report unless parts are asked
    for by name, where other formats hold the parts that the report chose.
    """

    format: str
    label: Message
    media_type: Callable[[Document, RenderContext], str]
    extension: Callable[[Document, RenderContext], str]
    render: Callable[[Document, RenderContext, Rows, BinaryIO], None]
    options: tuple[Parameter, ...] = ()
    data: bool = False


@dataclass(frozen=True, slots=True)
class BlockRenderer:
    """How one format renders a plugin's own block.

    For ``html``, ``render`` returns markup; every value in it must be escaped
    (``markupsafe.Markup`` with ``format`` or a template does). For ``pdf`` and
    ``pptx`` it returns one ``svg`` element, which is as wide as the text or the slide and read out
    by the title of the block's table. The title, the table and the way to the rows behind
    its figures are the core's in every format. What cannot be rendered is rendered as that table.

    ``style`` are rules of CSS for the markup, each of whose selectors begins
    with ``.namespace-``: classes of the plugin's own. The look's colours and
    spaces are variables of the page (``var(--ink-soft)``), in the dark as in the light.
    """

    format: str
    kind: str
    render: Callable[[Custom, RenderContext], str]
    style: str = ""
