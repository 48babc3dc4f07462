"""A post is taken only from a sender who proves itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bilan.sdk.errors import StaleSignature, Unauthenticated
from bilan.sdk.sources import Proof, SourceKind, WebhookRequest
from bilan_email_campaigns.sources import MAILGUN, SENDGRID
from bilan_email_campaigns.webhooks.brevo import Brevo
from bilan_email_campaigns.webhooks.mailgun import Mailgun
from bilan_email_campaigns.webhooks.postmark import Postmark
from bilan_email_campaigns.webhooks.sendgrid import SIGNATURE, TIMESTAMP, SendGrid
from fixtures.email_campaigns import Case, cases, request

MAILGUN_KEY = {"signing_key": "TEST_WEBHOOK_SIGNING_KEY"}
PRIVATE = ec.generate_private_key(ec.SECP256R1())
DER = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
SENDGRID_KEY = {"public_key": base64.b64encode(DER).decode()}


def sendgrid_post(body: bytes, signed: bytes | None = None, at: str = "1461095250") -> WebhookRequest:
    signature = PRIVATE.sign(at.encode() + (body if signed is None else signed), ec.ECDSA(SHA256()))
    return request(body, headers={SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: at})


@pytest.mark.parametrize("case", cases("mailgun"), ids=lambda case: case.file)
def test_every_mailgun_sample_is_signed_with_the_test_key(case: Case) -> None:
    Mailgun().verify(request(case.payload, case.content_type), MAILGUN_KEY)


@pytest.mark.parametrize("case", cases("mailgun"), ids=lambda case: case.file)
def test_no_mailgun_sample_is_taken_with_another_key(case: Case) -> None:
    with pytest.raises(Unauthenticated, match="signature is missing or wrong"):
        Mailgun().verify(request(case.payload, case.content_type), {"signing_key": "another"})


def test_a_mailgun_form_may_come_urlencoded() -> None:
    [case] = [case for case in cases("mailgun") if case.file == "legacy_metadata_key_conflicts.json"]
    Mailgun().verify(request(case.payload, "application/x-www-form-urlencoded"), MAILGUN_KEY)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"signature": 3}', b'{"event-data": {}}'])
def test_a_mailgun_post_without_a_signature_is_refused(body: bytes) -> None:
    with pytest.raises(Unauthenticated):
        Mailgun().verify(request(body), MAILGUN_KEY)


def test_a_mailgun_post_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        Mailgun().verify(request(b'{"a":' * 100_000), MAILGUN_KEY)


def test_a_mailgun_signature_may_have_an_oldest_age() -> None:
    signed_at = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    at = str(int(signed_at.timestamp()))
    signature = hmac.new(b"key", f"{at}token".encode(), hashlib.sha256).hexdigest()
    body = json.dumps({"signature": {"timestamp": at, "token": "token", "signature": signature}}).encode()
    settings = {"signing_key": "key", "max_age": 15}

    Mailgun().verify(request(body, received_at=signed_at + timedelta(minutes=15)), settings)
    with pytest.raises(StaleSignature, match="older"):
        Mailgun().verify(request(body, received_at=signed_at + timedelta(minutes=16)), settings)
    Mailgun().verify(request(body, received_at=signed_at - timedelta(minutes=15)), settings)
    with pytest.raises(StaleSignature, match="from the future"):
        Mailgun().verify(request(body, received_at=signed_at - timedelta(minutes=16)), settings)
    Mailgun().verify(request(body, received_at=signed_at + timedelta(days=999)), {"signing_key": "key"})


def test_a_sendgrid_post_with_its_signature_is_taken() -> None:
    SendGrid().verify(sendgrid_post(b'[{"event": "open"}]'), SENDGRID_KEY)


def test_a_sendgrid_post_changed_on_its_way_is_refused() -> None:
    with pytest.raises(Unauthenticated, match="signature is missing or wrong"):
        SendGrid().verify(sendgrid_post(b'[{"event": "click"}]', b'[{"event": "open"}]'), SENDGRID_KEY)


@pytest.mark.parametrize("signature", ["", "no base64!", "AAAA"])
def test_a_sendgrid_post_without_a_usable_signature_is_refused(signature: str) -> None:
    with pytest.raises(Unauthenticated):
        SendGrid().verify(request(b"[]", headers={SIGNATURE: signature, TIMESTAMP: "1"}), SENDGRID_KEY)


@pytest.mark.parametrize("key", ["rubbish", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_an_unusable_sendgrid_key_is_named(key: str) -> None:
    with pytest.raises(Unauthenticated, match="verification key is unusable") as refused:
        SendGrid().verify(sendgrid_post(b"[]"), {"public_key": key})
    assert refused.value.path == ("public_key",)


@pytest.mark.parametrize("webhook", [SendGrid(), Postmark(), Mailgun(), Brevo()])
def test_without_a_secret_nobody_is_believed(webhook: SendGrid | Postmark | Mailgun | Brevo) -> None:
    with pytest.raises(Unauthenticated, match="has no"):
        webhook.verify(request(b"[]"), {})


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_postmark_proves_itself_with_a_user_name_and_a_password() -> None:
    settings = {"username": "bilan", "secret": "s3crët"}
    Postmark().verify(request(b"{}", headers=basic("bilan", "s3crët")), settings)
    for headers in (
        {},
        basic("bilan", "wrong"),
        basic("other", "s3crët"),
        {"authorization": "Basic ???"},
        {"authorization": "Bearer s3crët"},
    ):
        with pytest.raises(Unauthenticated, match="user name or the password"):
            Postmark().verify(request(b"{}", headers=headers), settings)


@pytest.mark.parametrize("webhook", [Postmark(), Brevo()])
def test_a_secret_may_stand_in_a_header_of_ones_own(webhook: Postmark | Brevo) -> None:
    settings = {"secret": "s3cret", "secret_header": "X-Bilan-Secret"}
    webhook.verify(request(b"{}", headers={"x-bilan-secret": "s3cret"}), settings)
    with pytest.raises(Unauthenticated):
        webhook.verify(request(b"{}", headers={"authorization": "Bearer s3cret"}), settings)


def test_brevo_proves_itself_with_a_bearer_token() -> None:
    Brevo().verify(request(b"{}", headers={"authorization": "Bearer t0ken"}), {"secret": "t0ken"})
    for headers in ({}, {"authorization": "Bearer other"}, {"authorization": "t0ken"}):
        with pytest.raises(Unauthenticated, match="secret is missing or wrong"):
            Brevo().verify(request(b"{}", headers=headers), {"secret": "t0ken"})


@pytest.mark.parametrize(
    ("kind", "hours"), [(MAILGUN, 12), (SENDGRID, 36)], ids=lambda one: getattr(one, "key", one)
)
def test_a_signature_may_be_older_than_its_service_repeats_posts(kind: SourceKind, hours: int) -> None:
    [setting] = [one for one in kind.settings if one.key == "max_age"]
    assert setting.default == hours * 60


def mailgun_post(
    event: str, token: str = "t" * 50, *, form: bool = False, spaces: bool = False
) -> WebhookRequest:
    at = "1772362800"
    signature = hmac.new(b"key", f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": at, "token": token, "signature": signature}
    if form:
        return request({"form": {**signed, "event": event}}, "multipart/form-data")
    body = json.dumps({"signature": signed, "event-data": {"event": event}}, indent=2 if spaces else None)
    return request(body.encode())


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_mailguns_signature_is_a_proof_of_one_content(form: bool) -> None:
    def proof(event: str, *, spaces: bool = False) -> Proof:
        return Mailgun().verify(mailgun_post(event, form=form, spaces=spaces), {"signing_key": "key"})

    assert proof("opened") == proof("opened", spaces=True)
    assert proof("opened").key == proof("clicked").key
    assert proof("opened").content != proof("clicked").content
