"""I2: a hundred events a post from eight clients, beside a bare Starlette that parses and drops them.

Someone asks meanwhile how many events count. An event that was acknowledged
is to count soon, so the oldest one that does not yet is what matters.
"""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks import traffic
from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread
from benchmarks.served import Product, Served
from benchmarks.traffic import JSON, Post

KEYS = ("I2", "I2 worked off", "I2 visible")
CLIENTS, EVENTS = 8, 100
MOST = 600
"""Posts made ready for each second."""
KINDS = ("processed", "delivered", "open", "click")
COUNT = "{ email { events { totals { sends delivered opens clicks } } } }"
PATIENCE = 300.0


def bodies(count: int, key: EllipticCurvePrivateKey) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Posts as SendGrid signs and sends them, with new events in each."""
    now = int(time.time())
    for post in range(count):
        numbers = range(post * EVENTS, (post + 1) * EVENTS)
        body = orjson.dumps([event(number, now) for number in numbers])
        signature = base64.b64encode(key.sign(str(now).encode() + body, ECDSA(SHA256()))).decode()
        yield (
            body,
            {
                "X-Twilio-Email-Event-Webhook-Signature": signature,
                "X-Twilio-Email-Event-Webhook-Timestamp": str(now),
            },
        )


def event(number: int, now: int) -> dict[str, object]:
    """One event of the last hour."""
    return {
        "email": f"user{number * 7919 % 300_000:06d}@example{number % 97}.test",
        "timestamp": now - number % 3600,
        "event": KINDS[number % len(KINDS)],
        "category": ["newsletter", "promo"],
        "sg_event_id": f"bench-{number}",
        "sg_message_id": f"message-{number // len(KINDS)}",
        "campaign": f"campaign-{number % 40}",
        "useragent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "ip": "192.0.2.1",
    }


class Asked(Protocol):
    """What answers a question."""

    def ask(self, document: str, /) -> Any:
        """Its data."""
        ...


@dataclass
class Watch:
    """How long acknowledged events waited until they counted."""

    acknowledged: list[float] = field(default_factory=list[float])
    """When each post was, in order."""
    slowest: float = 0.0
    counted: int = 0

    def told(self, status: int, at: float) -> None:
        """An answer came."""
        if status == 200:
            self.acknowledged.append(at)

    def look(self, served: Asked, now: float) -> None:
        """Ask how many events count, and since when the oldest one that does not is acknowledged."""
        known = len(self.acknowledged)
        self.counted = sum(served.ask(COUNT)["email"]["events"]["totals"].values())
        whole = self.counted // EVENTS
        if whole < known:
            self.slowest = max(self.slowest, now - self.acknowledged[whole])


def measure(bench: Bench) -> Iterator[Finding]:
    """First at the product until all is worked off, then at the bare Starlette."""
    key = generate_private_key(SECP256R1())
    product = Product(bench.folder / "webhooks")
    token, address = prepared(product, key)
    seconds, watch = bench.seconds, Watch()
    with product.serving(token) as served, bench.bare() as port:
        ready = list(bodies(int(MOST * seconds), key))
        path = "/" + address.split("/", 3)[3]
        posts = [Post(path, body, {**JSON, **headers}) for body, headers in ready]
        began = time.monotonic()
        taken = watched(served, posts, seconds, watch)
        worked_off = time.monotonic() - began
        same = [Post("/drop", body) for body, _headers in ready[:100]]
        dropped = traffic.run(port, itertools.cycle(same), clients=CLIENTS, seconds=seconds)
    accepted = len(taken.answered) * EVENTS
    theirs = dropped.rate * EVENTS
    rates = {"I2": taken.rate * EVENTS, "I2 worked off": accepted / worked_off}
    refused = f"{len(taken.refused)} posts refused" if taken.refused else ""
    for key, rate in rates.items():
        yield Finding.one(key, rate / theirs, f"{rate:,.0f} events/s", f"{theirs:,.0f} events/s", refused)
    yield Finding("I2 visible", Spread.of([watch.slowest]), equal=watch.counted == accepted)


def prepared(product: Product, key: EllipticCurvePrivateKey) -> tuple[str, str]:
    """A token, and the address that takes posts signed by the key."""
    token = product.token()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return token, product.add_source("sendgrid", "Shop", f"public_key={base64.b64encode(public).decode()}")


def watched(served: Served, posts: list[Post], seconds: float, watch: Watch) -> traffic.Traffic:
    """What came back; returns when every acknowledged event counts, or patience ends."""
    over = threading.Event()

    def looking() -> None:
        while not over.wait(0.25):
            watch.look(served, time.monotonic())

    thread = threading.Thread(target=looking)
    thread.start()
    try:
        taken = traffic.run(served.port, iter(posts), clients=CLIENTS, seconds=seconds, told=watch.told)
    finally:
        over.set()
        thread.join()
    deadline = time.monotonic() + PATIENCE
    while watch.counted < len(watch.acknowledged) * EVENTS and time.monotonic() < deadline:
        watch.look(served, time.monotonic())
        time.sleep(0.1)
    return taken
