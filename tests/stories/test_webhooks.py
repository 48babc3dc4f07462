"""Every sample post of the four services, through a running server's own address and out again as facts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bilan.sdk.sources import WebhookRequest
from bilan_email_campaigns.webhooks.sendgrid import SIGNATURE, TIMESTAMP
from fixtures.email_campaigns import Case, cases, request
from fixtures.serving import Served

pytestmark = pytest.mark.slow

PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
HEADERS = {
    "postmark": {"authorization": "Basic " + base64.b64encode(b"bilan:s3cret").decode()},
    "brevo": {"authorization": "Bearer t0ken"},
}

SETTINGS = {
    # The samples were recorded years ago, and were signed then.
    "sendgrid": (f"public_key={PUBLIC.decode()}", "max_age=0"),
    "postmark": ("username=bilan", "secret=s3cret"),
    "mailgun": ("signing_key=TEST_WEBHOOK_SIGNING_KEY", "max_age=0"),
    "brevo": ("secret=t0ken",),
}
ALL = cases(*SETTINGS)
MADE_UP = b"1234567890abcdef1234567890abcdef"
"""The token that most of Mailgun's samples carry."""

# Where our reading differs from the listing's library, on purpose.
UNTIMED = {
    # Neither post holds any time. They are kept at an early instant and marked as undated,
    # since the hour of receipt would change with every repetition.
    "delivery_status_is_none_event.json",
    "bounce_unsubscribe_variant.json",
}
UNDATED = "1990-01-01T00:00:00+00:00"
TIMES = {
    # Brevo gives "ts_event", "s_epoch" and a "ts_epoch" in seconds, which that library does not read.
    "complaint.json": "2020-11-09T14:54:14+00:00",
    "proxy_open_event.json": "2018-08-17T06:18:02+00:00",
    "unique_proxy_open_event.json": "2018-08-17T06:18:02+00:00",
    "error_email.json": "2020-11-09T14:53:43+00:00",
}
MESSAGES = {
    # That library prefers the id it sent along itself; without one, the service's own id also stands
    # on opens and clicks, which the "smtp-id" does not.
    "compatibility_message_id_from_smtp_id.json": (
        "wrfRRvF7Q0GgwUo2CvDmEA.filter0425p1mdw1.13037.57168B4A1D.0"
    ),
    "dropped_bounced.json": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
}
TAGS = {
    # A category that is no list is one tag, not one per letter or none; an empty tag is none.
    "dropped_bounced.json": ["cat facts"],
    "proxy_open_event.json": ["transactionalTag"],
    "unique_proxy_open_event.json": ["transactionalTag"],
    "bounce_unsubscribe_variant.json": [],
}
KINDS = {"autoresponded": "other", "unknown": "other"}
MACHINES = {"proxy_open_event.json", "unique_proxy_open_event.json"}
ELSEWHERE = {
    # It carries the event id of another sample, so within one source it would be a copy of that event.
    "compatibility_message_id_from_smtp_id.json": "sendgrid elsewhere"
}


def source_of(case: Case) -> str:
    """The name of the source that the sample is posted to."""
    return ELSEWHERE.get(case.file, case.service)


def expected(case: Case) -> dict[str, Any]:
    """What the listing says of the sample's one event, as far as it says anything."""
    [listed] = case.events
    fact: dict[str, Any] = {
        "source": source_of(case),
        "kind": KINDS.get(listed["event_type"], listed["event_type"]),
        "occurred_at": _time(case, listed["timestamp"]),
        "undated": case.file in UNTIMED,
        "message_id": MESSAGES.get(case.file, listed["message_id"] or ""),
        "recipient": listed["recipient"] or "",
        "reject_reason": listed["reject_reason"] or "",
        "tags": TAGS.get(case.file, listed["tags"]),
        "url": listed["click_url"] or "",
        "user_agent": listed["user_agent"] or "",
        "machine": case.file in MACHINES,
    }
    if listed["event_id"]:
        made_up = listed["event_id"] == MADE_UP.decode()
        fact["event_id"] = token_of(case.file) if made_up else listed["event_id"]
    if words := listed["mta_response"] or listed["description"]:
        fact["reason"] = words
    return fact


def _time(case: Case, listed: str | None) -> datetime:
    written = UNDATED if case.file in UNTIMED else TIMES.get(case.file) or listed
    assert written is not None
    return datetime.fromisoformat(written)


def signed(case: Case) -> WebhookRequest:
    """The sample as its service posts it."""
    post = request(case.payload, case.content_type)
    if case.service == "mailgun":
        return replace(post, body=signed_once(post.body, case.file))
    if case.service == "sendgrid":
        at = "1461095250"
        signature = base64.b64encode(PRIVATE.sign(at.encode() + post.body, ec.ECDSA(SHA256()))).decode()
        return replace(post, headers={SIGNATURE: signature, TIMESTAMP: at})
    return replace(post, headers=HEADERS.get(case.service, {}))


