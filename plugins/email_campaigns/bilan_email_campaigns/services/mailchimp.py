"""The Mailchimp Marketing API: campaigns with their reports, and what each recipient did.

Campaigns are read in the order in which they were sent, each with its report,
its recipients, what they did, who unsubscribed and who complained. One
request is under way at a time, of the ten that Mailchimp lets in.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    Checked,
    Checkpoint,
    Fact,
    HttpReply,
    Invalid,
    JsonObject,
    Message,
    NotFound,
    PullContext,
    Pulled,
    PullNote,
    Reject,
    Settings,
    Unreadable,
    digest,
    raw,
    read_count,
    read_instant,
    read_object,
    read_text,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.readers.mailchimp_report import read_report
from bilan_email_campaigns.services.paging import OVERLAP, Window, pages
from bilan_email_campaigns.textdomain import _, ngettext
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import BounceClass, Kind

UTC = ZoneInfo("UTC")
KEY = re.compile(r"^[0-9A-Za-z]+-([a-z]{2,6}\d{1,3})$")
"""A key ends in the data centre of its account."""
PAGE, CAMPAIGNS = 1_000, 100
SEEN = 200
"""So many campaigns are remembered at which a list is gone on with."""
KINDS = {"open": Kind.OPENED, "click": Kind.CLICKED, "bounce": Kind.BOUNCED}
CLASSES = {"hard": BounceClass.HARD, "soft": BounceClass.SOFT}


@dataclass(frozen=True, slots=True)
class _SentCampaign:
    """A campaign that was sent. ``report`` is that of the API, without which nothing is known of it."""

    key: str
    sent_at: datetime
    name: str = ""
    subject: str = ""
    category: str = ""
    audience: str = ""

    def event(self, entry: JsonObject, what: str, kind: Kind, at: datetime | None, *more: Any) -> Event:
        """Something that happened to the campaign's message to a recipient."""
        member = read_text(entry.get("email_id")) or address(entry.get("email_address"))
        return Event(
            fact_id=digest(
                ["mailchimp", self.key, what, member, str(at) if kind is not Kind.SENT else "", *more]
            ),
            occurred_at=at,
            kind=kind,
            send=kind is Kind.SENT,
            campaign=self.key,
            campaign_name=self.name,
            subject=self.subject,
            category=self.category,
            audience=self.audience,
            recipient=address(entry.get("email_address")),
        )


_Read = Callable[[_SentCampaign, JsonObject], Iterator[Fact | Reject]]


class Mailchimp:
    """Implements :class:`bilan.sdk.Pull`."""

    every = timedelta(hours=6)

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """That of the account's data centre."""
        return (_host(settings),)

    def check(self, context: PullContext) -> Checked:
        """Whose account it is."""
        account = read_object(_Api(context).get("").json())
        return Checked(
            ngettext(
                "The key reads the account {account} with one contact.",
                "The key reads the account {account} with {count:count} contacts.",
                count=read_count(account.get("total_subscribers")) or 0,
                account=read_text(account.get("account_name")),
            )
        )  # fmt: skip

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """The campaigns of the last weeks, and what happened since the last pull."""
        yield from _AccountReading(context).run()


class _Api:
    """The methods of the API, with the key of the source."""

    def __init__(self, context: PullContext) -> None:
        self._client, self._root = context.client, f"https://{_host(context.settings)}/3.0/"
        key = f"bilan:{_key(context.settings)}".encode()
        self._headers = {"authorization": f"Basic {b64encode(key).decode()}"}

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> HttpReply:
        return self._client.get(self._root + path, params=params, headers=self._headers)


