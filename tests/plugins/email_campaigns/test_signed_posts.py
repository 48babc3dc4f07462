"""Posts to a source of Mailgun over HTTP: repeated, changed, and too old."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.http.middleware import ActiveCatalog
from bilan.http.webhooks import Webhooks
from bilan.ingest import Inbox
from bilan.ingest.models import PostRow, ProofRow
from bilan.ingest.proofs import Proofs
from bilan.ingest.rejects import Rejects
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.settings import Settings
from bilan.sources import Source, Sources
from fixtures.ingest import NOW

Send = Callable[..., Awaitable[httpx2.Response]]


def signed(event: str, at: datetime, token: str = "t" * 50) -> bytes:
    """A post whose signature covers its time and its token, as Mailgun's do."""
    second = str(int(at.timestamp()))
    signature = hmac.new(b"key", f"{second}{token}".encode(), hashlib.sha256).hexdigest()
    block = {"timestamp": second, "token": token, "signature": signature}
    return json.dumps({"signature": block, "event-data": {"event": event}}).encode()


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> OperatorPrincipal:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
def sources(sqlite_catalog: Catalog, clock: FrozenClock, email_registry: Registry) -> Sources:
    return Sources(sqlite_catalog, clock, email_registry, b"key")


@pytest.fixture
async def mailgun(sources: Sources, operator: OperatorPrincipal) -> Source:
    settings: dict[str, Any] = {"signing_key": "key"}
    return await sources.add(
        operator, plugin="email_campaigns", kind="mailgun", name="Mail", settings=settings
    )


@pytest.fixture
async def send(
    sqlite_catalog: Catalog,
    sources: Sources,
    email_registry: Registry,
    mailgun: Source,
    clock: FrozenClock,
    tmp_path: Path,
) -> AsyncGenerator[Send]:
    inbox = Inbox(sqlite_catalog, limit=100)
    webhooks = Webhooks(Settings(data_dir=tmp_path), sources, inbox, email_registry, clock, Meters())
    app = Starlette(routes=[webhooks.route()], middleware=[Middleware(ActiveCatalog, sqlite_catalog)])
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bilan") as client:

        async def post(body: bytes) -> httpx2.Response:
            return await client.post(f"/hooks/{mailgun.address}", content=body)

        yield post


async def test_a_repeat_is_answered_200_and_changes_nothing(send: Send) -> None:
    body = signed("opened", NOW)
    answers = [await send(body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await PostRow.all().count() == 1


async def test_a_repeat_after_the_post_was_read_changes_nothing_either(send: Send) -> None:
    assert (await send(signed("opened", NOW))).status_code == 200
    await PostRow.all().delete()
    assert (await send(signed("opened", NOW))).status_code == 200
    assert await PostRow.all().count() == 0


async def test_one_signature_over_another_body_is_refused(send: Send) -> None:
    assert (await send(signed("opened", NOW))).status_code == 200
    answer = await send(signed("unsubscribed", NOW))
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "The signature belongs to another post."
    assert await PostRow.all().count() == 1
    assert (await send(signed("unsubscribed", NOW, "u" * 50))).status_code == 200


async def test_a_post_is_taken_as_long_as_mailgun_repeats_it_and_older_ones_are_counted(
    send: Send, mailgun: Source, sources: Sources, operator: OperatorPrincipal
) -> None:
    assert (await send(signed("opened", NOW - timedelta(hours=8, minutes=5), "a" * 50))).status_code == 200
    for token in ("b" * 50, "c" * 50):
        answer = await send(signed("opened", NOW - timedelta(hours=12, minutes=1), token))
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["message"] == "The signature is older than this source accepts."
    assert (await send(signed("opened", NOW).replace(b"tttt", b"xxxx"))).status_code == 401
    assert (await Rejects(sources).counts(operator, mailgun.id)).stale == 2

    await sources.change(operator, mailgun.id, settings={"max_age": 0})
    assert (await send(signed("opened", NOW - timedelta(days=900), "d" * 50))).status_code == 200


async def test_proofs_are_forgotten_once_nobody_can_use_them(send: Send, clock: FrozenClock) -> None:
    assert (await send(signed("opened", NOW))).status_code == 200
    clock.move(timedelta(days=6))
    assert await Proofs(clock).sweep() == 0
    clock.move(timedelta(days=2))
    assert await Proofs(clock).sweep() == 1
    assert await ProofRow.all().count() == 0
