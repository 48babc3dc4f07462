"""A post of a sending service is taken only from who proves to be it, and from nobody without a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bilan.sdk import Invalid, StaleSignature, Unauthenticated, WebhookRequest
from bilan_email_campaigns.sending_services import SERVICES
from bilan_email_campaigns.webhooks.amazon_ses import AmazonSes
from bilan_email_campaigns.webhooks.amazon_sns import check_topics
from bilan_email_campaigns.webhooks.mailersend import TEST_SECRET, MailerSend
from bilan_email_campaigns.webhooks.mandrill import Mandrill
from bilan_email_campaigns.webhooks.postal import Postal
from bilan_email_campaigns.webhooks.resend import Resend
from bilan_email_campaigns.webhooks.unisender_go import UnisenderGo
from fixtures.amazon_sns import HOST, PEM_PATH, TOPIC, certificate, post, private_key
from fixtures.email_campaigns import RECEIVED_AT, request

WEBHOOKS = {kind.key: kind.webhook for kind in SERVICES}
URL = "https://reports.example.com/hooks/abc"
FORM = "application/x-www-form-urlencoded"
SVIX_KEY = base64.b64encode(b"a key of Svix").decode()
PUBLIC = private_key("postal").public_key()
DER = base64.b64encode(PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def hexadecimal(key: str, body: bytes) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def svix(key: str, body: bytes, at: datetime = RECEIVED_AT, number: str = "msg_1") -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signed = f"{number}.{stamp}.".encode() + body
    made = base64.b64encode(hmac.new(base64.b64decode(key), signed, hashlib.sha256).digest()).decode()
    return {"svix-id": number, "svix-timestamp": stamp, "svix-signature": f"v1,AAAA v1a,{made} v1,{made}"}


def mandrill_post(
    key: str, events: str = '[{"event":"open","_id":"1"}]', url: str = URL, **more: str
) -> WebhookRequest:
    fields = {"mandrill_events": events, **more}
    text = url + "".join(name + fields[name] for name in sorted(fields))
    made = base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()
    return replace(request(urlencode(fields).encode(), FORM, {"x-mandrill-signature": made}), url=URL)


def postal_post(
    body: bytes = b"{}", by: str = "postal", algorithm: HashAlgorithm | None = None, header: str = ""
) -> WebhookRequest:
    made = private_key(by).sign(body, PKCS1v15(), algorithm or SHA256())
    name = header or ("x-postal-signature" if isinstance(algorithm, SHA1) else "x-postal-signature-256")
    return request(body, headers={name: base64.b64encode(made).decode()})


def unisender_post(key: str, text: str = '{"auth":"%s","events_by_user":[]}') -> WebhookRequest:
    digest = hashlib.md5((text % key).encode()).hexdigest()
    return request((text % digest).encode())


def sns_post(by: str = "amazon", **more: Any) -> WebhookRequest:
    return replace(request(post(by=by, **more)), certificate=certificate())


@dataclass(frozen=True)
class Signed:
    """How a service signs: with which settings, and with the right key or with another."""

    settings: dict[str, Any]
    sign: Callable[[bool], WebhookRequest]


def key_of(right: bool, key: str = "s3cret") -> str:
    return key if right else "another"


def header(name: str) -> Callable[[bool], WebhookRequest]:
    return lambda right: request(b'{"a": 1}', headers={name: hexadecimal(key_of(right), b'{"a": 1}')})


OTHER_SVIX = base64.b64encode(b"another").decode()
SIGNED = {
    "amazon_ses": Signed({"topic": TOPIC}, lambda right: sns_post("amazon" if right else "somebody")),
    "sparkpost": Signed(
        {"username": "bilan", "secret": "s3cret"},
        lambda right: request(b"[]", headers=basic("bilan", key_of(right))),
    ),
    "mailjet": Signed(
        {"username": "mailjet", "secret": "s3cret"},
        lambda right: request(b"[]", headers=basic("mailjet", key_of(right))),
    ),
    "resend": Signed(
        {"signing_secret": f"whsec_{SVIX_KEY}", "max_age": 5},
        lambda right: request(b"{}", headers=svix(SVIX_KEY if right else OTHER_SVIX, b"{}")),
    ),
    "mandrill": Signed({"webhook_key": "s3cret"}, lambda right: mandrill_post(key_of(right))),
    "mailersend": Signed({"signing_secret": "s3cret"}, header("signature")),
    "mailtrap": Signed({"signing_secret": "s3cret"}, header("mailtrap-signature")),
    "postal": Signed({"public_key": DER}, lambda right: postal_post(by="postal" if right else "somebody")),
    "unisender_go": Signed({"api_key": "s3cret"}, lambda right: unisender_post(key_of(right))),
}


def verify(service: str, post: WebhookRequest, settings: dict[str, Any] | None = None) -> None:
    webhook = WEBHOOKS[service]
    assert webhook is not None
    webhook.verify(post, SIGNED[service].settings if settings is None else settings)


def test_every_service_is_here() -> None:
    assert set(SIGNED) == set(WEBHOOKS)


@pytest.mark.parametrize("service", SIGNED)
def test_a_right_proof_is_taken_and_taken_again(service: str) -> None:
    verify(service, SIGNED[service].sign(True))
    verify(service, SIGNED[service].sign(True))


@pytest.mark.parametrize("service", SIGNED)
def test_a_wrong_proof_is_refused(service: str) -> None:
    with pytest.raises(Unauthenticated, match="missing or wrong"):
        verify(service, SIGNED[service].sign(False))


@pytest.mark.parametrize("service", SIGNED)
def test_a_missing_proof_is_refused(service: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(service, replace(SIGNED[service].sign(True), headers={}, body=b'{"a": 1}', content_type=""))


@pytest.mark.parametrize("service", [one for one in SIGNED if one not in ("sparkpost", "mailjet")])
def test_a_body_that_was_changed_on_its_way_is_refused(service: str) -> None:
    right = SIGNED[service].sign(True)
    changed = right.body.replace(b"}", b", 1}", 1) if b"}" in right.body else right.body + b"&a=1"
    with pytest.raises(Unauthenticated):
        verify(service, replace(right, body=changed))


@pytest.mark.parametrize("service", SIGNED)
def test_without_a_secret_nobody_is_believed(service: str) -> None:
    for settings in ({}, dict.fromkeys(SIGNED[service].settings, "")):
        with pytest.raises(Unauthenticated, match="has no"):
            verify(service, SIGNED[service].sign(True), settings)


# Amazon SES through SNS


def sns(settings: dict[str, Any], **more: Any) -> str:
    return AmazonSes().certificate(request(post(**more)), settings)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_sns_signs_each_kind_of_post_in_two_versions(kind: str, version: str) -> None:
    for more in ({}, {"Subject": "Amazon SES Email Event Notification"}, {"Message": "é\n“x”"}):
        verify("amazon_ses", sns_post(kind=kind, version=version, **more))


def test_a_version_that_is_not_known_is_named() -> None:
    with pytest.raises(Unauthenticated, match="version 3; 1 and 2"):
        verify("amazon_ses", sns_post(version="3"))


def test_one_version_is_not_taken_for_the_other() -> None:
    body = {**post(version="1"), "SignatureVersion": "2"}
    with pytest.raises(Unauthenticated, match="missing or wrong"):
        verify("amazon_ses", replace(request(body), certificate=certificate()))


def test_the_certificate_is_that_of_the_service_in_the_topics_region() -> None:
    assert sns({"topic": TOPIC}) == f"https://{HOST}{PEM_PATH}"
    china = "arn:aws-cn:sns:cn-north-1:123456789012:events"
    url = f"https://sns.cn-north-1.amazonaws.com.cn{PEM_PATH}"
    assert sns({"topic": f"{TOPIC}, {china}"}, TopicArn=china, SigningCertURL=url) == url
    assert AmazonSes().hosts({"topic": f"{TOPIC}, {china}"}) == (HOST, "sns.cn-north-1.amazonaws.com.cn")
    assert AmazonSes().hosts({}) == ()


@pytest.mark.parametrize(
    "url",
    [
        f"https://attacker.example{PEM_PATH}",
        f"http://{HOST}{PEM_PATH}",
        f"https://{HOST}.attacker.example{PEM_PATH}",
        f"https://attacker.example/{HOST}{PEM_PATH}",
        f"https://{HOST}@attacker.example{PEM_PATH}",
        f"https://user@{HOST}{PEM_PATH}",
        f"https://{HOST}:8443{PEM_PATH}",
        f"https://{HOST}:99999999{PEM_PATH}",
        f"https://sns.us-east-1.amazonaws.com{PEM_PATH}",
        f"https://s3.eu-west-1.amazonaws.com{PEM_PATH}",
        f"https://{HOST}{PEM_PATH}?x=1",
        f"https://{HOST}/a.pem",
        f"https://{HOST}/../..{PEM_PATH}",
        f"https://{HOST}\n{PEM_PATH}",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(Unauthenticated, match="none of Amazon SNS"):
        sns({"topic": TOPIC}, SigningCertURL=url)
    with pytest.raises(Unauthenticated, match="none of Amazon SNS"):
        verify("amazon_ses", sns_post(SigningCertURL=url))


def test_a_topic_of_somebody_else_is_refused_before_anything_is_asked() -> None:
    other = "arn:aws:sns:eu-west-1:999999999999:ses-events"
    with pytest.raises(Unauthenticated, match="another topic"):
        sns({"topic": TOPIC}, TopicArn=other)
    with pytest.raises(Unauthenticated, match="another topic"):
        verify("amazon_ses", sns_post(TopicArn=other))
    with pytest.raises(Unauthenticated, match="another topic"):
        AmazonSes().confirmation(request(post("SubscriptionConfirmation", TopicArn=other)), {"topic": TOPIC})


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_proves_nothing(content: bytes) -> None:
    with pytest.raises(Unauthenticated, match="no certificate"):
        verify("amazon_ses", replace(request(post()), certificate=content))


def test_a_certificate_that_has_ended_proves_nothing() -> None:
    ended = certificate(until=RECEIVED_AT - timedelta(seconds=1))
    with pytest.raises(Unauthenticated, match="not valid now"):
        verify("amazon_ses", replace(request(post()), certificate=ended))


def test_a_subscription_is_confirmed_at_the_pinned_host_whatever_the_post_says() -> None:
    asked = post("SubscriptionConfirmation", SubscribeURL="https://attacker.example/", Token="a&b")
    assert AmazonSes().confirmation(request(asked), {"topic": TOPIC}) == (
        f"https://{HOST}/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012"
        "%3Ases-events&Token=a%26b"
    )
    assert AmazonSes().confirmation(request(post()), {"topic": TOPIC}) == ""
    assert AmazonSes().confirmation(request(post("UnsubscribeConfirmation")), {"topic": TOPIC}) == ""
    assert AmazonSes().confirmation(request({"eventType": "Send"}), {"topic": TOPIC}) == ""


def test_a_raw_message_is_taken_with_user_name_and_password_alone() -> None:
    settings = {"topic": TOPIC, "username": "sns", "secret": "s3cret"}
    headers = {"x-amz-sns-rawdelivery": "true", "x-amz-sns-topic-arn": TOPIC}
    raw = request(b"{}", headers={**headers, **basic("sns", "s3cret")})
    assert AmazonSes().certificate(raw, settings) == ""
    verify("amazon_ses", raw, settings)
    for wrong in (headers, {**headers, **basic("sns", "wrong")}):
        with pytest.raises(Unauthenticated, match="user name or the password"):
            verify("amazon_ses", request(b"{}", headers=wrong), settings)
    with pytest.raises(Unauthenticated, match="has no user name, which raw message delivery needs"):
        verify("amazon_ses", raw, {"topic": TOPIC})
    other = {**raw.headers, "x-amz-sns-topic-arn": "arn:aws:sns:eu-west-1:123456789012:other"}
    with pytest.raises(Unauthenticated, match="another topic"):
        verify("amazon_ses", replace(raw, headers=other), settings)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"Type": 3}', b'{"Type": "Other"}', b'{"a":' * 9999]
)
def test_what_is_no_post_of_sns_is_refused(body: bytes) -> None:
    with pytest.raises(Unauthenticated, match="none of Amazon SNS"):
        AmazonSes().certificate(request(body), {"topic": TOPIC})


def test_topics_are_checked_where_they_are_entered() -> None:
    check_topics(TOPIC)
    check_topics(f"{TOPIC}, arn:aws-us-gov:sns:us-gov-west-1:123456789012:a")
    for wrong in ("ses-events", f"{TOPIC}.fifo", f"{TOPIC}:0123", "arn:aws:sqs:eu-west-1:123456789012:a"):
        with pytest.raises(Invalid, match="A topic is written as"):
            check_topics(wrong)


# Resend


def test_a_signature_of_resend_is_five_minutes_old_at_most() -> None:
    def check(minutes: int) -> None:
        at = RECEIVED_AT + timedelta(minutes=minutes)
        Resend().verify(request(b"{}", headers=svix(SVIX_KEY, b"{}", at)), SIGNED["resend"].settings)

    for minutes in (-5, 0, 5):
        check(minutes)
    with pytest.raises(StaleSignature, match="older"):
        check(-6)
    with pytest.raises(StaleSignature, match="from the future"):
        check(6)


def test_the_example_that_svix_documents_is_right() -> None:
    # https://docs.svix.com/receiving/verifying-payloads/how-manual
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = {"signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "max_age": 5}
    at = datetime.fromtimestamp(1614265330, UTC)
    Resend().verify(request(b'{"test": 2432232314}', headers=headers, received_at=at), secret)
    with pytest.raises(Unauthenticated):
        Resend().verify(request(b'{"test": 2432232315}', headers=headers, received_at=at), secret)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_?", "whsec_a"])
def test_an_unusable_secret_of_resend_is_named(secret: str) -> None:
    with pytest.raises(Unauthenticated, match="signing secret is unusable") as refused:
        Resend().verify(request(b"{}"), {"signing_secret": secret})
    assert refused.value.path == ("signing_secret",)


def test_the_time_and_the_id_of_resend_are_signed() -> None:
    right = svix(SVIX_KEY, b"{}")
    for changed in ({"svix-id": "msg_2"}, {"svix-timestamp": str(int(right["svix-timestamp"]) + 1)}):
        with pytest.raises(Unauthenticated, match="missing or wrong"):
            Resend().verify(request(b"{}", headers={**right, **changed}), SIGNED["resend"].settings)


# Mandrill


def test_mandrill_signs_the_address_that_was_entered_there() -> None:
    other = "https://old.example.com/hooks/abc/"
    with pytest.raises(Unauthenticated, match=f"here {URL}"):
        Mandrill().verify(mandrill_post("s3cret", url=other), {"webhook_key": "s3cret"})
    Mandrill().verify(mandrill_post("s3cret", url=other), {"webhook_key": "s3cret", "address": other})


def test_mandrill_signs_all_fields_in_the_order_of_their_names() -> None:
    Mandrill().verify(mandrill_post("s3cret", zebra="1", alpha="é ü"), {"webhook_key": "s3cret"})


def test_the_generic_key_of_mandrill_proves_an_empty_post_alone() -> None:
    Mandrill().verify(mandrill_post("test-webhook", "[]"), {})
    for refused in (mandrill_post("test-webhook"), mandrill_post("test-webhook", "[]", more="1")):
        with pytest.raises(Unauthenticated):
            Mandrill().verify(refused, {"webhook_key": "s3cret"})


# MailerSend


def test_the_printed_secret_of_mailersend_proves_a_ping_alone() -> None:
    ping = json.dumps({"type": "webhook.test", "message": "This is a ping test message"}).encode()
    MailerSend().verify(request(ping, headers={"signature": hexadecimal(TEST_SECRET, ping)}), {})
    event = b'{"type": "activity.opened", "webhook_id": "1", "data": {}}'
    forged = request(event, headers={"signature": hexadecimal(TEST_SECRET, event)})
    for settings in ({}, {"signing_secret": "s3cret"}):
        with pytest.raises(Unauthenticated):
            MailerSend().verify(forged, settings)
    with pytest.raises(Unauthenticated):
        MailerSend().verify(request(ping, headers={"signature": hexadecimal("guess", ping)}), {})


# Postal


@pytest.mark.parametrize(
    "written",
    [DER, PEM, f"v=DKIM1; t=s; h=sha256; p={DER};", f'"v=DKIM1; p={DER[:99]}" "{DER[99:]}"', f"p={DER}"],
    ids=["base64", "pem", "dkim", "pieces", "p"],
)
def test_the_key_of_postal_may_be_written_as_its_record(written: str) -> None:
    Postal().verify(postal_post(), {"public_key": written})


def test_the_older_signature_of_postal_counts_only_where_there_is_no_newer_one() -> None:
    older = postal_post(algorithm=SHA1())
    Postal().verify(older, {"public_key": DER})
    both = {**older.headers, "x-postal-signature-256": "AAAA"}
    with pytest.raises(Unauthenticated, match="missing or wrong"):
        Postal().verify(replace(older, headers=both), {"public_key": DER})


@pytest.mark.parametrize("key", ["rubbish", "p=", "AAAA"])
def test_an_unusable_key_of_postal_is_named(key: str) -> None:
    with pytest.raises(Unauthenticated, match="public key is unusable") as refused:
        Postal().verify(postal_post(), {"public_key": key})
    assert refused.value.path == ("public_key",)


# Unisender Go


def test_the_digest_of_unisender_go_covers_the_body_as_it_came() -> None:
    spaced = '{ "auth" : "%s" ,\n "events_by_user": [ ] }'
    UnisenderGo().verify(unisender_post("s3cret", spaced), {"api_key": "s3cret"})


@pytest.mark.parametrize("auth", ["", "0", "s3cret", "A" * 32, "0" * 33])
def test_what_is_no_digest_proves_nothing(auth: str) -> None:
    body = json.dumps({"auth": auth, "events_by_user": []}).encode()
    with pytest.raises(Unauthenticated, match="missing or wrong"):
        UnisenderGo().verify(request(body), {"api_key": "s3cret"})
