"""A whole report as the template's data."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from babel import Locale

from bilan import __version__
from bilan.rendering.about import TITLE, about, facts, subtitle
from bilan.rendering.colours import readable, tint
from bilan.rendering.csv_format import dialect_of, files_of
from bilan.rendering.delimited import write_table
from bilan.rendering.pdf.blocks import Item, PdfBlockDrawer, Placed, runs
from bilan.rendering.pdf.options import STAMPS, Wishes
from bilan.rendering.pdf.summary import summary
from bilan.rendering.pdf.texts import writing
from bilan.rendering.typesetting import drawable, families
from bilan.sdk.document import Document, Gallery
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Brand, RenderContext, Rows
from bilan.sdk.textdomain import _
from bilan.sdk.walk import leaves, tables_of

ACCENT = "#0e6377"
NOTES = _("Please note")
ON_COVER = 14
"""So many lines of contents still stand on the cover."""
LOGOS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


class Payload:
    """Everything of one report, formatted. ``data`` is the template's; ``cells`` says how big it is."""

    def __init__(self, document: Document, context: RenderContext, rows: Rows, wanted: Wishes) -> None:
        self._document, self._context, self._rows, self._wanted = document, context, rows, wanted
        self._write = writing(context.formatter)
        self._drawer = PdfBlockDrawer(document, context, rows, wanted)
        self.data = self._data(runs(self._placed()))

    @property
    def cells(self) -> int:
        """How many cells the tables have."""
        return self._drawer.cells

    def warn(self, text: Message) -> None:
        """Put a caution before everything else."""
        self.data["runs"][0]["items"].insert(0, self._drawer.notice(text, "warning"))

    def _data(self, pages: list[Item]) -> Item:
        document, context, write = self._document, self._context, self._write
        formatter = context.formatter
        title = formatter.text(document.title).strip() or document.kind
        locale = Locale.parse(formatter.language, sep="-")
        accent = readable(context.brand.colour, ACCENT)
        lines = sum(one.get("outlined", False) for run in pages for one in _flat(run["items"]))
        return {
            "lang": locale.language,
            "region": locale.territory if locale.territory and len(locale.territory) == 2 else None,
            "rtl": formatter.direction == "rtl",
            "families": families(formatter.language),
            "paper": self._wanted.paper,
            "accent": accent,
            "accent_soft": tint(accent, 0.1),
            "title": write(title),
            "short_title": write(title if len(title) <= 70 else title[:69].rstrip() + "…"),
            "title_size": 30 if len(title) <= 40 else 24 if len(title) <= 90 else 17,
            "author": context.workspace or "Bilan",
            "description": self._say(_("Made with Bilan {release}", release=__version__)),
            "workspace": write(context.workspace),
            "logo": _logo(context.brand, context.workspace),
            "subtitle": write(subtitle(document, formatter)),
            "facts": [[write(name), write(value)] for name, value in facts(document, formatter)],
            "summary": summary(document, context, write),
            "short_contents": lines <= ON_COVER,
            "stamp": self._say(STAMPS[self._wanted.stamp]) if self._wanted.stamp in STAMPS else None,
            "words": {
                "contents": self._say(_("Contents")),
                "summary": self._say(_("In brief")),
                "page": _around(formatter.text(_("Page {page} / {pages}", page="\0", pages="\0"))),
            },
            "runs": pages,
        }

    def _say(self, sentence: Message) -> str:
        return self._write(self._context.formatter.text(sentence))

    def _placed(self) -> Iterator[Placed]:
        for block in self._document.blocks:
            yield from self._drawer.render(block)
        if self._document.notes:
            # Behind the figures; the contents name them before these.
            yield self._drawer.heading(self._context.formatter.text(NOTES), 1)
            notes = [self._say(note) for note in self._document.notes]
            yield Placed({"type": "notes", "notes": notes}, None)
        figures = list(self._drawer.figures(self._document.blocks)) if self._wanted.chart_data else []
        if figures:
            yield self._drawer.heading(self._context.formatter.text(self._title_of_figures()), 1)
            yield from figures
        yield from self._about()

    def _title_of_figures(self) -> Message:
        if any(isinstance(block, Gallery) for _within, block in leaves(self._document.blocks)):
            return _("Figures of the charts and galleries")
        return _("Figures of the charts")

    def _about(self) -> Iterator[Placed]:
        drawer = self._drawer
        yield drawer.heading(self._context.formatter.text(TITLE), 1)
        for block in about(self._document, self._context.formatter):
            yield from drawer.about(block)

    def attachments(self) -> list[Any]:
        """The CSV files, as the CSV format writes them."""
        if not self._wanted.attach_data or not any(table.file for table in tables_of(self._document.blocks)):
            return []
        dialect = dialect_of(self._document, self._context)
        found: list[Any] = []
        for name, table in files_of(self._document).items():
            out = BytesIO()
            write_table(table, self._rows, dialect, self._context.formatter, out)
            title = self._context.formatter.text(table.title)
            found.append([name, {"text": out.getvalue().decode(), "description": title}])
        return found


def _flat(items: list[Item]) -> Iterator[Item]:
    for one in items:
        yield one
        yield from _flat(one.get("items", []))


def _around(sentence: str) -> list[str]:
    """What stands before, between and after two numbers."""
    return [*sentence.split("\0"), "", ""][:3]


def _logo(brand: Brand, workspace: str) -> Item | None:
    kind = LOGOS.get(brand.logo_type or "")
    if not brand.logo or kind is None:
        return None
    if not drawable(brand.logo, kind):
        return None
    return {"format": kind, "alt": workspace or "Logo", "bytes": list(brand.logo)}