def signed_once(body: bytes, file: str) -> bytes:
    """The body with a token of its own: Mailgun's hold for one post, and many samples share one."""
    if MADE_UP not in body:
        return body
    (recorded,) = re.findall(rb"[0-9a-f]{64}", body)
    (time,) = {at for at in re.findall(rb"\d{10}", body) if mailgun_signature(at + MADE_UP) == recorded}
    token = token_of(file).encode()
    return body.replace(MADE_UP, token).replace(recorded, mailgun_signature(time + token))


def token_of(file: str) -> str:
    """A token that is the sample's alone."""
    return hashlib.md5(file.encode()).hexdigest()


def mailgun_signature(said: bytes) -> bytes:
    """How Mailgun signs the time and the token of a post."""
    return hmac.new(b"TEST_WEBHOOK_SIGNING_KEY", said, "sha256").hexdigest().encode()


def forged(case: Case) -> WebhookRequest:
    """The same from somebody who knows the address and no secret."""
    post = signed(case)
    if case.service != "mailgun":
        return replace(post, headers={name: value[:-3] + "AAA" for name, value in post.headers.items()})
    changed = re.sub(rb"[0-9a-f]{64}", lambda found: bytes(reversed(found[0])), post.body)
    assert changed != post.body
    return replace(post, body=changed)


def send(http: httpx2.Client, address: str, post: WebhookRequest) -> int:
    """The status the server answers with."""
    headers = {**post.headers, "content-type": post.content_type}
    return http.post(address, content=post.body, headers=headers).status_code


def exported(server: Served, out: Path, *arguments: str) -> list[dict[str, Any]]:
    """The facts of ``bilan export``, with their moments read."""
    server.command("export", "email.events", *arguments, "--out", str(out))
    facts = [json.loads(line) for line in out.read_text().splitlines()]
    return [{**fact, "occurred_at": datetime.fromisoformat(fact["occurred_at"])} for fact in facts]


@pytest.fixture(scope="module")
def addresses(server: Served) -> dict[str, str]:
    """A source for each service, and one more each for those who cannot prove themselves."""
    found: dict[str, str] = {}
    for service, settings in SETTINGS.items():
        for name in (service, f"forged {service}"):
            found[name] = server.add_source(service, name, *settings)
    for name in ELSEWHERE.values():
        found[name] = server.add_source("sendgrid", name, *SETTINGS["sendgrid"])
    return found


@pytest.fixture(scope="module")
def facts(
    server: Served, addresses: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """What comes out after every sample was posted twice with what proves its sender."""
    with httpx2.Client() as http:
        statuses = [send(http, addresses[source_of(case)], signed(case)) for case in [*ALL, *ALL]]
    assert statuses == [200] * 2 * len(ALL)
    server.wait_until_read()
    return exported(server, tmp_path_factory.mktemp("exported") / "events.jsonl")


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.service}-{case.file}")
def test_a_sample_that_was_posted_comes_out_as_listed(case: Case, facts: list[dict[str, Any]]) -> None:
    wanted = expected(case)
    shown = [{name: fact[name] for name in wanted} for fact in facts if fact["source"] == source_of(case)]

    # Brevo posts an open twice, as an open and as the first one: in the listing's fields they are alike.
    assert shown.count(wanted) == [expected(each) for each in ALL].count(wanted)


def test_nothing_else_comes_out(facts: list[dict[str, Any]]) -> None:
    wanted = [expected(case) for case in ALL]
    strange = [
        fact for fact in facts if not any({name: fact[name] for name in each} == each for each in wanted)
    ]

    assert strange == []
    assert len(facts) == len(ALL) == 56


def test_a_post_that_proves_nothing_is_refused_and_leaves_nothing(
    server: Served, addresses: dict[str, str], tmp_path: Path
) -> None:
    refused = {"forged " + service for service in SETTINGS}
    with httpx2.Client() as http:
        answers = {
            (case.service, send(http, addresses[f"forged {case.service}"], forged(case))) for case in ALL
        }
        bare = {send(http, addresses[name], request(b"[]")) for name in refused}
        elsewhere = send(http, f"{server.url}/hooks/{'x' * 32}", signed(ALL[0]))
    server.wait_until_read()

    assert answers == {(service, 401) for service in SETTINGS}
    assert bare == {401}
    assert elsewhere == 404
    for name in refused:
        assert exported(server, tmp_path / "out.jsonl", "--source", name) == []


def test_for_a_trial_a_source_takes_unsigned_posts(server: Served, tmp_path: Path) -> None:
    address = server.add_source("sendgrid", "trial", "verify=off")
    [case] = [case for case in cases("sendgrid") if case.file == "click_event.json"]
    with httpx2.Client() as http:
        assert send(http, address, request(case.payload, case.content_type)) == 200
    server.wait_until_read()

    [fact] = exported(server, tmp_path / "out.jsonl", "--source", "trial")
    wanted = {**expected(case), "source": "trial"}
    assert {name: fact[name] for name in wanted} == wanted
