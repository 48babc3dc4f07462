"""Looks: what a plugin's own blocks and galleries show; each rule yields sentences about what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from bilan.i18n import Translator, formatter_for
from bilan.registry.declared import PAGE, Declared
from bilan.rendering.context import render_context
from bilan.rendering.typesetting import drawable
from bilan.sdk.document import Custom, Document
from bilan.sdk.rendering import RenderContext
from bilan.sdk.walk import leaves
from bilan.testing.harness import PluginHarness
from bilan.testing.report_rules import documents

KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
ACTIVE = frozenset({"script", "style", "iframe", "object", "embed", "link", "form", "base", "meta"})
"""Elements that a part of a report has no use for, and that pages let do nothing."""
VOID = frozenset({"br", "hr", "img", "input", "wbr", "col", "area", "source", "track"})


def check_looks(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """A look of a plugin's own can be rendered, does nothing by itself and keeps to its own classes."""
    for kind, document in documents(harness, one):
        if isinstance(document, Document):
            for block in _own(document):
                yield from (f"{block.kind} of {kind.key} {wrong}" for wrong in _wrong(harness, one, block))


def _own(document: Document) -> Iterator[Custom]:
    return (block for _within, block in leaves(document.blocks) if isinstance(block, Custom))


def _wrong(harness: PluginHarness, one: Declared, block: Custom) -> Iterator[str]:
    for (file_format, kind), renderer in harness.registry.block_renderers.items():
        if kind != block.kind:
            continue
        try:
            made = str(renderer.render(block, _context(harness, file_format)))
        except Exception as error:
            yield f"cannot be rendered as {file_format}: {error!r}"
            continue
        if file_format == PAGE:
            yield from _wrong_markup(made, one.plugin.namespace)
        elif not drawable(made.encode(), "svg"):
            yield f"gives no SVG that can be set for {file_format}"


def _context(harness: PluginHarness, file_format: str) -> RenderContext:
    formatter = formatter_for(Translator.of(harness.registry.plugins.values()), "en", "UTC")
    return render_context(harness.registry, file_format, formatter, "Test")


def _wrong_markup(markup: str, namespace: str) -> Iterator[str]:
    reader = _Markup(f"{namespace}-")
    reader.feed(markup)
    reader.close()
    yield from dict.fromkeys(reader.wrong)
    if reader.open:
        yield f"leaves <{reader.open[-1]}> open"


class _Markup(HTMLParser):
    """Reads markup strictly."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.wrong.append(f"has a <{tag}>, which no look may have")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"has the attribute {name}, which pages do not heed")
            if name == "id":
                self.wrong.append("has an id, which may stand on the page twice")
            for word in (value or "").split() if name == "class" else ():
                if not word.startswith(self._prefix):
                    self.wrong.append(f"has the class {word}, which does not begin with {self._prefix}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"closes <{tag}> where it is not open")


def check_pictures(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """A column of pictures holds keys that the core gave, and never an address or a name."""
    for dataset in one.datasets:
        for column in dataset.columns:
            if not column.picture:
                continue
            for row in harness.client.rows(dataset.key, (column.name,), limit=1000):
                if (value := row[column.name]) and not KEY.fullmatch(value):
                    yield (
                        f"{column.name} of {dataset.key} holds {value!r}, which is no key of a picture: "
                        "it comes from PullContext.picture or ImportFile.picture"
                    )
                    break
