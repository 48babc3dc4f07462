"""One event on its way into ``email.events``, whatever its sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter

from bilan.sdk import UNDATED, DictionaryColumn, Fact, Row, constant, each
from bilan_email_campaigns.user_agents import is_machine
from bilan_email_campaigns.values import domain
from bilan_email_campaigns.vocabulary import EVENTS, BounceClass, Kind, MessageChannel, RejectReason


@dataclass(slots=True, kw_only=True)
class Event:
    """The columns of ``email.events``; what a sender does not say stays empty.

    ``occurred_at`` is in UTC; ``None`` where the sender gives no time at all.
    """

    fact_id: str
    occurred_at: datetime | None
    kind: Kind
    channel: str = MessageChannel.EMAIL
    send: bool = False
    campaign: str = ""
    campaign_name: str = ""
    canvas: str = ""
    canvas_name: str = ""
    variant: str = ""
    variant_name: str = ""
    step: str = ""
    step_name: str = ""
    subject: str = ""
    category: str = ""
    audience: str = ""
    tags: list[str] = field(default_factory=list[str])
    recipient: str = ""
    url: str = ""
    button: str = ""
    machine: bool = False
    bounce_class: BounceClass | None = None
    reject_reason: RejectReason | None = None
    reason: str = ""
    user_agent: str = ""
    country: str = ""
    city: str = ""
    test: bool = False
    message_id: str = ""
    event_id: str = ""

    def fact(self) -> Fact:
        """The event as a row of the dataset."""
        row: Row = dict(zip(_NAMES, _VALUES(self), strict=True))
        row["kind"] = self.kind.value
        row["channel"] = str(self.channel)
        row["bounce_class"] = self.bounce_class.value if self.bounce_class else ""
        row["reject_reason"] = self.reject_reason.value if self.reject_reason else ""
        row["occurred_at"] = _placed(self.occurred_at)
        row["undated"] = _is_undated(self.occurred_at)
        row["domain"] = domain(self.recipient)
        row["event_id"] = _event_id(self.event_id, self.fact_id)
        row["machine"] = _by_machine(self.machine, self.kind, self.user_agent)
        return Fact(EVENTS, row)


_NAMES = tuple(each.name for each in fields(Event))
_VALUES = attrgetter(*_NAMES)
_EMPTY = {"channel": str(MessageChannel.EMAIL), "send": False, "tags": [], "machine": False, "test": False}
"""What stands in the columns that a sender does not have; in others the empty text."""


def event_columns(given: Mapping[str, DictionaryColumn]) -> Mapping[str, DictionaryColumn]:
    """The columns of events, as ``Event.fact`` gives their rows: with those that follow from others."""
    at = given["occurred_at"]
    columns = {name: given.get(name) or constant(_EMPTY.get(name, ""), len(at)) for name in _NAMES}
    if None in at.dictionary:
        columns["occurred_at"] = each(_placed, at)
        columns["undated"] = each(_is_undated, at)
    else:
        columns["undated"] = constant(False, len(at))
    if "" in columns["event_id"].dictionary:
        columns["event_id"] = each(_event_id, columns["event_id"], columns["fact_id"])
    columns["machine"] = each(_by_machine, columns["machine"], columns["kind"], columns["user_agent"])
    columns["domain"] = each(domain, columns["recipient"])
    return columns


def _placed(moment: datetime | None) -> datetime:
    return moment or UNDATED


def _is_undated(moment: datetime | None) -> bool:
    return moment is None


def _event_id(event_id: str, fact_id: str) -> str:
    return event_id or fact_id


def _by_machine(said: bool, kind: str, user_agent: str) -> bool:
    return said or (kind in (Kind.OPENED, Kind.CLICKED) and is_machine(user_agent))
