"""Reports that are sent by protected link: what each recipient's e-mail tells, given as it leaves.

Whatever sends it, and however often: a run has one share, and each recipient
one grant of it; a copy to oneself has a share of its own. See docs/decisions/124.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import anyio
from tortoise.exceptions import IntegrityError

from bilan.accounts.passwords import Passwords, generated
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.letters import links_end
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import USUAL_PROTECTED_LINK, Addressee, GrantWords
from bilan.registry.declared import Registry
from bilan.runs.reading import read_run
from bilan.runs.retention import hold
from bilan.sdk.errors import Conflict
from bilan.shares.event_kinds import ShareEventKind
from bilan.shares.mails import WITHDRAWN, ShareMails
from bilan.shares.models import ShareEventRow, ShareGrantRow, ShareRow, delivered_key
from bilan.shares.reading import lock_share
from bilan.work.idempotency import request_hash


class DeliveredShares:
    """Shares a run with those whom it is sent to, each at the moment at which their e-mail leaves."""

    def __init__(
        self, catalog: Catalog, clock: Clock, registry: Registry, passwords: Passwords, mails: ShareMails
    ) -> None:
        self._catalog, self._clock, self._registry = catalog, clock, registry
        self._passwords, self._mails = passwords, mails
        # Many e-mails of a sending leave together: one of them makes the share.
        self._turn = anyio.Lock()

    async def words_for(self, delivery: DeliveryRow) -> GrantWords:
        """The link and the password of a delivery, whose sending has been fetched; at each attempt the same.

        Raises ``Conflict`` where the share was stopped or this viewer revoked meanwhile.
        """
        async with self._turn:
            share = await self._share(delivery.sending, links_end(delivery))
        grant = await self._grant(share, delivery)
        words = await self._mails.words_of(grant.id)
        if not words.password:
            # Sent once more, when the password of the others is no longer kept: theirs alone is another.
            password = generated()
            hashed = await self._passwords.renew(password)
            unset = ShareGrantRow.filter(id=grant.id, password_hash=grant.password_hash, sealed="")
            await unset.update(password_hash=hashed, sealed=self._mails.sealed(password))
            words = await self._mails.words_of(grant.id)
        how = delivery.sending.protected
        if how is not None and how.separately:
            # Once it is set: the e-mail may leave at once.
            await self._tell_separately(grant, delivery)
        return words

    async def _share(self, sending: SendingRow, until: datetime) -> ShareRow:
        """The share of the run; it lasts as long as the last e-mail says."""
        which: dict[str, Any] = {"workspace_id": sending.workspace, "idempotency_key": _key(sending)}
        row = await ShareRow.get_or_none(**which)
        if row is None:
            row = await self._new(sending, until)
            try:
                async with self._catalog.transaction():
                    await row.save(force_create=True)
                    await self._log(row, ShareEventKind.SHARED, sending)
            except IntegrityError:  # another process was first
                row = await ShareRow.get(**which)
        if row.stopped_at is not None:
            raise Conflict(WITHDRAWN, ("share",))
        if row.expires_at < until:
            await ShareRow.filter(id=row.id, expires_at__lt=until).update(expires_at=until)
        await hold(sending.report_run, until)
        return row

    async def _new(self, sending: SendingRow, until: datetime) -> ShareRow:
        run, password = await read_run(sending.report_run), generated()
        how = sending.protected or USUAL_PROTECTED_LINK
        return ShareRow(
            workspace_id=sending.workspace,
            idempotency_key=_key(sending),
            request_hash=request_hash(str(run.id)),
            run=run.id,
            kind=run.kind,
            title=(run.title or str(self._registry.report_label(run.kind)))[:400],
            sources=tuple(sorted(run.sources)),
            personal=run.personal,
            password_hash=await self._passwords.renew(password),
            sealed=self._mails.sealed(password),
            message=sending.message,
            language=how.language,
            downloads=how.downloads,
            most_views=how.views,
            origins=(),
            expires_at=until,
            created_by=sending.sent_by,
            created_by_name=sending.sent_by_name,
            created_at=self._clock.now(),
        )

    async def _grant(self, share: ShareRow, delivery: DeliveryRow) -> ShareGrantRow:
        """The recipient's grant, with this delivery among its e-mails."""
        async with self._catalog.transaction():
            # Held, so that nobody revokes or stops meanwhile, and one of two attempts is the first.
            held = await lock_share(share.id)
            grant = await ShareGrantRow.get_or_none(share_id=share.id, recipient=delivery.recipient)
            revoked = grant is not None and grant.revoked_at is not None
            if held.stopped_at is not None or revoked:
                raise Conflict(WITHDRAWN, ("share",))
            if grant is None:
                grant = ShareGrantRow(
                    share_id=share.id,
                    recipient=delivery.recipient,
                    nonce=secrets.token_hex(8),
                    mails=(),
                    created_at=self._clock.now(),
                )
                grant.address, grant.name = delivery.address, delivery.name
                await grant.save(force_create=True)
                await self._log(share, ShareEventKind.ADDED, delivery.sending, grant.id)
            if delivery.id not in grant.mails:
                # Also where they have another address by now, to which it is sent.
                grant.address, grant.name = delivery.address, delivery.name
                grant.mails = (delivery.id, *grant.mails)
                await grant.save(update_fields=["address", "name", "mails"])
        return grant

    async def _tell_separately(self, grant: ShareGrantRow, delivery: DeliveryRow) -> None:
        """Send the password in an e-mail of its own, unless that was done or nothing opens any more."""
        async with self._catalog.transaction():
            share = await lock_share(grant.share_id)
            held = await ShareGrantRow.get(id=grant.id)
            if share.stopped_at is None and held.revoked_at is None:
                await self._mails.tell_separately(share, held, _addressee(delivery), delivery)

    async def _log(
        self, row: ShareRow, kind: ShareEventKind, sending: SendingRow, grant: UUID | None = None
    ) -> None:
        await ShareEventRow.create(
            share_id=row.id, kind=kind, grant=grant, by_name=sending.sent_by_name, at=self._clock.now()
        )


def _key(sending: SendingRow) -> str:
    # Whoever asks for a copy may not share, so it opens nothing again for the others.
    return delivered_key(sending.report_run, None if sending.schedule else sending.id)


def _addressee(delivery: DeliveryRow) -> Addressee:
    return Addressee(
        delivery.recipient,
        delivery.address,
        delivery.name,
        delivery.language,
        delivery.zone,
        external=delivery.external,
    )
