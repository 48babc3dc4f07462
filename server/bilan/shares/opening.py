"""What a viewer's link opens: nothing without the password, one report with it. See docs/decisions/123.

Whatever is wrong, the answer and its time are the same: the same rows are
looked for, and one password is hashed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
import structlog

from bilan.accounts.door import network_of
from bilan.accounts.keys import hash_key, new_key
from bilan.accounts.passwords import Passwords
from bilan.accounts.policy import Action, allowed
from bilan.accounts.principals import principal_for
from bilan.accounts.rate_limit import Attempts, Bound
from bilan.accounts.sessions import LATE
from bilan.accounts.values import OperatorPrincipal, Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.viewers import viewer_of
from bilan.recipients import RecipientState
from bilan.recipients.reading import read_recipient
from bilan.runs.service import Runs
from bilan.runs.values import Artifact, RenderSpec, Run
from bilan.sdk.errors import BilanError, Expired, NotFound, TooMany, Unauthenticated
from bilan.sdk.textdomain import _
from bilan.shares.event_kinds import ShareEventKind
from bilan.shares.links import ShareLinks
from bilan.shares.models import ShareEventRow, ShareGrantRow, ShareRow, ShareVisitRow
from bilan.shares.reading import is_over, lock_share
from bilan.shares.values import Viewing

log = structlog.get_logger("bilan.shares")

BY_BOTH = 5
"""How often one link may be tried from one address within a quarter of an hour."""
BY_ADDRESS = 50
"""How often any links may be tried from one address."""
BY_LINK = 50
"""How often one link may be tried from any addresses."""
FORGED = 1_000
"""How often links may be tried that are none of ours; no viewer has one, so none is kept out."""
VISIT = timedelta(hours=8)
"""How long a browser is let in before the password is asked for again."""
AT_ONCE = timedelta(seconds=10)
"""Opened again within so short a time, it is one view."""
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class OpenedVisit:
    """A visit that has just begun. The key goes into the viewer's cookie and is kept nowhere else."""

    key: str
    grant: UUID
    ends_at: datetime


