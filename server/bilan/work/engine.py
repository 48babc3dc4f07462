"""The engine works on steps: claims one, keeps its lease while the handler works, settles it.

The row is the truth. A step may be asked for any number of times, by any
number of workers: one of them claims it. A worker that dies leaves a lease
that runs out, and another begins the step anew; one that was merely slow
finds at its next heartbeat that the step is no longer its own, and stores
nothing. See docs/decisions/021.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import anyio
import structlog

from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.meters import Meters
from bilan.sdk.errors import BilanError, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.pulls import RateLimited
from bilan.sdk.textdomain import _, ngettext
from bilan.work.claims import Claims
from bilan.work.context import BatchHandler, Claim, PutOff, StepContext, StepHandler
from bilan.work.jobs import Jobs
from bilan.work.reading import read_job
from bilan.work.turns import Turns

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the engine waits for what."""

    lease: timedelta = timedelta(seconds=30)
    """How long a worker may be silent before its step is given to another."""
    beat: timedelta = timedelta(seconds=0.5)
    """How often a lease is kept, progress stored and cancellation noticed."""
    attempts: int = 3
    """How often a step is begun before it counts as failed."""
    backoff: timedelta = timedelta(seconds=5)
    """The wait after the first failed attempt; each further one waits four times as long."""
    limit: timedelta = timedelta(hours=2)
    """The longest one attempt may take."""
    wake_again_after: timedelta = timedelta(seconds=10)
    """How long the ticker waits before it wakes a worker for the same step again."""


