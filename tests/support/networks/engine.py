"""Sources of the networks in a whole server within the test's process: its catalog, warehouse and engine.

The server's clock is the world's. Nothing works by itself: a test says when a worker looks for what is due.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.pulls import PullRun
from bilan.pulls.pulling import PullStep
from bilan.sdk import Dataset
from bilan.settings import Settings
from bilan.sources import Source
from bilan.warehouse.facts import one_copy_each
from bilan.work import State
from bilan.work.models import StepRow
from bilan_social_profiles.datasets import DATASETS
from bilan_social_profiles.profile_days import DAY_FIGURES, FURTHER_DAY_FIGURES
from bilan_social_profiles.vocabulary import PROFILE_DAYS
from support.networks.population import (
    BLUESKY_PASSWORD,
    CHANNEL,
    DID,
    INSTAGRAM,
    MASTODON_TOKEN,
    PAGE,
    PAGE_TOKEN,
    YOUTUBE_KEY,
)
from support.networks.server import Networks
from support.networks.world import Network, World
from support.people import add_person

FIGURES = (*DAY_FIGURES, *FURTHER_DAY_FIGURES)
BY_KEY = {dataset.key: dataset for dataset in DATASETS}
LEASE = timedelta(minutes=10)
"""Longer than a step is held by a worker that died."""
SETTINGS: dict[Network, tuple[str, dict[str, str]]] = {
    Network.MASTODON: (
        "mastodon",
        {"instance": "mastodon.example", "access_token": MASTODON_TOKEN, "account": "14715"},
    ),
    Network.BLUESKY: ("bluesky", {"account": DID, "app_password": BLUESKY_PASSWORD}),
    Network.FACEBOOK: ("meta", {"network": "facebook", "access_token": PAGE_TOKEN, "account": PAGE}),
    Network.INSTAGRAM: ("meta", {"network": "instagram", "access_token": PAGE_TOKEN, "account": INSTAGRAM}),
    Network.YOUTUBE: ("youtube", {"api_key": YOUTUBE_KEY, "account": CHANNEL}),
}
"""The kind of each network's source, and the settings of one that reads the network's first account."""


class Died(BaseException):
    """The process ended here."""


@dataclass(frozen=True)
class WorldClock:
    """Implements :class:`bilan.clock.Clock`."""

    world: World

    def now(self) -> datetime:
        """The moment at which the world is."""
        return self.world.now


def private(server: Networks) -> str:
    """The setting that sends what is asked of the networks' hosts to the server."""
    return ",".join(f"{host}={server.url}" for host in server.hosts)


@dataclass
class Agency:
    """A server, its owner, and the networks that it asks."""

    bilan: Bilan
    owner: Principal
    server: Networks
    password: str = ""
    """The owner's."""

    @property
    def world(self) -> World:
        """The world that the networks tell of."""
        return self.server.world

    async def source(self, network: Network, **settings: str) -> Source:
        """A source that reads the network's first account."""
        kind, usual = SETTINGS[network]
        source = await self.bilan.services.sources.add(
            self.owner, plugin="social_profiles", kind=kind, name=network.value.title(),
            settings={**usual, **settings},
        )  # fmt: skip
        self.owner = await self.anew()
        return source

    async def anew(self) -> Principal:
        """The owner with the roles that they have now."""
        return await _principal(self.owner.person)

    def together(self, seconds: float) -> None:
        """Checkpoints of so many seconds are written together."""
        step: Any = self.bilan.engine._handlers["pull"]
        step._together = seconds

    async def work(self) -> None:
        """What a worker does once: look for what is due, and work on it."""
        waiting = await StepRow.filter(state__in=("waiting", "running"))
        for step in waiting:
            await self.bilan.engine.work(step.id)

    async def pull(self, source: Source) -> PullRun:
        """Pull the source once, now, with one attempt."""
        begun = await self.bilan.services.pulls.start(self.owner, source.id)
        await self.work()
        return await self.bilan.services.pulls.get(self.owner, begun.id)

    async def pull_to_its_end(self, source: Source, most: int = 60) -> PullRun:
        """Pull until it is over, whatever keeps it waiting or kills it; a pull that fails is begun anew."""
        for _attempt in range(most):
            try:
                run = await self.pull(source)
            except BaseExceptionGroup as died:
                if died.split(Died)[1] is not None:
                    raise
                self.world.now += LEASE
                continue
            if run.state is State.SUCCEEDED:
                return run
            if run.waits_until is not None:
                self.world.now = max(self.world.now, run.waits_until) + timedelta(seconds=1)
            elif not run.state.over:
                self.world.now += timedelta(hours=2)
        raise AssertionError("the pull gets no further")

    def rows(self, dataset: str, source: UUID) -> list[dict[str, Any]]:
        """The facts of a source as they stand in the warehouse, each once."""
        declared = BY_KEY[dataset]
        names = list(declared.by_name)
        found = self.bilan.services.warehouse.query(_statement(declared, names, source)).rows
        return [dict(zip(names, row, strict=True)) for row in found]

    def days(self, source: UUID) -> dict[date, dict[str, int]]:
        """The figures of a profile's days, whatever parts they are told in."""
        found: dict[date, dict[str, int]] = {}
        for row in self.rows(PROFILE_DAYS, source):
            figures = {one.name: row[one.name] for one in FIGURES if row[one.name] is not None}
            found.setdefault(row["day"], {}).update(figures)
        return found

    def kill(self, *writes: int, within: bool = False) -> None:
        """Let the process die at these writes of pulls, counted from 0: before them, or in the middle.

        In the middle, the facts are in the warehouse and the catalog does not know.
        """
        step: Any = self.bilan.engine._handlers["pull"]
        assert isinstance(step, PullStep)
        done, method = [0], "_count" if within else "_write"
        original: Callable[..., Awaitable[None]] = getattr(PullStep, method).__get__(step)

        async def dying(*arguments: Any) -> None:
            done[0] += 1
            if done[0] - 1 in writes:
                raise Died
            await original(*arguments)

        setattr(step, method, dying)


def _statement(dataset: Dataset, names: list[str], source: UUID) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    return f"SELECT {listed} FROM {one_copy_each(dataset, f'source = {str(source)!r}')}"


@asynccontextmanager
async def agency(server: Networks, settings: Settings) -> AsyncGenerator[Agency]:
    """A server that asks the networks."""
    settings = settings.model_copy(update={"pull_private_hosts": private(server)})
    async with Bilan.open(settings, clock=WorldClock(server.world), local=True) as bilan:
        member, password = await add_person(bilan.services, "olga@example.org", "Olga", WorkspaceRole.OWNER)
        yield Agency(bilan, await _principal(member.id), server, password)


async def _principal(person: UUID | None) -> Principal:
    """The person with the roles that they have now."""
    assert person is not None
    found = await principal_for(person)
    assert found is not None
    return found
