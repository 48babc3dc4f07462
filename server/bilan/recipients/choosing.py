"""Choosing recipients: whom somebody may pick, and whether what they picked may be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal
from bilan.clock import Clock
from bilan.recipients.address_book import no_recipient
from bilan.recipients.audiences import audience_of, refused_audience, refused_state
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import (
    read_addresses,
    read_external,
    read_people,
    read_recipients,
    read_rules,
)
from bilan.recipients.values import Audience, RecipientInfo, RecipientState
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

OFFERED = 500
"""So many external recipients are offered to pick from; others are found by their address."""


class Choosing:
    """Whom reports of a kind may be sent to, by somebody. A report goes to one recipient at least.

    ``kind`` is the key of the report's kind, ``personal`` whether it shows
    rows about single persons. A member of the workspace may choose themselves alone.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def eligible(self, actor: Principal, kind: str, *, personal: bool) -> tuple[RecipientInfo, ...]:
        """Whom the actor may choose: people of the workspace, whatever their roles, then external ones."""
        now, rules = self._clock.now(), await read_rules(actor.workspace)
        others = allowed(actor, Action.SEND_TO_OTHERS)
        found = [
            one
            for one in await read_people(actor.workspace, now)
            if one.state is not RecipientState.CLOSED and (others or one.id == actor.person)
        ]
        if others and audience_of(rules, kind, personal=personal) is Audience.ANYONE:
            rows = RecipientRow.filter(workspace_id=actor.workspace)
            listed = await rows.order_by("first_name", "last_name", "address").limit(OFFERED)
            found += await read_external(actor.workspace, listed, now)
        return tuple(one for one in found if not refused_audience(one, rules, kind, personal=personal))

    async def at_addresses(
        self, actor: Principal, addresses: Iterable[str], kind: str, *, personal: bool
    ) -> tuple[RecipientInfo, ...]:
        """The recipients at these addresses, each once, for what is sent at once.

        Raises ``Invalid`` or ``Forbidden`` with the reason, at ``to``.
        """
        wanted = list(dict.fromkeys(filter(None, map(lower, addresses))))
        known = await read_addresses(actor.workspace, wanted, self._clock.now())
        for address in wanted:
            if address not in known:
                raise Invalid(
                    _(
                        "{address} is neither a person of this workspace nor in its address book; add them "
                        "there first.",
                        address=address,
                    ),
                    ("to",),
                )
        found = tuple(known[one] for one in wanted)
        await self._require(actor, found, kind, "to", personal=personal)
        for one in found:
            if reason := refused_state(one):
                raise Invalid(reason, ("to",))
        return found

    async def of_ids(
        self, actor: Principal, recipients: Collection[UUID], kind: str, *, personal: bool
    ) -> tuple[RecipientInfo, ...]:
        """These recipients, each once, in their order: for what a schedule sends later.

        Raises ``NotFound``, ``Invalid`` or ``Forbidden`` with the reason, at ``recipients``. Who
        has not confirmed, or has unsubscribed, may be chosen all the same: it is asked anew each time.
        """
        known = await read_recipients(actor.workspace, set(recipients), self._clock.now())
        if missing := [one for one in recipients if one not in known]:
            raise no_recipient() from KeyError(missing[0])
        found = tuple(known[one] for one in dict.fromkeys(recipients))
        await self._require(actor, found, kind, "recipients", personal=personal)
        return found

    async def _require(
        self, actor: Principal, found: tuple[RecipientInfo, ...], kind: str, field: str, *, personal: bool
    ) -> None:
        if not found:
            raise Invalid(_("Choose at least one recipient."), (field,))
        if any(one.id != actor.person for one in found):
            require(actor, Action.SEND_TO_OTHERS)
        rules = await read_rules(actor.workspace)
        for one in found:
            if reason := refused_audience(one, rules, kind, personal=personal):
                raise Invalid(reason, (field,))
