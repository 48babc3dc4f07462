"""Rendering a document's blocks as HTML: for a page, and for the file that stands alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bilan.rendering.about import TITLE, Terms, about, facts, subtitle
from bilan.rendering.cards import shown_gallery
from bilan.rendering.drilldown_links import DrilldownLink, DrilldownLinks, Heads, no_links, plain_heads
from bilan.rendering.picture_files import card_picture, data_address
from bilan.rendering.svg import draw_chart
from bilan.rendering.tables import row_count, rows_within
from bilan.rendering.tiles import shown_kpis
from bilan.rendering.views import ShownTable, shown_chart, shown_table
from bilan.rendering.wording import isolated, plurals, shown_parameter, texts
from bilan.sdk.document import (
    CARDS,
    Block,
    Chart,
    Custom,
    Document,
    Gallery,
    Kpis,
    Notice,
    Paragraph,
    Section,
    Table,
    Value,
)
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Brand, RenderContext, Rows

_log = structlog.get_logger(__name__)

EMBEDDED = 480
"""Pixels across a picture that is put inside: twice what a card shows."""
TABLE_ROWS = 100
"""How many rows of a table are shown; the rest is in the CSV file."""


PictureAddress = Callable[[str], str]
"""Where a browser finds a picture, by its key; empty where there is none."""


@cache
def environment() -> Environment:
    """The templates of the core. Synchronous, escaping, strict about names."""
    return Environment(
        loader=PackageLoader("bilan.rendering"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_blocks(
    document: Document,
    context: RenderContext,
    rows: Rows,
    *,
    level: int = 2,
    table_rows: int = TABLE_ROWS,
    heads: Heads = plain_heads,
    links: DrilldownLinks = no_links,
    pictures: PictureAddress | None = None,
) -> Markup:
    """The blocks of a document as markup, in reading order.

    ``level`` is the level of the outermost headings. Plugins' own blocks are
    rendered by ``context.blocks``; one that cannot be rendered is rendered as its table.
    On a page the ``heads`` of columns may lead to the same table, sorted, and
    figures by ``links`` to the rows behind them. ``pictures`` gives their addresses
    there; without it they are put inside.
    """
    drawer = BlockDrawer(document, context, rows, table_rows, heads, links, pictures)
    return Markup("").join(
        drawer.render(block, level, str(place)) for place, block in enumerate(document.blocks)
    )


def render_cover(
    document: Document, context: RenderContext, *, titled: bool = True, logo: str | None = None
) -> Markup:
    """The head of a report: title, workspace, period, as-of moment and zone, and its notes.

    ``titled=False`` leaves the title to the page around it. ``logo`` is the
    address of the brand's picture; without one it is put inside.
    """
    picture = logo or _inside(context.brand)
    shown = facts(document, context.formatter)
    below = subtitle(document, context.formatter)
    return _template(
        "cover.html", context, document=document, titled=titled, logo=picture, facts=shown, subtitle=below
    )


def render_about(document: Document, context: RenderContext, *, level: int = 2) -> Markup:
    """What the report was asked, what its figures mean and where they came from."""
    drawer = BlockDrawer(document, context, rows_within, TABLE_ROWS, plain_heads, no_links)
    blocks = about(document, context.formatter)
    inner = Markup("").join(drawer.about(block, min(level + 1, 6)) for block in blocks)
    return _template("about.html", context, title=TITLE, level=level, inner=inner)


def words(context: RenderContext) -> dict[str, Any]:
    """What every template of a report knows: the reader's formatter and the core's sentences."""
    formatter = context.formatter
    return {
        "_": texts(formatter),
        "ngettext": plurals(formatter),
        "iso": isolated(formatter),
        "text": formatter.text,
        "value": formatter.value,
        "formatter": formatter,
        "context": context,
        "shown_parameter": lambda parameter: shown_parameter(parameter, formatter),  # type: ignore[no-any-return]
    }


class BlockDrawer:
    """Renders the blocks of one document."""

    def __init__(
        self,
        document: Document,
        context: RenderContext,
        rows: Rows,
        table_rows: int,
        heads: Heads,
        links: DrilldownLinks,
        pictures: PictureAddress | None = None,
    ) -> None:
        self._document, self._context = document, context
        self._heads, self._links = heads, links
        self._macros: Any = environment().get_template("blocks.html").make_module(words(context))
        self._rows = rows
        self._table_rows = table_rows
        self._pictures = pictures or self._embedded

    def render(self, block: Block, level: int, path: str, heading: str = "") -> Markup:
        """One block. ``path`` makes its ids unlike those of any other; ``heading`` stands above it."""
        match block:
            case Section():
                return self._section(block, level, path)
            case Kpis():
                tiles = shown_kpis(block, self._context, links=self._links, document=self._document)
                return self._part("kpis", tiles=tiles, headline=self._text(block.headline))
            case Chart():
                picture = draw_chart(block, self._context.formatter, name=f"{path}-{block.key}")
                table = shown_chart(block, self._context, links=self._links)
                said = self._text(block.headline)
                return self._part("chart", picture=picture, table=table, heading=heading, headline=said)
            case Table():
                return self._table(block, heading)
            case Gallery():
                return self._gallery(block, heading)
            case Custom():
                return self._custom(block, heading)
            case Paragraph():
                return self._part("paragraph", text=self._text(block.text))
            case Notice():
                return self._part("notice", level=block.level, text=self._text(block.text))

    def about(self, block: Paragraph | Terms | Table, level: int) -> Markup:
        """One block about the report, below its heading."""
        if isinstance(block, Paragraph):
            return self.render(block, level, "")
        title = self._text(block.title)
        heading = self._part("about_heading", level=level, title=title)
        if isinstance(block, Terms):
            return heading + self._part("terms", block=block)
        shown = shown_table(block, self._context, self._rows, limit=len(block.rows))
        return heading + self._part("room", table=shown, caption="visually-hidden")

    def _section(self, section: Section, level: int, path: str) -> Markup:
        title = self._text(section.title)
        inner = (
            self.render(block, level + 1, f"{path}-{place}", title)
            for place, block in enumerate(section.blocks)
        )
        return self._part(
            "section", title=title, level=min(level, 6), path=path, inner=Markup("").join(inner)
        )

    def _table(self, table: Table, heading: str) -> Markup:
        if table.hidden:
            return Markup("")
        shown = self._whole(table, self._links)
        return self._part(
            "table", table=shown, count=row_count(table), detail=table.detail and bool(shown.rows),
            heading=heading, headline=self._text(table.headline),
        )  # fmt: skip

    def _gallery(self, gallery: Gallery, heading: str) -> Markup:
        table = gallery.table
        cards = shown_gallery(gallery, self._context, self._rows, links=self._links)
        shown = self._whole(table, self._beside_cards(gallery))
        return self._part(
            "gallery", gallery=cards, heading=heading, pictures=self._pictures,
            table=None if table.hidden else shown, count=row_count(table),
        )  # fmt: skip

    def _beside_cards(self, gallery: Gallery) -> DrilldownLinks:
        """The links of a gallery's table. A figure on a card has its id there, and no id stands twice."""
        places = {one.key: place for place, one in enumerate(gallery.table.columns)}
        taken = {f"r{row}c{places[key]}" for row in range(CARDS) for key in gallery.figures}

        def links(block: Block, place: str, value: Value) -> DrilldownLink:
            found = self._links(block, place, value)
            return found._replace(ident="") if place in taken else found

        return links

    def _embedded(self, key: str) -> str:
        content = card_picture(self._context, key, EMBEDDED)
        return data_address(content) if content else ""

    def _custom(self, block: Custom, heading: str) -> Markup:
        """A look of a plugin's own below its title; behind it is the table, with the ways to its rows."""
        render, table = self._context.blocks.get(block.kind), block.table
        if render is None:
            return self._table(table, heading)
        try:
            look = Markup(render(block, self._context))  # noqa: S704 - the contract asks plugins to escape
        except Exception:
            _log.exception("block_not_rendered", kind=block.kind, key=block.key)
            return self._table(table, heading)
        shown = self._whole(table, self._links)
        return self._part(
            "custom", look=look, table=shown, count=row_count(table), heading=heading,
            headline=self._text(table.headline),
        )  # fmt: skip

    def _whole(self, table: Table, links: DrilldownLinks) -> ShownTable:
        return shown_table(
            table, self._context, self._rows, limit=self._table_rows, heads=self._heads, links=links
        )

    def _text(self, text: Message | str | None) -> str:
        return self._context.formatter.text(text)

    def _part(self, macro: str, **values: Any) -> Markup:
        return getattr(self._macros, macro)(**values)


def _inside(brand: Brand) -> str | None:
    if brand.logo is None:
        return None
    return f"data:{brand.logo_type};base64,{b64encode(brand.logo).decode()}"


def _template(name: str, context: RenderContext, **values: Any) -> Markup:
    return Markup(environment().get_template(name).render(words(context), **values))  # noqa: S704 - escaped
