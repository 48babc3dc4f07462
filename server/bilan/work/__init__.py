"""Jobs and their steps: the one engine for all work that takes a while.

The broker is a doorbell, the row is the truth. A job and its steps are rows
of the catalog; a message on the queue carries the id of a step and says
nothing but "look". A lost message loses nothing, since the ticker sends another
for every step that is due and unclaimed; a message that comes twice does
nothing twice, since a step is claimed by one conditional UPDATE.

This area knows no report, no file and no e-mail: handlers are found by the
name of a step, and what a job is for is told by whoever created it. See docs/decisions/056.
"""

from bilan.work.claims import forget_attempts
from bilan.work.context import BatchHandler, Claim, PutOff, StepContext, StepHandler
from bilan.work.engine import Engine, Timing
from bilan.work.idempotency import IdempotencyKey, idempotency_key
from bilan.work.jobs import Jobs
from bilan.work.values import UNDER_WAY, Job, NewJob, NewStep, State, Step
from bilan.work.wakeups import NoWakeups, Wakeups

__all__ = [
    "UNDER_WAY",
    "BatchHandler",
    "Claim",
    "Engine",
    "IdempotencyKey",
    "Job",
    "Jobs",
    "NewJob",
    "NewStep",
    "NoWakeups",
    "PutOff",
    "State",
    "Step",
    "StepContext",
    "StepHandler",
    "Timing",
    "Wakeups",
    "forget_attempts",
    "idempotency_key",
]
