"""Letters: the messages of a sending without their recipients, composed once and kept as files.

Recipients who read the same language, see instants in the same zone and get the same files share one.

A letter holds figures, so its file is the run's: it is erased with them. See docs/decisions/053.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import anyio
import anyio.to_thread
from tortoise.exceptions import IntegrityError

from bilan.accounts.models import Person
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.letter_keys import is_undated, same_files
from bilan.delivery.models import DeliveryRow, LetterRow, SendingRow
from bilan.delivery.outgoing import DeliveryRequest, OutgoingReports
from bilan.delivery.own_links import CONFIRMATION, GRANT, PASSWORD, SUBSCRIPTION, OwnLinks
from bilan.delivery.plain_letters import PlainLetters
from bilan.delivery.values import FileContent, GrantWords, Mode
from bilan.files import Files
from bilan.files.references import FileReferences, Owner, confirm_references
from bilan.i18n import USUAL_FORMATS
from bilan.recipients import Targets
from bilan.recipients.values import EMAIL
from bilan.runs.models import ArtifactRow
from bilan.runs.reading import artifact_of
from bilan.runs.retention import hold
from bilan.runs.values import Artifact
from bilan.sdk.channels import RawMessage, Recipient, Transport


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter's bytes, and the files behind its links."""

    content: bytes
    artifacts: tuple[UUID, ...]


class Letters:
    """Composes letters, and addresses them to recipients.

    ``granted`` gives whoever gets a report by protected link what opens it.
    """

    def __init__(
        self,
        catalog: Catalog,
        files: Files,
        clock: Clock,
        outgoing: OutgoingReports,
        own_links: OwnLinks,
        transports: Mapping[str, Transport],
        mails: PlainLetters,
        targets: Targets,
        granted: Callable[[DeliveryRow], Awaitable[GrantWords]],
    ) -> None:
        self._granted = granted
        self._catalog, self._files, self._outgoing = catalog, files, outgoing
        self._references = FileReferences(catalog, files, clock)
        self._own_links, self._transports, self._mails = own_links, transports, mails
        self._targets = targets

    async def render(
        self,
        sending: SendingRow,
        language: str,
        file_format: str,
        cancelled: Callable[[], bool],
        zone: str | None = None,
    ) -> None:
        """One of the files, unless it is there."""
        await self._outgoing.render(
            sending.report_run,
            language,
            [file_format],
            cancelled,
            zone,
            sending.display or USUAL_FORMATS,
            FileContent(sending.content),
        )

    async def compose(self, row: DeliveryRow, cancelled: Callable[[], bool] = lambda: False) -> LetterRow:
        """The letter that a delivery gets, as others do, composed now unless it is there.

        Raises ``Conflict`` where the run has no document. The row's sending has been fetched.
        """
        sending = row.sending
        which: dict[str, Any] = {
            "sending_id": sending.id,
            "channel": row.channel,
            "language": row.language,
            "letter": row.letter,
        }
        if letter := await LetterRow.get_or_none(**which):
            return letter
        request, run = await self._request(row), sending.report_run
        if request.formats or request.grant:
            await hold(run, links_end(row))
        artifacts = await _sent_before(row)
        if artifacts is None:
            artifacts = await self._outgoing.render(
                run, row.language, request.formats, cancelled, request.zone, request.display, request.content
            )
        report = await self._outgoing.make(request, artifacts)
        composed = await anyio.to_thread.run_sync(self._transports[row.channel].compose, report)
        owner = Owner("run", run)
        stored = await self._references.put(owner, composed)
        try:
            async with self._catalog.transaction():
                await confirm_references(owner, [stored.sha256])
                return await LetterRow.create(
                    sha256=stored.sha256, artifacts=[str(one.id) for one in artifacts], **which
                )
        except IntegrityError:
            # Somebody else composed it meanwhile; theirs was first.
            return await LetterRow.get(**which)

    def reading(self) -> ReadLetters:
        """Addresses letters one after the other, and reads each once."""
        return ReadLetters(self)

    async def address(self, row: DeliveryRow) -> RawMessage:
        """The message to one recipient. Raises ``NotFound`` where its letter is erased."""
        return await self.reading().address(row)

    async def read(self, row: DeliveryRow) -> ReadLetter:
        """The letter that a delivery gets."""
        letter = await self.compose(row)
        return ReadLetter(await self._files.read(letter.sha256), tuple(map(UUID, letter.artifacts)))

    async def fill_in(self, row: DeliveryRow, letter: ReadLetter | None) -> RawMessage:
        """The message to one recipient of a letter that was read; of a plain mail without one."""
        recipient = await self._recipient(row)
        if letter is None:
            content = await self._mails.compose(row, recipient.confirmation)
        else:
            until, content = links_end(row), letter.content
            links = tuple(self._outgoing.link(row.id, one, until) for one in letter.artifacts)
            recipient = replace(recipient, links=links)
            if row.sending.mode == Mode.PROTECTED:
                words = await self._granted(row)
                told = self._mails.password(row, words.password)
                recipient = replace(recipient, grant=words.url, password=told)
        return await anyio.to_thread.run_sync(self._transports[row.channel].address, content, recipient)

    async def _recipient(self, row: DeliveryRow) -> Recipient:
        ends = row.sending.mail is None and _can_end(row)
        return Recipient(
            str(row.id),
            row.address,
            row.name,
            subscription=self._own_links.url(SUBSCRIPTION, row.id) if ends else "",
            confirmation=self._own_links.url(CONFIRMATION, row.id) if _asks(row) else "",
            settings=await self._targets.settings_of(row.recipient) if row.channel != EMAIL else {},
        )

    async def _request(self, row: DeliveryRow) -> DeliveryRequest:
        sending = row.sending
        sender = None if sending.sent_by is None else await Person.get_or_none(id=sending.sent_by)
        # Short enough for a line, wherever it stands in a message.
        ident = uuid5(sending.id, row.language + row.letter).hex
        places, shared = self._own_links.placeholder, sending.protected
        return DeliveryRequest(
            ident=ident,
            run=sending.report_run,
            language=row.language,
            formats=tuple(one.format for one in sending.formats) if row.formats is None else row.formats,
            mode=Mode(sending.mode),
            sender=sending.sent_by_name,
            sender_address=sender.email if sender else "",
            message=sending.message,
            sent_at=sending.created_at,
            links_until=None if is_undated(row) else links_end(row),
            days=sending.days,
            content=FileContent(sending.content),
            zone=row.zone,
            display=sending.display or USUAL_FORMATS,
            subscription=places(SUBSCRIPTION, ident) if _can_end(row) else "",
            confirmation=places(CONFIRMATION, ident) if _asks(row) else "",
            grant=places(GRANT, ident) if shared else "",
            password=places(PASSWORD, ident) if shared and not shared.separately else "",
            # What is posted to a chat is read by people of the workspace.
            external=row.external and row.channel == EMAIL,
            scheduled=sending.schedule is not None,
            test=sending.test,
        )


