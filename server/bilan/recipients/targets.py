"""Targets: recipients that only a channel of its own reaches, such as a webhook, with what it asks for.

They stand in the address book beside external recipients, under an address
that the channel makes of their settings; the secrets among these are sealed.
Nobody has to confirm one: whoever could fill it in was let in there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from bilan.accounts.defaults import language_or_none, zone_or_none
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.parameters.validation import plain, validate
from bilan.recipients.address_book import UNASKED, checked_name, external_row, no_recipient
from bilan.recipients.domains import require_domain
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import plain_words, read_external, read_rules
from bilan.recipients.values import RecipientInfo, TargetDraft
from bilan.registry.declared import Registry
from bilan.sdk.channels import Channel, ReadSetting
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.textdomain import _
from bilan.seal import Seal


class Targets:
    """Adds, changes and lists targets, for whoever manages recipients, and opens what is sealed to send."""

    def __init__(
        self, catalog: Catalog, clock: Clock, registry: Registry, seal: Seal, setting: ReadSetting
    ) -> None:
        self._catalog, self._clock, self._registry = catalog, clock, registry
        self._seal, self._setting = seal, setting

    def channels(self) -> tuple[Channel, ...]:
        """The channels that reach targets of their own."""
        return tuple(one for one in self._registry.channels.values() if one.settings)

    async def list(self, actor: Principal) -> tuple[RecipientInfo, ...]:
        """All targets, by name. Raises ``Forbidden``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        keys = [one.key for one in self.channels()]
        rows = RecipientRow.filter(workspace_id=actor.workspace, channel__in=keys)
        found = await rows.order_by("words", "address")
        return tuple(await read_external(actor.workspace, found, self._clock.now()))

    async def get(self, actor: Principal, target: UUID) -> RecipientInfo:
        """One target. Raises ``Forbidden``, ``NotFound``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        return await self._read(await self._row(actor, target))

    async def add(self, actor: Principal, channel: str, draft: TargetDraft) -> RecipientInfo:
        """Write a target down. Nothing is sent there yet.

        Raises ``Forbidden``, ``Invalid`` with the field's path, and
        ``Conflict`` where it is in the address book already.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        now = self._clock.now()
        row = RecipientRow(
            workspace_id=actor.workspace, channel=channel, added_by_name=actor.name, created_at=now
        )
        await self._fill(row, draft, {})
        row.update_from_dict({**UNASKED, "confirmed_at": now})
        await self._save(row)
        return await self._read(row)

    async def edit(self, actor: Principal, target: UUID, draft: TargetDraft) -> RecipientInfo:
        """Change a target; a secret that is left empty stays. Raises like :meth:`add`, and ``NotFound``."""
        require(actor, Action.MANAGE_RECIPIENTS)
        async with self._catalog.transaction():
            row = await self._row(actor, target, lock=True)
            await self._fill(row, draft, self._opened(row))
            await self._save(row)
        return await self._read(row)

    async def remove(self, actor: Principal, target: UUID) -> None:
        """Take a target out of the address book: what has not left does not go there any more.

        Schedules that name it say so. Raises ``Forbidden``, ``NotFound``.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        await (await self._row(actor, target)).delete()

    async def settings_of(self, recipient: UUID) -> Mapping[str, Any]:
        """What a channel needs to know of a target, its secrets in the clear; nothing for other recipients.

        Raises ``Conflict`` where the secrets cannot be opened any more.
        """
        row = await RecipientRow.get_or_none(id=recipient)
        if row is None or not self._declared(row.channel).settings:
            return {}
        return validate(self._declared(row.channel).settings, self._opened(row), client=None)

    async def _row(self, actor: Principal, target: UUID, *, lock: bool = False) -> RecipientRow:
        row = await external_row(actor.workspace, target, lock=lock)
        if not self._declared(row.channel).settings:
            raise no_recipient()
        return row

    async def _fill(self, row: RecipientRow, draft: TargetDraft, before: Mapping[str, Any]) -> None:
        channel = self._declared(row.channel)
        if channel.identify is None:
            raise Invalid(_("Nothing is filled in for this channel."), ("channel",))
        row.first_name = checked_name(draft.name, "name")
        if not row.first_name:
            raise Invalid(_("Give it a name."), ("name",))
        row.language, row.zone = language_or_none(draft.language), zone_or_none(draft.zone)
        secrets = {one.key for one in channel.settings if one.kind is ParameterKind.SECRET}
        given = {key: value for key, value in draft.settings.items() if value or key not in secrets}
        values = validate(channel.settings, {**before, **given}, client=None)
        row.address = channel.identify(values, self._setting).lower()
        row.words = plain_words(row.first_name, row.address)
        require_domain(await read_rules(row.workspace_id), row.address, "url")
        row.settings = plain({key: value for key, value in values.items() if key not in secrets})
        row.sealed = {key: self._seal.close(values[key]) for key in sorted(secrets) if values.get(key)}

    async def _save(self, row: RecipientRow) -> None:
        try:
            async with self._catalog.transaction():
                await row.save()
        except IntegrityError as error:
            raise Conflict(
                _("{address} is in the address book already.", address=row.address), ("url",)
            ) from error

    async def _read(self, row: RecipientRow) -> RecipientInfo:
        return (await read_external(row.workspace_id, [row], self._clock.now()))[0]

    def _opened(self, row: RecipientRow) -> dict[str, Any]:
        return {**row.settings, **{key: self._seal.open(one) for key, one in row.sealed.items()}}

    def _declared(self, key: str) -> Channel:
        """The channel. Raises ``Invalid`` for one that is not installed."""
        if (channel := self._registry.channels.get(key)) is None:
            raise Invalid(_("There is no channel {channel}.", channel=key), ("channel",))
        return channel
