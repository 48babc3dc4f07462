"""The pictures of a document: those that its galleries show, and no others of their tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bilan.sdk.document import CARDS, Cell, Document, Gallery
from bilan.sdk.rendering import Rows
from bilan.sdk.walk import leaves


def pictures_of(document: Document, rows: Rows) -> frozenset[str]:
    """Their keys. Blocking where rows are kept outside the document."""
    galleries = (block for _within, block in leaves(document.blocks) if isinstance(block, Gallery))
    return frozenset(key for one in galleries if one.picture for key in _keys(one, rows))


def _keys(gallery: Gallery, rows: Rows) -> Iterator[str]:
    place = next(n for n, column in enumerate(gallery.table.columns) if column.key == gallery.picture)
    for row in islice(rows(gallery.table), CARDS):
        value = row[place].value if isinstance(row[place], Cell) else row[place]
        if isinstance(value, str) and value:
            yield value
