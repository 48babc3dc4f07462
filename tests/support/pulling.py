"""The parts of a server that pull, put together, and worked on as a worker does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.outbound import PrivateHosts
from bilan.pulls import PullRun, Pulls
from bilan.pulls.asking import Asking
from bilan.pulls.beginning import Beginning
from bilan.pulls.checking import Checks
from bilan.pulls.offers import Offers
from bilan.pulls.pulling import WAITS, PullStep
from bilan.registry.declared import Registry
from bilan.seal import Seal
from bilan.sources import Source, Sources
from bilan.work import Engine, Jobs
from bilan.work.models import StepRow
from fixtures.ingest import MemoryFacts, no_derivations
from support.club import ALBUMS, HOST, Club
from support.runs import QUICK, Called


class Pulling:
    """Sources in a catalog and a warehouse in memory: a club's, or of what stands in for other hosts."""

    def __init__(
        self,
        catalog: Catalog,
        clock: FrozenClock,
        registry: Registry,
        facts: MemoryFacts,
        club: Club | None = None,
        private: str = "",
    ) -> None:
        self.catalog, self.clock, self.facts = catalog, clock, facts
        private = f"{HOST}={club.origin}" if club else private
        self.jobs = Jobs(catalog, clock)
        self.moments = Moments(catalog, clock, facts)
        self.sources = Sources(catalog, clock, registry, b"key")
        asking = Asking(registry, clock, PrivateHosts(private))
        checks = Checks(self.sources, asking, clock)
        offers = Offers(catalog, self.sources, asking, checks, Seal(b"key"), clock)
        self.beginning = Beginning(catalog, registry, self.jobs, clock)
        self.pulls = Pulls(self.sources, asking, checks, offers, self.beginning, self.jobs, clock)
        self.step = PullStep(
            catalog, facts, registry, self.sources, asking, checks,
            no_derivations(catalog, self.moments, clock), self.moments, clock, Meters(), together=0.0,
        )  # fmt: skip

    async def add(self, actor: Principal, name: str, club: str, token: str = "good", **more: Any) -> Source:
        settings = {"token": token, "club": club, **more}
        return await self.sources.add(actor, plugin="club", kind="club", name=name, settings=settings)

    async def work(self) -> None:
        """What a worker of a new process does: look for what is due, and work on it."""
        called = Called()
        jobs = Jobs(self.catalog, self.clock, called)
        engine = Engine(
            self.catalog, jobs, self.clock, {"pull": self.step}, timing=QUICK, retry_delays={"pull": WAITS}
        )
        await engine.requeue_stale()
        for one in called.steps or [row.id for row in await StepRow.filter(state="waiting")]:
            await engine.work(one)

    async def pulled(self, actor: Principal, source: UUID) -> PullRun:
        """Pull the source once, now."""
        begun = await self.pulls.start(actor, source)
        await self.work()
        return await self.pulls.get(actor, begun.id)

    @property
    def likes(self) -> dict[str, int]:
        """The likes by album, over all sources."""
        return {row["album"]: row["likes"] for row in self.facts.rows(ALBUMS.key)}
