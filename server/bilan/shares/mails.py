"""E-mails to viewers: link and password in one, or each in one of its own. See docs/decisions/123."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from tortoise.expressions import Q

from bilan.accounts.models import Workspace
from bilan.clock import Clock
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.values import Addressee, DeliveryState, GrantWords, Mode, PlainMail
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.seal import Seal
from bilan.shares.links import ShareLinks
from bilan.shares.models import ShareGrantRow, ShareRow
from bilan.shares.reading import guarded_by, is_over

KEPT = 10
"""So many of a viewer's e-mails are watched until they are settled."""
PENDING = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.HANDED_OVER, DeliveryState.WITHHELD)
"""E-mails that may still have to be made."""

WITHDRAWN = _("By then the report was no longer shared with this viewer.")


class ShareMails:
    """Writes to viewers, and erases the sealed password once that is done."""

    def __init__(
        self, mails: PlainMails, ledger: Ledger, links: ShareLinks, seal: Seal, clock: Clock
    ) -> None:
        self._mails, self._ledger, self._links, self._seal, self._clock = mails, ledger, links, seal, clock

    def sealed(self, password: str) -> str:
        """The password as it is kept until no e-mail with it is pending."""
        return self._seal.close(password)

    async def words_of(self, grant: UUID) -> GrantWords:
        """A grant's link, and its password while it is kept: for e-mails as they leave."""
        row = await ShareGrantRow.get(id=grant).select_related("share")
        # Who has a password of their own does not get in by that of the others.
        sealed = row.sealed if row.password_hash else row.share.sealed
        return GrantWords(self._links.url(row.id, row.nonce), self._seal.open(sealed) if sealed else "")

    async def invite(
        self, share: ShareRow, grant: ShareGrantRow, to: Addressee, *, sender: str, separately: bool
    ) -> None:
        """Send a viewer their link and the password."""
        link = PlainMail(
            subject=_("{sender} shares a report with you", sender=sender),
            paragraphs=(
                _("{sender} shares the report “{title}” with you. It opens with the password.",
                  sender=sender, title=share.title),
                *_said(share.message),
                _("The link is yours alone; it opens until {until:instant}.",
                  until=share.expires_at.isoformat()),
                *((_("The password comes in an e-mail of its own."),) if separately else ()),
            ),
            button=_("Open the report"),
            grant=str(grant.id),
            tells_password=not separately,
        )  # fmt: skip
        mails = [link]
        if separately:
            mails.append(_separate(sender, grant))
        await self._send(share, grant, to, mails, sender)

    async def tell_password(
        self, share: ShareRow, grant: ShareGrantRow, to: Addressee, *, sender: str
    ) -> None:
        """Send a viewer the new password; their link stays as it is."""
        said = _("{sender} has set a new password for the report “{title}”. Your link stays the same.",
                 sender=sender, title=share.title)  # fmt: skip
        mail = _alone(_("A new password for a report"), said, grant)
        await self._send(share, grant, to, [mail], sender)

    async def tell_separately(
        self, share: ShareRow, grant: ShareGrantRow, to: Addressee, delivery: DeliveryRow
    ) -> None:
        """Send the password beside a delivery that holds the link; once, however often that is tried."""
        sender = delivery.sending.sent_by_name
        key = f"share:{grant.id.hex}:{delivery.id.hex}"
        await self._send(share, grant, to, [_separate(sender, grant)], sender, key=key)

    async def withdraw(self, grant: ShareGrantRow) -> None:
        """Do not send a viewer what has not left yet: it would open nothing."""
        for mail in grant.mails:
            await self._ledger.cancel(mail, WITHDRAWN)

    async def sweep(self) -> int:
        """Erase the passwords of shares that are over or none of whose e-mails is pending; how many."""
        erased = 0
        for share in await ShareRow.exclude(sealed="").prefetch_related("grants"):
            mails = [one for grant in share.grants for one in grant.mails]
            over = is_over(share, self._clock.now())
            for grant in share.grants if over else ():
                await self.withdraw(grant)
            which = Q(id__in=mails)
            if share.delivered:
                # Whose e-mail has not left yet has no grant, and is to have the same password.
                which |= Q(sending__run=share.run, sending__mode=Mode.PROTECTED)
            if over or not await _pending(which):
                # A password that was set meanwhile has e-mails of its own.
                erased += await ShareRow.filter(id=share.id, sealed=share.sealed).update(sealed="")
        for grant in await ShareGrantRow.exclude(sealed="").select_related("share"):
            if is_over(grant.share, self._clock.now()) or not await _pending(Q(id__in=grant.mails)):
                erased += await ShareGrantRow.filter(id=grant.id, sealed=grant.sealed).update(sealed="")
        return erased

    async def _send(
        self,
        share: ShareRow,
        grant: ShareGrantRow,
        to: Addressee,
        mails: list[PlainMail],
        sender: str,
        *,
        key: str | None = None,
    ) -> None:
        zone = to.zone or (await Workspace.get(id=share.workspace_id)).zone
        to = replace(to, language=share.language or to.language, zone=zone)
        sources, personal = await guarded_by(share)
        sent = [
            await self._mails.send(
                share.workspace_id,
                to,
                mail,
                key or f"share:{grant.id.hex}:{uuid4().hex}",
                sent_by_name=sender,
                sources=sources,
                personal=personal,
            )
            for mail in mails
        ]
        # The one with the link first: what became of it is shown.
        beside, before = grant.mails[: 1 if key else 0], grant.mails[1 if key else 0 :]
        await ShareGrantRow.filter(id=grant.id).update(
            mails=tuple(dict.fromkeys((*beside, *sent, *before)))[:KEPT]
        )


async def _pending(which: Q) -> bool:
    """Whether one of these e-mails may still have to be made."""
    return await DeliveryRow.filter(which, state__in=PENDING).exists()


def _separate(sender: str, grant: ShareGrantRow) -> PlainMail:
    said = _("This is the password for the report that {sender} shares with you.", sender=sender)
    return _alone(_("The password for a report"), said, grant)


def _alone(subject: Message, said: Message, grant: ShareGrantRow) -> PlainMail:
    return PlainMail(subject=subject, paragraphs=(said,), grant=str(grant.id), tells_password=True)


def _said(message: str) -> tuple[Message, ...]:
    """What the sharer wrote, one paragraph for each of theirs; nobody translates it."""
    return tuple(
        Message("{words}", args={"words": one.strip()}) for one in message.split("\n") if one.strip()
    )
