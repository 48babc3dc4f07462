"""Mailchimp as its documentation of the Marketing API says it, over campaigns that a test writes down.

https://mailchimp.com/developer/marketing/api/ (campaigns, reports, email-activity, sent-to, unsubscribed,
abuse-reports) and https://mailchimp.com/developer/marketing/docs/fundamentals/ (keys, paging, errors).
Where it leaves something open, the harder reading is taken: pages may be shorter than asked for.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bilan.sdk import SampleReply, SampleRequest
from support.email_services.service import Service

KEY = "0123456789abcdef0123456789abcdef-us19"
ROOT = "https://us19.api.mailchimp.com/3.0"


@dataclass
class Sent:
    """A campaign that was sent: to whom, and what they did (action, moment and more)."""

    id: str
    sent_at: datetime
    title: str
    to: list[str]
    activity: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    unsubscribed: dict[str, tuple[datetime, str]] = field(default_factory=dict[str, tuple[datetime, str]])
    complained: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass
class Mailchimp(Service):
    """An account. Pages have at most ``largest`` entries, whatever is asked for."""

    campaigns: list[Sent] = field(default_factory=list[Sent])
    largest: int = 1_000
    key: str = KEY

    def reply(self, request: SampleRequest) -> SampleReply:
        scheme, _space, given = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or b64decode(given).decode().partition(":")[2] != self.key:
            return _problem(401, "API Key Invalid")
        path = request.url.removeprefix(ROOT).strip("/")
        match path.split("/"):
            case [""]:
                return SampleReply({"account_name": "Freddie's", "total_subscribers": 1_234})
            case ["campaigns"]:
                return self._campaigns(request)
            case ["reports", key, *rest]:
                found = next((one for one in self.campaigns if one.id == key), None)
                if found is None:
                    return _problem(404, "Resource Not Found")
                return self._report(found) if not rest else self._list(found, rest[0], request)
            case _:
                return _problem(404, "Resource Not Found")

    def _campaigns(self, request: SampleRequest) -> SampleReply:
        asked = request.params
        since, before = (datetime.fromisoformat(asked[f"{one}_send_time"]) for one in ("since", "before"))
        found = [one for one in self.campaigns if since < one.sent_at < before]
        found.sort(key=lambda one: one.sent_at, reverse=asked.get("sort_dir") != "ASC")
        items = [{"id": one.id, "send_time": one.sent_at.isoformat()} for one in found]
        return self._page("campaigns", items, request)

    def _report(self, one: Sent) -> SampleReply:
        done = [entry["action"] for entries in one.activity.values() for entry in entries]
        return SampleReply(
            {
                "id": one.id, "campaign_title": one.title, "type": "regular", "list_id": "l1",
                "list_name": "Readers", "subject_line": f"About {one.title}",
                "emails_sent": len(one.to), "abuse_reports": len(one.complained),
                "unsubscribed": len(one.unsubscribed), "send_time": one.sent_at.isoformat(),
                "bounces": {"hard_bounces": done.count("bounce"), "soft_bounces": 0, "syntax_errors": 0},
                "opens": {"opens_total": done.count("open"), "unique_opens": done.count("open"),
                          "open_rate": 0.1, "last_open": ""},
                "clicks": {"clicks_total": done.count("click"), "unique_clicks": done.count("click"),
                           "unique_subscriber_clicks": done.count("click"), "last_click": ""},
            }
        )  # fmt: skip

    def _list(self, one: Sent, name: str, request: SampleRequest) -> SampleReply:
        since = request.params.get("since")
        after = datetime.fromisoformat(since) if since else None
        match name:
            case "sent-to":
                items = [{**_member(one, to), "status": "sent", "open_count": 0} for to in one.to]
                return self._page("sent_to", items, request)
            case "email-activity":
                entries = {
                    to: [done for done in one.activity.get(to, []) if after is None or _at(done) > after]
                    for to in one.to
                }
                items = [
                    {**_member(one, to), "activity": done}
                    for to, done in entries.items()
                    if done or after is None
                ]
                return self._page("emails", items, request)
            case "unsubscribed":
                items = [
                    {**_member(one, to), "timestamp": at.isoformat(), "reason": reason}
                    for to, (at, reason) in one.unsubscribed.items()
                ]
                return self._page("unsubscribes", items, request)
            case "abuse-reports":
                items = [
                    {**_member(one, to), "id": 42, "date": at.isoformat()}
                    for to, at in one.complained.items()
                ]
                return self._page("abuse_reports", items, request)
            case _:
                return _problem(404, "Resource Not Found")

    def _page(self, key: str, items: list[dict[str, Any]], request: SampleRequest) -> SampleReply:
        count, offset = int(request.params.get("count", 10)), int(request.params.get("offset", 0))
        if not 0 < count <= 1_000:
            return _problem(400, "Bad Request")
        page = items[offset : offset + min(count, self.largest)]
        return SampleReply({key: page, "total_items": len(items), "_links": []})


def _member(one: Sent, to: str) -> dict[str, Any]:
    return {
        "email_id": hashlib.md5(to.lower().encode()).hexdigest(), "email_address": to,
        "campaign_id": one.id, "list_id": "l1", "list_is_active": True, "merge_fields": {}, "vip": False,
    }  # fmt: skip


def _at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["timestamp"])


def _problem(status: int, title: str) -> SampleReply:
    return SampleReply({"type": "https://mailchimp.com/developer/", "title": title, "status": status}, status)
