"""The pages of one contact: what they did, by day, and the fact behind each entry."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bilan.drilldown.contact_timelines import FactAddress, ShownTimeline
from bilan.sdk.contact_timeline import TimelineEntry
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import QUIET, view
from bilan_ui.relative_time import RelativeTime


@view
async def timeline(request: PageRequest) -> Response:
    """What the contact did, the newest first, under the days of the workspace's zone."""
    address, query = request.http.path_params["contact"], request.http.query_params
    category, after = query.get("category", ""), query.get("after", "")
    found = await request.services.contact_timelines.page(
        request.actor, address, category=category, after=after
    )
    zone = (await request.services.accounts.workspace(request.actor)).zone
    formatter, page, path = request.zoned(zone), found.page, f"/contacts/{address}"
    closed = request.services.contact_timelines.closed
    entries = [_entry(found, one, path, closed(one.fact)) for one in page.entries]
    days = RelativeTime(formatter, request.services.clock.now())
    shown = {
        "contact": found.contact,
        "path": path,
        "days": list(days.by_day(entries, lambda entry: entry["occurred_at"])),
        "clock": formatter.clock,
        "zone": zone,
        "category": category,
        "categories": {one: _category(found, one) for one in found.categories},
        "pages": {
            "first": _address(path, category=category) if after else "",
            "next": _address(path, category=category, after=closed(page.end)) if page.more else "",
        },
    }
    return _quiet(request.page("contact.html", shown))


@view
async def fact(request: PageRequest) -> Response:
    """The fact behind an entry: every column that holds something."""
    address, query = request.http.path_params["contact"], request.http.query_params
    wanted = FactAddress(*(query.get(name, "") for name in ("source", "dataset", "fact")))
    found = await request.services.contact_timelines.fact(request.actor, address, wanted)
    values = [
        {"label": column.label, "text": request.formatter.value(value, column.unit)}
        for column, value in zip(found.columns, found.values, strict=True)
        if value not in (None, "", []) and not (column.unit is Unit.BOOLEAN and not value)
    ]
    shown = {
        "label": found.label,
        "values": values,
        "zone": request.formatter.zone,
        "back": {"href": f"/contacts/{address}", "label": found.contact},
    }
    return _quiet(request.page("contact_fact.html", shown))


def _entry(found: ShownTimeline, entry: TimelineEntry, path: str, fact: str) -> dict[str, Any]:
    declared = found.activities.get(entry.category)
    return {
        "occurred_at": entry.occurred_at,
        "action": declared.actions.get(entry.action, entry.action) if declared else entry.action,
        "category": _category(found, entry.category),
        "subject": entry.subject,
        "detail": entry.detail,
        "source": found.sources.get(entry.source, "") if len(found.sources) > 1 else "",
        "fact": _address(f"{path}/fact", source=entry.source, dataset=entry.dataset, fact=fact),
    }


def _category(found: ShownTimeline, category: str) -> Message | str:
    declared = found.activities.get(category)
    return declared.label if declared else category


def _address(path: str, **given: str) -> str:
    query = urlencode({key: value for key, value in given.items() if value})
    return f"{path}?{query}" if query else path


def _quiet(page: Response) -> Response:
    page.headers.update(QUIET)
    return page
