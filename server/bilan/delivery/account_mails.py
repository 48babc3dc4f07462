"""E-mails about accounts: an invitation, and a link for whoever forgot their password.

See docs/decisions/069.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from bilan.accounts import PasswordLinks
from bilan.accounts.addresses import lower
from bilan.accounts.door import network_of
from bilan.accounts.models import Membership, Person
from bilan.accounts.policy import Action, require
from bilan.accounts.rate_limit import Attempts, Bound
from bilan.accounts.reading import find
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.values import Addressee, PlainMail
from bilan.sdk.errors import Conflict
from bilan.sdk.textdomain import _

BY_NAME = 3
"""How often a link may be sent to one address within a quarter of an hour, by whoever asks."""
BY_NETWORK = 20
"""How often one network may ask for links."""


class AccountMails:
    """Sends links to choose a password. ``sends`` says whether the server has a mail server at all.

    Without one, whoever makes a link hands it over themselves.
    """

    def __init__(
        self, catalog: Catalog, clock: Clock, mails: PlainMails, links: PasswordLinks, *, sends: bool
    ) -> None:
        self._mails, self._links, self.sends = mails, links, sends
        self._attempts = Attempts(catalog, clock)

    async def invite(self, actor: Principal, person: UUID) -> None:
        """Send somebody who never chose a password a new link to do so; earlier ones are over.

        Raises ``Forbidden``, ``NotFound``, and ``Conflict`` without a mail server.
        """
        require(actor, Action.MANAGE_PEOPLE)
        if not self.sends:
            raise Conflict(_("This server sends no e-mail; make a link and hand it over."))
        told = await self._links.invitation(actor, person)
        membership = await find(actor.workspace, person)
        workspace = actor.workspace_name
        mail = PlainMail(
            subject=_("{sender} invites you to {workspace}", sender=actor.name, workspace=workspace),
            paragraphs=(
                _("{sender} has made you an account in {workspace}.", sender=actor.name, workspace=workspace),
                _("Choose a password within seven days; this link works once."),
            ),
            button=_("Choose a password"),
            chooses=told,
        )  # fmt: skip
        await self._send(membership, mail, actor.name)

    async def admit(self, email: str, ip: str) -> str:
        """Count that somebody asks for a link to this address, which comes back as it is kept.

        ``ip`` is where they come from. Raises ``TooMany``, whether anybody has the address or not.
        """
        address = lower(email)
        by_network = Bound(("password reset by network", network_of(ip)), BY_NETWORK)
        await self._attempts.hit([Bound(("password reset", address), BY_NAME), by_network])
        return address

    async def reset(self, address: str) -> None:
        """Send a link to whoever has this address, if anybody does."""
        found = Membership.filter(person__email=address, person__active=True).select_related("person")
        if not self.sends or (membership := await found.first()) is None:
            return
        mail = PlainMail(
            subject=_("A new password for Bilan"),
            paragraphs=(
                _("Somebody asked for a new password for your account. If that was you, choose one "
                  "within the hour; this link works once."),
                _("If it was not, do nothing: your password stays as it is."),
            ),
            button=_("Choose a password"),
            chooses=self._links.reset(membership.person),
        )  # fmt: skip
        await self._send(membership, mail, "Bilan")

    async def _send(self, membership: Membership, mail: PlainMail, sender: str) -> None:
        person: Person = membership.person
        to = Addressee(person.id, person.email, person.name, person.language, person.zone)
        key = f"password:{uuid4().hex}"
        await self._mails.send(membership.workspace_id, to, mail, key, sent_by_name=sender)
