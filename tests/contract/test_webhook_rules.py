"""Handshakes and split posts that go wrong are caught by the contract's rules, in a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bilan.sdk import (
    SECRET,
    Invalid,
    Parameter,
    ParameterKind,
    Post,
    Reply,
    Sample,
    Settings,
    Unauthenticated,
    WebhookRequest,
    equal_secrets,
    json_body,
    messages,
    require_setting,
)
from bilan.testing import webhook_rules
from fixtures.declarations import TILL
from support.rules import Till, declared, order

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]
LANE = Parameter("lane", _("Lane"), ParameterKind.TEXT, default="")


class Counter(Till):
    """A till that greets who knows its secret, and splits lists of numbers into single ones."""

    def __init__(self) -> None:
        super().__init__(lambda request: [order(number) for number in numbers(request)])

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        if "challenge" not in request.query:
            return None
        if not equal_secrets(
            request.query.get("token", ""), require_setting(settings, "secret", SECRET.label)
        ):
            raise Unauthenticated(_("The token is wrong."))
        return Reply(request.query["challenge"])

    def split(self, request: WebhookRequest) -> Mapping[str, bytes]:
        return {str(number): json.dumps([number]).encode() for number in numbers(request)}


def numbers(request: WebhookRequest) -> list[int]:
    body = json_body(request)
    if not isinstance(body, list):
        raise Invalid(_("This is no list."))
    return body


def shop(webhook: Any) -> dict[str, Any]:
    till = replace(TILL, webhook=webhook, settings=(LANE, SECRET), routed_by="lane")
    sample = Sample("till", "Monday", _("Invented."), posts=lambda: (Post(b"[1, 2]"),))
    return {"register_sources": (till,), "register_samples": (sample,)}


def handshakes(webhook: Any) -> list[str]:
    return list(webhook_rules.check_handshakes(declared(**shop(webhook))))


def routes(webhook: Any) -> list[str]:
    return list(webhook_rules.check_routes(declared(**shop(webhook))))


def test_a_counter_that_greets_and_splits_is_fine() -> None:
    assert (handshakes(Counter()), routes(Counter())) == ([], [])


class Polite(Counter):
    """Greets everybody who says something."""

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        return Reply(request.query["challenge"]) if request.query else None


class Careless(Counter):
    """Compares with whatever secret there is."""

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        told = request.query.get("token", "")
        return Reply("welcome") if told == str(settings["secret"] or "") else None


class Startled(Counter):
    """Looks for what nobody promised."""

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        return Reply(request.query["challenge"])


@pytest.mark.parametrize(
    ("webhook", "said"),
    [
        (Careless(), "greets whoever asks while its source has no secret"),
        (
            Startled(),
            "fails on the question {}: KeyError('challenge') in place of Unauthenticated or nothing",
        ),
        (
            Polite(),
            "fails on the question {'a': ''}: KeyError('challenge') in place of Unauthenticated or nothing",
        ),
    ],
    ids=["careless", "startled", "polite"],
)
def test_a_handshake_that_goes_wrong_is_caught(webhook: Counter, said: str) -> None:
    assert handshakes(webhook) == [f"the webhook of till {said}"]


class Forgetful(Counter):
    """Loses the second number."""

    def split(self, request: WebhookRequest) -> Mapping[str, bytes]:
        return {"": json.dumps(numbers(request)[:1]).encode()}


class Trusting(Counter):
    """Takes every body for a list."""

    def split(self, request: WebhookRequest) -> Mapping[str, bytes]:
        return {str(number): b"[]" for number in json.loads(request.body)}


def test_a_post_that_loses_facts_when_it_is_split_is_caught() -> None:
    assert routes(Forgetful()) == ["post 1 of the sample Monday gives other facts when it is split"]


def test_a_split_that_stumbles_over_garbage_is_caught() -> None:
    (said,) = routes(Trusting())

    assert said.startswith("the webhook of till cannot split the post b'': JSONDecodeError(")
    assert said.endswith("in place of Invalid")


URL = "https://keys.example.com/a.pem"


class Signing(Till):
    """A till whose posts name the certificate that they are signed with."""

    def __init__(self) -> None:
        super().__init__(lambda _request: [order(1)])

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        return ("keys.example.com",)

    def certificate(self, request: WebhookRequest, settings: Settings) -> str:
        url = self.said(request)
        if url and not url.startswith("https://keys.example.com/"):
            raise Unauthenticated(_("The certificate is none of ours."))
        return url

    def confirmation(self, request: WebhookRequest, settings: Settings) -> str:
        return ""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        if request.certificate != b"ours":
            raise Unauthenticated(_("The signature is wrong."))

    def said(self, request: WebhookRequest) -> str:
        body = json_body(request)
        return str(body.get("certificate") or "") if isinstance(body, dict) else ""


class Obliging(Signing):
    """Takes the certificate from wherever the post says."""

    def certificate(self, request: WebhookRequest, settings: Settings) -> str:
        return self.said(request)


class Confirming(Signing):
    """Confirms wherever the post says."""

    def confirmation(self, request: WebhookRequest, settings: Settings) -> str:
        return self.said(request)


class Anywhere(Signing):
    """Does not say whom it asks."""

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        return ("*.example.com",)


class Believing(Signing):
    """Takes a post whether there is a certificate or not."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        return


class Stumbling(Signing):
    """Takes every body for an object."""

    def said(self, request: WebhookRequest) -> str:
        return str(json.loads(request.body).get("certificate") or "")


def certificates(webhook: Any, body: str = json.dumps({"certificate": URL})) -> list[str]:
    till = replace(TILL, webhook=webhook, settings=(SECRET,))
    sample = Sample("till", "Monday", _("Invented."), posts=lambda: (Post(body.encode()),))
    return list(
        webhook_rules.check_certificates(declared(register_sources=(till,), register_samples=(sample,)))
    )


def test_a_till_that_asks_its_service_alone_is_fine() -> None:
    assert certificates(Signing()) == []


@pytest.mark.parametrize(
    ("webhook", "said"),
    [
        (Obliging(), "the webhook of till asks for post 1 whatever host stands in it"),
        (Confirming(), "the webhook of till asks for post 1 whatever host stands in it"),
        (Anywhere(), "the webhook of till does not say the whole names of the hosts that it asks"),
        (Believing(), "the webhook of till takes post 1 without its certificate"),
    ],
    ids=["obliging", "confirming", "anywhere", "believing"],
)
def test_a_certificate_from_anywhere_is_caught(webhook: Signing, said: str) -> None:
    assert certificates(webhook) == [said]


def test_a_certificate_that_nobody_names_and_garbage_are_caught() -> None:
    assert certificates(Signing(), "{}") == [
        "no post of the sample Monday names a certificate that till would ask for"
    ]
    [said] = certificates(Stumbling())
    assert said.startswith("the webhook of till fails on the post b'': JSONDecodeError(")
