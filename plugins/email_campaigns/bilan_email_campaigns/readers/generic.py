"""Any table of events, campaigns or totals per campaign, through a mapping that a person may correct."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    Fact,
    ImportFile,
    Invalid,
    Mapped,
    Message,
    Reject,
    Settings,
    TableRow,
    Unreadable,
    UnreadableRow,
    digest,
    first_value,
    open_table,
    read_flag,
    read_instant,
    read_integer,
    read_text,
    read_texts,
    zone_setting,
)
from bilan_email_campaigns.campaigns import Campaign, Totals
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.readers.mapping_proposal import propose
from bilan_email_campaigns.readers.synonyms import (
    BOUNCE_CLASSES,
    CHANNELS,
    KINDS,
    REJECT_REASONS,
    TOTAL_COLUMNS,
    plain,
)
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import (
    CAMPAIGNS,
    EVENTS,
    TOTALS,
    BounceClass,
    Kind,
    MessageChannel,
    RejectReason,
)

COUNTED = frozenset(TOTAL_COLUMNS.values()) - {"reported_at", "last_open", "last_click"}
VERBATIM = (
    "campaign", "campaign_name", "canvas", "canvas_name", "variant", "variant_name", "step", "step_name",
    "subject", "category", "audience", "url", "button", "user_agent", "country", "city", "message_id",
)  # fmt: skip
IDENTITY = ("campaign", "canvas", "variant", "step", "message_id", "recipient", "url", "button")


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row by what they are put to use for."""

    values: Mapping[str, Any]
    zone: ZoneInfo
    month_first: bool

    def __getitem__(self, target: str) -> Any:
        return self.values.get(target)

    def text(self, target: str) -> str:
        """The cell as text without space around it."""
        value = self.values.get(target)
        return read_text(value).strip() if value else read_text(value)

    def instant(self, target: str) -> Any:
        """The cell as a moment in UTC, if it has one."""
        value = self.values.get(target)
        value = value.strip() if isinstance(value, str) else value
        return read_instant(value, self.zone, month_first=self.month_first)

    def tags(self) -> list[str]:
        """The cell of the tags: a list, or texts between commas, semicolons or bars."""
        found: list[str] = []
        for each in read_texts(self.values.get("tags")):
            mark = next((mark for mark in ("|", ";", ",") if mark in each), None)
            found += [part.strip() for part in each.split(mark)] if mark else [each]
        return list(dict.fromkeys(filter(None, found)))


Read = Callable[[Cells], Iterator[Fact]]


class GenericReader:
    """Implements :class:`bilan.sdk.sources.Reader`."""

    key = "table"
    label = _("Table (CSV, JSON lines, Parquet)")

    def recognises(self, file: ImportFile) -> float:
        """Any table, but less surely than a reader who knows its maker."""
        try:
            mapping = propose(open_table(file.path), file.name)
        except BilanError:
            return 0.0
        used = {each.target for each in mapping.columns} - {""}
        return 0.4 if len(used) >= 2 else 0.1

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:  # noqa: ARG002 - the contract's
        """The mapping that the header suggests."""
        return propose(open_table(file.path), file.name)

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[Fact | Reject]:
        """The facts of the table; a row that cannot be read is a reject with its number."""
        table = open_table(file.path)
        mapping = mapping or propose(table, file.name)
        read, used = _reader(mapping), [each for each in mapping.columns if each.target]
        zone, month_first = zone_setting(settings), settings.get("dates") == "month_first"
        for number, row in enumerate(table.rows(), start=1):
            if isinstance(row, UnreadableRow):
                yield Reject(number, row.reason, row.raw)
                continue
            try:
                yield from read(Cells(_values(row, used, mapping.constants), zone, month_first))
            except Unreadable as error:
                yield Reject(number, error.message, json.dumps(row, ensure_ascii=False, default=str))


