"""The files behind the links of e-mails, and fresh links for those whose time is over.

A fresh link has four bounds, all of them counted in the catalog, whatever
process is asked: one an hour for each link, ``REISSUES`` for each e-mail,
``A_DAY`` for each mailbox, and some for each address that asks. It never
lasts longer than the workspace keeps the report it leads to.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.accounts.rate_limit import RateLimit
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.create_sending import Plan, Sendings, sending_hash
from bilan.delivery.links import LinkSigner, LinkTarget
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.own_links import masked
from bilan.delivery.recipients import addressee, recipient_of, refusal, require_sight
from bilan.delivery.values import FileContent, NewSending
from bilan.delivery.viewers import viewer_of
from bilan.files import Files
from bilan.i18n import USUAL_FORMATS
from bilan.recipients import RecipientInfo
from bilan.runs.reading import read_run
from bilan.runs.retention import kept_until
from bilan.runs.service import Runs
from bilan.runs.values import Artifact, Run
from bilan.sdk.errors import Expired, Gone, NotFound, TooMany
from bilan.sdk.textdomain import _, ngettext
from bilan.work import IdempotencyKey
from bilan.work.models import JobRow

REISSUE_INTERVAL = timedelta(hours=1)
"""How long after one fresh link the next one can be asked for."""
REISSUES = 5
"""How many fresh links follow one e-mail. Whoever needs the report longer is sent it again."""
A_DAY = 20
"""How many fresh links go to one mailbox within a day, from all of its e-mails together."""
ATTEMPTS = 30
"""How often one address on the network may ask for a fresh link within a quarter of an hour."""
DAY = timedelta(days=1)


class DownloadLinks:
    """Opens links and reissues them, for whoever holds one."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        files: Files,
        links: LinkSigner,
        sendings: Sendings,
        runs: Runs,
    ) -> None:
        self._runs = runs
        self._clock, self._files, self._links, self._sendings = clock, files, links, sendings
        self._rate_limit = RateLimit(catalog, clock, "fresh link", ATTEMPTS)

    async def open(self, token: str) -> Artifact:
        """The file behind a link. Changes nothing.

        Raises ``NotFound`` for a link that is not ours, ``Expired`` for one
        whose time is over, ``Gone`` where the file is no longer kept or the
        recipient has no account any more, ``Forbidden`` where they may not
        see its rows about single persons any more.
        """
        target, row, recipient = await self._resolve(token)
        if target.until <= self._clock.now():
            raise Expired(_("This link has expired."))
        try:
            run = await self._runs.read(row.sending.report_run)
        except NotFound:
            raise _gone() from None
        # From here on it is as for everybody: policy decides what a viewer may see.
        run = self._runs.visible(await viewer_of(recipient, run, row.id), run)
        kept = next((one for one in run.artifacts if one.id == target.artifact), None)
        # The same bytes may be kept for another run; this one's are gone all the same.
        if run.erased_at is not None or kept is None or not await self._files.exists(kept.sha256):
            raise _gone()
        return kept

    async def reissue_link(self, token: str, ip: str) -> str:
        """Send the same again to the same address, with a fresh link; that address, made hard to read.

        ``ip`` is where whoever asks comes from. Raises ``TooMany`` at one of
        the bounds, ``Gone`` where there is nothing to send any more or it
        must not be sent.
        """
        await self._rate_limit.hit(ip)
        _target, row, recipient = await self._resolve(token)
        sending, origin = row.sending, row.reissue_of or row.id
        number = await self._number(row, origin)
        run = await read_run(sending.report_run)
        days = await self._days(run, sending)
        if reason := await refusal(row, sending, run, self._clock.now()):
            # It would be refused where it leaves, long after whoever asks was told that it comes.
            raise Gone(reason)
        new = NewSending(
            to=(row.address,),
            # However many click at once, and whatever process they reach: one of them is the next.
            key=f"renew:{origin.hex}:{number}",
            formats=tuple(one.format for one in sending.formats),
            days=days,
            display=sending.display or USUAL_FORMATS,
            content=FileContent(sending.content),
        )
        await self._sendings.of_run(
            run,
            Plan(
                workspace=sending.workspace,
                idempotency_key=IdempotencyKey(
                    new.key, sending_hash(f"run:{run.id}", NewSending(to=new.to, key=""))
                ),
                people=(replace(addressee(recipient), formats=row.formats),),
                languages=(row.language,),
                new=new,
                sent_by=sending.sent_by,
                sent_by_name=sending.sent_by_name,
                reissue_of=origin,
                schedule=sending.schedule,
            ),
        )
        return masked(row.address)

    async def _number(self, row: DeliveryRow, origin: UUID) -> int:
        """Which fresh link this is, from 0 on, within every bound."""
        now = self._clock.now()
        before = await DeliveryRow.filter(reissue_of=origin).count()
        if before >= REISSUES:
            raise TooMany(
                ngettext(
                    "A fresh link was sent once already; ask {name} to send you the report again.",
                    "A fresh link was sent {count} times already; ask {name} to send you the report again.",
                    count=REISSUES,
                    name=row.sending.sent_by_name,
                )
            )
        if await DeliveryRow.filter(reissue_of=origin, created_at__gt=now - REISSUE_INTERVAL).exists():
            raise TooMany(_("A fresh link was sent within the last hour; look into the mailbox."))
        mailbox = DeliveryRow.filter(
            recipient=row.recipient, reissue_of__isnull=False, created_at__gt=now - DAY
        )
        if await mailbox.count() >= A_DAY:
            raise TooMany(
                _("Many fresh links were sent to this mailbox today; use one of them, or ask tomorrow.")
            )
        return before

    async def _days(self, run: Run, sending: SendingRow) -> int:
        """How long the fresh link lasts: as the first one, and no longer than the report is kept."""
        workspace = await Workspace.get(id=sending.workspace)
        until = kept_until(run, workspace.retention_days)
        if not run.readable or until is None:
            raise _gone()
        left = (until - self._clock.now()) // DAY
        if left < 1:
            raise Gone(
                _(
                    "The report behind this link is about to be erased; ask {name} to make it anew.",
                    name=sending.sent_by_name,
                )
            )
        return min(sending.days, left)

    async def _resolve(self, token: str) -> tuple[LinkTarget, DeliveryRow, RecipientInfo]:
        # The signature comes first: without it nothing is looked up, so nothing can be found out.
        target = self._links.read(token)
        row = await DeliveryRow.get_or_none(id=target.delivery).select_related("sending")
        if row is None:
            raise _gone()
        recipient = await recipient_of(row, row.sending.workspace, self._clock.now())
        if recipient is None:
            raise Gone(_("The account this link was sent to is closed, and the link with it."))
        run = await JobRow.get_or_none(id=row.sending.run)
        if run is not None:
            await require_sight(recipient, run.workspace, run.subject, personal=run.personal)
        return target, row, recipient


def _gone() -> Gone:
    return Gone(_("The file behind this link is no longer kept."))