class _AccountReading:
    """A pull: from which campaign it goes on, and within that from which list and page."""

    def __init__(self, context: PullContext) -> None:
        state = context.state or {}
        self._context, self._api = context, _Api(context)
        self._pulled: str | None = state.get("pulled")
        pulled_at = datetime.fromisoformat(self._pulled) if self._pulled else None
        self._window = Window.of(context, pulled_at)
        going = state.get("going") or {}
        self._after: str = going.get("after", self._window.start.isoformat())
        self._seen: list[str] = list(going.get("seen", ()))
        self._gone = int(going.get("gone", 0))
        self._place: dict[str, Any] = going.get("place", {})
        self._since = None if pulled_at is None or context.range else pulled_at - OVERLAP
        self._parts: tuple[tuple[str, str, str, _Read], ...] = (
            ("sent", "sent-to", "sent_to", _sent),
            ("activity", "email-activity", "emails", _activity),
            ("unsubscribed", "unsubscribed", "unsubscribes", _unsubscribed),
            ("complaints", "abuse-reports", "abuse_reports", _complained),
        )

    def run(self) -> Iterator[Pulled]:
        for key, sent_at in self._campaigns():
            yield from self._campaign(key, sent_at)
            if self._after[:19] != sent_at.isoformat()[:19]:
                self._after = sent_at.isoformat()
            self._seen = [*self._seen, key][-SEEN:]
            yield self._checkpoint(sent_at, {})
        if self._gone:
            yield PullNote(
                ngettext(
                    "A campaign was deleted while it was read, and is left out.",
                    "{count} campaigns were deleted while they were read, and are left out.",
                    count=self._gone,
                )
            )
        done = self._context.now.isoformat() if self._context.range is None else self._pulled
        yield Checkpoint({"pulled": done} if done else {}, 1.0)

    def _campaigns(self) -> Iterator[tuple[str, datetime]]:
        """The campaigns in the order in which they were sent: by their moments, which no deletion moves."""
        while True:
            after, fresh = self._after, False
            for page in pages(lambda offset, after=after: self._list(after, offset), "campaigns"):
                for item in page.items:
                    key, sent_at = _listed(item)
                    if key and sent_at is not None and key not in self._seen:
                        fresh = True
                        yield key, sent_at
                if fresh and self._after != after:
                    break
            if not fresh:
                return

    def _list(self, after: str, offset: int) -> HttpReply:
        # Asked from a second before: whether the moment itself is included, nobody says.
        since = datetime.fromisoformat(after) - timedelta(seconds=1)
        wanted: dict[str, str | int] = {
            "status": "sent", "since_send_time": since.isoformat(),
            "before_send_time": self._window.end.isoformat(), "sort_field": "send_time", "sort_dir": "ASC",
            "fields": "campaigns.id,campaigns.send_time,total_items", "count": CAMPAIGNS, "offset": offset,
        }  # fmt: skip
        return self._api.get("campaigns", wanted)

    def _campaign(self, key: str, sent_at: datetime) -> Iterator[Pulled]:
        """One campaign, from the place where an earlier attempt got to."""
        place = self._place if self._place.get("campaign") == key else {}
        self._place = {}
        try:
            report = read_object(self._api.get(f"reports/{key}").json())
            try:
                yield from read_report(report, UTC)
            except Unreadable as error:
                yield Reject(1, error.message, raw(report))
                return
            if self._context.settings.get("recipients", True):
                yield from self._lists(_of(report, key, sent_at), place)
        except NotFound:
            self._gone += 1

    def _lists(self, campaign: _SentCampaign, place: Mapping[str, Any]) -> Iterator[Pulled]:
        names = [name for name, *_rest in self._parts]
        first = names.index(place["part"]) if place.get("part") in names else 0
        for name, path, key, read in self._parts[first:]:
            if name == "sent" and self._since is not None and campaign.sent_at < self._since:
                continue  # its recipients were read when it was new
            start = int(place.get("offset", 0)) if name == place.get("part") else 0
            ask = self._asks(campaign, path, since=name == "activity")
            for page in pages(ask, key, start):
                yield from _facts(page.items, campaign, read)
                if page.next is not None:
                    going = {"campaign": campaign.key, "part": name, "offset": page.next}
                    yield self._checkpoint(campaign.sent_at, going, _reads(campaign))

    def _asks(self, campaign: _SentCampaign, path: str, *, since: bool) -> Callable[[int], HttpReply]:
        wanted: dict[str, str | int] = {"count": PAGE}
        if since and self._since is not None:
            wanted["since"] = self._since.isoformat()
        return lambda offset: self._api.get(f"reports/{campaign.key}/{path}", {**wanted, "offset": offset})

    def _checkpoint(
        self, sent_at: datetime, place: Mapping[str, Any], said: Message | None = None
    ) -> Checkpoint:
        going = {"after": self._after, "seen": list(self._seen), "gone": self._gone, "place": dict(place)}
        state: dict[str, Any] = {"going": going}
        if self._pulled:
            state["pulled"] = self._pulled
        return Checkpoint(state, self._window.share(sent_at), said)


