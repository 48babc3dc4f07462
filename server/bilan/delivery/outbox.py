"""The server's own outbox: where e-mails stay when no mail server is set, to be looked at."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from markupsafe import Markup
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from bilan.accounts.policy import Action, allowed
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.models import DeliveryRow, KeptMailRow
from bilan.delivery.purge import purge_due
from bilan.delivery.values import Mode
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.runs.listing import visible_jobs
from bilan.sdk.channels import RawMessage
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _
from bilan.work.models import JobRow


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A message of the outbox, by its delivery's id."""

    id: UUID
    address: str
    subject: str
    size: int
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class MailPage:
    """Some messages of the outbox, newest first, and how many the whole list has."""

    mails: tuple[KeptMail, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A message taken apart. In ``html`` the pictures stand where the message refers to them."""

    headers: tuple[tuple[str, str], ...]
    html: str
    text: str
    attachments: tuple[Attachment, ...]


class Outbox:
    """Keeps messages, and shows each to its recipient and to those who may read its report."""

    def __init__(self, catalog: Catalog, files: Files, clock: Clock) -> None:
        self._catalog, self._files, self._clock = catalog, files, clock
        self._references = FileReferences(catalog, files, clock)

    async def write(self, message: RawMessage) -> None:
        """Keep a message; the same one again is kept once."""
        ident = UUID(message.ident)
        row = await DeliveryRow.get(id=ident).select_related("sending")
        owner = Owner("outbox", ident)
        stored = await self._references.put(owner, message.content)
        subject = str(message_from_bytes(message.content, policy=SMTP)["Subject"])
        try:
            async with self._catalog.transaction():
                await confirm_references(owner, [stored.sha256])
                await KeptMailRow.create(
                    id=ident,
                    workspace=row.sending.workspace,
                    address=message.recipient,
                    subject=subject,
                    sha256=stored.sha256,
                    size=stored.size,
                    kept_at=self._clock.now(),
                )
        except IntegrityError:
            return

    async def list(self, actor: Principal, *, offset: int = 0, limit: int = 20) -> MailPage:
        """The messages that the actor may read, the newest first."""
        visible = _visible(actor)
        rows = await visible.order_by("-kept_at", "id").offset(offset).limit(limit)
        return MailPage(tuple(_mail(row) for row in rows), await visible.count())

    async def get(self, actor: Principal, mail: UUID) -> tuple[KeptMail, OpenedMail]:
        """One message. Raises ``NotFound`` also where the actor may not know of it."""
        row = await _visible(actor).get_or_none(id=mail)
        if row is None:
            raise NotFound(_("There is no such e-mail in the outbox."))
        return _mail(row), opened(await self._files.read(row.sha256))

    async def sweep(self) -> int:
        """Delete what is due; how many. See :mod:`bilan.delivery.purge`."""
        return await purge_due(self._catalog, self._clock)


def _visible(actor: Principal) -> QuerySet[KeptMailRow]:
    """The messages of reports that the actor may read, and those sent to them."""
    kept = KeptMailRow.filter(workspace=actor.workspace)
    if actor.via == "operator":
        return kept
    own, plain = Q(recipient=actor.person), Q(sending__run__isnull=True)
    if not allowed(actor, Action.EXPORT_CONTACT_DATA):
        # Whoever may no longer see single persons does not see them in an old e-mail either.
        personal = JobRow.filter(workspace=actor.workspace, personal=True)
        own &= plain | Q(sending__run__not_in=Subquery(personal.values("id")))
    visible = Subquery(visible_jobs(actor).values("id"))
    readable = Q(sending__run__in=visible)
    if allowed(actor, Action.MANAGE_RECIPIENTS):
        # One with the link of a shared report is for who may read that report.
        readable |= plain & Q(sending__job__in=visible)
    else:
        readable &= ~Q(sending__mode=Mode.PROTECTED)
    return kept.filter(id__in=Subquery(DeliveryRow.filter(readable | own).values("id")))


def opened(content: bytes) -> OpenedMail:
    """A message's parts. References to pictures inside it become the pictures."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what the policy makes
    html = text = ""
    pictures: dict[str, str] = {}
    attachments: list[Attachment] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, body = part.get_content_type(), part.get_payload(decode=True)
        content = body if isinstance(body, bytes) else b""
        if part.get("Content-ID"):
            encoded = base64.b64encode(content).decode()
            pictures[str(part["Content-ID"]).strip("<>")] = f"data:{kind};base64,{encoded}"
        elif part.get_content_disposition() == "attachment":
            attachments.append(Attachment(part.get_filename() or "file", kind, content))
        elif kind == "text/html":
            html = content.decode()
        else:
            text = content.decode()
    for cid, data in pictures.items():
        html = html.replace(f"cid:{cid}", data)
    headers = tuple((name, str(value)) for name, value in message.items())
    return OpenedMail(headers, html, text, tuple(attachments))


def opened_post(content: bytes) -> OpenedMail:
    """What is posted rather than mailed, to be looked at as an e-mail is: JSON with a line for each value."""
    try:
        text = json.dumps(json.loads(content), indent=2, ensure_ascii=False)
    except ValueError:
        text = content.decode(errors="replace")
    return OpenedMail((), str(Markup("<pre>{}</pre>").format(text)), text, ())


def _mail(row: KeptMailRow) -> KeptMail:
    return KeptMail(row.id, row.address, row.subject, row.size, row.kept_at)
