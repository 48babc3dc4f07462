"""Ninety days by day, all campaigns with either of two tags, eight counts with two distinct.

The same question three ways in turn, so that whatever else the machine does
falls on all of them: the bare statement through clickhouse-connect, through
``Query``, and as GraphQL over HTTP with a token. What counts is how much is
added to the bare statement: the median of each round's ratio.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx2
from clickhouse_connect.driver.client import Client

from benchmarks.events import YEAR, make
from bilan.accounts import Scope
from bilan.app import Bilan
from bilan.app.web import web_application
from bilan.query.session import QuerySession
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import Interval, Span
from bilan.sdk.query import Question
from bilan.settings import Settings

METRICS = (
    "sends",
    "delivered",
    "opens",
    "unique_opens",
    "clicks",
    "unique_clicks",
    "bounces",
    "unsubscribes",
)
TAGS = ("tag 3", "tag 11")
ZONE = "Europe/Paris"
SPAN = Span(date(YEAR, 9, 1), date(YEAR, 11, 30), ZONE)
QUESTION = Question(
    "email.events",
    tuple(f"email.{name}" for name in METRICS),
    SPAN,
    Interval(),
    filters=(FilterValue("email.tags", any=TAGS),),
)
FIGURES = "sends delivered opens uniqueOpens clicks uniqueClicks bounces unsubscribes"
GRAPHQL = f"""
query Engagement($period: PeriodInput, $tags: [String!], $zone: String) {{
  email {{
    events(period: $period, interval: {{unit: DAY}}, filters: {{tags: {{any: $tags}}}}, zone: $zone) {{
      rows {{ bucket {{ start end partial }} {FIGURES} }}
      totals {{ {FIGURES} }}
    }}
  }}
}}
"""
VARIABLES = {
    "period": {"first": f"{YEAR}-09-01", "last": f"{YEAR}-11-29"},
    "tags": list(TAGS),
    "zone": ZONE,
}

Way = Callable[[], Awaitable[Any]]


async def run(folder: Path, events: int, rounds: int) -> None:
    """Make the events, ask, and print what it took."""
    async with Bilan.open(Settings(data_dir=folder), local=True) as bilan:
        services = bilan.services
        source, token = await _begin(bilan)
        started = time.perf_counter()
        await anyio.to_thread.run_sync(make, services.warehouse, source, events)
        print(f"{events:,} events made in {time.perf_counter() - started:.0f} s")
        session = services.query.session([source])
        with services.warehouse._readers.handle() as client:
            transport = httpx2.ASGITransport(web_application(bilan))
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://bench", headers=headers
            ) as http:
                ways: dict[str, Way] = {
                    "statement alone": _bare(session, services, client),
                    "Query": _asked(session),
                    "GraphQL": _posted(http),
                }
                _report(await _measure(ways, rounds))


async def _begin(bilan: Bilan) -> tuple[Any, str]:
    """A workspace, its owner's token, a source."""
    services = bilan.services
    password = "a long benchmark password"
    await services.accounts.bootstrap(
        workspace="Bench", email="bench@example.org", name="Bench", password=password
    )
    signed_in = await services.sessions.sign_in("bench@example.org", password, ip="127.0.0.1")
    actor = await services.sessions.principal_of(signed_in.token)
    assert actor is not None
    source = await services.sources.add(
        actor, plugin="email_campaigns", kind="sendgrid", name="Shop", settings={}
    )
    token = await services.tokens.create(actor, "bench", {Scope.READ})
    return source.id, token.token


def _bare(session: QuerySession, services: Any, client: Client) -> Way:
    statement = services.query.compile(QUESTION, session.sources, session.as_of)

    def query() -> Any:
        return client.query(statement.sql, dict(statement.parameters)).result_rows

    return lambda: anyio.to_thread.run_sync(query)


def _asked(session: QuerySession) -> Way:
    return lambda: anyio.to_thread.run_sync(session, QUESTION)


def _posted(http: httpx2.AsyncClient) -> Way:
    async def post() -> None:
        answer = await http.post("/graphql", json={"query": GRAPHQL, "variables": VARIABLES})
        data = answer.json()
        assert "errors" not in data, data
        assert len(data["data"]["email"]["events"]["rows"]) == SPAN.days

    return post


async def _measure(ways: dict[str, Way], rounds: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 2):
        for name, way in ways.items():
            started = time.perf_counter()
            await way()
            # Two rounds go by before anything counts: caches, connections, plans.
            if number >= 2:
                taken[name].append(time.perf_counter() - started)
    return taken


def _report(taken: dict[str, list[float]]) -> None:
    bare = next(iter(taken.values()))
    for name, seconds in taken.items():
        ratio = statistics.median(one / other for one, other in zip(seconds, bare, strict=True))
        middle, least = statistics.median(seconds) * 1000, min(seconds) * 1000
        print(f"{name:16} median {middle:7.1f} ms   least {least:7.1f} ms   {ratio:.3f} × the statement")


def main(folder: Path, events: int, rounds: int) -> None:
    """Measure."""
    asyncio.run(run(folder, events, rounds))
