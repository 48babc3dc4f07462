"""An outgoing report that holds a block of every kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan.rendering.csv_format import CSV
from bilan.rendering.tables import rows_within
from bilan.sdk.channels import OutgoingReport, ReportFile
from bilan.sdk.rendering import RenderContext
from fixtures.documents import report

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
IDENT = "11111111-2222-3333-4444-555555555555"


def report_file(content: bytes = b"PK rest", name: str = "Été à l’œuvre 2026-08-01.zip") -> ReportFile:
    """A file of these bytes."""
    url = "https://bilan.example.org/links/AAAA.BBBB"
    return ReportFile(name, CSV.label, "application/zip", len(content), url, lambda: content)


def outgoing_report(
    context: RenderContext, files: Iterable[ReportFile] = (), **changes: Any
) -> OutgoingReport:
    """On its way to Zoë, from Olga."""
    fields: dict[str, Any] = {
        "ident": IDENT,
        "address": "zoe@example.org",
        "name": "Zoë Überfall",
        "sender": "Olga",
        "sender_address": "olga@example.org",
        "document": report(),
        "render_context": context,
        "rows": rows_within,
        "files": tuple(files),
        "attach": False,
        "page": "https://bilan.example.org/runs/1",
        "sent_at": NOON,
        "links_until": NOON + timedelta(days=7),
    }
    return OutgoingReport(**{**fields, **changes})
