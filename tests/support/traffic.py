"""A shop's mail traffic: events of three services, made the same at every run, and what they add up to."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
SECONDS = 60 * 24 * 3600

SENDGRID: dict[str, dict[str, Any]] = {
    "sent": {"event": "processed"},
    "delivered": {"event": "delivered", "response": "250 OK"},
    "deferred": {"event": "deferred", "response": "450 later"},
    "hard bounce": {"event": "bounce", "type": "bounce", "reason": "550 no such user"},
    "soft bounce": {"event": "bounce", "type": "blocked", "reason": "452 full"},
    "open": {"event": "open"},
    "machine open": {"event": "open", "sg_machine_open": True},
    "click": {"event": "click", "url": "https://shop.example/sale"},
    "unsubscribe": {"event": "unsubscribe"},
    "complaint": {"event": "spamreport"},
}
BREVO: dict[str, dict[str, Any]] = {
    "sent": {"event": "request"},
    "delivered": {"event": "delivered"},
    "deferred": {"event": "deferred", "reason": "450 later"},
    "hard bounce": {"event": "hard_bounce", "reason": "550 no such user"},
    "soft bounce": {"event": "soft_bounce", "reason": "452 full"},
    "open": {"event": "opened"},
    "machine open": {"event": "proxy_open"},
    "click": {"event": "click", "link": "https://shop.example/sale"},
    "unsubscribe": {"event": "unsubscribed"},
    "complaint": {"event": "spam"},
}
MAILGUN: dict[str, dict[str, Any]] = {
    "sent": {"event": "accepted"},
    "delivered": {"event": "delivered", "delivery-status": {"message": "OK"}},
    "deferred": {"event": "failed", "severity": "temporary", "reason": "generic"},
    "hard bounce": {"event": "failed", "severity": "permanent", "reason": "bounce"},
    "open": {"event": "opened"},
    "machine open": {"event": "opened", "client-info": {"bot": "apple"}},
    "click": {"event": "clicked", "url": "https://shop.example/sale"},
    "unsubscribe": {"event": "unsubscribed"},
    "complaint": {"event": "complained"},
}
WORDS = {"sendgrid": SENDGRID, "brevo": BREVO, "mailgun": MAILGUN}
OFTEN = {"sent": 30, "delivered": 28, "open": 14, "machine open": 6, "click": 8}


@dataclass(frozen=True, slots=True)
class Happened:
    """One event, before any service has put it into words."""

    number: int
    service: str
    kind: str
    campaign: str
    recipient: str
    at: int

    def worded(self, token: str) -> dict[str, Any]:
        """As its service posts it. ``token`` is what a repeated post of Mailgun has anew."""
        words = WORDS[self.service][self.kind]
        match self.service:
            case "sendgrid":
                return words | {
                    "email": self.recipient, "timestamp": self.at, "campaign": self.campaign,
                    "sg_event_id": f"e{self.number}", "sg_message_id": f"m{self.number}.filter",
                }  # fmt: skip
            case "brevo":
                return words | {
                    "email": self.recipient, "ts_event": self.at, "message-id": f"<{self.number}@brevo>",
                    "X-Mailin-custom": json.dumps({"campaign": self.campaign}),
                }  # fmt: skip
            case _:
                data = words | {
                    "id": f"g{self.number}", "timestamp": self.at + 0.25, "recipient": self.recipient,
                    "user-variables": {"campaign": self.campaign},
                    # Each of a message of its own: what happens once to one would count once (DC-25).
                    "message": {"headers": {"message-id": f"{self.number}@shop.example"}},
                }  # fmt: skip
                signature = {"timestamp": str(self.at), "token": token, "signature": "0" * 64}
                return {"signature": signature, "event-data": data}


def happened(counts: dict[str, int], seed: int = 20260101) -> list[Happened]:
    """So many events of each service, in no order."""
    chance = random.Random(seed)
    events: list[Happened] = []
    for service, count in counts.items():
        kinds = list(WORDS[service])
        weights = [OFTEN.get(kind, 3) for kind in kinds]
        for kind in chance.choices(kinds, weights, k=count):
            events.append(
                Happened(
                    number=len(events),
                    service=service,
                    kind=kind,
                    campaign=f"c{chance.randrange(12)}",
                    recipient=f"r{chance.randrange(4000)}@example.org",
                    at=START + chance.randrange(SECONDS),
                )
            )
    chance.shuffle(events)
    return events


def posts(events: Sequence[Happened], sizes: dict[str, int], copy: str) -> Iterator[tuple[str, bytes]]:
    """The events as posts (service, body): so many in one, a size of 1 meaning no list at all."""
    for service, size in sizes.items():
        worded = [event.worded(f"{copy}{event.number}") for event in events if event.service == service]
        for start in range(0, len(worded), size):
            batch = worded[start : start + size]
            yield service, json.dumps(batch if size > 1 else batch[0]).encode()


def figures(events: Sequence[Happened]) -> dict[str, int]:
    """What the events add up to, counted one by one, under the names of the metrics in GraphQL."""
    kinds = Counter(event.kind for event in events)

    def unique(*wanted: str) -> int:
        found = ((event.service, event.campaign, event.recipient) for event in events if event.kind in wanted)
        return len(set(found))

    return {
        "sends": kinds["sent"],
        "delivered": kinds["delivered"],
        "bounces": kinds["hard bounce"] + kinds["soft bounce"],
        "hardBounces": kinds["hard bounce"],
        "softBounces": kinds["soft bounce"],
        "opens": kinds["open"] + kinds["machine open"],
        "machineOpens": kinds["machine open"],
        "humanOpens": kinds["open"],
        "uniqueOpens": unique("open", "machine open"),
        "uniqueHumanOpens": unique("open"),
        "clicks": kinds["click"],
        "uniqueClicks": unique("click"),
        "unsubscribes": kinds["unsubscribe"],
        "spamReports": kinds["complaint"],
        "distinctContacts": len({event.recipient for event in events}),
    }
