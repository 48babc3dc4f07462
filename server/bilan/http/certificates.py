"""What a service that posts is asked for: the certificates it signs with, and what confirms its subscription.

See docs/decisions/109.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import httpx2
import structlog

from bilan.clock import Clock
from bilan.ingest.post_threads import Busy, PostThreads
from bilan.outbound import OutboundClient, PrivateHosts
from bilan.sdk.errors import BilanError, Invalid, Unauthenticated, Unavailable
from bilan.sdk.textdomain import _

log = structlog.get_logger("bilan.webhooks")

KEPT = timedelta(days=1)
"""How long a certificate is kept. Whoever changes it gives the new one another address."""
REFUSED_FOR = timedelta(minutes=1)
"""So long an address that has no certificate is not asked again."""
MOST_KEPT = 64
ASKED = 20
"""So many addresses are asked in :data:`REFUSED_FOR`: a stranger can make them up."""
LARGEST = 64 * 1024
"""Bytes of an answer."""
SILENCE = httpx2.Timeout(4.0)
"""Seconds of it."""
DEADLINE = 8.0
"""Seconds that all attempts take together: services wait for fifteen."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A certificate, or nothing where there is none, until so long."""

    content: bytes
    until: datetime


class Certificates:
    """Fetches certificates and asks for confirmations, one after the other, with the core's own client."""

    def __init__(self, private: PrivateHosts, clock: Clock, threads: PostThreads | None = None) -> None:
        self._private, self._clock = private, clock
        # One thread: what is asked for by many posts at once is asked for once.
        self._threads = threads or PostThreads(threads=1, seconds=DEADLINE + 2)
        self._kept = dict[str, _Kept]()
        self._asked = list[datetime]()

    async def get(self, url: str, hosts: Sequence[str]) -> bytes:
        """The certificate at the address.

        Raises ``Unauthenticated`` where there is none, ``Unavailable`` where nobody answers just now.
        """
        kept = self._still_kept(url) or await self._threads.run(lambda: self._fetch(url, hosts))
        if not kept.content:
            raise Unauthenticated(_("There is no certificate where the post says that one is."))
        return kept.content

    async def confirm(self, url: str, hosts: Sequence[str]) -> None:
        """Ask the address that confirms a subscription. Raises ``Unavailable`` where it does not answer."""
        await self._threads.run(lambda: self._confirm(url, hosts))

    def _still_kept(self, url: str) -> _Kept | None:
        kept = self._kept.get(url)
        return kept if kept is not None and self._clock.now() < kept.until else None

    def _fetch(self, url: str, hosts: Sequence[str]) -> _Kept:
        if (kept := self._still_kept(url)) is not None:
            return kept
        now = self._clock.now()
        self._asked = [at for at in self._asked if now - REFUSED_FOR < at <= now]
        if len(self._asked) >= ASKED:
            raise Busy(_("Too many certificates are being asked for; try again in some seconds."))
        self._asked.append(now)
        try:
            kept = _Kept(self._ask(url, hosts), now + KEPT)
        except Unavailable:
            raise
        except BilanError as error:
            log.warning("no certificate", reason=str(error))
            kept = _Kept(b"", now + REFUSED_FOR)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[min(self._kept, key=lambda one: self._kept[one].until)]
        self._kept[url] = kept
        return kept

    def _confirm(self, url: str, hosts: Sequence[str]) -> None:
        try:
            self._ask(url, hosts)
        except Unavailable:
            raise
        except BilanError as error:
            raise Unavailable(
                _("The subscription could not be confirmed: {reason}", reason=error.message)
            ) from error
        log.info("subscription confirmed", host=httpx2.URL(url).host)

    def _ask(self, url: str, hosts: Sequence[str]) -> bytes:
        if any("*" in host for host in hosts):
            raise Invalid(_("The plugin does not say which hosts it asks."))
        check = _until(monotonic() + DEADLINE)
        with OutboundClient(
            hosts, self._private, self._clock.now, check, largest=LARGEST, deadline=DEADLINE, timeout=SILENCE
        ) as client:
            return client.get(url).content


def _until(ends_at: float) -> Callable[[], None]:
    def check() -> None:
        if monotonic() > ends_at:
            raise Unavailable(_("The service does not answer in time."))

    return check
