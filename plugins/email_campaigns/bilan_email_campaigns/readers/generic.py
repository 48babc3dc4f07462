"""Any table of events, campaigns or totals per campaign, through a mapping that a person may correct."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    Conventions,
    Fact,
    FactColumns,
    ImportFile,
    Invalid,
    Mapped,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableFile,
    TableRow,
    Unreadable,
    UnreadableRow,
    digest,
    open_table,
    read_flag,
    split_heading,
)
from bilan_email_campaigns.campaigns import Campaign, Totals
from bilan_email_campaigns.readers.campaign_keys import CampaignKeys
from bilan_email_campaigns.readers.cells import HEADING, Cells, channel_of, tags_of
from bilan_email_campaigns.readers.event_columns import EventCells, Repeats, read_events
from bilan_email_campaigns.readers.mapping_proposal import propose
from bilan_email_campaigns.readers.synonyms import COUNTED, REVENUE, plain
from bilan_email_campaigns.readers.totals_rows import TotalsRows
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, TOTALS

Read = Callable[[Cells, CampaignKeys], Iterator[Fact]]


class GenericReader:
    """Implements :class:`bilan.sdk.sources.Reader`."""

    key = "table"
    label = _("Table (CSV, JSON, Parquet, Excel)")

    def recognises(self, file: ImportFile) -> float:
        """Any table, but less surely than a reader who knows its maker."""
        try:
            mapping = _proposed(file)
        except BilanError:
            return 0.0
        used = {each.target for each in mapping.columns} - {""}
        return 0.4 if len(used) >= 2 else 0.1

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:  # noqa: ARG002 - the contract's
        """The mapping that the header suggests."""
        return _proposed(file)

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject | FactColumns]:
        """The facts of the table; a row that cannot be read is a reject with its number."""
        mapping = mapping or _proposed(file)
        table = open_table(file.path, mapping.sheet, mapping.encoding)
        _check(mapping)
        if mapping.dataset == EVENTS:
            conventions, repeats = Conventions(table, mapping, settings), Repeats()
            for batch in table.batches():
                yield read_events(EventCells(batch, mapping, conventions), repeats)
            return
        yield from _row_by_row(table, mapping, Conventions(table, mapping, settings))

    def why_again(self, mapping: ColumnMapping | None) -> Message | None:
        """Campaigns without an id of their own were merged by title."""
        if mapping is None or mapping.dataset not in ROW_READERS:
            return None
        keys = [plain(each.column) for each in mapping.columns if each.target == "campaign"]
        if keys and keys != ["campaign"]:
            return None
        return _("An earlier release kept one campaign a title of this file; import it into a new source.")


def _proposed(file: ImportFile) -> ColumnMapping:
    table = open_table(file.path, file.sheet, file.encoding)
    return replace(propose(table, file.name), sheet=file.sheet, encoding=table.encoding)


def _row_by_row(
    table: TableFile, mapping: ColumnMapping, conventions: Conventions
) -> Iterator[RowFacts | Reject]:
    read, used = ROW_READERS[mapping.dataset], [each for each in mapping.columns if each.target]
    constants = {**mapping.constants, **_heading(used)}

    def cells_of(row: TableRow) -> Cells:
        return Cells(_values(row, used, constants), conventions)

    def all_cells() -> Iterator[Cells]:
        return (cells_of(row) for row in table.rows() if not isinstance(row, UnreadableRow))

    totals_rows, keys = TotalsRows(all_cells), CampaignKeys(all_cells)
    seen = dict[tuple[str, str], tuple[int, str]]()
    for number, row in table.numbered():
        if isinstance(row, UnreadableRow):
            yield Reject(number, row.reason, row.raw)
            continue
        raw = json.dumps(row, ensure_ascii=False, default=str)
        try:
            cells = cells_of(row)
            if cells in totals_rows:
                raise Unreadable(_("This row sums up the others; it is no campaign."))
            facts = tuple(read(cells, keys))
            _check_once(facts[-1], number, seen)
            yield RowFacts(number, facts, raw)
        except Unreadable as error:
            yield Reject(number, error.message, raw)


def _heading(used: list[Mapped]) -> dict[str, str]:
    """The currency that the heading of the revenue names, where rows name theirs, too."""
    if all(each.target != "currency" for each in used):
        return {}
    named = next((split_heading(each.column)[1] for each in used if each.target == REVENUE), "")
    return {HEADING: named} if named else {}


def _check_once(fact: Fact, number: int, seen: dict[tuple[str, str], tuple[int, str]]) -> None:
    """Raise ``Unreadable`` for a row that another one of the file would replace, or be replaced by."""
    key, content = (fact.row["campaign"], fact.row["channel"]), digest(fact.row)
    before, same = seen.setdefault(key, (number, content))
    if same != content:
        raise Unreadable(
            _("Row {before} names the same campaign with other values, and only one of them can stand.",
              before=before)
        )  # fmt: skip


def _check(mapping: ColumnMapping) -> None:
    datasets = (EVENTS, *ROW_READERS)
    if mapping.dataset not in datasets:
        raise Invalid(
            _("A table cannot be read into {dataset}; choose {choices}.",
              dataset=mapping.dataset, choices=", ".join(datasets)),
            ("dataset",),
        )  # fmt: skip
    targets = {each.target for each in mapping.columns} | mapping.constants.keys()
    if missing := _missing(mapping.dataset, targets):
        raise Invalid(missing, ("columns",))


def _missing(dataset: str, targets: set[str]) -> Message | None:
    if dataset == EVENTS and "kind" not in targets:
        return _("No column says what happened; map one to “kind”, or give one value for all rows.")
    if dataset != EVENTS and not {"campaign", "campaign_name", "name"} & targets:
        return _("No column names the campaign; map one to “campaign” or to its name.")
    return None


def _values(row: TableRow, used: list[Mapped], constants: Mapping[str, str]) -> dict[str, Any]:
    """The row's cells by their targets; a constant stands in for an empty cell."""
    values: dict[str, Any] = dict(constants)
    for each in used:
        cell = row.get(each.column)
        if cell not in (None, "") or each.target not in values:
            values[each.target] = cell
    return values


def read_totals(cells: Cells, keys: CampaignKeys) -> Iterator[Fact]:
    """The totals of one campaign a row, and the campaign itself."""
    campaign = _campaign(cells, keys)
    revenue, currency = cells.revenue()
    yield campaign.fact()
    yield Totals(
        campaign=campaign,
        revenue=revenue,
        currency=currency,
        reported_at=cells.instant("reported_at"),
        last_open=cells.instant("last_open"),
        last_click=cells.instant("last_click"),
        counts={column: cells.count(column) for column in COUNTED},
    ).fact()


def read_campaign(cells: Cells, keys: CampaignKeys) -> Iterator[Fact]:
    """One campaign a row."""
    yield _campaign(cells, keys).fact()


def _campaign(cells: Cells, keys: CampaignKeys) -> Campaign:
    key, name, sent_at = keys.of(cells)
    if not key:
        raise Unreadable(_("This row names no campaign."))
    return Campaign(
        campaign=key,
        channel=channel_of(cells.text("channel")),
        name=name,
        subject=cells.text("subject"),
        audience=cells.text("audience"),
        category=cells.text("category"),
        tags=tags_of(cells["tags"]),
        sent_at=sent_at,
        created_at=cells.instant("created_at"),
        canvas=read_flag(cells["canvas"]),
        archived=read_flag(cells["archived"]),
        test=read_flag(cells["test"]),
    )


ROW_READERS: Mapping[str, Read] = {TOTALS: read_totals, CAMPAIGNS: read_campaign}
