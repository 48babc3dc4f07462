from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.http.health import Check, Health, blocking_check, catalog_check, inbox_check, metrics_route
from bilan.ingest import Appender, Inbox
from bilan.ingest.appender import Delay
from bilan.ingest.models import PostRow
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import messages
from bilan.sdk.sources import WebhookRequest
from bilan.sources import Sources
from bilan.warehouse import Warehouse
from fixtures.ingest import NOW, MemoryFacts, no_derivations

_ = messages("bilan")[0]

SOURCE = UUID("11111111-1111-1111-1111-111111111111")


async def ask(checks: Mapping[str, Check], path: str = "/readyz") -> httpx2.Response:
    transport = httpx2.ASGITransport(Starlette(routes=[*Health(checks).routes()]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://bilan") as client:
        return await client.get(path)


@pytest.fixture
def inbox(sqlite_catalog: Catalog) -> Inbox:
    return Inbox(sqlite_catalog, limit=2)


@pytest.fixture
def appender(
    sqlite_catalog: Catalog, facts: MemoryFacts, shop_registry: Registry, inbox: Inbox, clock: FrozenClock
) -> Appender:
    sources = Sources(sqlite_catalog, clock, shop_registry, b"key")
    moments = Moments(sqlite_catalog, clock, facts)
    derivations = no_derivations(sqlite_catalog, moments, clock)
    return Appender(
        sqlite_catalog, facts, shop_registry, sources, inbox, derivations, moments, clock, Meters()
    )


async def post(inbox: Inbox) -> None:
    await inbox.accept(SOURCE, WebhookRequest(b"[]", {}, {}, "", NOW))


async def test_a_flood_of_questions_costs_one_look_at_a_time() -> None:
    looks, begun, answer = list[int](), asyncio.Event(), asyncio.Event()

    async def check() -> dict[str, object]:
        looks.append(1)
        begun.set()
        await answer.wait()
        return {}

    health = Health({"part": check})
    asked = [asyncio.create_task(health.parts()) for _one in range(50)]
    await begun.wait()
    asked[0].cancel()  # whoever asked first hangs up
    answer.set()

    assert await asyncio.gather(*asked[1:]) == [{"part": {"ok": True, "detail": {}}}] * 49
    assert len(looks) == 1
    await health.parts()
    assert len(looks) == 2


async def test_a_process_that_runs_is_alive_whatever_its_parts_do() -> None:
    def broken() -> None:
        raise Unavailable(_("It does not answer."))

    answer = await ask({"warehouse": blocking_check(broken)}, "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_when_every_part_answers(
    sqlite_catalog: Catalog, warehouse: Warehouse, inbox: Inbox, appender: Appender, clock: FrozenClock
) -> None:
    answer = await ask(
        {
            "catalog": catalog_check(sqlite_catalog),
            "warehouse": blocking_check(warehouse.ping),
            "inbox": inbox_check(inbox, appender, 2, clock),
        }
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": {
            "catalog": {"ok": True, "detail": {}},
            "warehouse": {"ok": True, "detail": {}},
            "inbox": {"ok": True, "detail": {"waiting": 0}},
        },
    }


async def test_not_ready_once_a_newer_release_has_upgraded_the_catalog(sqlite_catalog: Catalog) -> None:
    await sqlite_catalog.connection.execute_query(
        "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('bilan', '9999_later', '2027-01-01')"
    )
    answer = await ask({"catalog": catalog_check(sqlite_catalog)})
    assert answer.status_code == 503
    assert answer.json()["parts"]["catalog"]["detail"]["reason"] == (
        "The catalog was upgraded by a newer release of Bilan (9999_later is not known here). "
        "Start that release, or restore the backup made before the upgrade."
    )


async def test_not_ready_names_the_part_that_fails_and_why(
    sqlite_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.http.health.PART_SECONDS", 2.0)

    def broken() -> None:
        raise Unavailable(_("The queue does not answer."))

    async def slow() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    answer = await ask(
        {
            "catalog": catalog_check(sqlite_catalog),
            "warehouse": blocking_check(lambda: False),
            "queue": blocking_check(broken),
            "slow": slow,
        }
    )
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "parts": {
            "catalog": {"ok": True, "detail": {}},
            "warehouse": {"ok": False, "detail": {"reason": "it does not answer"}},
            "queue": {"ok": False, "detail": {"reason": "The queue does not answer."}},
            "slow": {"ok": False, "detail": {"reason": "no answer within 2 seconds"}},
        },
    }


async def test_posts_that_wait_are_told_and_only_a_full_inbox_is_a_failure(
    inbox: Inbox, appender: Appender, clock: FrozenClock
) -> None:
    checks = {"inbox": inbox_check(inbox, appender, 2, clock)}
    await post(inbox)
    clock.move(timedelta(seconds=90))
    appender.delay = Delay("The warehouse does not answer.", NOW)
    late = await ask(checks)
    told = {
        "waiting": 1,
        "oldest_seconds": 90.0,
        "delayed_since": "2026-03-10T12:00:00+00:00",
        "delayed_by": "The warehouse does not answer.",
    }
    assert (late.status_code, late.json()["parts"]["inbox"]) == (200, {"ok": True, "detail": told})
    await post(inbox)
    full = await ask(checks)
    assert full.status_code == 503
    assert full.json()["parts"]["inbox"] == {
        "ok": False,
        "detail": {"reason": "the inbox is full", **told, "waiting": 2},
    }


async def test_posts_that_nobody_reads_are_a_failure_and_posts_that_move_on_are_none(
    inbox: Inbox, appender: Appender, clock: FrozenClock
) -> None:
    checks = {"inbox": inbox_check(inbox, appender, 9, clock)}

    async def told() -> tuple[bool, str | None]:
        part = (await ask(checks)).json()["parts"]["inbox"]
        return part["ok"], part["detail"].get("reason")

    await post(inbox)
    assert await told() == (True, None)
    clock.move(timedelta(seconds=59))
    assert await told() == (True, None)
    clock.move(timedelta(seconds=1))
    assert await told() == (False, "posts wait and nobody reads them")
    later = WebhookRequest(b"[]", {}, {}, "", clock.now())
    await inbox.accept(SOURCE, later)
    await PostRow.filter(received_at=NOW).delete()
    assert await told() == (True, None)


async def test_metrics_tell_how_many_posts_wait_and_since_when(inbox: Inbox, clock: FrozenClock) -> None:
    transport = httpx2.ASGITransport(Starlette(routes=[metrics_route(Meters(), inbox, clock)]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://bilan") as client:
        await post(inbox)
        clock.move(timedelta(seconds=5))
        busy = await client.get("/metrics")
        assert busy.headers["content-type"].startswith("text/plain")
        assert "bilan_inbox_posts 1.0\n" in busy.text
        assert "bilan_inbox_oldest_seconds 5.0\n" in busy.text
        await PostRow.all().delete()
        idle = await client.get("/metrics")
        assert "bilan_inbox_posts 0.0\n" in idle.text
        assert "bilan_inbox_oldest_seconds 0.0\n" in idle.text
