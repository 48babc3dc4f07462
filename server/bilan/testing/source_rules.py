"""What a plugin's sources read: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bilan.ingest.normalise import Normaliser, Normalisers
from bilan.registry.declared import Declared, Registry
from bilan.sdk.datasets import Activity, Fact, Row
from bilan.sdk.errors import BilanError
from bilan.sdk.sources import Settings, Webhook, WebhookRequest
from bilan.testing.samples import SampleInput, settings_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""What a test run takes for the present moment."""
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
            if isinstance(item, Fact):
                try:
                    normalisers.fact(item, NOW)
                except BilanError as error:
                    yield f"{piece.name} of the sample {piece.sample} gives a row that is refused: {error}"
                    break


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


def _wrong_activity(project: Callable[[Row], Activity | None], row: Row) -> str | None:
    before = copy.deepcopy(row)
    activity = project(row)
    if row != before:
        return "changes the row it is given"
    if project(row) != activity:
        return "gives another answer the second time"
    if activity is not None and not (activity.category.isidentifier() and activity.action.isidentifier()):
        return f"is {activity.category!r} and {activity.action!r}; category and action must be words"
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


def _stumbles(webhook: Webhook, request: WebhookRequest, settings: Settings) -> str | None:
    for step in (webhook.verify, webhook.parse):
        try:
            list(step(request, settings) or ())
        except BilanError:
            continue
        except Exception as error:
            return f"{error!r} in place of Invalid, Unauthenticated or a Reject"
    return None
