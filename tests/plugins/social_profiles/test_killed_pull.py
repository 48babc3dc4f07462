"""A worker process that is killed in a pull over the networks: another goes on, without a gap or a double."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from support.networks import expected, oracle
from support.networks.calls import Call
from support.networks.population import populated
from support.networks.server import networks
from support.networks.world import Network

pytestmark = [
    pytest.mark.requirement("AD-17"),
    pytest.mark.requirement("GO-17"),
    pytest.mark.integration,
    pytest.mark.chaos,
]

PROCESS = Path(__file__).parents[2] / "support" / "pull_process.py"


def places_of(calls: Iterable[Call]) -> list[str]:
    """After which posts pages of them were asked for."""
    return [call.get("max_id") for call in calls if call.endpoint == "mastodon.statuses"]


def test_a_worker_process_that_is_killed_in_a_pull_is_followed_by_one_that_goes_on(tmp_path: Path) -> None:
    with networks(populated(posts=4, span=40), largest=2) as server:

        def pulled(later: int, kill: int) -> subprocess.CompletedProcess[str]:
            places = [str(tmp_path), server.url, ",".join(server.hosts), str(later), str(kill)]
            return subprocess.run(
                [sys.executable, str(PROCESS), *places],
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip

        # In the middle of the second page of posts: its facts are there, and its checkpoint is not.
        assert pulled(later=0, kill=2).returncode == -signal.SIGKILL
        before = len(server.calls)
        # Once the lease of the dead one is over.
        done = pulled(later=10, kill=-1)
        world, account = server.world, server.world.only(Network.MASTODON)
        posts, items = expected.posts(world, account), expected.community(world, account)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["posts"] == {post: row["reactions"] for post, row in posts.items()}
    assert sorted(said["items"]) == sorted(items)
    assert said["followers"] == [oracle.followers(world, account)]
    # The page whose checkpoint was lost is asked for once more, and none before it.
    first, again = places_of(server.calls[:before]), places_of(server.calls[before:])
    assert first == ["", again[0]]
    assert "" not in again
    ((state, new, known),) = said["pulls"]
    assert (state, new + known) == ("succeeded", len(posts) + len(items) + 1)
