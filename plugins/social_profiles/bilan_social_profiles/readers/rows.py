"""What the rows of a table say: posts, days of profiles or items of the community, each row by itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bilan.sdk import (
    ColumnMapping,
    Fact,
    ImportFile,
    Invalid,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableFile,
    TableRow,
    Unreadable,
    UnreadableRow,
    digest,
)
from bilan_social_profiles.facts import item_fact, post_fact, profile_day_fact
from bilan_social_profiles.network_names import read_network
from bilan_social_profiles.post_kinds import read_post_kind
from bilan_social_profiles.readers.cells import Cells, Layout
from bilan_social_profiles.readers.profile_names import ProfileNames
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

WHEN: Mapping[str, str] = {POSTS: "published_at", PROFILE_DAYS: "day", COMMUNITY: "received_at"}
IDENTITY: Mapping[str, tuple[str, ...]] = {
    POSTS: ("network", "profile", "post"),
    PROFILE_DAYS: ("network", "profile", "day"),
    COMMUNITY: ("network", "profile", "item"),
}
PARTS = ("posted_month", "posted_weekday", "posted_hour")


def check_mapping(mapping: ColumnMapping, settings: Settings) -> None:
    """Raise ``Invalid`` where neither the table nor the source says what every row needs."""
    targets = {one.target for one in mapping.columns} | mapping.constants.keys()
    if mapping.dataset not in WHEN:
        raise Invalid(
            _("A table cannot be read into {dataset}; choose {choices}.",
              dataset=mapping.dataset, choices=", ".join(WHEN)), ("dataset",),
        )  # fmt: skip
    if reason := _missing(mapping.dataset, targets, settings):
        raise Invalid(reason, ("columns",))


def _missing(dataset: str, targets: set[str], settings: Settings) -> Message | None:
    if "network" not in targets and not settings.get("network"):
        return _("The file does not say its network; map a column to “network”, or set it at the source.")
    if "profile" not in targets and not settings.get("profile"):
        return _("The file does not say its profile; map a column to “profile”, or set it at the source.")
    when = WHEN[dataset]
    if when not in targets and not (dataset == POSTS and targets.intersection(PARTS)):
        return _("No column says when; map one to “{column}”.", column=when)
    return None


class RowsReader:
    """Reads one table of a file through its mapping. What is the same within it counts once.

    Pictures are those that came along with the file, by their names.
    """

    def __init__(
        self, file: ImportFile, table: TableFile, mapping: ColumnMapping, settings: Settings
    ) -> None:
        check_mapping(mapping, settings)
        self._file, self._table, self._dataset, self._settings = file, table, mapping.dataset, settings
        self._layout = Layout(table, mapping, settings)
        self._names = ProfileNames(self._profiles() if "profile_id" in self._layout.columns else ())
        self._seen = dict[tuple[Any, ...], tuple[int, str]]()
        self._alike = Counter[str]()

    def read(self) -> Iterator[RowFacts | Reject]:
        """The fact of each row; a row that cannot be used is a reject."""
        for number, row in self._table.numbered():
            if isinstance(row, UnreadableRow):
                yield Reject(number, row.reason, row.raw)
                continue
            raw = json.dumps(row, ensure_ascii=False, default=str)
            try:
                fact = self._fact(row)
                self._check_once(fact, number)
                yield RowFacts(number, (fact,), raw)
            except Unreadable as error:
                yield Reject(number, error.message, raw)

    def _profiles(self) -> Iterator[tuple[str, str, str]]:
        for row in self._table.rows():
            if not isinstance(row, UnreadableRow):
                cells = self._layout.cells(row)
                yield *self._said(cells), cells.text("profile_id")

    def _said(self, cells: Cells) -> tuple[str, str]:
        """The network and the name of the profile, as the row or else the source says them."""
        network = cells.text("network") or str(self._settings.get("network") or "")
        profile = cells.text("profile") or str(self._settings.get("profile") or "")
        return read_network(network), profile

    def _fact(self, row: TableRow) -> Fact:
        cells = self._layout.cells(row)
        if cells.sums_up(WHEN[self._dataset]):
            raise Unreadable(_("This row sums up others, which are read by themselves."))
        network, profile = self._said(cells)
        if not network:
            raise Unreadable(_("This row names no network."))
        if not profile:
            raise Unreadable(_("This row names no profile."))
        columns = cells.read() | {
            "network": network,
            "profile": self._names.of(network, profile, cells.text("profile_id")),
        }
        match self._dataset:
            case _ if self._dataset == PROFILE_DAYS:
                return _day(columns)
            case _ if self._dataset == COMMUNITY:
                return self._item(columns, row)
            case _:
                return self._post(columns, row)

    def _post(self, columns: dict[str, Any], row: TableRow) -> Fact:
        published_at = columns.pop("published_at", None)
        if published_at is None and "published_at" in self._layout.columns:
            raise Unreadable(_("This row does not say when its post was published."))
        if not columns.get("hashtags"):
            columns.pop("hashtags", None)
        if columns.get("picture"):
            columns["picture"] = self._file.picture(columns["picture"])
        kind, text = read_post_kind(columns.get("kind") or ""), columns.get("text") or ""
        post = columns.pop("post", "") or columns.get("url")
        if not post and published_at is not None:
            # A later export restates the figures, not the moment and the words.
            post = digest([published_at.isoformat(), text or kind])
        return post_fact(
            **{**columns, "kind": kind}, published_at=published_at, post=post or self._count_alike(row)
        )

    def _item(self, columns: dict[str, Any], row: TableRow) -> Fact:
        received_at: datetime | None = columns.pop("received_at", None)
        if received_at is None:
            raise Unreadable(_("This row does not say when it was received."))
        item = columns.pop("item", "") or self._count_alike(row)
        return item_fact(received_at=received_at, item=item, **columns)

    def _count_alike(self, row: TableRow) -> str:
        """What tells a row without any id apart: all of it, and how many like it stand before."""
        same = digest(row)
        self._alike[same] += 1
        return same if self._alike[same] == 1 else f"{same} {self._alike[same]}"

    def _check_once(self, fact: Fact, number: int) -> None:
        """Raise ``Unreadable`` for a row that another one of the table would replace, or be replaced by."""
        key = tuple(fact.row[name] for name in IDENTITY[self._dataset])
        content = digest(fact.row)
        before, same = self._seen.setdefault(key, (number, content))
        if same != content:
            raise Unreadable(
                _("Row {before} is about the same with other figures, and only one of them can stand.",
                  before=before)
            )  # fmt: skip


def _day(columns: dict[str, Any]) -> Fact:
    if columns.get("day") is None:
        raise Unreadable(_("This row does not say its day."))
    return profile_day_fact(**columns)
