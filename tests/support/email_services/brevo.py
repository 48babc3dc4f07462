"""Brevo as its documentation says it, over campaigns and events that a test writes down.

https://developers.brevo.com/reference/get-email-campaigns, get-email-event-report, get-account: the key is a
header, lists are read by limit and offset, a day without events has no list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from bilan.sdk import SampleReply, SampleRequest
from support.email_services.service import Service

KEY = "xkeysib-0123"
ROOT = "https://api.brevo.com/v3/"


@dataclass
class Brevo(Service):
    """An account. Pages have at most ``largest`` entries; ``events`` are in the order of their dates."""

    campaigns: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    largest: int = 2_500
    key: str = KEY

    def reply(self, request: SampleRequest) -> SampleReply:
        if request.headers.get("api-key") != self.key:
            return _error(401, "unauthorized", "Key not found")
        match request.url.removeprefix(ROOT):
            case "account":
                return SampleReply({"email": "me@shop.example", "companyName": "Shop", "plan": []})
            case "emailCampaigns":
                return self._campaigns(request)
            case "smtp/statistics/events":
                return self._events(request)
            case _:
                return _error(404, "document_not_found", "Not found")

    def _campaigns(self, request: SampleRequest) -> SampleReply:
        asked = request.params
        if int(asked["limit"]) > 100 or asked["status"] != "sent" or asked["statistics"] != "globalStats":
            return _error(400, "out_of_range", "Limit exceeds max value")
        first, last = (datetime.fromisoformat(asked[name]) for name in ("startDate", "endDate"))
        found = [one for one in self.campaigns if first <= datetime.fromisoformat(one["sentDate"]) <= last]
        found.sort(key=lambda one: one["id"], reverse=asked.get("sort") != "asc")
        page = self._page(found, request)
        return SampleReply({"count": len(found), "campaigns": page} if page else {"count": len(found)})

    def _events(self, request: SampleRequest) -> SampleReply:
        asked = request.params
        first, last = (date.fromisoformat(asked[name]) for name in ("startDate", "endDate"))
        if (last - first).days > 90 or int(asked["limit"]) > 5_000:
            return _error(400, "invalid_parameter", "The date range can not exceed 90 days")
        found = [one for one in self.events if first <= _day(one["date"]) <= last]
        found.sort(key=lambda one: datetime.fromisoformat(one["date"]), reverse=asked.get("sort") != "asc")
        page = self._page(found, request)
        return SampleReply({"events": page} if page else {})

    def _page(self, found: list[dict[str, Any]], request: SampleRequest) -> list[dict[str, Any]]:
        offset = int(request.params.get("offset", 0))
        return found[offset : offset + min(int(request.params["limit"]), self.largest)]


def _day(written: str) -> date:
    return datetime.fromisoformat(written).astimezone(UTC).date()


def _error(status: int, code: str, message: str) -> SampleReply:
    return SampleReply({"code": code, "message": message}, status)
