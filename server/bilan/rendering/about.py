"""About this report: the blocks that every format ends with, made once and in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bilan.rendering.wording import shown_parameter
from bilan.sdk.document import Cell, Document, Paragraph, Table, TableColumn, Value
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

TITLE = _("About this report")


@dataclass(frozen=True, slots=True)
class Term:
    """A term and what it means. ``key`` is the metric that it names, ``formula`` how that is counted."""

    label: str
    text: str
    key: str = ""
    formula: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms to be looked up rather than read."""

    key: str
    title: Message
    heads: tuple[Message, Message]
    terms: tuple[Term, ...]


def subtitle(document: Document, formatter: Formatter) -> str:
    """What stands below the title: what kind of report it is, unless its name says just that."""
    title, below = formatter.text(document.title), formatter.text(document.subtitle)
    return "" if below.casefold() == title.casefold() else below


def facts(document: Document, formatter: Formatter) -> Iterator[tuple[str, str]]:
    """The days that a report covers and is compared with, as of when, and in which zone; by their names."""
    say = formatter.text
    if document.period:
        yield say(_("Period")), formatter.period(*document.period)
    if document.compared:
        yield say(_("Compared with")), formatter.period(*document.compared)
    yield say(_("Figures as of")), formatter.value(document.as_of, Unit.INSTANT)
    yield say(_("Time zone")), document.zone


def about(document: Document, formatter: Formatter) -> Iterator[Paragraph | Terms | Table]:
    """How time is cut, what was asked, what the figures mean and where they came from."""
    yield Paragraph(_zones(document, formatter))
    if document.parameters:
        settings = [
            Term(formatter.text(one.label), shown_parameter(one, formatter)) for one in document.parameters
        ]
        yield Terms("settings", _("Settings"), (_("Setting"), _("Value")), tuple(settings))
    if document.definitions:
        heads = (_("Figure"), _("Meaning"))
        definitions = tuple(_definitions(document, formatter))
        yield Terms("definitions", _("What the figures mean"), heads, definitions)
    if document.provenance:
        yield _sources(document)


def _zones(document: Document, formatter: Formatter) -> str:
    said = formatter.text(_("Days, weeks and months are cut in the time zone {zone}.", zone=document.zone))
    if formatter.zone == document.zone:
        return said
    shown = formatter.text(_("Moments are shown in the time zone {zone}.", zone=formatter.zone))
    return f"{said} {shown}"


def _definitions(document: Document, formatter: Formatter) -> Iterator[Term]:
    for one in document.definitions:
        yield Term(
            formatter.text(one.label), formatter.text(one.description), one.key,
            formatter.text(_("Formula: {formula}", formula=one.formula)),
            formatter.text(_("version {number}", number=str(one.version))),
        )  # fmt: skip


def _reported_until(watermark: str | None) -> Value:
    """The moment; where a source counts by days, the day, which no zone shifts."""
    if watermark is None or "T" in watermark:
        return watermark
    return Cell(_("{day:date}", day=watermark))


def _sources(document: Document) -> Table:
    columns = (
        TableColumn(key="source", label=_("Source")),
        TableColumn(key="dataset", label=_("Data")),
        TableColumn(key="rows", label=_("Facts"), unit=Unit.COUNT),
        TableColumn(key="watermark", label=_("Reported until"), unit=Unit.INSTANT),
    )
    rows: list[list[Value]] = [
        [one.source, one.dataset, one.rows, _reported_until(one.watermark)] for one in document.provenance
    ]
    return Table(key="provenance", title=_("Where the figures come from"), columns=columns, rows=rows)
