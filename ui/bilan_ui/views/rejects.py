"""Rows that could not be used, on a page and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import msgspec
from starlette.responses import Response, StreamingResponse

from bilan.ingest.rejects import Rejected
from bilan.rendering.guard import guarded
from bilan.sdk.errors import NotFound
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.sources import the_source

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@view
async def rejects(request: PageRequest) -> Response:
    """The rows that could not be used."""
    source = await the_source(request)
    page = await request.services.rejects.list(
        request.actor, source.id, before=request.number("before") or None
    )
    here = f"/sources/{source.id}/rejects"
    shown = {
        "source": source,
        "rejects": page.rows,
        "pages": {
            "previous": here if request.number("before") else None,
            "next": f"{here}?before={page.older}" if page.older else None,
        },
    }
    return request.page("rejects.html", shown)


@view
async def rejects_file(request: PageRequest) -> Response:
    """The rejected rows as a file."""
    source, wanted = await the_source(request), request.http.path_params["format"]
    render = {"csv": _csv, "jsonl": _jsonl}.get(wanted)
    if render is None:
        raise NotFound(_("Rejected rows come as csv or jsonl."))
    rows = request.services.rejects.read(request.actor, source.id)
    first = await anext(rows, None)  # so that a refusal is a page, not a broken file
    return StreamingResponse(
        render(first, rows),
        headers={
            "content-disposition": f'attachment; filename="rejects.{wanted}"',
            "cache-control": "no-store",
        },
        media_type=MEDIA_TYPES[wanted],
    )


async def _csv(first: Rejected | None, rows: AsyncIterator[Rejected]) -> AsyncIterator[str]:
    yield _line(["at", "row", "reason", "raw"])
    async for one in _all(first, rows):
        yield _line([one.at.isoformat(), str(one.number), guarded(str(one.reason)), guarded(one.raw or "")])


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


async def _jsonl(first: Rejected | None, rows: AsyncIterator[Rejected]) -> AsyncIterator[bytes]:
    async for one in _all(first, rows):
        told = {"at": one.at, "row": one.number, "reason": str(one.reason), "raw": one.raw}
        yield msgspec.json.encode(told) + b"\n"


async def _all(first: Rejected | None, rows: AsyncIterator[Rejected]) -> AsyncIterator[Rejected]:
    if first is not None:
        yield first
    async for one in rows:
        yield one
