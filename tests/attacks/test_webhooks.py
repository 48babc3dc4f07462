"""Posts of strangers, which a plugin looks at before anybody knows who they are."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.http import webhooks as module
from bilan.http.middleware import ActiveCatalog
from bilan.http.webhooks import Webhooks
from bilan.ingest import Inbox
from bilan.ingest import batch as batch_module
from bilan.ingest.batch import Batch
from bilan.ingest.models import PostRow
from bilan.ingest.normalise import Normalisers
from bilan.ingest.post_threads import Busy, PostThreads
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.sdk import Invalid, Reject, Unauthenticated, WebhookRequest
from bilan.sdk.messages import messages
from bilan.settings import Settings
from bilan.sources import Source, Sources
from bilan_email_campaigns.webhooks.forms import MOST_FIELDS, form_body
from bilan_email_campaigns.webhooks.mailgun import Mailgun, signature_of
from fixtures.ingest import NOW, ShopWebhook

PART = b'Content-Disposition: form-data; name="a"\r\n\r\nx\r\n--B\r\n'
NOTHING = messages("shop")[0]("There is nothing in it.")
GOOD = {"x-shop-secret": "right", "content-type": "application/json"}


def form(parts: int) -> WebhookRequest:
    body = b"--B\r\n" + PART * parts + b'Content-Disposition: form-data; name="token"\r\n\r\nt\r\n--B--\r\n'
    return WebhookRequest(body, {}, {}, "multipart/form-data; boundary=B", NOW)


class Counted(bytes):
    """A body that tells how far it was read."""

    furthest = 0

    def __getitem__(self, place: slice) -> bytes:  # type: ignore[override]
        Counted.furthest = max(Counted.furthest, place.stop)
        return super().__getitem__(place)


def test_a_form_is_read_no_further_than_its_most_fields() -> None:
    post = form(200_000)
    body = Counted(post.body)
    with pytest.raises(Invalid, match="more than 500 fields"):
        form_body(WebhookRequest(body, {}, {}, post.content_type, NOW))

    # Of ten megabytes one piece of 64 kB.
    assert (len(body) > 10_000_000, Counted.furthest) == (True, 65_536)


def test_an_unsigned_form_of_too_many_fields_is_a_post_without_a_signature() -> None:
    with pytest.raises(Unauthenticated, match="signature"):
        Mailgun().verify(form(MOST_FIELDS), {"signing_key": "key"})


@pytest.mark.parametrize(
    ("body", "built"),
    [
        (b"[" + b"[]," * 100_000 + b"[]]", "nothing"),
        (b'{"event-data": [' + b"[]," * 100_000 + b'[]], "signature": {"token": "t", "timestamp": 1}}', "t"),
        (b'{"signature": {"token": [' + b"[]," * 100_000 + b"[]]}}", "nothing"),
        (b'\xef\xbb\xbf{"signature": {"token": "t", "timestamp": "1"}}', "t"),
    ],
    ids=["a list", "beside the proof", "within the proof", "marked"],
)
def test_of_an_unsigned_post_nothing_is_built_but_its_proof(
    monkeypatch: pytest.MonkeyPatch, body: bytes, built: str
) -> None:
    def load(*_given: object) -> None:
        raise AssertionError("all of it was built")

    monkeypatch.setattr(json, "loads", load)
    post = WebhookRequest(body, {}, {}, "application/json", NOW)

    assert signature_of(post)[:2] == (("1", "t") if built == "t" else ("", ""))
    with pytest.raises(Unauthenticated, match="signature"):
        Mailgun().verify(post, {"signing_key": "key"})


def test_fields_of_an_urlencoded_form_are_counted_before_they_are_read() -> None:
    post = WebhookRequest(b"a=1&" * MOST_FIELDS + b"b=2", {}, {}, "application/x-www-form-urlencoded", NOW)
    with pytest.raises(Invalid, match="more than 500 fields"):
        form_body(post)


def test_of_a_form_only_the_fields_that_are_asked_for_are_kept() -> None:
    assert form_body(form(400), ("token",)) == {"token": ["t"]}


@pytest.fixture
def threads() -> PostThreads:
    return PostThreads(threads=1, waiting=1)


async def test_others_are_served_while_a_plugin_looks_at_a_post(threads: PostThreads) -> None:
    looking, served = threading.Event(), threading.Event()

    def look() -> str:
        looking.set()
        assert served.wait(20)  # which only the loop can set
        return "looked at"

    post = asyncio.create_task(threads.run(look))
    assert await asyncio.to_thread(looking.wait, 20)
    served.set()

    assert await post == "looked at"


async def test_one_more_than_may_wait_is_refused_at_once(threads: PostThreads) -> None:
    ended = threading.Event()
    first, second = (asyncio.create_task(threads.run(lambda: ended.wait(20))) for _post in range(2))
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await threads.run(lambda: None)
    ended.set()
    assert (await first, await second) == (True, True)


async def test_a_post_that_takes_too_long_keeps_its_thread_and_nobody_waiting() -> None:
    threads, ended, over = PostThreads(threads=1, waiting=0, seconds=0), threading.Event(), []
    with pytest.raises(Busy, match="too long"):
        await threads.run(lambda: over.append(ended.wait(20)))
    # Its place is not given away while the thread is still at work.
    with pytest.raises(Busy, match="Too many"):
        await threads.run(lambda: None)
    ended.set()


async def test_what_a_plugin_raises_comes_back(threads: PostThreads) -> None:
    def refuse() -> None:
        raise TimeoutError("the plugin's own")

    with pytest.raises(TimeoutError, match="own"):
        await threads.run(refuse)


def test_of_a_post_with_millions_of_facts_the_first_are_read(
    shop_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "POST_FACTS", 100)
    batch, read, source = Batch(Normalisers(shop_registry.datasets), NOW), list[int](), uuid4()

    def endless() -> Iterator[Reject]:
        for number in itertools.count(1):
            read.append(number)
            yield Reject(number, NOTHING, "")

    batch.read(source, endless, b"")

    assert len(read) == 101
    assert batch.count(source).rejected == 101


@pytest.fixture
async def tills(sqlite_catalog: Catalog, clock: FrozenClock, shop_registry: Registry) -> list[Source]:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    sources = Sources(sqlite_catalog, clock, shop_registry, b"key")
    operator = OperatorPrincipal(workspace=workspace.id)
    secret = {"secret": "right"}
    return [
        await sources.add(operator, plugin="shop", kind="till", name=name, settings=secret)
        for name in ("Till", "Other till")
    ]


@pytest.fixture
def till(tills: list[Source]) -> Source:
    return tills[0]


@pytest.fixture
async def client(
    sqlite_catalog: Catalog, clock: FrozenClock, shop_registry: Registry, tmp_path: Path
) -> AsyncGenerator[httpx2.AsyncClient]:
    sources, inbox = Sources(sqlite_catalog, clock, shop_registry, b"key"), Inbox(sqlite_catalog, limit=100)
    settings = Settings(data_dir=tmp_path)
    webhooks = Webhooks(settings, sources, inbox, shop_registry, clock, Meters())
    app = Starlette(routes=[webhooks.route()], middleware=[Middleware(ActiveCatalog, sqlite_catalog)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://bilan") as client:
        yield client


async def test_a_signature_is_checked_away_from_the_event_loop(
    client: httpx2.AsyncClient, till: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[str] = []
    verify = ShopWebhook.verify

    def noted(self: ShopWebhook, *given: object) -> None:
        where.append(threading.current_thread().name)
        verify(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(ShopWebhook, "verify", noted)
    answer = await client.post(f"/hooks/{till.address}", content=b"[1]", headers=GOOD)

    assert (answer.status_code, await PostRow.all().count()) == (200, 1)
    assert [name.rpartition("_")[0] for name in where] == ["bilan-posts"]


async def test_an_address_longer_than_any_is_nobodys(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"/hooks/{'a' * 5_000}", content=b"[1]")

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "No source has this address.")


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
async def test_a_post_is_as_large_as_its_kind_takes(
    client: httpx2.AsyncClient, till: Source, chunked: bool
) -> None:
    read = 0

    async def pieces() -> AsyncGenerator[bytes]:
        nonlocal read
        for _piece in range(1_000):
            read += 1
            yield b"x" * 1024**2

    length = {} if chunked else {"content-length": str(1_000 * 1024**2)}
    answer = await client.post(f"/hooks/{till.address}", content=pieces(), headers=GOOD | length)

    assert answer.status_code == 413
    assert answer.json()["errors"][0]["message"] == (
        "The post is larger than 16.777 MB, the most that sources of this kind take."
    )
    assert await PostRow.all().count() == 0


async def test_posts_are_held_in_so_much_memory_and_no_more(
    client: httpx2.AsyncClient, till: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 10)

    refused = await client.post(f"/hooks/{till.address}", content=b"x" * 11, headers=GOOD)
    taken = await client.post(f"/hooks/{till.address}", content=b"[1]", headers=GOOD)
    once_more = await client.post(f"/hooks/{till.address}", content=b"[1234567]", headers=GOOD)

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    # What was held is given back.
    assert (taken.status_code, once_more.status_code) == (200, 200)


class Slow:
    """A body of which some bytes come, and the rest when it is let."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.begun, self.let = asyncio.Event(), asyncio.Event()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        first, *others = self.pieces
        yield first
        self.begun.set()
        await self.let.wait()
        for piece in others:
            yield piece


