"""The rows behind one figure of a run, and their file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from starlette.responses import Response

from bilan.drilldown.addresses import Addresses, Figured
from bilan.drilldown.figures import Figure
from bilan.drilldown.values import MATCHED_BY, Window
from bilan.files.names import safe_name
from bilan.http.attachments import attachment
from bilan.http.streams import Stream
from bilan.rendering.delimited import Dialect, last_line
from bilan.rendering.drilldown_links import NO_LINK, DrilldownLink
from bilan.runs.values import Run
from bilan.sdk.document import Block, Cell, Table, TableColumn, Value
from bilan.sdk.errors import Conflict, Forbidden, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit
from bilan_ui.contact_links import contact_href
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

if TYPE_CHECKING:
    from bilan.drilldown.service import DrilldownPage

PAGE = 50
DAY = timedelta(days=1)
LONGEST = 200
"""No order asked for in an address is longer; more is somebody's play."""
LINE = 36
"""Longer texts are broken into lines, so that a row stays low."""
FIGURES = frozenset({Unit.COUNT, Unit.NUMBER})


@dataclass(frozen=True)
class RowLinks:
    """Leads the figures of a report on the page at ``path`` to their rows, and from there back.

    ``contacts`` says where a contact leads.
    """

    path: str
    addresses: Addresses
    contacts: Callable[[Value], str]
    sort: str = ""

    def __call__(self, block: Block, place: str, value: Value) -> DrilldownLink:
        """Where a contact's timeline or the rows behind a figure are shown; nowhere without any."""
        if isinstance(block, Table) and block.columns[int(place.rpartition("c")[2])].contact:
            return DrilldownLink(self.contacts(value), kind="contact")
        address = self.addresses(block, place, value) if isinstance(block, Figured) else ""
        if not address:
            return NO_LINK
        return DrilldownLink(f"{self.path}/rows?{_query(figure=address, sort=self.sort)}", ident_of(address))


def ident_of(address: str) -> str:
    """The id that a figure has on the report's page."""
    return f"figure-{address.replace(':', '-')}"


@view
async def rows(request: PageRequest) -> Response:
    """The figure in words, how its rows come to it, and the rows."""
    run = await request.services.runs.get(request.actor, _id(request))
    path, asked = f"/runs/{run.id}", _RowsAddress.of(request)
    try:
        drilled = await request.services.drilldowns.page(
            request.actor, run.id, asked.figure, Window(PAGE, asked.after, asked.before, asked.by)
        )
    except (Conflict, Invalid) as nothing:
        why = {
            "why": nothing.message,
            "back": _back(request, run, asked),
            "begin": f"{path}/rows?{asked.query()}" if asked.after or asked.before else "",
        }
        return request.page("rows_none.html", why, status=nothing.status)
    drilldown, page = drilled.drilldown, drilled.shown
    columns = _shown(drilled)
    places = [place for place, _column in columns]
    shown = {
        "heading": heading(request, drilldown.figure),
        "remarks": drilldown.remarks,
        "refusal": drilldown.refusal,
        "reported": f"{path}/rows?{asked.query(figure=drilldown.figure.reported_by_source)}"
        if drilldown.figure.reported_by_source
        else "",
        "back": _back(request, run, asked),
        "as_of": run.as_of,
        "zone": request.formatter.zone,
        "columns": [_head(request, path, asked, column) for _place, column in columns],
        "rows": [
            [_text(request, row[n], drilldown.columns[n], drilldown.dataset.contact) for n in places]
            for row in page.rows
        ],
        "hidden": len(drilldown.columns) - len(columns),
        "count": drilldown.recount.rows,
        "never": not drilldown.figure.value,
        "first": page.first,
        "last": page.first + len(page.rows) - 1,
        "csv": f"{path}/rows.csv?{asked.query()}",
        "machine": f"{path}/rows.csv?{asked.query(machine='1')}",
        "begin": f"{path}/rows?{asked.query()}" if page.previous or asked.before else "",
        "previous": f"{path}/rows?{asked.query(before=page.start)}" if page.previous else "",
        "next": f"{path}/rows?{asked.query(after=page.end)}" if page.more else "",
    }
    return request.page("rows.html", shown)


