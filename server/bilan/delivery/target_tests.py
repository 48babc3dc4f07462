"""A test of a target: a post without a report, sent at once, whose answer is shown to who asked for it.

It holds no figures of the workspace, so it is no delivery, and the ledger has no row of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import anyio.to_thread

from bilan.accounts.rate_limit import RateLimit
from bilan.accounts.values import Principal
from bilan.branding import Branding
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.ledger import printable
from bilan.delivery.outgoing import FORMAT
from bilan.i18n import Translator, formatter_for
from bilan.recipients import RecipientInfo, Targets
from bilan.registry.declared import Registry
from bilan.rendering.context import render_context
from bilan.rendering.tables import rows_within
from bilan.sdk.channels import DeliveryStatus, OutgoingReport, Recipient, Transport
from bilan.sdk.document import Document, Kpi, Kpis
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

ATTEMPTS = 20
"""How often somebody may have a test sent within a quarter of an hour."""
TITLE = _("A test, to see that reports arrive here")


@dataclass(frozen=True, slots=True)
class TargetTest:
    """How a test ended. ``taken`` says whether the other side took it; ``said`` is what is told of it."""

    taken: bool
    said: Message


class TargetTests:
    """Sends tests to targets, for whoever manages recipients."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        registry: Registry,
        translator: Translator,
        branding: Branding,
        targets: Targets,
        transports: Mapping[str, Transport],
        public_url: str,
    ) -> None:
        self._clock, self._registry, self._translator = clock, registry, translator
        self._branding, self._targets, self._transports = branding, targets, transports
        self._public_url = public_url
        self._rate_limit = RateLimit(catalog, clock, "target test", ATTEMPTS)

    async def send(self, actor: Principal, target: UUID) -> TargetTest:
        """Send a test there now, once. Raises ``Forbidden``, ``NotFound``, ``TooMany``, ``Conflict``."""
        found = await self._targets.get(actor, target)
        await self._rate_limit.hit(str(actor.workspace))
        transport, sample = self._transports[found.channel], await self._sample(actor, found)
        composed = await anyio.to_thread.run_sync(transport.compose, sample)
        settings = await self._targets.settings_of(found.id)
        recipient = Recipient(str(uuid4()), found.address, found.name, settings=settings)
        message = await anyio.to_thread.run_sync(transport.address, composed, recipient)
        receipt = await transport.send(message, _leave)
        words = receipt.reason or printable(receipt.answer)
        match receipt.status:
            case DeliveryStatus.ACCEPTED:
                return TargetTest(True, _("{name} took the test: {answer}", name=found.name, answer=words))
            case DeliveryStatus.UNKNOWN:
                said = _("Nobody knows whether {name} took the test: {answer}", name=found.name, answer=words)
                return TargetTest(False, said)
            case _:
                return TargetTest(
                    False, _("{name} did not take the test: {answer}", name=found.name, answer=words)
                )

    async def _sample(self, actor: Principal, target: RecipientInfo) -> OutgoingReport:
        now, brand = self._clock.now(), await self._branding.info(actor.workspace)
        zone, language = target.zone or actor.zone, target.language or actor.language
        tile = Kpi(key="test", label=_("A figure"), value=42, unit=Unit.COUNT)
        return OutgoingReport(
            ident=uuid4().hex,
            sender=actor.name,
            sender_address="",
            document=Document(
                kind="test", title=TITLE, as_of=now.isoformat(), zone=zone, blocks=(Kpis("totals", (tile,)),)
            ),
            render_context=render_context(
                self._registry, FORMAT, formatter_for(self._translator, language, zone), brand.name
            ),
            rows=rows_within,
            files=(),
            attach=False,
            page=self._public_url,
            sent_at=now,
            links_until=now,
            test=True,
        )


async def _leave() -> None:
    """Nothing keeps it back."""
