"""Brevo's API: campaigns with their statistics, and the events of transactional messages, day by day.

Events have the identity of those that Brevo posts, so that one that comes both ways is there once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    Checked,
    Checkpoint,
    Fact,
    HttpReply,
    JsonObject,
    Message,
    PullContext,
    Pulled,
    Reject,
    Settings,
    Unauthenticated,
    Unreadable,
    raw,
    read_count,
    read_each,
    read_instant,
    read_object,
    read_text,
    read_texts,
)
from bilan_email_campaigns.campaigns import Campaign, Totals
from bilan_email_campaigns.services.paging import OVERLAP, Window, pages
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import named
from bilan_email_campaigns.webhooks import brevo

HOST = "api.brevo.com"
ROOT = f"https://{HOST}/v3/"
CAMPAIGNS, EVENTS = 100, 2_500
NAMES = {
    "requests": "request",
    "delivered": "delivered",
    "deferred": "deferred",
    "softBounces": "soft_bounce",
    "hardBounces": "hard_bounce",
    "bounces": "hard_bounce",
    "invalid": "invalid_email",
    "blocked": "blocked",
    "error": "error",
    "spam": "spam",
    "unsubscribed": "unsubscribed",
    "opened": "opened",
    "loadedByProxy": "proxy_open",
    "clicks": "click",
}
"""The statistics' names of events, and those of posts."""
ZONE = ZoneInfo("UTC")


class BrevoStatistics:
    """Implements :class:`bilan.sdk.Pull`."""

    every = timedelta(hours=1)

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """The one of the service."""
        del settings
        return (HOST,)

    def check(self, context: PullContext) -> Checked:
        """Whose account it is."""
        account = read_object(_get(context, "account", {}).json())
        company = read_text(account.get("companyName")) or read_text(account.get("email"))
        return Checked(_("The key reads the account {account}.", account=company))

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """Campaigns of the last weeks, and the events of each day since the last pull."""
        state = context.state or {}
        pulled: str | None = state.get("pulled")
        pulled_at = datetime.fromisoformat(pulled) if pulled else None
        window = Window.of(context, pulled_at)
        going: Mapping[str, Any] = state.get("going") or {}
        kept = {"pulled": pulled} if pulled else {}

        def checkpoint(done: float, said: Message, **place: Any) -> Checkpoint:
            return Checkpoint({**kept, "going": place}, done, said)

        if "day" not in going:
            said = _("Campaigns")
            for items, following in _campaigns(context, window, int(going.get("offset", 0))):
                yield from read_campaigns(items)
                if following is not None:
                    yield checkpoint(0.0, said, offset=following)
        first = window.start if pulled_at is None or context.range else pulled_at - OVERLAP
        last = min((window.end - timedelta(microseconds=1)).date(), context.now.date())
        day = date.fromisoformat(going["day"]) if "day" in going else first.date()
        offset = int(going.get("offset", 0)) if "day" in going else 0
        whole = max((last - first.date()).days + 1, 1)
        while day <= last:
            done, said = (day - first.date()).days / whole, _("Events of {day:date}", day=day.isoformat())
            yield checkpoint(done, said, day=day.isoformat(), offset=offset)
            wanted = {
                "startDate": day.isoformat(),
                "endDate": day.isoformat(),
                "sort": "asc",
                "limit": EVENTS,
            }
            for page in pages(
                lambda at, wanted=wanted: _get(context, "smtp/statistics/events", {**wanted, "offset": at}),
                "events",
                offset,
            ):
                yield from read_each(page.items, lambda item: read_event(item, context.settings))
                if page.next is not None:
                    yield checkpoint(done, said, day=day.isoformat(), offset=page.next)
            day, offset = day + timedelta(days=1), 0
        yield Checkpoint({"pulled": context.now.isoformat()} if context.range is None else kept, 1.0)


def read_event(item: JsonObject, settings: Settings) -> Fact:
    """An event of the statistics, as the same one would be read that was posted."""
    name = named(item.get("event"))
    posted = {
        "event": NAMES.get(name, name),
        "email": item.get("email"),
        "message-id": item.get("messageId"),
        "ts_event": item.get("date"),
        "subject": item.get("subject"),
        "tag": item.get("tag"),
        "link": item.get("link"),
        "reason": item.get("reason"),
    }
    return brevo.read({key: value for key, value in posted.items() if value is not None}, settings)


def read_campaigns(items: list[Any]) -> Iterator[Fact | Reject]:
    """Campaigns with what Brevo states of them."""
    for number, item in enumerate(items, start=1):
        try:
            yield from list(_campaign(read_object(item)))
        except Unreadable as error:
            yield Reject(number, error.message, raw(item))


def _campaign(item: JsonObject) -> Iterator[Fact]:
    key = read_text(item.get("id"))
    if not key:
        raise Unreadable(_("This campaign has no id."))
    statistics = read_object(item.get("statistics"))
    stated = _stated(statistics)
    campaign = Campaign(
        campaign=key,
        name=read_text(item.get("name")),
        subject=read_text(item.get("subject")),
        audience=",".join(read_texts(read_object(item.get("recipients")).get("lists"))),
        category=read_text(item.get("type")),
        tags=read_texts(item.get("tag")),
        sent_at=read_instant(item.get("sentDate"), ZONE),
        created_at=read_instant(item.get("createdAt"), ZONE),
    )
    yield campaign.fact()
    if any(stated.values()):
        yield Totals(campaign=campaign, counts=stated).fact()


def _stated(statistics: JsonObject) -> dict[str, int | None]:
    """The counts of the whole campaign: as stated, else summed over the lists that it went to."""
    found = read_object(statistics.get("globalStats"))
    if not read_count(found.get("sent")):
        lists = [read_object(one) for one in statistics.get("campaignStats") or ()]
        found = {name: _sum(lists, name) for name in COUNTED.values()}
    return {target: read_count(found.get(name)) for target, name in COUNTED.items()}


def _sum(lists: list[JsonObject], name: str) -> int | None:
    counts = [count for one in lists if (count := read_count(one.get(name))) is not None]
    return sum(counts) if counts else None


COUNTED = {
    "recipients": "sent",
    "delivered": "delivered",
    "hard_bounces": "hardBounces",
    "soft_bounces": "softBounces",
    "opens": "viewed",
    "unique_opens": "uniqueViews",
    "machine_opens": "appleMppOpens",
    "clicks": "clickers",
    "unique_clicks": "uniqueClicks",
    "unsubscribes": "unsubscriptions",
    "complaints": "complaints",
}
"""Brevo calls all clicks “clickers”, and those of different people “uniqueClicks”."""


def _campaigns(context: PullContext, window: Window, offset: int) -> Iterator[tuple[list[Any], int | None]]:
    wanted: dict[str, str | int] = {
        "status": "sent", "statistics": "globalStats", "sort": "asc", "limit": CAMPAIGNS,
        "excludeHtmlContent": "true",
        "startDate": _written(window.start), "endDate": _written(min(window.end, context.now)),
    }  # fmt: skip
    for page in pages(
        lambda at: _get(context, "emailCampaigns", {**wanted, "offset": at}), "campaigns", offset
    ):
        yield page.items, page.next


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _get(context: PullContext, path: str, params: Mapping[str, str | int]) -> HttpReply:
    key = read_text(context.settings.get("api_key")).strip()
    if not key:
        raise Unauthenticated(_("Enter the key of Brevo's API."), ("api_key",))
    return context.client.get(ROOT + path, params=params, headers={"api-key": key})
