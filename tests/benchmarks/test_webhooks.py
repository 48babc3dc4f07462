"""The posts of the benchmarks, and how long their events wait."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from benchmarks.works.i2_webhooks import EVENTS, Watch, bodies
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bilan.sdk import Fact, WebhookRequest
from bilan_email_campaigns.webhooks.sendgrid import SendGrid
from fixtures.email_campaigns import parsed


class Counting:
    """A server of which so many events count."""

    def __init__(self, counted: int) -> None:
        self.counted = counted

    def ask(self, _document: str) -> Any:
        """What it says."""
        return {
            "email": {"events": {"totals": {"sends": self.counted, "delivered": 0, "opens": 0, "clicks": 0}}}
        }


def test_posts_are_signed_and_hold_a_hundred_new_events_each() -> None:
    key = generate_private_key(SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    settings = {"public_key": base64.b64encode(public).decode(), "zone": "UTC"}
    facts: list[Fact] = []

    for body, headers in bodies(2, key):
        known = {name.lower(): value for name, value in headers.items()}
        request = WebhookRequest(body, known, {}, "application/json", datetime.now(UTC))
        SendGrid().verify(request, settings)
        facts += (fact for fact in parsed(SendGrid(), request, settings) if isinstance(fact, Fact))

    assert len({fact.row["fact_id"] for fact in facts}) == len(facts) == 2 * EVENTS


def test_the_oldest_acknowledged_event_that_does_not_count_tells_the_wait() -> None:
    watch = Watch()
    for at in (1.0, 2.0, 3.0):
        watch.told(200, at)
    watch.told(429, 4.0)

    watch.look(Counting(2 * EVENTS), now=5.0)

    assert watch.slowest == 2.0


def test_nothing_waits_where_every_acknowledged_event_counts() -> None:
    watch = Watch()
    watch.told(200, 1.0)

    watch.look(Counting(EVENTS), now=9.0)

    assert (watch.slowest, watch.counted) == (0.0, EVENTS)
