"""Jobs go on the queue after the transaction that made their row."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from bilan.jobs import Jobs

RUN = UUID("7b0e3a52-3a3f-4f7e-9d4e-0d5b3d3f6a11")


class Recorder:
    """A queue that remembers."""

    def __init__(self) -> None:
        self.woken: list[tuple[str, str]] = []

    def put(self, job: str, ident: str) -> None:
        self.woken.append((job, ident))


@pytest.fixture
def queue() -> Recorder:
    return Recorder()


def test_outside_a_transaction_a_job_is_queued_at_once(queue: Recorder) -> None:
    Jobs(queue).enqueue("step", RUN)

    assert queue.woken == [("step", "7b0e3a52-3a3f-4f7e-9d4e-0d5b3d3f6a11")]


def test_inside_a_transaction_jobs_wait_for_its_end_and_keep_their_order(queue: Recorder) -> None:
    jobs = Jobs(queue)

    with jobs.collecting():
        jobs.enqueue("step", 1)
        jobs.enqueue("step", 2)
        assert queue.woken == []

    assert queue.woken == [("step", "1"), ("step", "2")]


def test_a_transaction_that_fails_wakes_nobody(queue: Recorder) -> None:
    jobs = Jobs(queue)

    def transaction() -> None:
        with jobs.collecting():
            jobs.enqueue("step", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        transaction()
    jobs.enqueue("step", 2)

    assert queue.woken == [("step", "2")]


def test_an_inner_transaction_waits_for_the_outer_one(queue: Recorder) -> None:
    jobs = Jobs(queue)

    with jobs.collecting():
        with jobs.collecting():
            jobs.enqueue("step", 1)
        assert queue.woken == []

    assert queue.woken == [("step", "1")]


async def test_a_transaction_holds_back_only_its_own_tasks_jobs(queue: Recorder) -> None:
    jobs = Jobs(queue)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def transaction() -> None:
        with jobs.collecting():
            jobs.enqueue("step", "inside")
            entered.set()
            await leave.wait()

    task = asyncio.create_task(transaction())
    await entered.wait()
    jobs.enqueue("step", "beside")
    assert queue.woken == [("step", "beside")]
    leave.set()
    await task

    assert queue.woken == [("step", "beside"), ("step", "inside")]


def test_without_a_queue_enqueueing_is_no_error() -> None:
    Jobs().enqueue("step", RUN)
