from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from pathlib import Path

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
from bilan.ingest.models import PostRow
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.settings import Settings
from bilan.sources import Source, Sources
from fixtures.ingest import NOW, until

GOOD = {"x-shop-secret": "right", "content-type": "application/json"}


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def inbox(sqlite_catalog: Catalog) -> Inbox:
    return Inbox(sqlite_catalog, limit=3)


@pytest.fixture
def sources(sqlite_catalog: Catalog, clock: FrozenClock, shop_registry: Registry) -> Sources:
    return Sources(sqlite_catalog, clock, shop_registry, b"key")


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Principal:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
async def till(sources: Sources, operator: Principal) -> Source:
    return await sources.add(operator, plugin="shop", kind="till", name="Till", settings={"secret": "right"})


@pytest.fixture
async def client(
    sqlite_catalog: Catalog,
    sources: Sources,
    inbox: Inbox,
    shop_registry: Registry,
    clock: FrozenClock,
    meters: Meters,
    tmp_path: Path,
) -> AsyncGenerator[httpx2.AsyncClient]:
    settings = Settings(data_dir=tmp_path, max_body_bytes=1024)
    webhooks = Webhooks(settings, sources, inbox, shop_registry, clock, meters)
    app = Starlette(routes=[webhooks.route()], middleware=[Middleware(ActiveCatalog, sqlite_catalog)])
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bilan") as client:
        yield client


async def test_a_post_that_is_acknowledged_is_written_down(
    client: httpx2.AsyncClient, till: Source, meters: Meters
) -> None:
    answer = await client.post(f"/hooks/{till.address}?list=a", content=b"[1]", headers=GOOD)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    post = await PostRow.get()
    assert (post.source, post.body, post.query, post.received_at) == (till.id, b"[1]", {"list": "a"}, NOW)
    assert post.content_type == "application/json"
    assert b'bilan_webhook_posts_total{kind="till",outcome="accepted",plugin="shop"} 1.0' in meters.text()


async def test_an_address_may_end_with_a_slash(client: httpx2.AsyncClient, till: Source) -> None:
    answer = await client.post(f"/hooks/{till.address}/", content=b"[1]", headers=GOOD)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert (await client.get(f"/hooks/{till.address}/x")).status_code == 404


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br"])
async def test_a_packed_post_is_refused_before_its_signature_is_looked_at(
    client: httpx2.AsyncClient, till: Source, encoding: str
) -> None:
    content = gzip.compress(b"[1]")
    headers = {**GOOD, "content-encoding": encoding}
    answer = await client.post(f"/hooks/{till.address}", content=content, headers=headers)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (415, "unsupported")
    assert error["message"] == f"The post is packed ({encoding.lower()}); send it as it is."
    assert await PostRow.all().count() == 0


