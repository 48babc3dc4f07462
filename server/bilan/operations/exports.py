"""Facts as they are, streamed to the command line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime
from typing import Any

from bilan.operations.events import Result, Step
from bilan.operations.operator import operator
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.services import Services
from bilan.threads import stream
from bilan.warehouse import Format

Upload = AsyncIterator[bytes] | None


async def export(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:  # noqa: ARG001
    """The facts of a dataset, in order of time, without the copies of the same one."""
    actor = await operator(services)
    dataset = services.registry.datasets.get(given["dataset"])
    if dataset is None:
        known = ", ".join(sorted(services.registry.datasets))
        text = _("There is no dataset {dataset}; there are: {known}.", dataset=given["dataset"], known=known)
        raise Invalid(text, ("dataset",))
    wanted = [given["source"]] if given.get("source") else None
    readable = await services.sources.readable(actor, wanted)
    names = {source.id: source.name for source in readable}
    since, until = (_moment(given.get(key), key) for key in ("since", "until"))
    pieces = services.warehouse.export(
        dataset, names, since=since, until=until, format=_format(given.get("format") or "jsonl")
    )
    size = 0
    async with aclosing(stream(pieces)) as found:
        async for piece in found:
            size += len(piece)
            yield piece
    yield Result({"bytes": size})


def _format(given: str) -> Format:
    try:
        return Format(given)
    except ValueError as error:
        known = ", ".join(Format)
        text = _("Facts do not come as {format}; choose from {known}.", format=given, known=known)
        raise Invalid(text, ("format",)) from error


def _moment(given: str | None, option: str) -> datetime | None:
    if not given:
        return None
    try:
        if len(given) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(given), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        text = _("“{given}” is no moment; write 2026-01-31 or 2026-01-31T08:00:00Z.", given=given)
        raise Invalid(text, (option,)) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
