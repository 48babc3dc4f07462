"""Sharing a report, and what becomes of it: viewers added and revoked, passwords changed, shares stopped.

Whoever may share a report sees and changes every share of it. See docs/decisions/123.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from bilan.accounts.defaults import language_or_none
from bilan.accounts.passwords import Passwords, generated
from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.recipients import addressee
from bilan.delivery.values import Addressee
from bilan.recipients import AddressBook, RecipientDraft, RecipientInfo
from bilan.recipients.audiences import refused_audience, refused_state
from bilan.recipients.choosing import eligible
from bilan.recipients.reading import read_addresses, read_recipient, read_rules
from bilan.recipients.values import EMAIL
from bilan.registry.declared import Registry
from bilan.runs.retention import hold
from bilan.runs.service import Runs
from bilan.runs.values import Purpose, Run
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _
from bilan.shares.checking import check_draft, check_number, check_options, check_password, checked_viewers
from bilan.shares.event_kinds import ShareEventKind
from bilan.shares.holding import hold_anew
from bilan.shares.mails import ShareMails
from bilan.shares.models import ShareEventRow, ShareGrantRow, ShareRow
from bilan.shares.reading import guarded_by, guards_of, is_over, lock_share, read_share, share_row
from bilan.shares.values import NewShare, Share, ShareDraft, ShareOptions, SharePage
from bilan.work.idempotency import IdempotencyKey, idempotency_key, used_for_something_else


class Shares:
    """Shares reports, for whoever may. Methods raise ``Forbidden`` and ``NotFound``."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        registry: Registry,
        passwords: Passwords,
        runs: Runs,
        address_book: AddressBook,
        mails: ShareMails,
    ) -> None:
        self._catalog, self._clock, self._registry, self._passwords = catalog, clock, registry, passwords
        self._runs, self._address_book, self._mails = runs, address_book, mails

    async def eligible(self, actor: Principal, run: UUID) -> tuple[RecipientInfo, ...]:
        """Whom the run may be shared with, of the workspace's people and its address book."""
        found = await self._shareable(actor, run)
        chosen = await eligible(actor, found.kind, personal=found.personal, now=self._clock.now())
        # A link opens for whoever reads an e-mail, not for a whole chat.
        return tuple(one for one in chosen if one.channel == EMAIL)

    async def list(self, actor: Principal, run: UUID) -> tuple[Share, ...]:
        """The shares that show the run, or its report's latest; none for those who may not share it."""
        found = await self._runs.get(actor, run)
        shown = Q(run=found.id)
        if found.report is not None:
            shown |= Q(report=found.report)
        rows = await ShareRow.filter(shown, workspace_id=actor.workspace).order_by("-created_at")
        visible = await _visible(actor, rows)
        return tuple([await read_share(row, self._clock.now(), among_others=True) for row in visible])

    async def of_workspace(
        self, actor: Principal, *, running: bool = False, offset: int = 0, limit: int = 25
    ) -> SharePage:
        """The shares of the workspace that the actor may see, the latest first; ``running`` without the over.

        Needs what managing recipients needs.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        if actor.source_roles:
            require(actor, Action.SHARE_REPORT, sources=actor.source_roles)
        rows, now = ShareRow.filter(workspace_id=actor.workspace), self._clock.now()
        if running:
            rows = rows.filter(stopped_at__isnull=True, expires_at__gt=now)
        # Shares stay for good: of all of them is read what says who may see them, and one page whole.
        rows = rows.order_by("-created_at", "id")
        visible = await _visible(actor, await rows.only("id", "run", "report", "sources", "personal"))
        page = ShareRow.filter(id__in=[row.id for row in visible[offset : offset + limit]])
        found = await page.order_by("-created_at", "id")
        shares = tuple([await read_share(row, now, among_others=True) for row in found])
        return SharePage(shares, len(visible))

    async def get(self, actor: Principal, share: UUID) -> Share:
        """One share with its viewers, and who opened what and when."""
        return await read_share(await self._row(actor, share), self._clock.now())

    async def create(self, actor: Principal, run: UUID, draft: ShareDraft) -> NewShare:
        """Share a run with viewers, each of whom gets an e-mail.

        Raises ``Invalid`` with the field's path, ``Conflict`` where the run has no report to show.
        """
        found = await self._shareable(actor, run)
        origins = check_draft(draft)
        if draft.latest and found.report is None:
            raise Invalid(_("Save the report first to share always its latest run."), ("latest",))
        # Without the password: of that, only a slow hash is kept.
        asked = idempotency_key(
            actor.person or actor.via, draft.key, run, replace(draft, key="", password="")
        )
        if (made := await self._made(actor, asked, draft.password)) is not None:
            return made
        password = draft.password or generated()
        hashed = await self._passwords.hash(password)
        now = self._clock.now()
        row = ShareRow(
            workspace_id=actor.workspace,
            idempotency_key=asked.key,
            request_hash=asked.request_hash,
            run=None if draft.latest else found.id,
            report=found.report if draft.latest else None,
            kind=found.kind,
            title=(found.title or str(self._registry.report_label(found.kind)))[:400],
            sources=tuple(sorted(found.sources)),
            personal=found.personal,
            password_hash=hashed,
            sealed=self._mails.sealed(password),
            message=draft.message.strip(),
            language=language_or_none(draft.language),
            downloads=draft.downloads,
            most_views=draft.views,
            origins=origins,
            expires_at=now + timedelta(days=draft.days),
            created_by=actor.person,
            created_by_name=actor.name,
            created_at=now,
        )
        try:
            async with self._catalog.transaction():
                # First of all, so that the same form at the same moment meets this row and no address.
                await row.save()
                await self._log(row, ShareEventKind.SHARED, actor)
                viewers = await self._viewers(actor, row, draft.viewers)
                await self._invite(actor, row, viewers, separately=draft.separately)
                if row.run is not None:
                    await hold(row.run, row.expires_at)
        except IntegrityError:
            if (made := await self._made(actor, asked, draft.password)) is None:
                raise
            return made
        return NewShare(await self.get(actor, row.id), password)

    async def _made(self, actor: Principal, asked: IdempotencyKey, password: str) -> NewShare | None:
        """What the same request shared before. A password that was made is told once, a given one again."""
        row = await ShareRow.get_or_none(workspace_id=actor.workspace, idempotency_key=asked.key)
        if row is None:
            return None
        if row.request_hash != asked.request_hash:
            raise used_for_something_else()
        right = password and await self._passwords.matches(row.password_hash, password)
        return NewShare(await self.get(actor, row.id), password if right else "")

    async def add_viewers(
        self,
        actor: Principal,
        share: UUID,
        viewers: Iterable[str],
        password: str,
        *,
        separately: bool = False,
        key: str | None = None,
    ) -> Share:
        """Share it with more viewers, who are told the ``password`` that the others have.

        Who has a link already gets a new one, and the one before is over. The
        same ``key`` again changes nothing. Raises ``Invalid`` for another
        password, and ``Conflict`` where the share is over.
        """
        viewers = tuple(viewers)
        row = await self._open_row(actor, share)
        before = row.password_hash
        if not await self._passwords.matches(before, password):
            raise Invalid(_("This is not the password of this share."), ("password",))
        async with self._catalog.transaction():
            row = await self._locked(row)
            asked = _asked(actor, key, share, viewers, separately)
            if await self._done(row, asked):
                return await self.get(actor, share)
            if row.password_hash != before:
                raise Conflict(_("The password has just been changed; type the new one."), ("password",))
            chosen = await self._viewers(actor, row, viewers)
            row.sealed = self._mails.sealed(password)
            await row.save(update_fields=["sealed"])
            await self._invite(actor, row, chosen, separately=separately, asked=asked)
        return await self.get(actor, share)

    async def revoke(self, actor: Principal, share: UUID, viewer: UUID) -> Share:
        """Take a viewer's access away: their link is dead with the next request."""
        row = await self._row(actor, share)
        live = ShareGrantRow.filter(id=viewer, share_id=row.id, revoked_at__isnull=True)
        async with self._catalog.transaction():
            await lock_share(row.id)
            if await live.update(revoked_at=self._clock.now()):
                await self._log(row, ShareEventKind.REVOKED, actor, viewer)
                await self._mails.withdraw(await ShareGrantRow.get(id=viewer))
        return await self.get(actor, share)

    async def change_password(
        self,
        actor: Principal,
        share: UUID,
        password: str = "",
        *,
        tell: bool = False,
        key: str | None = None,
    ) -> NewShare:
        """Set another password, or a generated one; every visit ends. ``tell`` sends it to the viewers.

        The same ``key`` again changes nothing, and tells the password where it
        was given. Raises ``Invalid`` and ``Conflict``.
        """
        row = await self._open_row(actor, share)
        check_password(password)
        chosen = password or generated()
        hashed = await self._passwords.hash(chosen)
        async with self._catalog.transaction():
            row = await self._locked(row)
            asked = _asked(actor, key, share, tell)
            if await self._done(row, asked):
                # Nobody is told a password that was not set.
                if password and not await self._passwords.matches(row.password_hash, password):
                    raise used_for_something_else()
                return NewShare(await self.get(actor, share), password)
            row.password_hash, row.generation = hashed, row.generation + 1
            # Without anybody to tell, it is kept nowhere.
            row.sealed = self._mails.sealed(chosen) if tell else ""
            await row.save(update_fields=["password_hash", "generation", "sealed"])
            await ShareGrantRow.filter(share_id=row.id).update(password_hash="", sealed="")
            await self._log(row, ShareEventKind.NEW_PASSWORD, actor, asked=asked)
            if tell:
                for grant in await ShareGrantRow.filter(share_id=row.id, revoked_at__isnull=True):
                    to = await self._addressee(row, grant)
                    if to is not None:
                        await self._mails.tell_password(row, grant, to, sender=actor.name)
        return NewShare(await self.get(actor, share), chosen)

    async def edit(self, actor: Principal, share: UUID, options: ShareOptions) -> Share:
        """Change until when and how it opens, from the next request on. Raises ``Invalid``, ``Conflict``."""
        row = await self._open_row(actor, share)
        origins = check_options(options)
        async with self._catalog.transaction():
            row = await self._locked(row)
            if options.days is not None:
                row.expires_at = self._clock.now() + timedelta(days=options.days)
            row.most_views, row.downloads, row.origins = options.views, options.downloads, origins
            row.language = language_or_none(options.language)
            await row.save(update_fields=["expires_at", "most_views", "downloads", "origins", "language"])
            await self._log(row, ShareEventKind.CHANGED, actor)
            if row.run is not None:
                await hold_anew(row.run, self._clock.now())
        return await self.get(actor, share)

    async def stop(self, actor: Principal, share: UUID) -> Share:
        """End the share for everybody, for good. Once more changes nothing."""
        row = await self._row(actor, share)
        async with self._catalog.transaction():
            running = ShareRow.filter(id=row.id, stopped_at__isnull=True)
            if await running.update(stopped_at=self._clock.now(), sealed=""):
                await self._log(row, ShareEventKind.STOPPED, actor)
                for grant in await ShareGrantRow.filter(share_id=row.id):
                    await self._mails.withdraw(grant)
                if row.run is not None:
                    await hold_anew(row.run, self._clock.now())
        return await self.get(actor, share)

    async def _shareable(self, actor: Principal, run: UUID) -> Run:
        found = await self._runs.get(actor, run)
        require(actor, Action.SHARE_REPORT, sources=found.sources, personal=found.personal)
        if found.purpose is not Purpose.REPORT or not found.readable:
            raise Conflict(found.erasure or _("This run has no report to share."), ("run",))
        return found

    async def _row(self, actor: Principal, share: UUID) -> ShareRow:
        row = await share_row(actor.workspace, share)
        sources, personal = await guarded_by(row)
        require(actor, Action.SHARE_REPORT, sources=sources, personal=personal)
        return row

    async def _open_row(self, actor: Principal, share: UUID) -> ShareRow:
        row = await self._row(actor, share)
        return self._running(row)

    async def _locked(self, row: ShareRow) -> ShareRow:
        return self._running(await lock_share(row.id))

    def _running(self, row: ShareRow) -> ShareRow:
        if is_over(row, self._clock.now()):
            raise Conflict(_("This share is over; share the report anew."), ("share",))
        return row

    async def _viewers(
        self, actor: Principal, row: ShareRow, addresses: Iterable[str]
    ) -> Sequence[RecipientInfo]:
        """Who is at the addresses; whom nobody knows yet stands in the address book from now on."""
        wanted = checked_viewers(addresses)
        if not wanted:
            raise Invalid(_("Name at least one viewer."), ("viewers",))
        check_number(wanted)
        now, rules = self._clock.now(), await read_rules(actor.workspace)
        known = await read_addresses(actor.workspace, wanted, now)
        for address in wanted:
            if address not in known:
                try:
                    added = await self._address_book.add(actor, RecipientDraft(address))
                except (Invalid, Conflict) as error:
                    raise Invalid(error.message, ("viewers",)) from error
                known[address] = added
        for one in known.values():
            if one.channel != EMAIL:
                raise Invalid(_("{name} gets no e-mail, so it is no viewer.", name=one.name), ("viewers",))
            reason = refused_audience(one, rules, row.kind, personal=row.personal) or refused_state(one)
            if reason is not None:
                raise Invalid(reason, ("viewers",))
        return [known[one] for one in wanted]

    async def _invite(
        self,
        actor: Principal,
        row: ShareRow,
        viewers: Sequence[RecipientInfo],
        *,
        separately: bool,
        asked: str | None = None,
    ) -> None:
        if not row.delivered:  # a schedule may have more recipients than that
            live = ShareGrantRow.filter(share_id=row.id, revoked_at__isnull=True)
            check_number({*(await live.values_list("recipient", flat=True)), *(one.id for one in viewers)})
        for one in viewers:
            grant = await ShareGrantRow.get_or_none(share_id=row.id, recipient=one.id)
            grant = grant or ShareGrantRow(
                share_id=row.id, recipient=one.id, mails=(), created_at=self._clock.now()
            )
            grant.address, grant.name = one.address, one.name
            grant.nonce, grant.revoked_at, grant.views = secrets.token_hex(8), None, 0
            grant.password_hash = grant.sealed = ""
            await grant.save()
            await self._log(row, ShareEventKind.ADDED, actor, grant.id, asked=asked)
            await self._mails.invite(row, grant, addressee(one), sender=actor.name, separately=separately)

    async def _addressee(self, row: ShareRow, grant: ShareGrantRow) -> Addressee | None:
        found = await read_recipient(row.workspace_id, grant.recipient, self._clock.now())
        return addressee(found) if found is not None and found.address == grant.address else None

    async def _log(
        self,
        row: ShareRow,
        kind: ShareEventKind,
        actor: Principal,
        grant: UUID | None = None,
        *,
        asked: str | None = None,
    ) -> None:
        await ShareEventRow.create(
            share_id=row.id, kind=kind, grant=grant, by_name=actor.name, asked=asked, at=self._clock.now()
        )

    async def _done(self, row: ShareRow, asked: str | None) -> bool:
        """Whether the same request did its work before. Whoever calls has the row locked."""
        return asked is not None and await ShareEventRow.filter(share_id=row.id, asked=asked).exists()


async def _visible(actor: Principal, rows: Sequence[ShareRow]) -> list[ShareRow]:
    """Those that the actor may see and change."""
    return [
        row
        for row, (sources, personal) in zip(rows, await guards_of(rows), strict=True)
        if allowed(actor, Action.SHARE_REPORT, sources=sources, personal=personal)
    ]


def _asked(actor: Principal, key: str | None, *asked: object) -> str | None:
    if key is None:
        return None
    return idempotency_key(actor.person or actor.via, key, *asked).including_request().key
