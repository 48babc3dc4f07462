"""What a plugin's sources read: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

import copy
import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan.contacts.addresses import tellable
from bilan.ingest.normalise import Normaliser, Normalisers, activities, same_of
from bilan.outbound.samples import facts_of
from bilan.registry.declared import Declared, Registry
from bilan.sdk.columns import row_by_row
from bilan.sdk.datasets import Activity, Dataset, Fact, Retract, Row
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.sources import Settings, Webhook, WebhookRequest
from bilan.testing.samples import SampleInput, settings_of

NOW = datetime.now(UTC).replace(microsecond=0)
"""The present moment of a test run: when it began, so that samples reach up to today."""
LATER = NOW + timedelta(hours=20)
ROWS = 500
"""So many rows of each post and file of the samples are looked at: simulated ones can be long."""
MALFORMED = (b"", b"{", b"\xff\xfe\x00", b"[1]", b"null", b'{"a": 1}', b"a=1&b")
"""Posts that no service sends."""


def check_samples_read(pieces: Sequence[SampleInput]) -> Iterator[str]:
    """Every post and file of the samples gives facts."""
    for piece in pieces:
        if not any(isinstance(item, Fact) for item in piece.read(NOW)):
            yield f"{piece.name} of the sample {piece.sample} gives no fact"


def check_deterministic(pieces: Sequence[SampleInput]) -> Iterator[str]:
    """The same post or file gives the same facts, whenever and however often it arrives."""
    for piece in pieces:
        if piece.timed:
            continue
        first, second = ([getattr(item, "row", item) for item in piece.read(at)] for at in (NOW, LATER))
        if first != second:
            yield (
                f"{piece.name} of the sample {piece.sample} gives other facts when it is read again later: "
                "take identity and time from the payload alone"
            )


def check_rows_fit(registry: Registry, pieces: Sequence[SampleInput]) -> Iterator[str]:
    """Facts are rows of their datasets; what cannot be used is a ``Reject`` of the plugin's own."""
    normalisers = Normalisers(registry.datasets)
    for piece in pieces:
        for item in piece.read(NOW):
            try:
                if isinstance(item, Fact):
                    normalisers.fact(item, NOW)
                elif isinstance(item, Retract):
                    normalisers.retraction(item)
            except BilanError as error:
                yield f"{piece.name} of the sample {piece.sample} gives a row that is refused: {error}"
                break


def check_same(registry: Registry, pieces: Sequence[SampleInput]) -> Iterator[str]:
    """Who is one person is told of addresses that mean the same everywhere, purely by a row."""
    telling = {key: (Normaliser(one), one) for key, one in registry.datasets.items() if one.same is not None}
    for piece in pieces:
        for item in piece.read(NOW):
            if isinstance(item, Fact) and item.dataset in telling:
                normalise, dataset = telling[item.dataset]
                if reason := _wrong_same(dataset, normalise(item.row, NOW)):
                    yield f"the function “same” of {item.dataset} {reason}"
                    break


def _wrong_same(dataset: Dataset, row: Row) -> str | None:
    before = copy.deepcopy(row)
    found = list(same_of(dataset, [row]))
    if row != before:
        return "changes the row it is given"
    if list(same_of(dataset, [row])) != found:
        return "gives another answer the second time"
    for one in found:
        for address in (one.a, one.b):
            try:
                tellable(address)
            except Invalid as error:
                return f"tells that somebody is one person who cannot be told apart: {error.message}"
    return None


def check_activities(registry: Registry, pieces: Sequence[SampleInput]) -> Iterator[str]:
    """The projection onto ``contact.activity`` is a pure function that says who did what."""
    projections = {
        key: (Normaliser(dataset), dataset.activity)
        for key, dataset in registry.datasets.items()
        if dataset.activity is not None
    }
    for piece in pieces:
        for item in piece.read(NOW):
            if isinstance(item, Fact) and item.dataset in projections:
                normalise, project = projections[item.dataset]
                if reason := _wrong_activity(project, normalise(item.row, NOW)):
                    yield f"the activity of {item.dataset} {reason}"
                    break


def _wrong_activity(project: Callable[[Row], Activity | Iterable[Activity] | None], row: Row) -> str | None:
    before = copy.deepcopy(row)
    found = list(activities(project(row)))
    if row != before:
        return "changes the row it is given"
    if list(activities(project(row))) != found:
        return "gives another answer the second time"
    if len({one.key for one in found}) < len(found):
        return "gives two activities of one row the same key"
    for one in found:
        if not (one.category.isidentifier() and one.action.isidentifier()):
            return f"is {one.category!r} and {one.action!r}; category and action must be words"
    return None


def check_malformed_posts(one: Declared) -> Iterator[str]:
    """A post that is none of the service's is refused in a sentence, or rejected row by row."""
    for kind in one.sources:
        settings = settings_of(kind, {each.key: "something" for each in kind.settings if each.required})
        if kind.webhook is None:
            continue
        for body in MALFORMED:
            request = WebhookRequest(body, {}, {}, "application/json", NOW)
            if reason := _stumbles(kind.webhook, request, settings):
                yield f"the webhook of {kind.key} fails on the post {body!r}: {reason}"


def check_secrets(one: Declared) -> Iterator[str]:
    """A source without a secret refuses every post, one signed with an empty secret too."""
    for kind in one.sources:
        if kind.webhook is None:
            continue
        settings = settings_of(
            kind, {each.key: "" for each in kind.settings if each.kind is ParameterKind.SECRET}
        )
        bodies = [
            post.body
            for sample in one.samples
            if sample.kind == kind.key and sample.posts
            for post in sample.posts()
        ]
        for body in (b"[]", b"{}", *bodies[:1]):
            if any(_lets_in(kind.webhook, body, header, settings) for header in _forged(body)):
                yield (
                    f"the webhook of {kind.key} takes a post while its source has no secret: "
                    "raise Unauthenticated, as HmacSignature and check_secret do"
                )
                break


class EveryHeader(dict[str, str]):
    """Headers of somebody who sends the same value in whichever one is looked at."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = value

    def __missing__(self, _name: str) -> str:
        return self._value

    def __contains__(self, _name: object) -> bool:
        return True

    def get(self, _name: str, _default: Any = None) -> Any:
        return self._value


def _forged(body: bytes) -> Iterator[str]:
    """What proves a sender to someone who compares with an empty secret."""
    signature = hmac.new(b"", body, "sha256")
    yield from ("", "Bearer ", "Basic Og==", signature.hexdigest(), f"sha256={signature.hexdigest()}")
    yield b64encode(signature.digest()).decode()


def _lets_in(webhook: Webhook, body: bytes, header: str, settings: Settings) -> bool:
    try:
        webhook.verify(WebhookRequest(body, EveryHeader(header), {}, "application/json", NOW), settings)
    except Exception:
        return False
    return True


def _stumbles(webhook: Webhook, request: WebhookRequest, settings: Settings) -> str | None:
    def parse(request: WebhookRequest, settings: Settings) -> object:
        return list(row_by_row(facts_of(webhook.parse(request, settings))))

    for step in (webhook.verify, parse):
        try:
            step(request, settings)
        except BilanError:
            continue
        except Exception as error:
            return f"{error!r} in place of Invalid, Unauthenticated or a Reject"
    return None
