"""Recipients' rows, accounts and suppressions, read into values."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from bilan.accounts.reading import find, member_of, members_of
from bilan.accounts.values import Member, Permission
from bilan.recipients.models import RecipientRow, RecipientRulesRow, SuppressionRow, UnsubscriptionRow
from bilan.recipients.values import (
    EMAIL,
    FirstEmail,
    RecipientInfo,
    RecipientKind,
    RecipientRules,
    RecipientState,
)
from bilan.sdk.errors import NotFound


def hash_address(address: str) -> str:
    """What stands for an address that nobody is to read any more; addresses are in lower case."""
    return hashlib.sha256(address.encode()).hexdigest()


async def read_rules(workspace: UUID) -> RecipientRules:
    """The workspace's rules; the usual ones where nobody chose others."""
    row = await RecipientRulesRow.get_or_none(workspace_id=workspace)
    return RecipientRules() if row is None else rules_of(row)


def rules_of(row: RecipientRulesRow) -> RecipientRules:
    """A row's value."""
    return RecipientRules(row.domains, row.audiences, FirstEmail(row.first_email))


async def read_recipients(
    workspace: UUID, idents: Collection[UUID], now: datetime
) -> dict[UUID, RecipientInfo]:
    """The recipients that there are among these, by id."""
    rows = await RecipientRow.filter(workspace_id=workspace, id__in=list(idents))
    return {one.id: one for one in await _read(workspace, rows, await members_of(workspace, idents), now)}


async def read_recipient(workspace: UUID, ident: UUID, now: datetime) -> RecipientInfo | None:
    """One recipient, of the workspace or its address book, if they are there (any more)."""
    rows = await RecipientRow.filter(workspace_id=workspace, id=ident)
    people = list[Member]()
    if not rows:
        with suppress(NotFound):
            people.append(await member_of(await find(workspace, ident)))
    return next(iter(await _read(workspace, rows, people, now)), None)


async def read_people(workspace: UUID, now: datetime) -> tuple[RecipientInfo, ...]:
    """Every person of the workspace as a recipient, by name."""
    return tuple(await _read(workspace, (), await members_of(workspace), now))


async def read_external(workspace: UUID, rows: Iterable[RecipientRow], now: datetime) -> list[RecipientInfo]:
    """The values of external recipients' rows, in their order."""
    return await _read(workspace, rows, (), now)


async def read_addresses(
    workspace: UUID, addresses: Collection[str], now: datetime
) -> dict[str, RecipientInfo]:
    """The recipients that have these addresses (in lower case); of two with one, the person."""
    rows = await RecipientRow.filter(workspace_id=workspace, address__in=list(addresses))
    people = [one for one in await members_of(workspace) if one.active and one.email in addresses]
    return {one.address: one for one in await _read(workspace, rows, people, now)}


def named(words: str) -> Q:
    """The rows of external recipients in whose name or address these words stand."""
    return Q(*(Q(words__contains=word) for word in plain_words(words).split()))


def plain_words(*texts: str) -> str:
    """Texts without capitals and accents, which not every database takes off."""
    folded = unicodedata.normalize("NFKD", " ".join(texts).casefold())
    return " ".join("".join(one for one in folded if not unicodedata.combining(one)).split())


async def _read(
    workspace: UUID, rows: Iterable[RecipientRow], people: Iterable[Member], now: datetime
) -> list[RecipientInfo]:
    """External recipients, then people, each in their order."""
    external, members = list(rows), list(people)
    idents = [*(row.id for row in external), *(one.id for one in members)]
    ended = UnsubscriptionRow.filter(workspace_id=workspace, scope=workspace, recipient__in=idents)
    unsubscribed = {row.recipient for row in await ended}
    answers = await _suppressed(
        workspace, [*(row.address for row in external), *(one.email for one in members)]
    )

    def refused(ident: UUID, address: str) -> RecipientState | None:
        if answers.get(address):
            return RecipientState.SUPPRESSED
        # An address without an answer was put aside because whoever had it, and is erased since, wanted it.
        return RecipientState.UNSUBSCRIBED if ident in unsubscribed or address in answers else None

    return [
        *(
            _external(row, refused(row.id, row.address) or _consent(row, now), answers.get(row.address))
            for row in external
        ),
        *(_person(one, refused(one.id, one.email), answers.get(one.email)) for one in members),
    ]


async def _suppressed(workspace: UUID, addresses: Collection[str]) -> Mapping[str, str]:
    """What was said of those of the addresses that are suppressed."""
    hashes = {hash_address(one): one for one in addresses}
    rows = await SuppressionRow.filter(workspace_id=workspace, address_hash__in=list(hashes))
    return {hashes[row.address_hash]: row.answer for row in rows}


def _external(row: RecipientRow, state: RecipientState, answer: str | None) -> RecipientInfo:
    return RecipientInfo(
        id=row.id,
        kind=RecipientKind.EXTERNAL if row.channel == EMAIL else RecipientKind.WEBHOOK,
        channel=row.channel,
        settings=row.settings,
        address=row.address,
        first_name=row.first_name,
        last_name=row.last_name,
        language=row.language,
        zone=row.zone,
        formats=row.formats,
        state=state,
        answer=answer or None,
        asked_at=row.asked_at,
        asked_until=row.asked_until,
        confirmed_at=row.confirmed_at,
        added_by_name=row.added_by_name,
        created_at=row.created_at,
    )


def _person(one: Member, refused: RecipientState | None, answer: str | None) -> RecipientInfo:
    return RecipientInfo(
        id=one.id,
        kind=RecipientKind.PERSON,
        address=one.email,
        first_name=one.name,
        last_name="",
        language=one.language,
        zone=one.zone,
        state=RecipientState.CLOSED if not one.active else refused or RecipientState.CONFIRMED,
        sees_persons=Permission.EXPORT_CONTACT_DATA in one.permissions,
        answer=answer or None,
        created_at=one.created_at,
    )


def _consent(row: RecipientRow, now: datetime) -> RecipientState:
    if row.confirmed_at is not None:
        return RecipientState.CONFIRMED
    if row.asked_until is None:
        return RecipientState.NEW
    return RecipientState.WAITING if row.asked_until > now else RecipientState.LAPSED
