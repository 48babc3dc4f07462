"""A worker process that pulls: ``python pull_process.py FOLDER NETWORKS HOSTS LATER KILL``.

It pulls a source of Mastodon at the networks' address, so many minutes after the world's moment, and says
what is there then. In the middle of the write of the number KILL it dies, unless that is -1: its
facts are in the warehouse, and the catalog does not know.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bilan.app import Bilan
from bilan.operator import operator
from bilan.pulls.pulling import PullStep
from bilan.settings import Settings
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS
from support.networks.engine import SETTINGS, Agency, WorldClock
from support.networks.population import populated
from support.networks.world import Network

COUNT = PullStep._count


async def main(folder: str, url: str, hosts: str, later: str, kill: str) -> None:
    world, writes = populated(posts=4, span=40), [0]
    world.move(minutes=int(later))
    private = ",".join(f"{host}={url}" for host in hosts.split(","))
    settings = Settings(data_dir=Path(folder), pull_private_hosts=private)

    async def dying(self: PullStep, work: Any, piece: Any) -> None:
        writes[0] += 1
        if writes[0] - 1 == int(kill):
            os.kill(os.getpid(), signal.SIGKILL)
        await COUNT(self, work, piece)

    PullStep._count = dying
    async with Bilan.open(settings, clock=WorldClock(world), local=True) as bilan:
        server: Any = SimpleNamespace(world=world)
        agency = Agency(bilan, await operator(bilan.services), server)
        agency.together(0.0)
        kind, given = SETTINGS[Network.MASTODON]
        found = await bilan.services.sources.list(agency.owner)
        source = next(iter(found), None) or await bilan.services.sources.add(
            agency.owner, plugin="social_profiles", kind=kind, name="Atelier", settings=given
        )
        await agency.pull(source)
        history = await bilan.services.pulls.history(agency.owner, source.id)
        said = {
            "pulls": [(one.state, one.new, one.known) for one in history],
            "posts": {row["post"]: row["reactions"] for row in agency.rows(POSTS, source.id)},
            "items": [row["item"] for row in agency.rows(COMMUNITY, source.id)],
            "followers": [row["followers"] for row in agency.days(source.id).values()],
        }
        sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