async def test_a_sender_that_does_not_prove_itself_is_refused_with_a_sentence(
    client: httpx2.AsyncClient, till: Source
) -> None:
    answer = await client.post(f"/hooks/{till.address}", content=b"[]", headers={"x-shop-secret": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["errors"] == [
        {
            "message": "The header X-Shop-Secret does not hold the source's secret.",
            "extensions": {"code": "unauthenticated"},
        }
    ]
    assert await PostRow.all().count() == 0


async def test_a_source_that_does_not_verify_takes_posts_without_proof(
    client: httpx2.AsyncClient, till: Source, sources: Sources, operator: Principal
) -> None:
    await sources.change(operator, till.id, settings={"verify": "off"})
    assert (await client.post(f"/hooks/{till.address}", content=b"[]")).status_code == 200


async def test_a_removed_source_a_rotated_address_and_one_that_never_was_get_the_same_answer(
    client: httpx2.AsyncClient, till: Source, sources: Sources, operator: Principal
) -> None:
    rotated = await sources.rotate_address(operator, till.id)
    unknown = await client.post("/hooks/never-was", content=b"[]", headers=GOOD)
    old = await client.post(f"/hooks/{till.address}", content=b"[]", headers=GOOD)
    await sources.remove(operator, till.id)
    removed = await client.post(f"/hooks/{rotated.address}", content=b"[]", headers=GOOD)
    assert {one.status_code for one in (unknown, old, removed)} == {404}
    assert unknown.json() == old.json() == removed.json()
    assert unknown.json()["errors"][0]["message"] == "No source has this address."
    assert await PostRow.all().count() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_asking_whether_an_address_answers_does_nothing(
    method: str, client: httpx2.AsyncClient, till: Source
) -> None:
    assert (await client.request(method, f"/hooks/{till.address}")).status_code == 200
    assert (await client.request(method, "/hooks/never-was")).status_code == 404
    assert await PostRow.all().count() == 0


async def test_a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not(
    client: httpx2.AsyncClient, till: Source
) -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        for _ in range(3):
            yield b"x" * 512

    told = await client.post(f"/hooks/{till.address}", content=b"x" * 1025, headers=GOOD)
    untold = await client.post(f"/hooks/{till.address}", content=pieces(), headers=GOOD)
    fits = await client.post(f"/hooks/{till.address}", content=b"x" * 1024, headers=GOOD)
    assert (told.status_code, untold.status_code, fits.status_code) == (413, 413, 200)
    assert await PostRow.all().count() == 1


async def test_a_full_inbox_asks_the_sender_to_come_back(client: httpx2.AsyncClient, till: Source) -> None:
    answers = [await client.post(f"/hooks/{till.address}", content=b"[]", headers=GOOD) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
    assert answers[3].headers["retry-after"] == "30"
    assert answers[3].json()["errors"][0]["extensions"]["code"] == "unavailable"
    assert await PostRow.all().count() == 3


async def test_a_post_that_cannot_be_written_down_is_not_acknowledged(
    client: httpx2.AsyncClient, till: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(rows: list[PostRow]) -> object:
        raise OSError("disk full")

    monkeypatch.setattr(PostRow, "bulk_create", failing)
    answer = await client.post(f"/hooks/{till.address}", content=b"[]", headers=GOOD)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    (error,) = answer.json()["errors"]
    assert error["message"] == "The post could not be written down; please send it again."


async def test_a_body_is_acknowledged_before_it_is_understood(
    client: httpx2.AsyncClient, till: Source, inbox: Inbox
) -> None:
    assert (await client.post(f"/hooks/{till.address}", content=b"{", headers=GOOD)).status_code == 200
    await until(inbox.arrived.is_set)


async def test_nothing_of_the_secret_is_written_down(client: httpx2.AsyncClient, till: Source) -> None:
    headers = {**GOOD, "x-note": "it is right"}
    answer = await client.post(f"/hooks/{till.address}?a=right&b=2", content=b"[1]", headers=headers)
    assert answer.status_code == 200
    post = await PostRow.get()
    assert "right" not in str([*post.headers.values(), *post.query.values()])
    assert (post.query, post.headers["content-type"]) == ({"b": "2"}, "application/json")


@pytest.mark.parametrize("verify", ["on", "off"])
async def test_a_secret_that_cannot_be_opened_makes_the_sender_come_again(
    sqlite_catalog: Catalog, shop_registry: Registry, clock: FrozenClock, operator: Principal,
    client: httpx2.AsyncClient, verify: str,
) -> None:  # fmt: skip
    elsewhere = Sources(sqlite_catalog, clock, shop_registry, b"another key")
    source = await elsewhere.add(
        operator, plugin="shop", kind="till", name="Old", settings={"secret": "right", "verify": verify}
    )
    answer = await client.post(f"/hooks/{source.address}", content=b"[1]", headers=GOOD)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json()["errors"] == [
        {
            "message": "The source's secrets cannot be opened with the server's key; please send it again.",
            "extensions": {"code": "unavailable"},
        }
    ]
    assert await PostRow.all().count() == 0
