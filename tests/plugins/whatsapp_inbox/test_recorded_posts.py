"""Every recorded post of the WhatsApp Cloud API comes out of the real endpoint as what stands in it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.http.middleware import ActiveCatalog
from bilan.http.webhooks import Webhooks
from bilan.ingest import Inbox
from bilan.ingest.batch import Batch
from bilan.ingest.models import PostRow
from bilan.ingest.normalise import Normalisers
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.sdk import Row, WebhookRequest
from bilan.settings import Settings as ServerSettings
from bilan.sources import Source, Sources
from bilan_whatsapp_inbox import PLUGIN
from bilan_whatsapp_inbox.sources import WHATSAPP_CLOUD
from fixtures.ingest import NOW
from support.whatsapp import APP_SECRET, RECEIVED_AT, Case, about, cases, change, signature

NUMBER = "1122334455667"
COLUMNS = {
    "kind": "kind", "direction": "direction", "message_id": "message_id", "type": "type", "status": "status",
    "contact_wa_id": "contact_phone", "contact_name": "contact_name", "waba_id": "account",
    "display_phone_number": "number", "phone_number_id": "phone_number_id", "forwarded": "forwarded",
    "reply_to_message_id": "reply_to", "error_codes": "error_codes", "billable": "billable",
    "conversation_id": "window", "conversation_origin": "window_origin",
    "pricing_category": "pricing_category",
    "conversation_expires": "window_expires_at", "timestamp": "occurred_at", "tracker": "tracker",
    "category": "type", "value": "status",
}  # fmt: skip
"""Where the log keeps what is expected of a post."""
REFERRAL = {
    "source_type": "referral_type", "source_id": "referral_id", "source_url": "referral_url",
    "headline": "referral_headline", "body": "referral_body", "media_type": "referral_media",
    "ctwa_clid": "click_id",
}  # fmt: skip


class App:
    """A Meta app with sources, whose posts come to the endpoint."""

    def __init__(self, client: httpx2.AsyncClient, sources: Sources, operator: Principal) -> None:
        self.client, self.sources, self.operator = client, sources, operator

    async def add(self, name: str, number: str = "", **settings: str) -> Source:
        given = {"phone_number_id": number, "app_secret": APP_SECRET, "verify_token": "word", **settings}
        return await self.sources.add(
            self.operator, plugin="whatsapp_inbox", kind="whatsapp_cloud", name=name, settings=given
        )

    async def post(self, source: Source, body: bytes, signed: str | None = None) -> int:
        headers = {"x-hub-signature-256": signature(body) if signed is None else signed}
        answer = await self.client.post(f"/hooks/{source.address}", content=body, headers=headers)
        return answer.status_code

    async def rows(self, source: Source) -> list[Row]:
        """What the source makes of the posts that it was given, checked as the appender checks it."""
        batch = Batch(Normalisers(load([("whatsapp", PLUGIN)], installed=False).datasets), RECEIVED_AT)
        settings = await self.sources.open_settings(source.id)
        found: list[Row] = []
        for post in await PostRow.filter(source=source.id).order_by("id"):
            asked = WebhookRequest(post.body, post.headers, post.query, post.content_type, post.received_at)
            assert WHATSAPP_CLOUD.webhook is not None
            items = list(WHATSAPP_CLOUD.webhook.parse(asked, settings))
            batch.read(source.id, lambda items=items: items, post.body)
            found += [getattr(item, "row", {}) for item in items]
        batch.check()
        self.rejects = [str(reject.reason) for _source, reject in batch.rejects]
        return [row for row in found if row]


@pytest.fixture
def registry() -> Registry:
    return load([("whatsapp", PLUGIN)], installed=False)


@pytest.fixture
async def app(
    sqlite_catalog: Catalog, registry: Registry, clock: FrozenClock, tmp_path: Path
) -> AsyncGenerator[App]:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    sources, inbox = Sources(sqlite_catalog, clock, registry, b"key"), Inbox(sqlite_catalog, limit=100)
    webhooks = Webhooks(ServerSettings(data_dir=tmp_path), sources, inbox, registry, clock, Meters())
    routed = Starlette(routes=[webhooks.route()], middleware=[Middleware(ActiveCatalog, sqlite_catalog)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(routed), base_url="http://bilan") as client:
        yield App(client, sources, OperatorPrincipal(workspace=workspace.id))


def as_expected(row: Row, fact: dict[str, Any]) -> dict[str, Any]:
    """What the row says of what is expected, in the words of what is expected."""
    found: dict[str, Any] = {name: row[column] for name, column in COLUMNS.items() if name in fact}
    for name in ("timestamp", "conversation_expires"):
        if found.get(name) is not None:
            found[name] = found[name].astimezone(UTC).isoformat()
    if "error_codes" in found:
        found["error_codes"] = [int(code) for code in found["error_codes"]]
    if "referral" in fact:
        referral = {name: row[column] for name, column in REFERRAL.items()}
        found["referral"] = referral if any(referral.values()) else None
    if "field" in fact:
        found["field"] = "user_preferences" if row["kind"] == "preference" else "messages"
    return {name: None if fact[name] is None and value == "" else value for name, value in found.items()}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.file)
async def test_a_recorded_post_comes_out_of_the_endpoint_as_what_stands_in_it(app: App, case: Case) -> None:
    source = await app.add("Numbers")

    assert await app.post(source, case.body) == 200

    rows = await app.rows(source)
    assert [as_expected(row, fact) for row, fact in zip(rows, case.facts, strict=True)] == case.facts
    assert app.rejects == []


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.file)
async def test_a_recorded_post_is_refused_without_its_signature(app: App, case: Case) -> None:
    source = await app.add("Numbers")

    answers = [await app.post(source, case.body, signed) for signed in ("", signature(case.body, "another"))]

    assert (answers, await PostRow.all().count()) == ([401, 401], 0)


async def test_a_source_that_asks_for_no_proof_takes_a_post_without_signature(app: App) -> None:
    source = await app.add("Numbers", verify="off")

    assert await app.post(source, cases()[0].body, "") == 200

    assert len(await app.rows(source)) == 1


async def test_a_post_that_comes_again_makes_the_same_rows(app: App) -> None:
    source = await app.add("Numbers")
    for _time in range(2):
        await app.post(source, cases()[0].body)

    first, second = await app.rows(source)
    assert first == second


async def test_the_handshake_is_answered_with_the_challenge(app: App) -> None:
    source = await app.add("Numbers")
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "word"}

    right = await app.client.get(f"/hooks/{source.address}", params=asked)
    wrong = await app.client.get(f"/hooks/{source.address}", params={**asked, "hub.verify_token": "another"})

    assert (right.status_code, right.text, wrong.status_code) == (200, "1158201444", 401)


def message(ident: str) -> dict[str, Any]:
    return {
        "id": ident,
        "from": "33600000001",
        "timestamp": "1772442000",
        "type": "text",
        "text": {"body": "x"},
    }


async def test_numbers_of_one_app_are_posted_to_at_any_of_their_addresses(app: App) -> None:
    lille, lyon = await app.add("Lille", "1"), await app.add("Lyon", "2")
    body = change(about("1", messages=[message("a")]))
    body["entry"] += change(about("2", messages=[message("b"), message("c")]))["entry"]
    body["entry"][0]["changes"] += change(about("2", messages=[message("d")]))["entry"][0]["changes"]

    assert await app.post(lyon, json.dumps(body).encode()) == 200

    assert [row["message_id"] for row in await app.rows(lille)] == ["a"]
    assert [row["message_id"] for row in await app.rows(lyon)] == ["d", "b", "c"]
    assert app.rejects == []


async def test_a_number_that_no_source_has_is_told_of_with_the_rejects(app: App) -> None:
    lille = await app.add("Lille", "1")

    assert await app.post(lille, json.dumps(change(about("9", messages=[message("a")]))).encode()) == 200

    assert await app.rows(lille) == []
    assert app.rejects == ["This is about the number with the id 9, which no source of this app has."]
