"""One row on its way into ``whatsapp.log``, whoever tells it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter

from bilan.sdk import Fact, Row
from bilan_whatsapp_inbox.vocabulary import LOG, Direction, Kind


@dataclass(slots=True, kw_only=True)
class Entry:
    """The columns of ``whatsapp.log``; what a source does not say stays empty. Moments are in UTC."""

    fact_id: str
    occurred_at: datetime
    kind: Kind
    direction: Direction | str = ""
    type: str = ""
    subtype: str = ""
    status: str = ""
    automated: bool = False
    contact_phone: str = ""
    contact_name: str = ""
    new_phone: str = ""
    number: str = ""
    phone_number_id: str = ""
    account: str = ""
    conversation: str = ""
    message_id: str = ""
    about: str = ""
    reply_to: str = ""
    agent: str = ""
    tags: list[str] = field(default_factory=list[str])
    contact_tags: list[str] = field(default_factory=list[str])
    rating: float | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    first_reply_at: datetime | None = None
    error_codes: list[str] = field(default_factory=list[str])
    forwarded: bool = False
    referral_type: str = ""
    referral_id: str = ""
    referral_url: str = ""
    referral_headline: str = ""
    referral_body: str = ""
    referral_media: str = ""
    click_id: str = ""
    window: str = ""
    window_origin: str = ""
    window_expires_at: datetime | None = None
    billable: bool | None = None
    pricing_category: str = ""
    tracker: str = ""
    reference: str = ""
    """That of a click on a button, which the message carries; nothing else of its text is kept."""

    def fact(self) -> Fact:
        """The entry as a row of the dataset."""
        row: Row = dict(zip(_NAMES, _VALUES(self), strict=True))
        row["kind"], row["direction"] = str(self.kind), str(self.direction)
        row["thread"] = thread_of(self.conversation, self.contact_phone)
        return Fact(LOG, row)


def thread_of(conversation: str, contact: str) -> str:
    """What conversations are made by: the inbox's own, where it names one, else all of a contact's rows."""
    return conversation or contact


_NAMES = tuple(each.name for each in fields(Entry))
_VALUES = attrgetter(*_NAMES)
