"""Workers as processes of their own, killed and stopped in the middle of a step."""

import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from uuid import UUID

import anyio
import anyio.to_thread
import pytest

from bilan.catalog import Catalog
from bilan.runs.reading import read_run
from bilan.work import NoWakeups, State
from bilan.work.models import StepRow
from bilan.worker import WakeupPublisher
from fixtures.brokers import Post
from support.runs import Workshop, until

SCRIPT = Path(__file__).parents[2] / "support" / "worker_process.py"

Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(post: Post, catalog_url: str, tmp_path: Path) -> Generator[Start]:
    """Starts worker processes with a handler, and makes sure that none survives the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(handler: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(SCRIPT), catalog_url, post.url, post.queue, handler, str(tmp_path)]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def shop_over(post: Post, catalog: Catalog) -> Workshop:
    """Adds runs; its calls reach the processes where a broker is outside of them."""
    return Workshop(
        catalog,
        {},
        wakeups=NoWakeups() if post.local else WakeupPublisher(post.open(), queue_name=post.queue),
    )


async def exists(path: Path) -> bool:
    return await anyio.Path(path).exists()


async def state_is(run: UUID, state: State) -> bool:
    return (await read_run(run)).state is state


@pytest.mark.requirement("GO-17")
async def test_a_worker_killed_in_the_middle_of_a_step_is_replaced(
    post: Post, catalog: Catalog, start: Start, tmp_path: Path
):
    shop = shop_over(post, catalog)
    victim = start("hang")
    run = await shop.add("build")
    await until(lambda: exists(tmp_path / "hang-1"), 60)
    start("finish")
    victim.kill()
    await until(lambda: state_is(run, State.SUCCEEDED), 60)
    after = await read_run(run)
    assert after.steps[0].attempt == 2
    assert (tmp_path / "finish-2").exists()


async def test_a_worker_that_is_told_to_stop_gives_its_step_back_and_ends_well(
    post: Post, catalog: Catalog, start: Start, tmp_path: Path
):
    shop = shop_over(post, catalog)
    run = await shop.add("build")
    worker = start("hang")
    await until(lambda: exists(tmp_path / "hang-1"), 60)
    worker.terminate()
    assert await anyio.to_thread.run_sync(worker.wait, 30) == 0
    step = await StepRow.get(job_id=run)
    assert (step.state, step.attempt, step.holder) == (State.WAITING, 0, None)
