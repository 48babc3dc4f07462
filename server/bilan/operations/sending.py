"""The report of a run to people of the workspace, from the command line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import anyio

from bilan.accounts import Actor
from bilan.delivery import Delivery, DeliveryState, Mode, NewSending, Sent
from bilan.operations.events import Result, Said, Step
from bilan.operations.operator import operator
from bilan.runs.values import State
from bilan.sdk.errors import BilanError, Conflict, Invalid
from bilan.sdk.textdomain import _, ngettext
from bilan.services import Services

LOOK = 0.1
"""Seconds between two looks at the ledger."""
WELL = (DeliveryState.ACCEPTED, DeliveryState.PLANNED)
"""What a command ends well with: taken over, or put off by the mail server and tried again later."""


async def send(
    services: Services,
    given: Mapping[str, Any],
    upload: AsyncIterator[bytes] | None,  # noqa: ARG001
) -> AsyncGenerator[Step]:
    """Send, and tell what became of it for each recipient. Leaving stops what has not left by then."""
    actor = await operator(services)
    new = NewSending(
        to=tuple(given["to"]),
        key=given["key"] or uuid4().hex,
        mode=Mode.ATTACH if given["attach"] else Mode.LINK,
        formats=tuple(given["formats"]),
        language=given["language"],
        days=given["days"],
        message=given["message"],
    )
    sent = await _in_full(services, actor, _run(given["run"]), new)
    ended = False
    try:
        rows = await _tried(services, actor, sent)
        ended = True
    finally:
        if not ended:
            with anyio.CancelScope(shield=True):
                await _stop(services, actor, sent)
    for row in rows:
        yield Said(_said(row))
    failed = [row for row in rows if row.state not in WELL]
    if failed:
        raise Conflict(
            ngettext(
                "One of the e-mails was not taken over.",
                "{count} of the e-mails were not taken over.",
                count=len(failed),
            )
        )
    yield Result({"run": str(sent.run.id), "states": {row.address: row.state.value for row in rows}})


async def _in_full(services: Services, actor: Actor, run: UUID, new: NewSending) -> Sent:
    """Begin, also where the client goes away meanwhile: what is begun has to be stopped by its id."""
    with anyio.CancelScope(shield=True):
        return await services.deliveries.send_run(actor, run, new)
    raise AssertionError("a shielded scope lets nothing slip")  # pragma: no cover - for the type checker


async def _tried(services: Services, actor: Actor, sent: Sent) -> tuple[Delivery, ...]:
    """The rows, once each was tried. Raises the run's error where it came to nothing."""
    while True:
        listed = await services.deliveries.list(actor, sent.run.id)
        rows = tuple(row for row in listed if row.work == sent.run.id)
        if all(row.state.over or _put_off(row) for row in rows):
            return rows
        run = await services.runs.get(actor, sent.run.id)
        if run.state in (State.FAILED, State.CANCELLED):
            raise Conflict(run.error or _("The run was cancelled."))
        await anyio.sleep(LOOK)


def _put_off(row: Delivery) -> bool:
    return row.state is DeliveryState.PLANNED and row.attempt > 0


async def _stop(services: Services, actor: Actor, sent: Sent) -> None:
    try:
        await services.runs.cancel(actor, sent.run.id)
    except BilanError:
        return  # it was over just then


def _said(row: Delivery) -> str:
    why = row.reason or row.answer
    state = "put off, and tried again later" if _put_off(row) else row.state.value
    return f"{row.address}: {state}{f' ({why})' if why else ''}"


def _run(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise Invalid(
            _("{given} is no run; its id stands in its page's address.", given=given), ("run",)
        ) from error
