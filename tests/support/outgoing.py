"""An outgoing report that holds a block of every kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan.delivery.email.headers import Sender
from bilan.delivery.email.message import address, compose
from bilan.rendering.csv_format import CSV
from bilan.rendering.tables import rows_within
from bilan.sdk.channels import OutgoingReport, Recipient, ReportFile
from bilan.sdk.rendering import RenderContext
from fixtures.documents import report

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
IDENT = "11111111-2222-3333-4444-555555555555"
ZOE = Recipient(IDENT, "zoe@example.org", "Zoë Überfall")


def report_file(content: bytes = b"PK rest", name: str = "Été à l’œuvre 2026-08-01.zip") -> ReportFile:
    """A file of these bytes."""
    url = "https://bilan.example.org/links/AAAA.BBBB"
    return ReportFile(name, CSV.label, "application/zip", len(content), url, lambda: content)


def outgoing_report(
    context: RenderContext, files: Iterable[ReportFile] = (), **changes: Any
) -> OutgoingReport:
    """On its way to Zoë, from Olga."""
    fields: dict[str, Any] = {
        "ident": "99999999222233334444555555555555",
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


def message_to(
    report: OutgoingReport, sender: Sender, budget: int, recipient: Recipient = ZOE
) -> tuple[bytes, bool]:
    """What the recipient gets, and whether the files are inside. Links are those of the files."""
    recipient = replace(recipient, links=tuple(one.url for one in report.files))
    message = address(compose(report, sender, budget), recipient, sender)
    return message.content, message.attached
