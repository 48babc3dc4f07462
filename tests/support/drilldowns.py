"""Every figure of a document that leads to rows, with those rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bilan.drilldown.drilldown import Drilldown, drill_down
from bilan.drilldown.figures import find
from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.reports.parts import rows_of
from bilan.sdk.document import Document, Kpis
from bilan.testing import drilldown_rules
from fixtures.email_reports import MailRoom


def drill(room: MailRoom, document: Document, address: str) -> Drilldown:
    """The drilldown of the figure at the address."""
    as_of = datetime.fromisoformat(document.as_of)
    client = QuerySession(room.warehouse, room.registry, frozenset(room.sources), Snapshot(as_of))
    figure = find(document, rows_of(room.files), address)
    names = {str(source): name for source, name in room.sources.items()}
    return drill_down(room.registry, client, document, figure, names=names)


def facts(drilldown: Drilldown) -> list[dict[str, Any]]:
    """The rows by column."""
    keys = [column.key for column in drilldown.columns]
    return [dict(zip(keys, row.values, strict=True)) for row in drilldown.rows()]


def addresses(room: MailRoom, document: Document) -> list[str]:
    """Of every figure that leads to rows, in reading order."""
    return [address for _block, address in drilldown_rules.addresses(document, rows_of(room.files))]


def tile_address(room: MailRoom, document: Document, key: str) -> str:
    """Of the first tile with this key, wherever it stands."""
    for block, address in drilldown_rules.addresses(document, rows_of(room.files)):
        place = address.partition(":t")[2]
        if isinstance(block, Kpis) and place.isdigit() and block.tiles[int(place)].key == key:
            return address
    raise LookupError(key)
