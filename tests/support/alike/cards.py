"""What must be seen of galleries: the figures of each of the first rows, with their names."""

from __future__ import annotations

from typing import Any

from bilan.i18n import LocaleFormatter
from bilan.sdk.document import CARDS
from bilan.sdk.units import Unit
from support.rendered import blocks, plain

Json = dict[str, Any]


def galleries(document: Json) -> list[Json]:
    """The galleries in reading order."""
    return blocks(document, "DocumentGallery")


def tables(document: Json) -> list[Json]:
    """The tables in reading order that stand behind no gallery."""
    behind = [one["table"] for one in galleries(document)]
    return [one for one in blocks(document, "DocumentTable") if not any(one is table for table in behind)]


def figures(gallery: Json, formatter: LocaleFormatter) -> list[list[tuple[str, str]]]:
    """The figures of each card with their names."""
    columns = {column["key"]: (n, column) for n, column in enumerate(gallery["table"]["columns"])}
    named = [columns[key] for key in gallery["figures"]]
    return [
        [(column["label"], formatter.value(plain(row[n]), Unit[column["unit"]])) for n, column in named]
        for row in gallery["table"]["rows"][:CARDS]
    ]
