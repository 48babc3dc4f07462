"""A report as it would look now, rendered beside the form that it is put together in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio.to_thread
from markupsafe import Markup

from bilan.pictures import readable_pictures
from bilan.rendering.blocks import render_blocks, render_cover
from bilan.rendering.context import render_context
from bilan.rendering.html_format import HTML
from bilan.rendering.selection import selected
from bilan.reports.pictures import pictures_of
from bilan.sdk.errors import BilanError, Cancelled
from bilan_ui.forms import mistakes
from bilan_ui.page_request import PageRequest
from bilan_ui.report_draft import ReportDraft

if TYPE_CHECKING:
    from bilan.reports.preview import Preview

ROWS = 8
"""Rows shown of a table: enough to see what its columns hold."""


async def previewed(request: PageRequest, draft: ReportDraft) -> dict[str, Any]:
    """The report rendered, or what keeps it from being rendered."""
    try:
        preview = await request.services.previews.build(
            request.actor, draft.kind.key, draft.raw, sources=draft.sources
        )
    except Cancelled:
        return {"html": None, "mistakes": []}  # nobody waits for it any more
    except BilanError as error:
        return {"html": None, "mistakes": mistakes(error)}
    named = await anyio.to_thread.run_sync(pictures_of, preview.document, preview.rows)
    kept = await readable_pictures(request.actor, named)
    return {"html": await anyio.to_thread.run_sync(_rendered, request, preview, kept), "mistakes": []}


def _rendered(request: PageRequest, preview: Preview, kept: frozenset[str]) -> Markup:
    context = render_context(request.services.registry, HTML.format, request.formatter)
    document = selected(preview.document, context, HTML)
    cover = render_cover(document, context, titled=False)
    blocks = render_blocks(
        document,
        context,
        preview.rows,
        level=3,
        table_rows=ROWS,
        pictures=lambda key: f"/pictures/{key}" if key in kept else "",
    )
    return cover + blocks
