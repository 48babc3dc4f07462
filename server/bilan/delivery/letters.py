"""Letters: the messages of a sending without their recipients, composed once a language and kept as files.

A letter holds figures, so its file is the run's: it is erased with them. See docs/decisions/053.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import anyio.to_thread
from tortoise.exceptions import IntegrityError

from bilan.accounts.models import Person
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.models import DeliveryRow, LetterRow, SendingRow
from bilan.delivery.outgoing import DeliveryRequest, OutgoingReports
from bilan.delivery.values import Mode
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.runs.models import ArtifactRow
from bilan.runs.reading import artifact_of
from bilan.runs.retention import hold
from bilan.runs.values import Artifact
from bilan.sdk.channels import RawMessage, Recipient, Transport


class Letters:
    """Composes letters, and addresses them to recipients."""

    def __init__(
        self,
        catalog: Catalog,
        files: Files,
        clock: Clock,
        outgoing: OutgoingReports,
        transports: Mapping[str, Transport],
    ) -> None:
        self._catalog, self._files, self._outgoing = catalog, files, outgoing
        self._references = FileReferences(catalog, files, clock)
        self._transports = transports

    async def render(
        self, sending: SendingRow, language: str, file_format: str, cancelled: Callable[[], bool]
    ) -> None:
        """One of the files, unless it is there."""
        await self._outgoing.render(sending.run, language, [file_format], cancelled)

    async def compose(
        self, sending: SendingRow, channel: str, language: str, cancelled: Callable[[], bool] = lambda: False
    ) -> LetterRow:
        """The letter, composed now unless it is there. Raises ``Conflict`` where the run has no document."""
        if row := await LetterRow.get_or_none(sending_id=sending.id, channel=channel, language=language):
            return row
        request = await _request(sending, language)
        if request.formats:
            await hold(sending.run, request.links_until)
        artifacts = await _sent_before(sending, channel, language)
        if artifacts is None:
            artifacts = await self._outgoing.render(sending.run, language, request.formats, cancelled)
        report = await self._outgoing.make(request, artifacts)
        composed = await anyio.to_thread.run_sync(self._transports[channel].compose, report)
        owner = Owner("run", sending.run)
        stored = await self._references.put(owner, composed)
        try:
            async with self._catalog.transaction():
                await confirm_references(owner, [stored.sha256])
                return await LetterRow.create(
                    sending=sending,
                    channel=channel,
                    language=language,
                    sha256=stored.sha256,
                    artifacts=[str(one.id) for one in artifacts],
                )
        except IntegrityError:
            # Somebody else composed it meanwhile; theirs was first.
            return await LetterRow.get(sending_id=sending.id, channel=channel, language=language)

    async def address(self, row: DeliveryRow) -> RawMessage:
        """The message to one recipient. Raises ``NotFound`` where its letter is erased."""
        sending = row.sending
        letter = await self.compose(sending, row.channel, row.language)
        until = _until(sending)
        links = tuple(self._outgoing.link(row.id, UUID(one), until) for one in letter.artifacts)
        recipient = Recipient(str(row.id), row.address, row.name, links)
        composed = await self._files.read(letter.sha256)
        return await anyio.to_thread.run_sync(self._transports[row.channel].address, composed, recipient)


async def _sent_before(sending: SendingRow, channel: str, language: str) -> tuple[Artifact, ...] | None:
    """The very files of the sending that is sent once more, also where they would look otherwise by now."""
    before = LetterRow.filter(sending_id=sending.resend_of, channel=channel, language=language)
    letter = await before.first() if sending.resend_of else None
    if letter is None:
        return None
    kept = {str(row.id): row for row in await ArtifactRow.filter(id__in=letter.artifacts)}
    if not kept.keys() >= set(letter.artifacts):
        return None
    return tuple(artifact_of(kept[one], sending.run) for one in letter.artifacts)


async def _request(sending: SendingRow, language: str) -> DeliveryRequest:
    sender = None if sending.sent_by is None else await Person.get_or_none(id=sending.sent_by)
    return DeliveryRequest(
        # Short enough for a line, wherever it stands in a message.
        ident=uuid5(sending.id, language).hex,
        run=sending.run,
        language=language,
        formats=tuple(one.format for one in sending.formats),
        mode=Mode(sending.mode),
        sender=sending.sent_by_name,
        sender_address=sender.email if sender else "",
        message=sending.message,
        sent_at=sending.created_at,
        links_until=_until(sending),
    )


def _until(sending: SendingRow) -> datetime:
    return sending.created_at + timedelta(days=sending.days)