class Engine:
    """Runs steps with the handlers it is given, by the part of a step's name before the colon.

    ``retry_delays`` holds, for handlers that wait otherwise, the waits between their attempts.
    Of the handlers ``one_at_a_time`` no two steps of one name are worked on side by side in
    this process: however many wait for a slow server, the other threads are free.
    """

    def __init__(
        self,
        catalog: Catalog,
        jobs: Jobs,
        clock: Clock,
        handlers: Mapping[str, StepHandler | BatchHandler],
        *,
        timing: Timing | None = None,
        retry_delays: Mapping[str, Sequence[timedelta]] | None = None,
        one_at_a_time: Collection[str] = (),
        meters: Meters | None = None,
    ) -> None:
        self._timing = timing or Timing()
        self._retry_delays = retry_delays or {}
        self._handlers = handlers
        self._claims = Claims(catalog, jobs, clock, self._timing.lease, self._is_batched)
        self._clock = clock
        self._meters = meters or Meters()
        self._active: set[StepContext] = set()
        self._one_at_a_time, self._turns = one_at_a_time, dict[str, Turns]()
        self._stopping = False

    @property
    def active(self) -> int:
        """How many steps this process works on."""
        return len(self._active)

    async def work(self, step: UUID) -> None:
        """Do the step, if it is due and nobody works on it; otherwise do nothing.

        Of those that are worked on together, all of its job that are due.
        """
        name = await self._claims.name_of(step)
        if name is None:
            return
        work = self._work_batch if self._is_batched(name) else self._work
        if _handler(name) not in self._one_at_a_time:
            while await work(step):
                pass
            return
        if name not in self._turns:
            self._turns[name] = Turns(work)
        await self._turns[name].work(step)

    async def _work(self, step: UUID) -> bool:
        if self._stopping or any(one.claim.step == step for one in self._active):
            # Of what this process works on the lease seems to have run out where the clock was put forward.
            return False
        claim = await self._claims.take(step)
        if claim is not None:
            await self._work_on([claim], step)
        return False

    async def _work_batch(self, step: UUID) -> bool:
        """Do some of the steps of its job and name that are due; whether there may be more of them."""
        if self._stopping:
            return False
        name = await self._claims.name_of(step)
        batch = self._handlers.get(_handler(name or ""))
        if not isinstance(batch, BatchHandler):
            return False
        claims = await self._claims.take_batch(step, batch.most, [one.claim.step for one in self._active])
        if claims:
            await self._work_on(claims, step)
        return len(claims) == batch.most

    async def _work_on(self, claims: Sequence[Claim], wakeup: UUID) -> None:
        """Do steps of one job and one name that were claimed together."""
        job, name = claims[0].job, claims[0].name
        with structlog.contextvars.bound_contextvars(job=str(job), step=name, wakeup=str(wakeup)):
            found, limit = await read_job(job), self._timing.limit
            contexts = [StepContext(one, found, limit, one.attempt >= self._attempts(one)) for one in claims]
            self._active.update(contexts)
            try:
                outcomes = await self._attempt(contexts)
            finally:
                self._active.difference_update(contexts)
            for context, outcome in zip(contexts, outcomes, strict=True):
                seconds = context.seconds / len(contexts)
                self._meters.steps.labels(name, outcome).inc()
                self._meters.step_seconds.labels(name).observe(seconds)
                log.info(
                    "step over", outcome=outcome, attempt=context.claim.attempt, seconds=round(seconds, 3)
                )

    async def requeue_stale(self, limit: int = 200) -> int:
        """Wake workers for steps that are due and unclaimed; returns for how many.

        Of those that people wait for and of the others, ``limit`` at a time. For the ticker.
        """
        woken = 0
        for background in (False, True):
            stale = await self._claims.stale(limit, self._timing.wake_again_after, background=background)
            self._claims.wake(stale)
            woken += len(stale)
        return woken

    def leave_waiting(self) -> None:
        """Begin none of the steps that wait for their turn in this process; others will."""
        for turns in self._turns.values():
            turns.leave()

    def stop(self) -> None:
        """Begin nothing more and ask the handlers to stop; their steps go back unharmed."""
        self._stopping = True
        for context in self._active:
            context.stopping = True

    async def release(self) -> None:
        """Give back the steps whose handlers did not stop in time, so that another begins them at once."""
        for context in list(self._active):
            context.lost = True
            await self._claims.requeue(context.claim, wait=timedelta(0), counted=False)

    async def _attempt(self, contexts: Sequence[StepContext]) -> list[str]:
        """How steps that were taken together ended, in their order."""
        begun = [one for one in contexts if one.claim.attempt <= self._attempts(one.claim)]
        if begun:
            finished = anyio.Event()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._keep_lease, begun, finished)
                try:
                    await self._handle(begun)
                except Exception as error:
                    for context in begun:
                        context.error = context.error or error
                finished.set()
        done = [one for one in begun if one.error is None]
        settled = {one.claim: one.actions for one in done}
        succeeded = await self._claims.succeed_batch(settled) if settled else ()
        outcomes = list[str]()
        for context in contexts:
            if context not in begun:
                outcomes.append(await self._fail(context, _given_up(context.claim)))
            elif context.error is not None:
                outcomes.append(await self._settle_error(context, context.error))
            else:
                outcomes.append("succeeded" if context.claim.step in succeeded else "lost")
        return outcomes

    async def _handle(self, contexts: Sequence[StepContext]) -> None:
        handler = self._handlers[_handler(contexts[0].claim.name)]
        if isinstance(handler, BatchHandler):
            await handler(contexts)
        else:
            await handler(contexts[0])

    def _is_batched(self, name: str) -> bool:
        return isinstance(self._handlers.get(_handler(name)), BatchHandler)

    async def _keep_lease(self, contexts: Sequence[StepContext], finished: anyio.Event) -> None:
        """Until the handler is done. Never cancelled, so that no statement is cut in half."""
        kept_until = self._clock.now() + self._timing.lease
        while not finished.is_set() and not all(one.lost for one in contexts):
            with anyio.move_on_after(self._timing.beat.total_seconds()):
                await finished.wait()
                return
            try:
                await self._claims.keep(contexts)
                kept_until = self._clock.now() + self._timing.lease
            except Exception:
                log.warning("the lease could not be kept", exc_info=True)
                for context in contexts:
                    context.lost = context.lost or self._clock.now() > kept_until

    async def _settle_error(self, context: StepContext, error: Exception) -> str:
        claim = context.claim
        if context.lost:
            return "lost"
        if context.stopping:
            return await self._requeue(claim, timedelta(0), counted=False)
        if isinstance(error, PutOff):
            return await self._requeue(claim, error.wait, counted=False)
        if context.overdue:
            return await self._fail(context, _overdue(self._timing.limit))
        if isinstance(error, BilanError) and not isinstance(error, Unavailable):
            return await self._fail(context, error.message)
        if isinstance(error, Unavailable):
            # Somebody else's doing, said in a sentence: where it was raised explains nothing.
            log.info("step put off", attempt=claim.attempt, because=str(error.message))
        else:
            log.warning("step failed", attempt=claim.attempt, exc_info=error)
        if not context.last:
            return await self._requeue(claim, self._wait(context, error))
        return await self._fail(
            context, error.message if isinstance(error, Unavailable) else _unexpected(claim)
        )

    def _attempts(self, claim: Claim) -> int:
        delays = self._retry_delays.get(_handler(claim.name))
        return self._timing.attempts if delays is None else len(delays) + 1

    def _wait(self, context: StepContext, error: Exception) -> timedelta:
        delays, before = self._retry_delays.get(_handler(context.claim.name)), context.attempt - 1
        usual = self._timing.backoff * 4**before if delays is None else delays[before]
        # Whoever asks for more time than that gets it.
        return max(usual, timedelta(seconds=error.seconds)) if isinstance(error, RateLimited) else usual

    async def _requeue(self, claim: Claim, wait: timedelta, *, counted: bool = True) -> str:
        return "requeued" if await self._claims.requeue(claim, wait=wait, counted=counted) else "lost"

    async def _fail(self, context: StepContext, error: Message) -> str:
        return "failed" if await self._claims.fail(context.claim, error) else "lost"


def _handler(name: str) -> str:
    return name.partition(":")[0]


def _given_up(claim: Claim) -> Message:
    return ngettext(
        "The server stopped once in the middle of this step, so it is not tried again.",
        "The server stopped {count} times in the middle of this step, so it is not tried again.",
        count=claim.attempt - 1,
    )


def _overdue(limit: timedelta) -> Message:
    return ngettext(
        "This took longer than a minute and was stopped. A shorter period may help.",
        "This took longer than {count} minutes and was stopped. A shorter period may help.",
        count=round(limit / timedelta(minutes=1)),
    )


def _unexpected(claim: Claim) -> Message:
    return _(
        "The server made a mistake. Its log says more under the job {job}.",
        job=str(claim.job),
    )