@view
async def rows_file(request: PageRequest) -> Response:
    """All the rows as CSV, streamed: safe to open in spreadsheets, or raw for programs."""
    asked = _RowsAddress.of(request)
    drilldown = await request.services.drilldowns.drill(request.actor, _id(request), asked.figure)
    if drilldown.refusal is not None:
        raise Forbidden(drilldown.refusal)
    machine = request.http.query_params.get("machine") == "1"
    dialect = Dialect(keys=machine, machine=machine, bom=not machine)
    name = safe_name(heading(request, drilldown.figure)) or "rows"
    return await Stream.begin(
        drilldown.text(dialect, request.formatter, by=asked.by),
        lambda _code, message: last_line(request.say(message), dialect),
        media_type="text/csv; charset=utf-8",
        place=request.services.query.streams.place(request.actor.person),
        headers={
            "content-disposition": attachment(f"{name}.csv"),
            "cache-control": "private, no-store",
        },
    )


def heading(request: PageRequest, figure: Figure) -> str:
    """The figure in words: what it is, of what, when, and how much."""
    formatter = request.formatter
    told = [formatter.text(figure.label)]
    if (when := _when(request, figure)) is not None:
        told.append(when)
    told += [formatter.value(value, unit) for value, unit in figure.words if value not in (None, "")]
    return request.say(
        _("{what}: {figure}", what=" · ".join(told), figure=formatter.value(figure.value, figure.unit))
    )


@dataclass(frozen=True)
class _RowsAddress:
    """What the address asks for."""

    figure: str
    sort: str
    by: str
    after: str
    before: str

    @classmethod
    def of(cls, request: PageRequest) -> _RowsAddress:
        given = request.http.query_params
        words = (given.get(name, "")[:LONGEST] for name in ("figure", "sort", "by"))
        return cls(*words, *(given.get(name, "") for name in ("after", "before")))

    def query(self, **changes: str) -> str:
        return _query(**{"figure": self.figure, "sort": self.sort, "by": self.by} | changes)


def _query(**given: str) -> str:
    return urlencode({key: value for key, value in given.items() if value}, safe=":")


def _when(request: PageRequest, figure: Figure) -> str | None:
    formatter, bucket, span = request.formatter, figure.bucket, figure.span
    if bucket is not None and figure.hourly:
        return formatter.value(bucket.starts_at.isoformat(), Unit.INSTANT)
    if bucket is not None:
        return formatter.period(bucket.start.isoformat(), (bucket.end - DAY).isoformat())
    return None if span is None else formatter.period(span.start.isoformat(), (span.end - DAY).isoformat())


def _shown(found: DrilldownPage) -> list[tuple[int, TableColumn]]:
    """The columns that hold something on this page; what only tells facts apart says nothing to people."""
    drilldown = found.drilldown
    dimensions = {one.name for one in drilldown.dataset.columns if one.dimension}
    technical = set(drilldown.dataset.identity) - dimensions - {drilldown.dataset.time}
    return [
        (place, column)
        for place, column in enumerate(drilldown.columns)
        if column.key not in technical
        and any(row[place] not in (None, "", [], False, Cell(None)) for row in found.shown.rows)
    ]


def _head(request: PageRequest, path: str, asked: _RowsAddress, column: TableColumn) -> dict[str, Any]:
    descending = asked.by == column.key
    here = asked.by.removeprefix("-") == column.key
    by = f"-{column.key}" if descending else column.key
    return {
        "label": request.formatter.text(column.label),
        "href": "" if column.key == MATCHED_BY else f"{path}/rows?{asked.query(by=by)}",
        "sorted": ("ascending" if descending else "descending") if here else "",
        "figure": column.unit in FIGURES,
    }


def _text(request: PageRequest, value: Value, column: TableColumn, contact: str) -> dict[str, Any]:
    plain = value.value if isinstance(value, Cell) else value
    text = request.say(plain) if isinstance(plain, Message) else request.formatter.value(plain, column.unit)
    shown = "" if plain in (None, "", []) else text
    href = contact_href(request, plain) if column.key == contact else ""
    return {"text": shown, "figure": column.unit in FIGURES, "long": len(shown) > LINE, "href": href}


def _back(request: PageRequest, run: Run, asked: _RowsAddress) -> dict[str, str]:
    title = run.title or request.formatter.text(request.services.registry.report_label(run.kind))
    query = f"?{_query(sort=asked.sort)}" if asked.sort else ""
    ident = ident_of(asked.figure.removesuffix("s"))
    return {"href": f"/runs/{run.id}{query}#{quote(ident)}", "label": title}


def _id(request: PageRequest) -> UUID:
    return request.ident(_("There is no such run."))
