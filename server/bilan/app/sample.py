"""The demo's workspace: sample sources of the installed plugins, and reports of them that have been run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import anyio
import anyio.to_thread
import msgspec
import structlog

from bilan.accounts import Principal, Scope, WorkspaceRole
from bilan.accounts.passwords import generated
from bilan.accounts.principals import principal_for
from bilan.i18n import formatter_for
from bilan.ingest.imports import NewUpload
from bilan.ingest.inbox import Inbox
from bilan.ingest.normalise import Normalisers
from bilan.ingest.recorded import MOST, recording
from bilan.operator import add_person, operator
from bilan.outbound.samples import facts_of, nobody, pulled
from bilan.reports.values import Draft, SavedReport
from bilan.sdk.columns import row_by_row
from bilan.sdk.datasets import Reject
from bilan.sdk.errors import BilanError, Conflict
from bilan.sdk.reports import Example, ReportKind
from bilan.sdk.sources import Post, Sample, SourceKind, WebhookRequest
from bilan.sources.settings import NEVER, PULLED

if TYPE_CHECKING:
    from bilan.app.assembly import Bilan
    from bilan.services import Services
    from bilan.sources import Source

log = structlog.get_logger(__name__)

EMAIL = "demo@example.com"
NAME = "Demo"
LOOK = 0.1
"""Seconds between two looks at a run."""


class Visitor(msgspec.Struct, frozen=True):
    """How the first visitor signs in, and the token their programs use."""

    email: str
    password: str
    token: str


@dataclass(frozen=True)
class _Loading:
    services: Services
    actor: Principal
    source: Source


async def load_sample(bilan: Bilan) -> Visitor:
    """Fill an empty server with the plugins' samples. One that was filled before stays as it is."""
    path = bilan.services.settings.data_dir / "demo.json"
    if kept := await _kept(path):
        return kept
    services = bilan.services
    actor = await operator(services)
    password = generated()
    member = await add_person(services, EMAIL, NAME, WorkspaceRole.OWNER, password=password)
    kinds = services.registry.source_kinds
    for declared in services.registry.declared:
        for sample in (one for one in declared.samples if one.demo):
            source = await services.sources.add(
                actor,
                plugin=declared.plugin.namespace,
                kind=sample.kind,
                name=sample.name,
                settings={**sample.settings, **_left_alone(kinds[declared.plugin.namespace, sample.kind])},
            )
            await _load(_Loading(services, actor, source), sample)
    await bilan.appender.drain()
    person = await principal_for(member.id)
    if person is None:
        raise RuntimeError("the demo's person has just been added")
    await _show_reports(services, person)
    made = await services.tokens.create(person, "demo", [Scope.READ, Scope.WRITE])
    visitor = Visitor(EMAIL, password, made.token)
    await _keep(path, visitor)
    return visitor


def _left_alone(kind: SourceKind) -> dict[str, str]:
    """What keeps a sample's source from being fetched: there is no service behind it."""
    return {PULLED.key: NEVER} if kind.pull else {}


async def _load(loading: _Loading, sample: Sample) -> None:
    if sample.posts is not None:
        inbox = Inbox(
            loading.services.catalog, loading.services.settings.inbox_limit
        )  # however long it takes
        for post in sample.posts():
            await inbox.accept(loading.source.id, _request(loading, post))
    if sample.answers is not None or sample.mails is not None:
        await _pull(loading, sample)
    if sample.files is not None:
        with tempfile.TemporaryDirectory(prefix="bilan-sample-") as folder:
            for file in sample.files(Path(folder), loading.services.clock.now()):
                companions = dict(file.companions)
                await _import(loading, NewUpload(file.name, file.path, companions=companions))


async def _pull(loading: _Loading, sample: Sample) -> None:
    """Take what a pull of the sample gives, as if a route had recorded it."""
    services, source = loading.services, loading.source
    kind, now = services.registry.source_kinds[source.plugin, source.kind], services.clock.now()
    normalisers = Normalisers(services.registry.datasets)
    inbox = Inbox(services.catalog, services.settings.inbox_limit)
    settings = await services.sources.open_settings(source.id)
    mails = None if sample.mails is None else tuple(sample.mails())
    answers = sample.answers or nobody
    items = pulled(kind.pull, answers, settings, now, mails=mails) if kind.pull else ()
    facts = [one for one in row_by_row(facts_of(items)) if not isinstance(one, Reject)]
    for start in range(0, len(facts), MOST):
        body = recording(facts[start : start + MOST], source.plugin, normalisers, now)
        await inbox.record(source.id, body, now)


def _request(loading: _Loading, post: Post) -> WebhookRequest:
    now = loading.services.clock.now()
    return WebhookRequest(post.body, dict(post.headers), {}, post.content_type, now)


async def _import(loading: _Loading, new: NewUpload) -> None:
    services, actor = loading.services, loading.actor
    stored = await services.imports.upload(actor, loading.source.id, new)
    started = await services.imports.start(actor, stored.id)
    if started.job is not None:
        await _until_over(services, actor, started.job)


async def _show_reports(services: Services, person: Principal) -> None:
    """The examples of kinds and samples as saved reports, each run once, so that there is something to read.

    Those that do not fit the facts, because nothing they name is there, are left out.
    """
    formatter = formatter_for(services.translator, person.language, person.zone)
    async with anyio.create_task_group() as tasks:
        for kind, example in _examples(services):
            try:
                draft = Draft(formatter.text(example.label), kind, example.values)
                saved = await services.reports.create(person, draft)
            except BilanError as error:
                log.info("no sample report", kind=kind, example=example.key, reason=str(error))
            else:
                tasks.start_soon(_run, services, person, saved)


async def _run(services: Services, person: Principal, saved: SavedReport) -> None:
    try:
        run = await services.runs.start(
            person,
            saved.kind,
            saved.parameters,
            title=saved.name,
            report=saved.id,
            sources=saved.sources,
        )
        await _until_over(services, person, run.id)
    except BilanError as error:
        log.warning("a sample report failed", report=saved.name, reason=str(error))


async def _until_over(services: Services, actor: Principal, run: UUID) -> None:
    """Wait for the run. Raises ``Conflict`` where it came to nothing."""
    while not (current := await services.runs.get(actor, run)).state.over:  # noqa: ASYNC110 - only asking tells
        await anyio.sleep(LOOK)
    if current.error is not None:
        raise Conflict(current.error)


def _examples(services: Services) -> Iterator[tuple[str, Example]]:
    now = services.clock.now()
    for declared in services.registry.declared:
        for kind in declared.reports:
            # A kind without examples is shown as it is when nobody fills anything in.
            yield from ((kind.key, one) for one in kind.examples or (_plain(kind),))
        # Last, so that a page of a kind shows what was made for these facts.
        for sample in declared.samples:
            yield from sample.reports(now).items() if sample.reports else ()


def _plain(kind: ReportKind) -> Example:
    values = {"period": "last_90_days"} if "period" in kind.common else {}
    return Example("plain", kind.label, kind.description, values)


async def _kept(path: Path) -> Visitor | None:
    file = anyio.Path(path)
    return msgspec.json.decode(await file.read_bytes(), type=Visitor) if await file.exists() else None


async def _keep(path: Path, visitor: Visitor) -> None:
    def write() -> None:
        # The demo's password has to be printed again at its next start.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(visitor))

    await anyio.to_thread.run_sync(write)
