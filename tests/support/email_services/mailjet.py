"""Mailjet as its documentation says it, over campaigns and messages that a test writes down.

https://dev.mailjet.com/email/reference/ (campaigns, messages, statistics): both keys by basic
authentication, lists by Limit (10 unless asked, 1,000 at most) and Offset in ``Data``, moments as seconds.
Statistics of events are filtered by when their message was sent.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bilan.sdk import SampleReply, SampleRequest
from support.email_services.service import Service

KEYS = ("a1b2c3", "d4e5f6")
ROOT = "https://api.mailjet.com/v3/REST/"
EVENTS = {"openinformation": "opens", "clickstatistics": "clicks", "bouncestatistics": "bounces"}


@dataclass
class SentMessage:
    """A message, and what happened to it."""

    id: int
    to: str
    arrived_at: datetime
    status: str
    campaign: int = 0
    opens: list[datetime] = field(default_factory=list[datetime])
    clicks: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])
    bounces: list[tuple[datetime, bool, bool]] = field(default_factory=list[tuple[datetime, bool, bool]])
    """When, whether for good, and whether it was blocked."""
    history: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])


@dataclass
class Mailjet(Service):
    """An account. Pages have at most ``largest`` entries."""

    campaigns: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    counters: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    messages: list[SentMessage] = field(default_factory=list[SentMessage])
    largest: int = 1_000
    keys: tuple[str, str] = KEYS

    def reply(self, request: SampleRequest) -> SampleReply:
        scheme, _space, given = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or b64decode(given).decode() != ":".join(self.keys):
            return SampleReply({"ErrorMessage": "API key authentication/authorization failure.",
                                "StatusCode": 401}, 401)  # fmt: skip
        match request.url.removeprefix(ROOT).split("/"):
            case ["myprofile"]:
                return _data([{"ID": 7, "CompanyName": "Shop"}])
            case ["campaign"]:
                sent = [(datetime.fromisoformat(one["SendStartAt"]), one) for one in self.campaigns]
                return self._page([one for at, one in sent if _within(at, request)], request)
            case ["campaign", key]:
                found = [one for one in self.campaigns if str(one["ID"]) == key]
                return _data(found) if found else _missing()
            case ["statcounters"]:
                assert request.params["CounterSource"] == "Campaign"
                assert request.params["CounterResolution"] == "Lifetime"
                return _data([self.counters.get(request.params["SourceId"], {})])
            case ["message"]:
                shown = request.params.get("ShowContactAlt") == "true"
                return self._page([_message(one, shown) for one in self._sent(request)], request)
            case ["messagehistory", key]:
                sent_one = next((one for one in self.messages if str(one.id) == key), None)
                if sent_one is None:
                    return _missing()
                return _data([{"EventAt": int(at.timestamp()), "EventType": what, "Comment": "", "State": ""}
                              for at, what in sent_one.history])  # fmt: skip
            case [resource] if resource in EVENTS:
                return self._page([one for sent in self._sent(request) for one in _events(sent, resource)],
                                  request)  # fmt: skip
            case _:
                return SampleReply({"ErrorMessage": "Invalid object name", "StatusCode": 400}, 400)

    def _sent(self, request: SampleRequest) -> list[SentMessage]:
        return [one for one in self.messages if _within(one.arrived_at, request)]

    def _page(self, found: list[dict[str, Any]], request: SampleRequest) -> SampleReply:
        limit, offset = int(request.params.get("Limit", 10)), int(request.params.get("Offset", 0))
        if limit > 1_000:
            return SampleReply({"ErrorMessage": "Invalid Limit", "StatusCode": 400}, 400)
        return _data(found[offset : offset + min(limit, self.largest)], len(found))


def _missing() -> SampleReply:
    return SampleReply({"ErrorMessage": "Object not found", "StatusCode": 404}, 404)


def _within(at: datetime, request: SampleRequest) -> bool:
    first, last = (int(request.params[name]) for name in ("FromTS", "ToTS"))
    return first <= at.timestamp() <= last


def _message(one: SentMessage, shown: bool) -> dict[str, Any]:
    return {
        "ID": one.id, "ArrivedAt": _written(one.arrived_at), "CampaignID": one.campaign, "ContactID": 1,
        "ContactAlt": one.to if shown else "", "Status": one.status, "Subject": "Hello", "CustomID": "",
    }  # fmt: skip


def _events(one: SentMessage, resource: str) -> list[dict[str, Any]]:
    about = {"MessageID": one.id, "CampaignID": one.campaign, "ContactID": 1}
    match resource:
        case "openinformation":
            return [
                {**about, "OpenedAt": _written(at), "UserAgentFull": "Mozilla/5.0 (X11)"} for at in one.opens
            ]
        case "clickstatistics":
            return [{**about, "ClickedAt": _written(at), "Url": url} for at, url in one.clicks]
        case _:
            return [
                {"ID": one.id, "CampaignID": one.campaign, "ContactID": 1, "BouncedAt": _written(at),
                 "IsStatePermanent": hard, "IsBlocked": blocked, "StateID": 1}
                for at, hard, blocked in one.bounces
            ]  # fmt: skip


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _data(found: list[dict[str, Any]], total: int | None = None) -> SampleReply:
    return SampleReply({"Count": len(found), "Data": found, "Total": len(found) if total is None else total})
