"""The address book of a workspace: external recipients, added, corrected and looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from tortoise.exceptions import IntegrityError

from bilan.accounts.addresses import checked
from bilan.accounts.defaults import language_or_none, zone_or_none
from bilan.accounts.models import Membership
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.catalog.text import clean_name, is_storable, unstorable
from bilan.clock import Clock
from bilan.recipients.domains import require_domain
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import named, plain_words, read_external, read_recipient, read_rules
from bilan.recipients.values import EMAIL, RecipientDraft, RecipientInfo, RecipientKind, RecipientPage
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.textdomain import _

LONGEST_NAME = 100
UNASKED = {"asked": 0, "asked_at": None, "asked_until": None, "confirmed_at": None}
"""What is known of an address that nobody has been asked for yet."""


class AddressBook:
    """Keeps external recipients, for whoever manages recipients. Methods raise ``Forbidden``."""

    def __init__(self, catalog: Catalog, clock: Clock, formats: Collection[str]) -> None:
        self._catalog, self._clock, self._formats = catalog, clock, formats

    async def list(
        self, actor: Principal, *, words: str = "", offset: int = 0, limit: int = 50
    ) -> RecipientPage:
        """The external recipients in whose name or address the words stand, by name. Raises ``Invalid``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        if not is_storable(words):
            raise unstorable("words")
        rows = RecipientRow.filter(named(words), workspace_id=actor.workspace, channel=EMAIL)
        page = await rows.order_by("words", "address").offset(offset).limit(limit)
        found = await read_external(actor.workspace, page, self._clock.now())
        return RecipientPage(tuple(found), await rows.count())

    async def get(self, actor: Principal, recipient: UUID) -> RecipientInfo:
        """One recipient, a person of the workspace too. Raises ``NotFound``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        found = await read_recipient(actor.workspace, recipient, self._clock.now())
        if found is None or found.kind is RecipientKind.WEBHOOK:
            raise no_recipient()
        return found

    async def add(self, actor: Principal, draft: RecipientDraft) -> RecipientInfo:
        """Write somebody down. Nothing is sent to them yet.

        Raises ``Invalid`` with the field's path, and ``Conflict`` where the
        address is somebody's already, of the address book or of the workspace.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        row = RecipientRow(
            workspace_id=actor.workspace,
            added_by_name=actor.name,
            created_at=self._clock.now(),
        )
        await self._fill(row, draft)
        await self._save(row)
        return await self.get(actor, row.id)

    async def edit(self, actor: Principal, recipient: UUID, draft: RecipientDraft) -> RecipientInfo:
        """Correct somebody; another address has to be confirmed anew.

        Raises like :meth:`add`, and ``NotFound``.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        async with self._catalog.transaction():
            row = await external_row(actor.workspace, recipient, lock=True)
            if row.channel != EMAIL:
                raise no_recipient()
            before = row.address
            await self._fill(row, draft)
            if row.address != before:
                row.update_from_dict(UNASKED)
            await self._save(row)
        return await self.get(actor, recipient)

    async def put(self, actor: Principal, given: Mapping[str, str]) -> tuple[UUID, str]:
        """Add whoever has the address that is given, or correct them as far as anything is given.

        ``given`` are fields of a draft. Says who that is, and whether they
        were ``added``, ``changed`` or ``unchanged``. Raises like :meth:`add`.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        address = checked_address(given.get("address", ""))
        row = await RecipientRow.get_or_none(workspace_id=actor.workspace, channel=EMAIL, address=address)
        if row is None:
            names = given.get("first_name", ""), given.get("last_name", "")
            draft = RecipientDraft(address, *names, given.get("language"), given.get("zone"))
            return (await self.add(actor, draft)).id, "added"
        before = await read_external(actor.workspace, [row], self._clock.now())
        draft = RecipientDraft(
            address,
            given.get("first_name", row.first_name),
            given.get("last_name", row.last_name),
            given.get("language", row.language),
            given.get("zone", row.zone),
            row.formats,
        )
        after = await self.edit(actor, row.id, draft)
        return row.id, "unchanged" if [after] == before else "changed"

    async def _fill(self, row: RecipientRow, draft: RecipientDraft) -> None:
        row.address = checked_address(draft.address)
        row.first_name = checked_name(draft.first_name, "first_name")
        row.last_name = checked_name(draft.last_name, "last_name")
        row.language, row.zone = language_or_none(draft.language), zone_or_none(draft.zone)
        row.formats = self._checked(draft.formats)
        row.words = plain_words(row.first_name, row.last_name, row.address)
        require_domain(await read_rules(row.workspace_id), row.address, "address")
        if await Membership.exists(workspace_id=row.workspace_id, person__email=row.address):
            raise Conflict(
                _("{address} is a person of this workspace; choose them as such.", address=row.address),
                ("address",),
            )

    def _checked(self, formats: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """The files that somebody gets, each once. Raises ``Invalid``."""
        for one in formats or ():
            if one not in self._formats:
                raise Invalid(
                    _("{format} is no format here; choose from {known}.",
                      format=one, known=", ".join(sorted(self._formats))),
                    ("formats",),
                )  # fmt: skip
        return None if formats is None else tuple(dict.fromkeys(formats))

    async def _save(self, row: RecipientRow) -> None:
        try:
            # Whoever else adds the same address at this moment is told by the database.
            async with self._catalog.transaction():
                await row.save()
        except IntegrityError as error:
            raise Conflict(
                _("{address} is in the address book already.", address=row.address), ("address",)
            ) from error


async def external_row(workspace: UUID, recipient: UUID, *, lock: bool = False) -> RecipientRow:
    """An external recipient's row, held until the transaction ends where asked. Raises ``NotFound``."""
    rows = RecipientRow.filter(workspace_id=workspace, id=recipient)
    row = await (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise no_recipient()
    return row


def checked_address(address: str) -> str:
    """The address as it is kept. Raises ``Invalid`` at ``address`` where it cannot be one."""
    try:
        return checked(address)
    except Invalid as error:
        raise Invalid(error.message, ("address",)) from error


def no_recipient() -> NotFound:
    """What is said where there is nobody to know of."""
    return NotFound(_("There is no such recipient."), ("recipient",))


def checked_name(given: str, field: str) -> str:
    """A name as it is kept. Raises ``Invalid`` at the field."""
    try:
        name = clean_name(given)
    except Invalid as error:
        raise Invalid(error.message, (field,)) from error
    if len(name) > LONGEST_NAME:
        raise Invalid(_("A name has at most {most} characters.", most=LONGEST_NAME), (field,))
    return name
