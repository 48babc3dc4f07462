"""Events of a table read row by row, plainly: what reading them column by column is compared with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from bilan.sdk import (
    ColumnMapping,
    Conventions,
    Fact,
    Reject,
    TableFile,
    Unreadable,
    UnreadableRow,
    digest,
    read_flag,
    read_text,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.readers.cells import channel_of, tags_of
from bilan_email_campaigns.readers.synonyms import BOUNCE_CLASSES, KINDS, REJECT_REASONS, plain
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason

VERBATIM = (
    "campaign", "campaign_name", "canvas", "canvas_name", "variant", "variant_name", "step", "step_name",
    "subject", "category", "audience", "url", "button", "user_agent", "country", "city", "message_id",
)  # fmt: skip


def row_by_row(table: TableFile, mapping: ColumnMapping, conventions: Conventions) -> Iterator[Fact | Reject]:
    """An event or a reject a row. How dates are written is asked before the first, as columns ask it."""
    (dated,) = [each.column for each in mapping.columns if each.target == "occurred_at"] or [""]
    for row in table.rows():
        if not isinstance(row, UnreadableRow):
            with suppress(Unreadable):
                conventions.instant("occurred_at", row.get(dated))
    seen = Counter[str]()
    for number, row in table.numbered():
        if isinstance(row, UnreadableRow):
            yield Reject(number, row.reason, row.raw)
            continue
        cells = dict[str, Any](mapping.constants)
        for each in mapping.columns:
            cell = row.get(each.column)
            if each.target and (cell not in (None, "") or each.target not in cells):
                cells[each.target] = cell
        try:
            dataset, event = _event(cells, conventions)
            if not read_text(cells.get("event_id")).strip():
                seen[event["fact_id"]] += 1
                if (count := seen[event["fact_id"]]) > 1:
                    event["fact_id"] = event["event_id"] = digest([event["fact_id"], count - 1])
            yield Fact(dataset, event, number)
        except Unreadable as error:
            yield Reject(number, error.message, json.dumps(row, ensure_ascii=False, default=str))


def _event(cells: Mapping[str, Any], conventions: Conventions) -> tuple[str, dict[str, Any]]:
    def text(name: str) -> str:
        return read_text(cells.get(name)).strip()

    word = text("kind")
    if not word:
        raise Unreadable(_("This row does not say what happened."))
    kind = Kind(KINDS.get(plain(word), Kind.OTHER))
    as_is, recipient = {name: text(name) for name in VERBATIM}, address(cells.get("recipient"))
    at = conventions.instant("occurred_at", cells.get("occurred_at"))
    channel, event_id = channel_of(text("channel")), text("event_id")
    if at is None and not any((*as_is.values(), event_id, recipient)):
        raise Unreadable(
            _("Of this row only the kind of its event was read, not when it was, whom or what it is about.")
        )
    bounce = BOUNCE_CLASSES.get(plain(text("bounce_class")))
    if bounce is None and kind is Kind.BOUNCED:
        bounce = BOUNCE_CLASSES.get(plain(word))
    rejected = text("reject_reason")
    named = word if kind is Kind.OTHER else kind.value
    identity = ("campaign", "canvas", "variant", "step", "message_id", "recipient", "url", "button")
    what = [recipient if name == "recipient" else as_is[name] for name in identity]
    # A file that knows no ids tells its messages apart by name, and one without names by the subject.
    for place, name in enumerate(("campaign", "canvas", "variant", "step")):
        what[place] = what[place] or as_is[f"{name}_name"]
    if not any((what[0], what[1], what[3], as_is["message_id"])):
        what[0] = as_is["subject"]
    event = Event(
        fact_id=event_id or digest([named, channel, at.isoformat() if at else "", *what]),
        event_id=event_id,
        occurred_at=at,
        kind=kind,
        channel=channel,
        send=kind is Kind.SENT,
        tags=tags_of(cells.get("tags")),
        recipient=recipient,
        machine=read_flag(cells.get("machine")),
        bounce_class=BounceClass(bounce) if bounce else None,
        reject_reason=RejectReason(REJECT_REASONS.get(plain(rejected), "other")) if rejected else None,
        reason=text("reason") or (word if kind is Kind.OTHER else ""),
        test=read_flag(cells.get("test")),
        **as_is,
    )
    fact = event.fact()
    return fact.dataset, fact.row
