"""The server that is attacked: its sources, its people, and what the others bring."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.served import Product
from benchmarks.traffic import JSON, Post
from benchmarks.works.i2_webhooks import event

MEGABYTE = 1_000_000
FILES = 1024
"""Files that the server may open (``ulimit -n``)."""
CARELESS = "careless@example.org"
GUESSED = "guessed@example.org"
"""A person whose password others guess; to set it takes their tokens away, and they need none."""
OLD_MONTH = "202001"
"""A month of facts that nothing else is imported into."""
OLD_FACTS = "old.csv"


@dataclass(frozen=True)
class Prepared:
    """What was made before the first attack."""

    product: Product
    token: str
    careless: str
    mailgun: str
    loose: str
    sendgrid: str
    key: EllipticCurvePrivateKey
    file: Path

    def webhook(self, megabytes: int) -> Post:
        """A post of new events, as large as that, signed now."""
        now, began = int(time.time()), time.time_ns()
        one = orjson.dumps(event(began, now))
        body = orjson.dumps(
            [event(began + number, now) for number in range(megabytes * MEGABYTE // len(one))]
        )
        signature = base64.b64encode(self.key.sign(str(now).encode() + body, ECDSA(SHA256()))).decode()
        headers = {
            **JSON,
            "X-Twilio-Email-Event-Webhook-Signature": signature,
            "X-Twilio-Email-Event-Webhook-Timestamp": str(now),
        }
        return Post(self.sendgrid, body, headers)


def prepare(
    folder: Path, megabytes: int = 0, file: Path | None = None, settings: Mapping[str, str] | None = None
) -> Prepared:
    """A new server with a source of each kind that is needed; ``file``, or a new one of so many megabytes."""
    folder.mkdir(parents=True, exist_ok=True)
    product = Product(folder / "data", settings or {}, files=FILES)
    key = generate_private_key(SECP256R1())
    token = product.token()
    product.command("people", "add", "--email", CARELESS, "--role", "owner")
    product.command("people", "add", "--email", GUESSED, "--role", "member")
    careless = product.command("tokens", "create", "--email", CARELESS).strip().splitlines()[-1]
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    mailgun = product.add_source("mailgun", "Letters", "signing_key=nobody-knows-this-one")
    loose = product.add_source("mailgun", "Loose", "signing_key=nobody-knows-this-one", "verify=false")
    sendgrid = product.add_source("sendgrid", "Shop", f"public_key={public.decode()}")
    product.add_source("file", "Files")
    old = folder / OLD_FACTS
    write_events(old, 100_000, only="2020-01")
    product.command("import", "--source", "Files", str(old))
    if file is None:
        file = folder / "events.csv"
        write_events(file, megabytes * MEGABYTE)
    return Prepared(product, token, careless, _path(mailgun), _path(loose), _path(sendgrid), key, file)


def write_events(file: Path, size: int, only: str = "") -> None:
    """A table of events of about so many bytes, of half a year or of one month."""
    with file.open("w", encoding="utf-8") as out:
        out.write("event_id,occurred_at,event,recipient,campaign,subject\n")
        number = written = 0
        while written < size:
            day, second = number % 28 + 1, number % 86_400
            month = only or f"2026-{number % 6 + 1:02d}"
            written += out.write(
                f"event-{only}{number:09d},{month}-{day:02d}T{second // 3600:02d}:"
                f"{second % 3600 // 60:02d}:{second % 60:02d}Z,{('sent', 'delivered', 'opened')[number % 3]},"
                f"user{number * 7919 % 300_000:06d}@example{number % 97}.test,campaign-{number % 40},"
                f"What is new in week {number % 52}\n"
            )
            number += 1


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]
