"""What the words of the services stand for, and what their posts have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from bilan.sdk import Fact, JsonObject, Reject, Settings, Unreadable, raw, read_object, read_text
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason


class Outcome(NamedTuple):
    """What one of a service's words stands for."""

    kind: Kind
    reject_reason: RejectReason | None = None
    bounce_class: BounceClass | None = None


QUEUED = Outcome(Kind.QUEUED)
SENT = Outcome(Kind.SENT)
DELIVERED = Outcome(Kind.DELIVERED)
DEFERRED = Outcome(Kind.DEFERRED, None, BounceClass.SOFT)
OPENED = Outcome(Kind.OPENED)
CLICKED = Outcome(Kind.CLICKED)
HARD_BOUNCE = Outcome(Kind.BOUNCED, RejectReason.BOUNCED, BounceClass.HARD)
SOFT_BOUNCE = Outcome(Kind.BOUNCED, RejectReason.BOUNCED, BounceClass.SOFT)
FAILED = Outcome(Kind.FAILED)
COMPLAINED = Outcome(Kind.COMPLAINED, RejectReason.SPAM)
UNSUBSCRIBED = Outcome(Kind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED)
SUBSCRIBED = Outcome(Kind.SUBSCRIBED)
OTHER = Outcome(Kind.OTHER)


def rejected(reason: RejectReason) -> Outcome:
    """A message that was not handed to the other side at all."""
    return Outcome(Kind.REJECTED, reason)


def bounced(reason: RejectReason, bounce_class: BounceClass | None) -> Outcome:
    """A message that the other side refused."""
    return Outcome(Kind.BOUNCED, reason, bounce_class)


def refuse_incoming() -> NoReturn:
    """Raise ``Unreadable`` for what is told of a message that came in."""
    raise Unreadable(_("This is about a message that came in, not about one that was sent."))


def campaign_in(settings: Settings, *holders: Any) -> str:
    """The campaign's key in the first of the objects that has it, in the field that the source names."""
    name = settings.get("campaign_field") or "campaign"
    return next((text for one in holders if (text := read_text(read_object(one).get(name)).strip())), "")


def named_values(tags: Any) -> Mapping[str, str]:
    """Tags that are pairs of a name and a value, whether they come as an object or as a list of objects."""
    if isinstance(tags, list):
        pairs = [(one.get("name"), one.get("value")) for one in tags if isinstance(one, dict)]
    else:
        pairs = list(read_object(tags).items())
    found = dict[str, str]()
    for name, value in pairs:
        first = next(iter(value), None) if isinstance(value, list) else value
        if read_text(name) and read_text(first):
            found[read_text(name)] = read_text(first)
    return found


def read_several(
    items: Iterable[Any], read: Callable[[JsonObject], Iterable[Fact]]
) -> Iterator[Fact | Reject]:
    """The facts in the items, of which one may hold several; what cannot be read stops nothing."""
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            yield Reject(number, _("This item is no object."), raw(item))
            continue
        try:
            yield from list(read(item))
        except Unreadable as error:
            yield Reject(number, error.message, raw(item))
