"""A plugin's sample data, read by its own sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bilan.ingest.namespaces import own_facts
from bilan.outbound.samples import facts_of, nobody, pulled
from bilan.parameters.validation import check
from bilan.registry.declared import Declared
from bilan.sdk.columns import row_by_row
from bilan.sdk.datasets import Fact, Reject, Retract
from bilan.sdk.sources import ImportFile, Reader, Sample, SourceKind, WebhookRequest

Items = Iterable[Fact | Retract | Reject]


@dataclass(frozen=True)
class SampleInput:
    """One post, one file or one pull of a sample. ``read`` takes the moment of receipt (UTC)."""

    sample: str
    name: str
    read: Callable[[datetime], Items]
    timed: bool = False
    """Whether its facts may depend on when it is read, as those of a pull may."""


def sample_inputs(
    one: Declared, folder: Path, now: datetime, limit: int | None = None
) -> tuple[SampleInput, ...]:
    """Every post and file of a plugin's samples; files that are made are written below ``folder``.

    ``now`` counts as the present moment. With a limit, reading a piece ends after so many rows.
    """
    kinds = {kind.key: kind for kind in one.sources}
    return tuple(
        SampleInput(
            piece.sample,
            piece.name,
            lambda at, read=piece.read: islice(own_facts(read(at), one.plugin.namespace), limit),
            piece.timed,
        )
        for number, sample in enumerate(one.samples)
        for piece in _pieces(kinds[sample.kind], sample, folder / f"{one.plugin.namespace}-{number}", now)
    )


def _pieces(kind: SourceKind, sample: Sample, folder: Path, now: datetime) -> Iterator[SampleInput]:
    settings = settings_of(kind, sample.settings)
    if sample.posts is not None and kind.webhook is not None:
        webhook = kind.webhook
        for number, post in enumerate(sample.posts(), 1):

            def parse(at: datetime, post: Any = post) -> Items:
                request = WebhookRequest(post.body, dict(post.headers), {}, post.content_type, at)
                return row_by_row(facts_of(webhook.parse(request, settings)))

            yield SampleInput(sample.name, f"post {number}", parse)
    if (sample.answers is not None or sample.mails is not None) and kind.pull is not None:
        pull, answers = kind.pull, sample.answers or nobody
        mails = None if sample.mails is None else tuple(sample.mails())

        def ask(at: datetime) -> Items:
            return row_by_row(facts_of(pulled(pull, answers, settings, at, mails=mails)))

        yield SampleInput(sample.name, "pull", ask, timed=True)
    if sample.files is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for file in sample.files(folder, now):
            yield SampleInput(sample.name, file.name, _reading(kind, file, settings))


def _reading(kind: SourceKind, file: ImportFile, settings: Mapping[str, Any]) -> Callable[[datetime], Items]:
    def read(_received_at: datetime) -> Items:
        reader = reader_of(kind, file)
        found = () if reader is None else reader.read(file, settings, reader.propose(file, settings))
        return row_by_row(found)

    return read


def reader_of(kind: SourceKind, file: ImportFile) -> Reader | None:
    """The reader that is surest of a file; ``None`` where none recognises it."""
    best = max(kind.readers, key=lambda reader: reader.recognises(file), default=None)
    return best if best is not None and best.recognises(file) > 0 else None


def settings_of(kind: SourceKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a source as given, the others at their defaults or empty."""
    return check(kind.settings, given, client=None).values
