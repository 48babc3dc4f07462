"""Mailjet's statistics: campaigns with their counters, and what happened to the messages of each day.

Opens, clicks and bounces say of which message they are, and not of which address. So all that happened to the
messages of a day is read together with them. Events have the identity of those that Mailjet
posts, so that one that comes both ways is there once.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    Checked,
    Checkpoint,
    Fact,
    HttpReply,
    JsonObject,
    NotFound,
    PullContext,
    Pulled,
    Reject,
    Settings,
    Unauthenticated,
    Unreadable,
    raw,
    read_count,
    read_flag,
    read_instant,
    read_object,
    read_text,
)
from bilan_email_campaigns.campaigns import Campaign, Totals
from bilan_email_campaigns.services.paging import Window, pages
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.webhooks import mailjet

HOST = "api.mailjet.com"
ROOT = f"https://{HOST}/v3/REST/"
PAGE = 1_000
RECENT = 7
"""How many days of messages each pull reads again; the first one reads those of all campaigns."""
ZONE = ZoneInfo("UTC")
COUNTED = {
    "recipients": "Total",
    "delivered": "MessageSentCount",
    "hard_bounces": "MessageHardBouncedCount",
    "soft_bounces": "MessageSoftBouncedCount",
    "opens": "EventOpenedCount",
    "unique_opens": "MessageOpenedCount",
    "clicks": "EventClickedCount",
    "unique_clicks": "MessageClickedCount",
    "unsubscribes": "MessageUnsubscribedCount",
    "complaints": "MessageSpamCount",
}
ARRIVED = frozenset({"sent", "opened", "clicked", "spam", "unsub"})
"""What is said of messages that were delivered."""
LATER = frozenset({"spam", "unsub"})
"""What is said of a message whose moment its history alone tells."""


class MailjetStatistics:
    """Implements :class:`bilan.sdk.Pull`."""

    every = timedelta(hours=3)

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """The one of the service."""
        del settings
        return (HOST,)

    def check(self, context: PullContext) -> Checked:
        """Whose account it is."""
        found = read_object(_get(context, "myprofile", {}).json()).get("Data") or [{}]
        profile = read_object(found[0])
        company = read_text(profile.get("CompanyName")) or read_text(profile.get("ID"))
        return Checked(_("The key reads the account {account}.", account=company))

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """Campaigns of the last weeks, and what happened to the messages of the last days."""
        state = context.state or {}
        pulled: str | None = state.get("pulled")
        window = Window.of(context, datetime.fromisoformat(pulled) if pulled else None)
        going: Mapping[str, Any] = state.get("going") or {}
        kept = {"pulled": pulled} if pulled else {}
        if "day" not in going:
            start = int(going.get("offset", 0))
            for page in pages(_asking(context, "campaign", window.start, window.end), "Data", start):
                yield from _campaigns(context, page.items)
                if page.next is not None:
                    yield Checkpoint({**kept, "going": {"offset": page.next}}, 0.0, _("Campaigns"))
        last = min((window.end - timedelta(microseconds=1)).date(), context.now.date())
        usual = pulled is not None and context.range is None
        first = last - timedelta(days=RECENT) if usual else window.start.date()
        day = date.fromisoformat(going["day"]) if "day" in going else first
        while day <= last:
            done = (day - first).days / max((last - first).days + 1, 1)
            said = _("Events of {day:date}", day=day.isoformat())
            yield Checkpoint({**kept, "going": {"day": day.isoformat()}}, done, said)
            yield from _Day(context, day).read()
            day += timedelta(days=1)
        yield Checkpoint({"pulled": context.now.isoformat()} if context.range is None else kept, 1.0)


@dataclass
class _Day:
    """The messages of a day (UTC), by their ids, and what happened to them whenever."""

    context: PullContext
    day: date
    messages: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    names: dict[str, str] = field(default_factory=dict[str, str])
    """What the sender calls each campaign."""

    def read(self) -> Iterator[Fact | Reject]:
        """The messages, and all that is said of them."""
        yield from self._each("message", self._message, {"ShowContactAlt": "true", "ShowSubject": "true"})
        yield from self._each("bouncestatistics", self._bounce)
        yield from self._each("openinformation", self._open)
        yield from self._each("clickstatistics", self._click)

    def _each(
        self,
        resource: str,
        read: Callable[[JsonObject], Iterator[Fact]],
        more: Mapping[str, str | int] | None = None,
    ) -> Iterator[Fact | Reject]:
        start = datetime.combine(self.day, time(), UTC)
        ask = _asking(self.context, resource, start, start + timedelta(days=1), more)
        for page in pages(ask, "Data"):
            yield from _read_each(page.items, read)

    def _message(self, item: JsonObject) -> Iterator[Fact]:
        key, status = read_text(item.get("ID")), read_text(item.get("Status")).lower()
        if not key or key == "0":
            raise Unreadable(_("This message has no id."))
        self.messages[key] = item
        if status in ARRIVED:
            yield self._event(key, "sent", item.get("ArrivedAt"))
        if status in LATER:
            yield from self._history(key)

    def _history(self, key: str) -> Iterator[Fact]:
        try:
            found = read_object(_get(self.context, f"messagehistory/{key}", {}).json()).get("Data") or ()
        except NotFound:
            return
        for one in map(read_object, found):
            if (name := read_text(one.get("EventType")).lower()) in LATER:
                yield self._event(key, name, one.get("EventAt"))

    def _bounce(self, item: JsonObject) -> Iterator[Fact]:
        name = "blocked" if read_flag(item.get("IsBlocked")) else "bounce"
        hard = read_flag(item.get("IsStatePermanent"))
        yield self._event(read_text(item.get("ID")), name, item.get("BouncedAt"), hard_bounce=hard)

    def _open(self, item: JsonObject) -> Iterator[Fact]:
        agent = item.get("UserAgentFull")
        yield self._event(read_text(item.get("MessageID")), "open", item.get("OpenedAt"), agent=agent)

    def _click(self, item: JsonObject) -> Iterator[Fact]:
        url = item.get("Url")
        yield self._event(read_text(item.get("MessageID")), "click", item.get("ClickedAt"), url=url)

    def _event(self, key: str, name: str, at: Any, **more: Any) -> Fact:
        """The event as the same one would be read that was posted."""
        if (message := self.messages.get(key)) is None:
            raise Unreadable(_("This event is of a message that Mailjet did not list."))
        if (moment := read_instant(at, ZONE)) is None:
            raise Unreadable(_("This event says no time."))
        posted = {
            "event": name, "time": int(moment.timestamp()), "MessageID": key,
            "email": message.get("ContactAlt"), "mj_campaign_id": message.get("CampaignID"),
            "customcampaign": self._name(read_text(message.get("CampaignID"))), **more,
        }  # fmt: skip
        return mailjet.read({key: value for key, value in posted.items() if value is not None},
                            self.context.settings)  # fmt: skip

    def _name(self, campaign: str) -> str:
        if campaign in ("", "0"):
            return ""
        if campaign not in self.names:
            try:
                found = read_object(_get(self.context, f"campaign/{campaign}", {}).json()).get("Data") or [{}]
                self.names[campaign] = read_text(read_object(found[0]).get("CustomValue"))
            except NotFound:
                self.names[campaign] = ""
        return self.names[campaign]


def _campaigns(context: PullContext, items: list[Any]) -> Iterator[Fact | Reject]:
    def read(item: JsonObject) -> Iterator[Fact]:
        key = read_text(item.get("ID"))
        if not key or key == "0":
            raise Unreadable(_("This campaign has no id."))
        custom = read_text(item.get("CustomValue"))
        campaign = Campaign(
            campaign=custom or key,
            name=custom or read_text(item.get("Subject")),
            subject=read_text(item.get("Subject")),
            sent_at=read_instant(item.get("SendStartAt"), ZONE),
            created_at=read_instant(item.get("CreatedAt"), ZONE),
            archived=read_flag(item.get("IsDeleted")),
        )
        yield campaign.fact()
        wanted: dict[str, str | int] = {
            "SourceId": key, "CounterSource": "Campaign", "CounterTiming": "Message",
            "CounterResolution": "Lifetime",
        }  # fmt: skip
        for counters in read_object(_get(context, "statcounters", wanted).json()).get("Data") or ():
            stated = read_object(counters)
            counts = {target: read_count(stated.get(name)) for target, name in COUNTED.items()}
            yield Totals(campaign=campaign, counts=counts).fact()

    return _read_each(items, read)


def _read_each(items: list[Any], read: Callable[[JsonObject], Iterator[Fact]]) -> Iterator[Fact | Reject]:
    for number, item in enumerate(items, start=1):
        try:
            yield from list(read(read_object(item)))
        except Unreadable as error:
            yield Reject(number, error.message, raw(item))


def _asking(
    context: PullContext,
    resource: str,
    start: datetime,
    end: datetime,
    more: Mapping[str, str | int] | None = None,
) -> Callable[[int], HttpReply]:
    """Asks for a page of what belongs to messages that were sent from a moment on, before another."""
    wanted: dict[str, str | int] = {
        "FromTS": int(start.timestamp()), "ToTS": int(end.timestamp()) - 1, "Limit": PAGE, **(more or {}),
    }  # fmt: skip
    return lambda offset: _get(context, resource, {**wanted, "Offset": offset})


def _get(context: PullContext, path: str, params: Mapping[str, str | int]) -> HttpReply:
    key, secret = (read_text(context.settings.get(name)).strip() for name in ("api_key", "secret_key"))
    if not key or not secret:
        raise Unauthenticated(_("Enter both keys of Mailjet's API."), ("secret_key",))
    signed = b64encode(f"{key}:{secret}".encode()).decode()
    return context.client.get(ROOT + path, params=params, headers={"authorization": f"Basic {signed}"})
