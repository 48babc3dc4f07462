"""What the columns of an unknown table hold: a proposal from their names and first rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bilan.sdk import (
    ColumnMapping,
    Mapped,
    TableFile,
    TableRow,
    Unreadable,
    read_count,
    read_number,
    read_text,
    split_amount,
    split_heading,
)
from bilan_email_campaigns.readers.synonyms import (
    CAMPAIGN_COLUMNS,
    CHANNELS,
    EVENT_COLUMNS,
    FIGURES,
    KINDS,
    REVENUE,
    TOTAL_COLUMNS,
    plain,
)
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, TOTALS

Words = Mapping[str, str]

# The totals' own words come last and so win: "sent" is a number there, and "name" is the campaign's.
TOTAL_WORDS: Words = {
    **{
        word: {"name": "campaign_name", "sent_at": "occurred_at"}.get(to, to)
        for word, to in CAMPAIGN_COLUMNS.items()
        if to != "created_at"
    },
    **dict.fromkeys(("date", "time"), "occurred_at"),
    **TOTAL_COLUMNS,
}
IDS = ("id", "uuid")


def propose(table: TableFile, name: str) -> ColumnMapping:
    """The dataset the table seems made for, and the use of each of its columns."""
    rows = table.sample()
    dataset, words = _dataset(table, rows)
    columns = _mapped(table, rows, words)
    taken = {each.target for each in columns}
    constants = _constants(taken, name) if dataset == EVENTS else _currency(columns, taken)
    return ColumnMapping(dataset, columns, constants)


def _dataset(table: TableFile, rows: list[TableRow]) -> tuple[str, Words]:
    names = [plain(column) for column in table.columns]
    counted = {_figure(rows, column) for column in table.columns} & FIGURES
    events = {EVENT_COLUMNS.get(name) for name in names}
    if "recipient" in events and ("occurred_at" in events or "kind" in events):
        return EVENTS, EVENT_COLUMNS
    listed = {CAMPAIGN_COLUMNS.get(name) for name in names}
    enough = len(counted) >= 2 or (counted and {"campaign", "name"} & listed)
    if enough and not _holds_kinds(table, rows):
        return TOTALS, TOTAL_WORDS
    if "occurred_at" not in events and "recipient" not in events and {"campaign", "name"} & listed:
        return CAMPAIGNS, CAMPAIGN_COLUMNS
    return EVENTS, EVENT_COLUMNS


def _figure(rows: list[TableRow], column: str) -> str:
    """Which figure of totals the column holds, if its name says so and most of its values fit."""
    target = _use(column, TOTAL_COLUMNS)
    return target if sum(_fits_figure(row.get(column), target) for row in rows) * 2 >= len(rows) else ""


def _fits_figure(cell: Any, target: str) -> bool:
    try:
        _ = read_number(split_amount(cell)[0]) if target == REVENUE else read_count(cell)
    except Unreadable as error:
        return error.ambiguous
    return True


def _is_date(column: str, rows: list[TableRow]) -> bool:
    """Whether a column such as "Sent", which may hold counts by its name, holds none but dates."""
    return CAMPAIGN_COLUMNS.get(plain(column)) == "sent_at" and not _figure(rows, column)


def _use(column: str, words: Words) -> str:
    """What a column's name says it is for; amounts may name their currency in it."""
    if known := words.get(plain(column)):
        return known
    name, currency = split_heading(column)
    return REVENUE if currency and words.get(plain(name)) == REVENUE else ""


def _currency(columns: tuple[Mapped, ...], taken: set[str]) -> dict[str, str]:
    """The currency that the heading of the revenue names, where no column does."""
    currency = next((split_heading(each.column)[1] for each in columns if each.target == REVENUE), "")
    return {"currency": currency} if currency and "currency" not in taken else {}


def _holds_kinds(table: TableFile, rows: list[TableRow]) -> bool:
    return any(
        EVENT_COLUMNS.get(plain(column)) == "kind" and _share_of_kinds(rows, column) > 0.5
        for column in table.columns
    )


def _share_of_kinds(rows: list[TableRow], column: str) -> float:
    values = [plain(read_text(row.get(column))) for row in rows]
    return sum(value in KINDS for value in values) / len(values) if values else 0.0


def _mapped(table: TableFile, rows: list[TableRow], words: Words) -> tuple[Mapped, ...]:
    """Each target goes to the column that fits it best; the others are left out."""
    chosen: dict[str, str] = {}
    for column in table.columns:
        target = _use(column, words)
        if words is TOTAL_WORDS and target in FIGURES and _is_date(column, rows):
            target = "occurred_at"
        if (
            target
            and _fits(column, target, table, words)
            and _better(column, chosen.get(target), target, rows)
        ):
            chosen[target] = column
    uses = {column: target for target, column in chosen.items()}
    return tuple(Mapped(column, uses.get(column, ""), _sample(rows, column)) for column in table.columns)


def _fits(column: str, target: str, table: TableFile, words: Words) -> bool:
    """Whether a column can be put to this use.

    A bare "id" may be a contact's or a campaign's: it names the event where no
    two rows that share it differ in kind or recipient.
    """
    if target != "event_id" or plain(column) not in IDS:
        return True
    uses = {name: words.get(plain(name)) for name in table.columns}
    telling = {"kind", "recipient"} if "kind" in uses.values() else {"recipient", "occurred_at"}
    others = [name for name, use in uses.items() if use in telling]
    seen = dict[str, tuple[str, ...]]()
    for batch in table.batches():
        ids, *told = (list(map(read_text, batch.column(name).values())) for name in (column, *others))
        for ident, *row in zip(ids, *told, strict=True):
            if not ident or seen.setdefault(ident, tuple(row)) != tuple(row):
                return False
    return bool(seen)


def _better(column: str, rival: str | None, target: str, rows: list[TableRow]) -> bool:
    if rival is None:
        return True
    if target == "kind":
        return _share_of_kinds(rows, column) > _share_of_kinds(rows, rival)
    if target == "recipient":
        return not _has_addresses(rows, rival) and _has_addresses(rows, column)
    return False


def _has_addresses(rows: list[TableRow], column: str) -> bool:
    return any("@" in read_text(row.get(column)) for row in rows)


def _sample(rows: list[TableRow], column: str) -> str:
    return next((value for row in rows if (value := read_text(row.get(column)))), "")[:100]


def _constants(taken: set[str], name: str) -> dict[str, str]:
    """What the file's name says where no column does: ``push_opens.csv`` holds opens of push messages."""
    words = plain(name.rpartition(".")[0] or name).split()
    grams = [" ".join(words[i : i + n]) for n in (3, 2, 1) for i in range(len(words))]
    found: dict[str, str] = {}
    for target, known in (("kind", KINDS), ("channel", CHANNELS)):
        meaning = next((known[gram] for gram in grams if gram in known), None)
        if meaning and target not in taken:
            found[target] = meaning
    return found
