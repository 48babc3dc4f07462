"""While the catalog's database is away posts come again; a write that waits keeps nobody from reading."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from benchmarks.attacks.cut_proxy import CutProxy
from httpx2 import ASGITransport, AsyncClient

from bilan.accounts import Scope, WorkspaceRole
from bilan.accounts.models import AttemptRow, Session
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.app.web import web_application
from bilan.catalog import Catalog
from bilan.catalog.troubles import trouble_of
from bilan.ingest.models import PostRow
from bilan.settings import Settings
from support.people import add_person

AWAY = "The catalog's database does not answer; try again in some seconds."


async def test_while_postgresql_restarts_every_post_gets_503_and_none_is_lost(
    warehouse_settings: Settings, postgres_url: str, thrifty: None
) -> None:
    proxy = CutProxy(postgres_url)
    await proxy.mend()
    settings = warehouse_settings.model_copy(update={"database_url": proxy.url})
    async with Bilan.open(settings, local=True) as bilan:
        services = bilan.services
        member, _password = await add_person(services, "olga@example.org", "Olga", WorkspaceRole.OWNER)
        olga = await principal_for(member.id)
        assert olga is not None
        token = (await services.tokens.create(olga, "script", [Scope.READ])).token
        gun = {"signing_key": "k" * 32, "verify": False}
        source = await services.sources.add(olga, plugin="email", kind="mailgun", name="Gun", settings=gun)
        transport = ASGITransport(web_application(bilan))
        async with AsyncClient(transport=transport, base_url="http://bilan.test") as client:

            async def posts(count: int) -> list[int]:
                answers = [client.post(f"/hooks/{source.address}", content=b"[1]") for _post in range(count)]
                return [answer.status_code for answer in await asyncio.gather(*answers)]

            statuses = await posts(5)
            await proxy.cut()
            away = await posts(5)
            address = f"/hooks/{source.address}"
            post = await client.post(address, content=b"[1]")
            assert (post.status_code, post.headers["retry-after"]) == (503, "30")
            assert post.json()["errors"][0]["message"] == AWAY
            asked = await client.post(
                "/graphql",
                json={"query": "{ sources { name } }"},
                headers={"authorization": f"Bearer {token}"},
            )
            assert asked.json()["errors"] == [{"message": AWAY, "extensions": {"code": "unavailable"}}]
            page = await client.get("/sign-in", headers={"accept": "text/html", "cookie": "bilan_session=x"})
            assert page.status_code == 503
            assert AWAY in page.text.replace("&#39;", "'")
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503
            await proxy.mend()
            back = await posts(5)
            assert (statuses, away, back) == ([200] * 5, [503] * 5, [200] * 5)
            with services.catalog.activate():
                assert await PostRow.all().count() == 10
            assert (await client.get("/readyz")).status_code == 200
    await proxy.cut()


async def test_a_write_that_waits_for_another_process_keeps_nobody_from_reading(
    bilan: Bilan, browser: AsyncClient, tmp_path: Path, owner_session: str
) -> None:
    elsewhere = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    now = bilan.services.clock.now()
    async with asyncio.timeout(20):
        writing = asyncio.create_task(AttemptRow.create(key="waits", number=1, since=now))
        await asyncio.sleep(0.05)
        page = await browser.get("/people", headers={"cookie": f"bilan_session={owner_session}"})
        assert page.status_code == 200
        assert await AttemptRow.filter(key="waits").count() == 0
        assert not writing.done()
        elsewhere.execute("ROLLBACK")
        await writing
        assert await AttemptRow.filter(key="waits").count() == 1
    elsewhere.close()


async def test_a_transaction_that_is_open_keeps_nobody_from_reading_and_reads_what_it_wrote(
    bilan: Bilan,
) -> None:
    written, enough = asyncio.Event(), asyncio.Event()

    async def write() -> int:
        async with bilan.services.catalog.transaction():
            await AttemptRow.create(key="open", number=1, since=bilan.services.clock.now())
            written.set()
            await enough.wait()
            return await AttemptRow.filter(key="open").count()

    async with asyncio.timeout(20):
        writing = asyncio.create_task(write())
        await written.wait()
        assert await AttemptRow.filter(key="open").count() == 0
        enough.set()
        assert await writing == 1
        assert await AttemptRow.filter(key="open").count() == 1


@pytest.mark.parametrize("statement", ["SELECT 1", "  select 1"])
async def test_what_reads_cannot_write(bilan: Bilan, statement: str) -> None:
    connection = bilan.services.catalog.connection
    assert await connection.execute_query_dict(statement) == [{"1": 1}]
    reader = connection._reader  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="readonly database"):
        await reader.execute_query("DELETE FROM attempt")


@pytest.mark.parametrize(
    "error", [ConnectionResetError(104, "reset"), ConnectionRefusedError(111, "refused")]
)
def test_a_service_that_is_away_is_not_taken_for_the_catalog(error: OSError) -> None:
    told = trouble_of(error)
    assert told is not None
    assert told.status == 503
    assert str(told) == (
        "A service that the server needs does not answer, its log says which; try again in some seconds."
    )


async def test_a_failed_connection_to_the_catalog_is_told_as_its_own(postgres_url: str) -> None:
    proxy = CutProxy(postgres_url)
    await proxy.mend()
    catalog = Catalog(proxy.url)
    await catalog.open()
    told = list[str]()

    async def failing(asked: Awaitable[object]) -> None:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, it is told as this
            await asked
        told.append(str(trouble_of(caught.value)))

    async def written() -> None:
        async with catalog.transaction():
            await AttemptRow.create(key="a", number=1, since=datetime.now(UTC))

    async def cut_in_the_middle() -> None:
        async with catalog.transaction():
            await AttemptRow.all().count()
            await proxy.cut()
            await AttemptRow.all().count()

    with catalog.activate():
        await failing(cut_in_the_middle())
        await failing(AttemptRow.all().count())
        await failing(written())
    await proxy.mend()
    await catalog.close()
    await proxy.cut()
    assert told == [AWAY] * 3


async def test_a_page_does_not_wait_until_it_is_written_down_that_it_was_seen(
    bilan: Bilan, browser: AsyncClient, tmp_path: Path, owner_session: str
) -> None:
    await Session.all().update(last_seen_at=bilan.services.clock.now() - timedelta(hours=1))
    elsewhere = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    async with asyncio.timeout(20):
        page = await browser.get("/people", headers={"cookie": f"bilan_session={owner_session}"})
        seen = (await Session.get()).last_seen_at
        elsewhere.execute("ROLLBACK")
        await bilan.services.sessions.last_used.written()
    elsewhere.close()
    assert page.status_code == 200
    assert (await Session.get()).last_seen_at - seen >= timedelta(hours=1)
