"""The control socket's requests: everything that comes over it comes from the operator.

Commands ask GraphQL like anybody; only bytes have ways of their own here,
a file on its way in and facts on their way out. A client that goes away
ends either.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.http.problems import problem
from bilan.http.streams import Stream
from bilan.ingest.imports import NewUpload
from bilan.operator import operator
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.textdomain import _
from bilan.sdk.written_dates import DateOrder
from bilan.sdk.written_numbers import DecimalMark
from bilan.warehouse import Format
from bilan.warehouse.export import columns_of, last_line

if TYPE_CHECKING:
    from bilan.sdk.datasets import Dataset
    from bilan.services import Services


HEALTH = ("/healthz", "/readyz")


class AsOperator:
    """Names the operator as the actor of every request."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app = app
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in HEALTH:
            await self.app(scope, receive, send)  # also where nobody can be known
            return
        try:
            scope.setdefault("state", {})["actor"] = await operator(self.services)
        except BilanError as error:
            await problem(error)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def byte_routes(services: Services) -> list[Route]:
    """``POST /uploads?source=…&name=…`` and ``GET /facts/{dataset}``."""

    async def upload(request: Request) -> Response:
        try:
            return JSONResponse(await _upload(services, request))
        except ClientDisconnect:
            return Response(status_code=400)

    async def facts(request: Request) -> Response:
        return await _facts(services, request)

    return [
        Route("/uploads", upload, methods=["POST"], name="uploads"),
        Route("/facts/{dataset}", facts, methods=["GET"], name="facts"),
    ]


async def _upload(services: Services, request: Request) -> dict[str, str]:
    """Store the file and find its reader; ``startImport`` has it read."""
    asked = request.query_params
    with tempfile.TemporaryDirectory(prefix="bilan-") as folder:
        path = Path(folder) / "upload"
        async with await anyio.open_file(path, "wb") as file:
            async for piece in request.stream():
                await file.write(piece)
        new = NewUpload(
            name=asked.get("name", ""),
            content=path,
            reader=asked.get("reader"),
            sheet=asked.get("sheet", ""),
            encoding=asked.get("encoding", ""),
            uses=_uses(asked.getlist("map")),
            dates=_one_of(asked, "dates", DateOrder),
            decimals=_one_of(asked, "decimals", DecimalMark),
        )
        stored = await services.imports.upload(request.state.actor, asked.get("source", ""), new)
    return {"id": str(stored.id), "name": stored.name, "reader": stored.reader}


def _uses(typed: Sequence[str]) -> dict[str, str]:
    """Columns of the dataset by columns of the file, from ``column=target``."""
    uses = dict[str, str]()
    for pair in typed:
        # A column's name may hold the sign, a column of a dataset cannot.
        column, equals, target = pair.rpartition("=")
        if not equals or not column:
            raise Invalid(_("--map takes COLUMN=TARGET, not “{given}”.", given=pair), ("map",))
        uses[column] = target
    return uses


def _one_of(asked: QueryParams, name: str, choices: type[StrEnum]) -> str:
    given = asked.get(name, "")
    if given and given not in set(choices):
        text = _("“{given}” is none of {choices}.", given=given, choices=", ".join(choices))
        raise Invalid(text, (name,))
    return given


async def _facts(services: Services, request: Request) -> Stream:
    """The facts of a dataset, in order of time, without the copies of the same one."""
    asked, key = request.query_params, request.path_params["dataset"]
    dataset = services.registry.datasets.get(key)
    if dataset is None:
        known = ", ".join(sorted(services.registry.datasets))
        text = _("There is no dataset {dataset}; there are: {known}.", dataset=key, known=known)
        raise Invalid(text, ("dataset",))
    wanted = [asked["source"]] if "source" in asked else None
    readable = await services.sources.readable(request.state.actor, wanted)
    since, until = (_moment(asked[key], key) if key in asked else None for key in ("since", "until"))
    form = _format(asked.get("format", Format.JSONL))
    pieces = services.warehouse.export(
        dataset,
        {source.id: source.name for source in readable},
        since=since,
        until=until,
        format=form,
        columns=_columns(dataset, asked.get("columns", "")),
    )
    return await Stream.begin(
        pieces,
        lambda code, message: last_line(form, code, str(message)),
        media_type="application/octet-stream",
    )


def _columns(dataset: Dataset, given: str) -> tuple[str, ...]:
    known = columns_of(dataset)
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    for name in names:
        if name not in known:
            text = _(
                "{dataset} has no column {column}; there are: {known}.",
                dataset=dataset.key, column=name, known=", ".join(known),
            )  # fmt: skip
            raise Invalid(text, ("columns",))
    return names


def _format(given: str) -> Format:
    try:
        return Format(given)
    except ValueError as error:
        known = ", ".join(Format)
        text = _("Facts do not come as {format}; choose from {known}.", format=given, known=known)
        raise Invalid(text, ("format",)) from error


def _moment(given: str, option: str) -> datetime:
    try:
        if len(given) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(given), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        text = _("“{given}” is no moment; write 2026-01-31 or 2026-01-31T08:00:00Z.", given=given)
        raise Invalid(text, (option,)) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
