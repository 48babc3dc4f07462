"""Choosing recipients: whom somebody may pick, and whether what they picked may be.

``kind`` is the key of a report's kind, ``personal`` whether it shows rows
about single persons. A member of the workspace may choose themselves alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bilan.accounts.addresses import lower
from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal
from bilan.recipients.audiences import audience_of, refused_audience, refused_state
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import read_addresses, read_external, read_people, read_rules
from bilan.recipients.values import Audience, RecipientInfo, RecipientState
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

OFFERED = 500
"""So many external recipients are offered to pick from; others are found by their address."""


async def eligible(
    actor: Principal, kind: str, *, personal: bool, now: datetime
) -> tuple[RecipientInfo, ...]:
    """Whom the actor may choose: people of the workspace, whatever their roles, then external recipients."""
    rules = await read_rules(actor.workspace)
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
    actor: Principal,
    addresses: Iterable[str],
    kind: str,
    *,
    personal: bool,
    now: datetime,
    scheduled: bool = False,
) -> tuple[RecipientInfo, ...]:
    """The recipients at these addresses, each once, one at least.

    What is ``scheduled`` may name who gets nothing at the moment: it is asked
    anew each time. Raises ``Invalid`` or ``Forbidden`` with the reason, at ``to``.
    """
    wanted = list(dict.fromkeys(filter(None, map(lower, addresses))))
    if not wanted:
        raise Invalid(_("Choose at least one recipient."), ("to",))
    known = await read_addresses(actor.workspace, wanted, now)
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
    if any(one.id != actor.person for one in found):
        require(actor, Action.SEND_TO_OTHERS)
    rules = await read_rules(actor.workspace)
    for one in found:
        reason = refused_audience(one, rules, kind, personal=personal)
        if reason is None and not scheduled:
            reason = refused_state(one)
        if reason is not None:
            raise Invalid(reason, ("to",))
    return found
