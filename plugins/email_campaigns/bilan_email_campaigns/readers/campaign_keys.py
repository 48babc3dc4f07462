"""What tells the campaigns of a table apart: their ids, else title and send date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property

from bilan.sdk import Unreadable
from bilan_email_campaigns.readers.cells import Cells


class CampaignKeys:
    """The keys of campaigns. ``rows`` goes through the table.

    A sender may give many campaigns one title: without an id, title and send
    date are the key. A column called just "Campaign" holds ids or titles; it
    holds titles where one of its values stands in rows of different dates.
    """

    def __init__(self, rows: Callable[[], Iterator[Cells]]) -> None:
        self._rows = rows

    def of(self, cells: Cells) -> tuple[str, str, datetime | None]:
        """The campaign's key, its title and its send date. Raises ``Unreadable``."""
        sent_at = _sent_at(cells)
        name, named = _name(cells), cells.text("campaign")
        if named and (name or not self._named_by_title):
            return named, name, sent_at
        title = name or named
        return (f"{title} ({sent_at:%Y-%m-%d %H:%M})" if title and sent_at else title), title, sent_at

    @cached_property
    def _named_by_title(self) -> bool:
        dates = dict[str, datetime | None]()
        for cells in self._rows():
            try:
                named, sent_at = cells.text("campaign"), _sent_at(cells)
            except Unreadable:
                continue
            if named and dates.setdefault(named, sent_at) != sent_at:
                return True
        return False


def _name(cells: Cells) -> str:
    return cells.text("campaign_name") or cells.text("name")


def _sent_at(cells: Cells) -> datetime | None:
    return cells.instant("occurred_at") or cells.instant("sent_at")
