"""What a webhook says of a report: one value, fully worded, from which each form of post is made."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bilan.delivery.email.letter import write_letter
from bilan.delivery.email.order import summary
from bilan.rendering.selection import chosen, chosen_by_report
from bilan.sdk.channels import OutgoingReport
from bilan.sdk.units import Unit


class NoticeFigure(msgspec.Struct, frozen=True):
    """A leading figure, in the reader's words and as a number."""

    label: str
    text: str
    change: str
    remarks: tuple[str, ...]
    value: int | float | str | None
    previous: int | float | None
    unit: Unit
    metric: str | None


class NoticeFile(msgspec.Struct, frozen=True):
    """A file behind a link. ``size`` is in bytes."""

    name: str
    label: str
    media_type: str
    size: int
    url: str


class WebhookNotice(msgspec.Struct, frozen=True):
    """All that is told. Moments are ISO 8601 in UTC; ``url`` of files is each recipient's own."""

    language: str
    workspace: str
    sender: str
    sent_at: str
    kind: str
    title: str
    headline: str
    period: tuple[str, str] | None
    zone: str
    as_of: str
    greeting: str
    message: str
    findings: tuple[str, ...]
    figures: tuple[NoticeFigure, ...]
    files: tuple[NoticeFile, ...]
    files_note: str
    links_until: str
    """Empty where they last some days from when it leaves."""
    page: str
    online: str


def write_notice(outgoing: OutgoingReport) -> WebhookNotice:
    """What there is to say of a report, in the words of its e-mail."""
    letter, document = write_letter(outgoing, attached=False), outgoing.document
    blocks = chosen(document, chosen_by_report(document, outgoing.render_context)).blocks
    first = summary(blocks, outgoing.render_context)
    period = document.period
    return WebhookNotice(
        language=letter.language,
        workspace=letter.workspace,
        sender=outgoing.sender,
        sent_at=outgoing.sent_at.isoformat(),
        kind=document.kind,
        title=letter.title,
        headline=letter.subject,
        period=(str(period[0]), str(period[1])) if period else None,
        zone=document.zone,
        as_of=document.as_of,
        greeting=letter.greeting,
        message=letter.message,
        findings=first.findings,
        figures=tuple(
            NoticeFigure(
                label=shown.label,
                text=shown.value,
                change=shown.change,
                remarks=shown.remarks,
                value=tile.value,
                previous=tile.previous,
                unit=tile.unit,
                metric=tile.metric,
            )
            for shown, tile in zip(first.tiles, first.kpis, strict=True)
        ),
        files=tuple(
            NoticeFile(one.name, entry.label, one.media_type, one.size, one.url)
            for one, entry in zip(outgoing.files, letter.files, strict=True)
        ),
        files_note=letter.files_note,
        links_until=outgoing.links_until.isoformat() if outgoing.links_until else "",
        page=letter.page,
        online=letter.online,
    )


def for_recipient(notice: WebhookNotice, links: Iterable[str]) -> WebhookNotice:
    """The same with a recipient's own links."""
    files = zip(notice.files, links, strict=True)
    return msgspec.structs.replace(
        notice, files=tuple(msgspec.structs.replace(one, url=link) for one, link in files)
    )


def figure_text(figure: NoticeFigure) -> str:
    """A figure on one line, with its change and what must be said of it."""
    change = f" ({figure.change})" if figure.change else ""
    return " · ".join((f"{figure.text}{change}", *figure.remarks))
