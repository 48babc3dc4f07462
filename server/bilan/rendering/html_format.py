"""The HTML format: one file that stands alone, without script and without a request to anywhere."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import BinaryIO

from markupsafe import Markup

from bilan import __version__
from bilan.rendering.blocks import TABLE_ROWS, environment, render_about, render_blocks, render_cover, words
from bilan.rendering.colours import accent_style
from bilan.rendering.options import option
from bilan.sdk.document import Document
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.rendering import RenderContext, Renderer, Rows
from bilan.sdk.textdomain import _

STYLESHEETS = ("normalize.css", "tokens.css", "report.css")
"""What page and file share; the interface serves the same files from ``bilan.rendering``'s ``static``."""

OPTIONS = (
    Parameter(
        "table_rows", _("Rows shown of a table"), ParameterKind.NUMBER, default=TABLE_ROWS, advanced=True,
        help=_("Longer tables say how many rows they leave out; the CSV has all."),
    ),
)  # fmt: skip


@cache
def style() -> Markup:
    """The stylesheets, to be put inside the file."""
    folder = resources.files("bilan.rendering") / "static"
    return Markup("\n".join((folder / name).read_text("utf-8") for name in STYLESHEETS))  # noqa: S704 - ours


def _own_style(context: RenderContext) -> Markup:
    """The rules of plugins' blocks and of the workspace, which were checked when they were declared."""
    accent = accent_style(context.brand.colour) if context.brand.colour else ""
    return Markup("\n" + context.style + accent)  # noqa: S704


def render(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
    """Write the document as a page that needs nothing else. Raises ``Invalid`` for rows below none."""
    table_rows = int(option(document, context, "table_rows", TABLE_ROWS))
    if table_rows < 0:
        raise Invalid(
            _("A table shows no rows or more; a number below nought means nothing."), ("table_rows",)
        )
    stream = (
        environment()
        .get_template("file.html")
        .stream(
            words(context),
            document=document,
            release=__version__,
            style=style() + _own_style(context),
            cover=render_cover(document, context),
            blocks=render_blocks(document, context, rows, table_rows=table_rows),
            about=render_about(document, context),
        )
    )
    stream.dump(out, encoding="utf-8")


HTML = Renderer(
    format="html",
    label=_("Web page"),
    media_type=lambda _document, _context: "text/html; charset=utf-8",
    extension=lambda _document, _context: "html",
    render=render,
    options=OPTIONS,
)