def _reader(mapping: ColumnMapping) -> Read:
    readers: Mapping[str, Read] = {EVENTS: read_event, TOTALS: read_totals, CAMPAIGNS: read_campaign}
    if mapping.dataset not in readers:
        raise Invalid(
            _("A table cannot be read into {dataset}; choose {choices}.",
              dataset=mapping.dataset, choices=", ".join(readers)),
            ("dataset",),
        )  # fmt: skip
    targets = {each.target for each in mapping.columns} | mapping.constants.keys()
    if missing := _missing(mapping.dataset, targets):
        raise Invalid(missing, ("columns",))
    return readers[mapping.dataset]


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


def read_event(cells: Cells) -> Iterator[Fact]:
    """One event a row."""
    word = cells.text("kind")
    if not word:
        raise Unreadable(_("This row does not say what happened."))
    kind = Kind(KINDS.get(plain(word), Kind.OTHER))
    as_is = {name: cells.text(name) for name in VERBATIM if name in cells.values}
    recipient, occurred_at = address(cells["recipient"]), cells.instant("occurred_at")
    channel = channel_of(cells.text("channel"))
    event_id = cells.text("event_id")
    what = [recipient if name == "recipient" else as_is.get(name, "") for name in IDENTITY]
    moment = occurred_at.isoformat() if occurred_at else ""
    yield Event(
        fact_id=event_id or digest([kind.value if kind is not Kind.OTHER else word, channel, moment, *what]),
        event_id=event_id,
        occurred_at=occurred_at,
        kind=kind,
        channel=channel,
        send=kind is Kind.SENT,
        tags=cells.tags(),
        recipient=recipient,
        machine=read_flag(cells["machine"]),
        bounce_class=_bounce_class(kind, cells.text("bounce_class"), word),
        reject_reason=_reject_reason(cells.text("reject_reason")),
        reason=read_text(first_value((cells.text("reason"), word if kind is Kind.OTHER else ""))),
        test=read_flag(cells["test"]),
        **as_is,
    ).fact()


def channel_of(word: str) -> str:
    """The channel a word stands for; e-mail where nothing is said. Raises ``Unreadable`` for another word."""
    if not word:
        return MessageChannel.EMAIL.value
    if (known := CHANNELS.get(plain(word))) is None:
        raise Unreadable(
            _("“{value}” is no channel; use one of {choices}.",
              value=word[:80], choices=", ".join(channel.value for channel in MessageChannel))
        )  # fmt: skip
    return known


def _bounce_class(kind: Kind, word: str, event: str) -> BounceClass | None:
    meaning = BOUNCE_CLASSES.get(plain(word))
    if meaning is None and kind is Kind.BOUNCED:
        meaning = BOUNCE_CLASSES.get(plain(event))
    return BounceClass(meaning) if meaning else None


def _reject_reason(word: str) -> RejectReason | None:
    if not word:
        return None
    return RejectReason(REJECT_REASONS.get(plain(word), RejectReason.OTHER))


def read_totals(cells: Cells) -> Iterator[Fact]:
    """The totals of one campaign a row, and the campaign itself."""
    name = cells.text("campaign_name")
    campaign = _campaign(cells, name, cells.instant("occurred_at"))
    yield campaign.fact()
    yield Totals(
        campaign=campaign,
        reported_at=cells.instant("reported_at"),
        last_open=cells.instant("last_open"),
        last_click=cells.instant("last_click"),
        counts={column: read_integer(cells[column]) for column in COUNTED},
    ).fact()


def read_campaign(cells: Cells) -> Iterator[Fact]:
    """One campaign a row."""
    yield _campaign(cells, cells.text("name"), cells.instant("sent_at")).fact()


def _campaign(cells: Cells, name: str, sent_at: Any) -> Campaign:
    key = cells.text("campaign") or name
    if not key:
        raise Unreadable(_("This row names no campaign."))
    return Campaign(
        campaign=key,
        channel=channel_of(cells.text("channel")),
        name=name,
        subject=cells.text("subject"),
        audience=cells.text("audience"),
        category=cells.text("category"),
        tags=cells.tags(),
        sent_at=sent_at,
        created_at=cells.instant("created_at"),
        canvas=read_flag(cells["canvas"]),
        archived=read_flag(cells["archived"]),
        test=read_flag(cells["test"]),
    )