class ReadLetters:
    """The letters of a batch: the one that was last needed is at hand for those who get it as well."""

    def __init__(self, letters: Letters) -> None:
        self._letters, self._turn = letters, anyio.Lock()
        self._which: tuple[object, ...] = ()
        self._letter: ReadLetter | None = None

    async def address(self, row: DeliveryRow) -> RawMessage:
        """The message to one recipient. Raises ``NotFound`` where its letter is erased."""
        if row.sending.mail is not None:
            return await self._letters.fill_in(row, None)
        which = (row.sending_id, row.channel, row.language, row.letter)
        async with self._turn:
            if which != self._which:
                self._letter, self._which = await self._letters.read(row), which
            letter = self._letter
        return await self._letters.fill_in(row, letter)


def _can_end(row: DeliveryRow) -> bool:
    """Whether there is anything to end: what comes regularly, and whatever goes to external recipients."""
    return row.channel == EMAIL and (row.external or row.sending.schedule is not None or row.sending.test)


def _asks(row: DeliveryRow) -> bool:
    """Whether it asks for a confirmation: the question itself, the first report along with it, and a test."""
    return (
        row.confirms
        or row.sending.test
        or (row.sending.mail is not None and not (row.sending.mail.url or row.sending.mail.grant))
    )


async def _sent_before(row: DeliveryRow) -> tuple[Artifact, ...] | None:
    """The very files of the sending that is sent once more, also where they would look otherwise by now."""
    sending = row.sending
    if sending.resend_of is None:
        return None
    letters = await LetterRow.filter(sending_id=sending.resend_of, channel=row.channel, language=row.language)
    letter = next((one for one in letters if same_files(one.letter, row.letter)), None)
    if letter is None:
        return None
    kept = {str(found.id): found for found in await ArtifactRow.filter(id__in=letter.artifacts)}
    if not kept.keys() >= set(letter.artifacts):
        return None
    return tuple(artifact_of(kept[one], sending.report_run) for one in letter.artifacts)


async def date_links(sending: SendingRow, now: datetime) -> None:
    """Have the links of a sending that was approved last as long as its letters say, from now on."""
    until = now + timedelta(days=sending.days)
    await DeliveryRow.filter(sending_id=sending.id).update(links_until=until)
    if sending.run is not None:
        await hold(sending.run, until)


def links_end(row: DeliveryRow) -> datetime:
    """When the links of a delivery end."""
    return row.links_until or row.sending.created_at + timedelta(days=row.sending.days)
