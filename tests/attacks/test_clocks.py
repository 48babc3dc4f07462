"""A clock that ran ahead, and one that was put back: what arrived is seen, or it is said that it is not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import strawberry

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.graphql.context import Context
from bilan.i18n import formatter_for
from bilan.runs.reading import read_run
from bilan.sdk.sources import WebhookRequest
from bilan.settings import Settings
from bilan.work.models import StepRow
from support.people import add_person

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ASK = "{ email { events(period: {preset: LAST_7_DAYS}) { notes totals { delivered } } } }"
ALL = "{ email { events { notes totals { delivered } } } }"


@dataclass
class Shop:
    """A server whose clock can be put, and a source."""

    bilan: Bilan
    clock: FrozenClock
    olga: Principal
    source: Any
    schema: strawberry.Schema

    async def delivered(self, at: datetime) -> None:
        """An e-mail was delivered at this moment, and its post arrives now."""
        event = (
            f'{{"event": "delivered", "id": "{at}", "timestamp": {at.timestamp()}, "recipient": "a@b.org"}}'
        )
        body = f'{{"event-data": {event}}}'.encode()
        request = WebhookRequest(body, {}, {}, "application/json", self.clock.now())
        await self.bilan.services.inbox.accept(self.source.id, request)
        await self.bilan.appender.drain()

    def put(self, now: datetime) -> None:
        self.clock.move(now - self.clock.now())

    async def counted(self, query: str = ASK) -> tuple[int, list[str]]:
        """How many e-mails are counted as delivered, and what is remarked."""
        formatter = formatter_for(self.bilan.services.translator, "en", "UTC")
        context = Context(self.bilan.services, self.olga, formatter)
        result = await self.schema.execute(query, context_value=context)
        assert result.errors is None, result.errors
        assert result.data is not None
        events = result.data["email"]["events"]
        return events["totals"]["delivered"], [one for one in events["notes"] if "still running" not in one]

    async def reported(self) -> Any:
        """The document of a report of the last seven days."""
        runs = self.bilan.services.runs
        run = await runs.start(self.olga, "email.campaign", {"period": "last_7_days"})
        for step in await StepRow.filter(job_id=run.id).order_by("position"):
            await self.bilan.engine.work(step.id)
        assert (await read_run(run.id)).error is None
        return await runs.document(self.olga, run.id)


@pytest.fixture
async def shop(
    warehouse_settings: Settings, thrifty: None, schema: strawberry.Schema
) -> AsyncGenerator[Shop]:
    clock = FrozenClock(NOW)
    async with Bilan.open(warehouse_settings, clock=clock, local=True) as bilan:
        services = bilan.services
        member, _password = await add_person(services, "olga@example.org", "Olga", WorkspaceRole.OWNER)
        olga = await principal_for(member.id)
        assert olga is not None
        gun = {"signing_key": "k" * 32}
        source = await services.sources.add(olga, plugin="email", kind="mailgun", name="Gun", settings=gun)
        olga = await principal_for(member.id)
        assert olga is not None
        yield Shop(bilan, clock, olga, source, schema)


async def test_what_arrives_while_the_clock_is_ahead_is_seen_as_soon_as_it_is_right(shop: Shop) -> None:
    await shop.delivered(NOW - timedelta(days=1))
    shop.put(NOW + timedelta(days=365))
    await shop.delivered(NOW - timedelta(days=2))
    shop.put(NOW)
    assert await shop.counted() == (2, [])
    document = await shop.reported()
    assert document.period == ("2026-03-03", "2026-03-09")  # seven whole days
    assert document.notes == ()
    await shop.delivered(NOW - timedelta(days=3))
    assert await shop.counted() == (3, [])


async def test_facts_that_a_clock_put_back_takes_for_the_future_are_not_left_out_in_silence(
    shop: Shop,
) -> None:
    await shop.delivered(NOW - timedelta(days=1))
    await shop.delivered(NOW - timedelta(days=90))
    assert await shop.counted() == (1, [])
    shop.put(NOW - timedelta(days=89))
    note = (
        "There are facts of later days than \u2068Dec 11, 2025, 12:00\u202fPM UTC\u2069, which the server's "
        "clock shows; periods that end today leave them out. Check the clock."
    )
    found, notes = await shop.counted()
    assert found == 1
    assert [one.replace("\u2068", "").replace("\u2069", "") for one in notes] == [
        note.replace("\u2068", "").replace("\u2069", "")
    ]
    assert await shop.counted(ALL) == (2, [])
    assert any("Check the clock." in str(one) for one in (await shop.reported()).notes)