async def test_a_post_that_dawdles_keeps_no_room_for_what_it_has_not_sent(
    client: httpx2.AsyncClient, till: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 10)
    body, length = Slow(b"[", b"12345678]"), {"content-length": "10"}

    dawdling = asyncio.create_task(client.post(f"/hooks/{till.address}", content=body, headers=GOOD | length))
    await body.begun.wait()
    meanwhile = await client.post(f"/hooks/{till.address}", content=b"[1234567]", headers=GOOD)
    body.let.set()

    assert meanwhile.status_code == 200
    assert (await dawdling).status_code == 200


async def test_posts_to_one_source_leave_room_for_those_to_others(
    client: httpx2.AsyncClient, tills: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD_OF_ONE", 4)
    body, (flooded, other) = Slow(b"[12", b"]"), tills

    flood = asyncio.create_task(client.post(f"/hooks/{flooded.address}", content=body, headers=GOOD))
    await body.begun.wait()
    refused = await client.post(f"/hooks/{flooded.address}", content=b"[]", headers=GOOD)
    taken = await client.post(f"/hooks/{other.address}", content=b"[]", headers=GOOD)
    body.let.set()

    assert (refused.status_code, refused.headers["retry-after"], taken.status_code) == (503, "5", 200)
    assert (await flood).status_code == 200
