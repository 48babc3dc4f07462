"""Files of Braze Currents: JSON lines, CSV or Parquet, flat or wrapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    Fact,
    ImportFile,
    Reject,
    Settings,
    TableRow,
    Unreadable,
    UnreadableRow,
    open_table,
    read_object,
    read_text,
    zone_setting,
)
from bilan_email_campaigns.currents import NAMES, flat, read
from bilan_email_campaigns.textdomain import _

TYPE_IN_NAME = re.compile(r"users\.[A-Za-z_]+(?:\.[A-Za-z_]+)*\.[A-Z][A-Za-z]+")
"""Storage writes the type of a file's events into its path."""


class BrazeCurrentsReader:
    """Implements :class:`bilan.sdk.sources.Reader`."""

    key = "braze-currents"
    label = _("Braze Currents (JSON lines, CSV, Parquet)")

    def recognises(self, file: ImportFile) -> float:
        """By the events' type in the rows, or in the file's name."""
        if event_type_of(file.name):
            return 0.9
        try:
            rows = open_table(file.path).sample()
        except BilanError:
            return 0.0
        return 0.95 if any(_is_event(row) for row in rows) else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:  # noqa: ARG002 - the contract's
        """Nothing is left open."""
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None  # noqa: ARG002 - the contract's
    ) -> Iterator[Fact | Reject]:  # fmt: skip
        """One fact an event; files of posts hold several in a row."""
        event_type, zone, number = event_type_of(file.name), zone_setting(settings), 0
        for row in open_table(file.path).rows():
            for event in _events(row):
                number += 1
                if isinstance(event, UnreadableRow):
                    yield Reject(number, event.reason, event.raw)
                    continue
                try:
                    yield read(flat(event, event_type), zone)
                except Unreadable as error:
                    yield Reject(number, error.message, json.dumps(event, default=str))


def event_type_of(name: str) -> str:
    """The type of a file's events as its name says it, or nothing."""
    found = TYPE_IN_NAME.search(name)
    return found.group() if found else ""


def _is_event(row: TableRow) -> bool:
    events = row.get("events")
    looked_at = read_object(events[0]) if isinstance(events, list) and events else row
    return any(read_text(looked_at.get(name)).startswith("users.") for name in NAMES)


def _events(row: TableRow | UnreadableRow) -> Iterator[TableRow | UnreadableRow]:
    events = None if isinstance(row, UnreadableRow) else row.get("events")
    if not isinstance(events, list):
        yield row
        return
    for event in events:
        yield (
            event
            if isinstance(event, dict)
            else UnreadableRow(_("This item is no object."), json.dumps(event))
        )
