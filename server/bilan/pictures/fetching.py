"""Fetching pictures for pulls: from any public host, each once."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from bilan.outbound import OutboundClient, PrivateHosts
from bilan.outbound.hosts import ANY
from bilan.pictures.encoding import LARGEST
from bilan.pictures.keeping import PictureKeeper
from bilan.sdk.errors import Unavailable
from bilan.sdk.textdomain import _

DEADLINE = 30.0
"""Seconds that a picture may take; a pull has many to fetch."""
REST = timedelta(minutes=2)
"""How long a host is left alone that did not answer: a pull does not wait for each picture anew."""
NAMED = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|heic)$", re.IGNORECASE | re.ASCII)
"""How the path of an address ends that names a picture, so that its query does not."""


class PictureFetcher:
    """Brings a picture from its address into the file store. For threads that the event loop has started."""

    def __init__(self, keeper: PictureKeeper, now: Callable[[], datetime]) -> None:
        self._keeper, self._now = keeper, now
        self._resting: dict[str, datetime] = {}
        """Since when a host has been left alone."""

    @contextmanager
    def __call__(
        self, source: UUID, private: PrivateHosts, check: Callable[[], None] = lambda: None
    ) -> Generator[Callable[[str], str]]:
        """What gives a picture's key by its address, over connections that last as long as the block.

        It raises ``Invalid``, ``TooLarge`` and the client's errors where a picture cannot be had or used.
        """
        # Where networks keep pictures nobody can name beforehand: any host will do that is public.
        client = OutboundClient((ANY,), private, self._now, check, largest=LARGEST, deadline=DEADLINE)

        def fetch(url: str) -> str:
            origin = origin_of(url)
            if known := self._keeper.known_blocking(source, origin):
                return known
            return self._keeper.keep_blocking(source, self._fetched(client, url), origin)

        with client:
            yield fetch

    def _fetched(self, client: OutboundClient, url: str) -> bytes:
        host, now = urlsplit(url).netloc, self._now()
        # Of one that rests since a time to come, the clock was wrong.
        self._resting = {one: since for one, since in self._resting.items() if since <= now < since + REST}
        if host in self._resting:
            raise Unavailable(_("{host} did not answer a moment ago.", host=host))
        try:
            return client.get(url, headers={"accept": "image/*"}).content
        except Unavailable:
            self._resting[host] = self._now()
            raise


def origin_of(url: str) -> str:
    """What tells where a picture comes from: networks sign its address anew each time in the query."""
    parts = urlsplit(url)
    return parts._replace(query="", fragment="").geturl() if NAMED.search(parts.path) else url