class SharedReports:
    """Lets viewers in. Who tried too often hears of it ``late`` seconds later."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        passwords: Passwords,
        runs: Runs,
        links: ShareLinks,
        *,
        late: float = LATE,
    ) -> None:
        self._catalog, self._clock, self._passwords = catalog, clock, passwords
        self._runs, self._links, self._late = runs, links, late
        self._attempts = Attempts(catalog, clock)

    async def open(self, token: str, password: str, ip: str) -> OpenedVisit:
        """Begin a visit, for whoever has both link and password. ``ip`` is where they come from.

        Raises ``Unauthenticated`` with one sentence for everything that can be
        wrong, after the same time, and ``TooMany`` before anything is hashed.
        """
        told = self._links.read(token)
        place = network_of(ip)
        try:
            bounds = _bounds(told, token, place)
            await self._attempts.hit(bounds)
            if told is None:
                await self._bound_forged()
            grant = await self._grant(token)
            held = grant.password_hash or grant.share.password_hash if grant is not None else None
            right = await self._passwords.matches(held, password, stranger=place)
            # What it shows is looked at behind the password alone, since that takes a while.
            shown = await self._viewing(grant, token) if grant is not None and right else None
            visit = await self._begin(grant) if grant is not None and shown is not None else None
            if visit is None:
                raise _does_not_open()
        except BilanError as error:
            if isinstance(error, TooMany):
                await anyio.sleep(self._late)
            log.warning("share not opened", code=error.code, ip=ip, grant=str(told[0]) if told else None)
            raise
        first, *others = bounds
        await self._attempts.reset(first)
        await self._attempts.forgive(others)
        return visit

    async def _bound_forged(self) -> None:
        """Count a try at a link that is none of ours; beyond the bound the same is said, without a hash."""
        try:
            await self._attempts.hit([Bound(("forged share",), FORGED)])
        except TooMany:
            raise _does_not_open() from None

    async def viewing(self, token: str, key: str) -> Viewing | None:
        """Who visits with this link and the key of a visit, with what they may see at this moment.

        ``None`` for everybody else, and for whoever may not any more. Changes nothing.
        """
        found = ShareVisitRow.filter(key_hash=hash_key(key), ends_at__gt=self._clock.now())
        visit = await found.first() if key else None
        grant = await self._grant(token) if visit is not None else None
        if visit is None or grant is None or grant.id != visit.grant_id:
            return None
        if (visit.nonce, visit.generation) != (grant.nonce, grant.share.generation):
            return None
        return await self._viewing(grant, token)

    async def origins(self, token: str) -> tuple[str, ...]:
        """The sites that may frame what a link leads to, whether it still opens or not: no answer tells."""
        told = self._links.read(token)
        row = await ShareGrantRow.get_or_none(id=told[0]).select_related("share") if told else None
        return row.share.origins if row is not None else ()

    def file_address(self, viewing: Viewing, file_format: str, language: str) -> str:
        """Where a viewer gets a file, for some minutes."""
        viewer, now = viewing.viewer, self._clock.now()
        signature = self._links.file(viewer.grant, viewer.run, file_format, language, now)
        return f"/shared/{viewing.token}/files/{signature}"

    async def file(self, viewing: Viewing, signature: str, seconds: float) -> Artifact | None:
        """The file of an address, rendered within so many seconds; ``None`` where that takes longer.

        Raises ``NotFound`` for what is no address of this viewer's, and ``Expired``.
        """
        target = self._links.read_file(signature)
        viewer = viewing.viewer
        if target is None or target.grant != viewer.grant or not viewing.downloads:
            raise NotFound(_("There is no such file."))
        # Of a report's latest run, there may be a later one by now.
        if target.run != viewer.run or target.until <= self._clock.now().timestamp():
            raise Expired(_("This address has expired; choose the file once more."))
        spec = RenderSpec(target.format, target.language)
        artifact = await self._runs.render(viewer, viewer.run, spec, seconds=seconds)
        if artifact is not None:
            await self._downloaded(viewing, artifact.file_name)
        return artifact

    async def _downloaded(self, viewing: Viewing, name: str) -> None:
        """Write down that a viewer takes a file along, once since they opened the report."""
        event: dict[str, Any] = {
            "grant": viewing.viewer.grant,
            "kind": ShareEventKind.DOWNLOADED,
            "detail": name,
        }
        grant = await ShareGrantRow.get(id=viewing.viewer.grant)
        if not await ShareEventRow.filter(**event, at__gte=grant.last_opened_at).exists():
            await ShareEventRow.create(**event, share_id=viewing.share, at=self._clock.now())

    async def sweep(self) -> int:
        """Erase visits that are over; how many."""
        return await ShareVisitRow.filter(ends_at__lte=self._clock.now()).delete()

    async def _grant(self, token: str) -> ShareGrantRow | None:
        """The grant of a link that is not over; the same is looked for whatever the token is."""
        ident, nonce = self._links.read(token) or (NOBODY, "")
        grant = await ShareGrantRow.filter(id=ident).select_related("share").first()
        if grant is None or grant.nonce != nonce or grant.revoked_at is not None:
            return None
        return None if is_over(grant.share, self._clock.now()) else grant

    async def _viewing(self, grant: ShareGrantRow, token: str) -> Viewing | None:
        share: ShareRow = grant.share
        recipient = await read_recipient(share.workspace_id, grant.recipient, self._clock.now())
        gone = recipient is None or recipient.state is RecipientState.CLOSED
        if recipient is None or gone or recipient.address != grant.address:
            return None
        run = await self._run(share)
        if run is None or not run.readable:
            return None
        try:
            viewer = await viewer_of(recipient, run, grant.id, language=share.language)
        except BilanError:
            return None
        return Viewing(
            viewer=viewer,
            share=share.id,
            token=token,
            message=share.message,
            sender=share.created_by_name,
            language=share.language,
            downloads=share.downloads,
            latest=share.run is None,
            origins=share.origins,
            expires_at=share.expires_at,
        )

    async def _run(self, share: ShareRow) -> Run | None:
        """The run that is shown: the frozen one, or the latest, where whoever shared it may share that."""
        if share.run is not None:
            try:
                return await self._runs.read(share.run)
            except NotFound:
                return None
        sharer: Principal | None = OperatorPrincipal(workspace=share.workspace_id)
        if share.created_by is not None:
            sharer = await principal_for(share.created_by)
        if sharer is None or sharer.workspace != share.workspace_id or share.report is None:
            return None
        latest = (await self._runs.latest(sharer, [share.report])).get(share.report)
        run = latest.shown if latest else None
        # The report may have got sources or rows since that its sharer may not share.
        may = run is not None and allowed(
            sharer, Action.SHARE_REPORT, sources=run.sources, personal=run.personal
        )
        return run if may else None

    async def _begin(self, grant: ShareGrantRow) -> OpenedVisit | None:
        """Begin a visit and count a view; ``None`` where there were as many as may be."""
        now, key = self._clock.now(), new_key()
        ends_at, most = min(now + VISIT, grant.share.expires_at), grant.share.most_views
        async with self._catalog.transaction():
            await lock_share(grant.share_id)
            held = await ShareGrantRow.filter(id=grant.id).select_for_update().get()
            # The form sent twice, as by a double click, is one view.
            again = held.last_opened_at is not None and held.last_opened_at > now - AT_ONCE
            if not again:
                if most is not None and held.views >= most:
                    return None
                held.views, held.last_opened_at = held.views + 1, now
                await held.save(update_fields=["views", "last_opened_at"])
                await ShareEventRow.create(
                    share_id=grant.share_id, kind=ShareEventKind.OPENED, grant=grant.id, at=now
                )
            await ShareVisitRow.create(
                grant_id=grant.id,
                key_hash=hash_key(key),
                nonce=grant.nonce,
                generation=grant.share.generation,
                ends_at=ends_at,
            )
        log.info("share opened", grant=str(grant.id))
        return OpenedVisit(key, grant.id, ends_at)


def _bounds(told: tuple[UUID, str] | None, token: str, place: str) -> list[Bound]:
    # By what it says, so that no other way to write a link is a link more to guess at.
    link = token if told is None else f"{told[0].hex}:{told[1]}"
    return [
        Bound(("share", link, place), BY_BOTH),
        Bound(("share by address", place), BY_ADDRESS),
        Bound(("share by link", link), BY_LINK),
    ]


def _does_not_open() -> Unauthenticated:
    return Unauthenticated(_("This does not open. Check the password, or ask who shared it with you."))
