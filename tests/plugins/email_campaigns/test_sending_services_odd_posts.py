"""Whatever stands in a sending service's post becomes facts, rejects or a refusal in a sentence."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.ingest.normalise import Normaliser
from bilan.sdk import BilanError, DeliveryReport, Fact, Invalid, Reject, Settings, WebhookRequest
from bilan.sdk.columns import row_by_row
from bilan_email_campaigns.datasets import ACTIVITY, EVENT_DATASET
from bilan_email_campaigns.sending_services import SERVICES
from fixtures.email_campaigns import RECEIVED_AT, Case, cases, request

WEBHOOKS = {kind.key: kind.webhook for kind in SERVICES}
ALL = cases(*WEBHOOKS)
SETTINGS: Settings = {
    "topic": "arn:aws:sns:eu-west-1:123456789012:ses-events", "username": "a", "secret": "b",
    "signing_secret": "whsec_AAAA", "webhook_key": "c", "public_key": "d", "api_key": "e",
}  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ODD = st.recursive(
    SCALARS | st.just("2026-02-30T99:00:00Z") | st.just(10**400) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NORMALISE = Normaliser(EVENT_DATASET)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a payload."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def changed(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """The payload with something else in one place."""
    if not path:
        return other
    copied = copy.copy(value)
    copied[path[0]] = changed(copied[path[0]], path[1:], other)
    return copied


def opened(case: Case) -> Any:
    """The payload with what is written as JSON within it as objects."""
    if case.service == "mandrill":
        return json.loads(case.payload["form"]["mandrill_events"])
    if "Message" in case.payload and case.service == "amazon_ses":
        return {**case.payload, "Message": json.loads(case.payload["Message"])}
    return case.payload


def closed(case: Case, payload: Any) -> WebhookRequest:
    """The post that holds the payload."""
    if case.service == "mandrill":
        return request({"form": {"mandrill_events": json.dumps(payload)}}, case.content_type)
    if (
        case.service == "amazon_ses"
        and isinstance(payload, dict)
        and isinstance(payload.get("Message"), dict)
    ):
        payload = {**payload, "Message": json.dumps(payload["Message"])}
    return request(json.dumps(payload).encode(), case.content_type)


def takes(service: str, post: WebhookRequest) -> None:
    """Read the post as the server would, with whatever comes of it."""
    webhook = WEBHOOKS[service]
    assert webhook is not None
    try:
        read = webhook.parse(post, SETTINGS)
        found = list(row_by_row(one for one in read if not isinstance(one, DeliveryReport)))
    except Invalid:
        return
    for item in found:
        assert isinstance(item, Fact | Reject)
        if isinstance(item, Fact):
            ACTIVITY(NORMALISE(item.row, RECEIVED_AT))


@given(st.data())
def test_odd_values_anywhere_in_a_documented_post_break_nothing(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(ALL))
    payload = opened(case)
    path = data.draw(st.sampled_from(list(places(payload))))
    takes(case.service, closed(case, changed(payload, path, data.draw(ODD))))


@given(st.sampled_from(SERVICES), ODD)
def test_odd_bodies_break_nothing(kind: Any, payload: Any) -> None:
    takes(kind.key, request(json.dumps(payload).encode()))


@given(st.sampled_from(SERVICES), st.binary(max_size=60) | ODD, st.text(max_size=20))
def test_odd_posts_are_refused_in_a_sentence(kind: Any, body: Any, proof: str) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = (
        "authorization", "svix-id", "svix-timestamp", "svix-signature", "signature", "mailtrap-signature",
        "x-postal-signature", "x-postal-signature-256", "x-mandrill-signature", "x-amz-sns-rawdelivery",
    )  # fmt: skip
    for content_type in (
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        post = replace(request(content, content_type, dict.fromkeys(names, proof)), certificate=content)
        with pytest.raises(BilanError):
            kind.webhook.verify(post, SETTINGS)