def _listed(item: Any) -> tuple[str, datetime | None]:
    try:
        campaign = read_object(item)
        return read_text(campaign.get("id")), read_instant(campaign.get("send_time"), UTC)
    except Unreadable:
        return "", None


def _of(report: JsonObject, key: str, sent_at: datetime) -> _SentCampaign:
    return _SentCampaign(
        key=key,
        sent_at=sent_at,
        name=read_text(report.get("campaign_title")),
        subject=read_text(report.get("subject_line")),
        category=read_text(report.get("type")),
        audience=read_text(report.get("list_name")) or read_text(report.get("list_id")),
    )


def _reads(campaign: _SentCampaign) -> Message:
    return _("Recipients of {campaign}", campaign=campaign.name or campaign.key)


def _facts(items: list[Any], campaign: _SentCampaign, read: _Read) -> Iterator[Fact | Reject]:
    for number, item in enumerate(items, start=1):
        try:
            yield from list(read(campaign, read_object(item)))
        except Unreadable as error:
            yield Reject(number, error.message, raw(item))


def _sent(campaign: _SentCampaign, entry: JsonObject) -> Iterator[Fact]:
    """A recipient is a send, at the campaign's time."""
    yield campaign.event(entry, "sent", Kind.SENT, campaign.sent_at).fact()


def _activity(campaign: _SentCampaign, entry: JsonObject) -> Iterator[Fact | Reject]:
    """What a recipient did; an entry that cannot be read takes none of the others along."""
    for number, one in enumerate(entry.get("activity") or (), start=1):
        try:
            yield _done(campaign, entry, read_object(one))
        except Unreadable as error:
            yield Reject(number, error.message, raw(one))


def _done(campaign: _SentCampaign, entry: JsonObject, done: JsonObject) -> Fact:
    action, url = read_text(done.get("action")), read_text(done.get("url"))
    kind = KINDS.get(action, Kind.OTHER)
    at = read_instant(done.get("timestamp"), UTC)
    event = campaign.event(entry, action, kind, at, url, read_text(done.get("ip")))
    event.url = url
    event.bounce_class = CLASSES.get(read_text(done.get("type")))
    event.reason = action if kind is Kind.OTHER else ""
    return event.fact()


def _unsubscribed(campaign: _SentCampaign, entry: JsonObject) -> Iterator[Fact]:
    at = read_instant(entry.get("timestamp"), UTC)
    event = campaign.event(entry, "unsubscribe", Kind.UNSUBSCRIBED, at)
    event.reason = read_text(entry.get("reason"))
    yield event.fact()


def _complained(campaign: _SentCampaign, entry: JsonObject) -> Iterator[Fact]:
    yield campaign.event(entry, "abuse", Kind.COMPLAINED, read_instant(entry.get("date"), UTC)).fact()


def _key(settings: Settings) -> str:
    return read_text(settings.get("api_key")).strip()


def _host(settings: Settings) -> str:
    """The host of the key's data centre. Raises ``Invalid`` for what is no key."""
    if (found := KEY.match(_key(settings))) is None:
        raise Invalid(
            _("A key of Mailchimp ends in its data centre, such as -us19. Copy it whole."), ("api_key",)
        )
    return f"{found[1]}.api.mailchimp.com"
