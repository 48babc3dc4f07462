"""Fetching pictures for pulls: from any public host, each once."""

from __future__ import annotations

import re
from collections.abc import Callable
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

    def __call__(
        self, source: UUID, url: str, private: PrivateHosts, check: Callable[[], None] = lambda: None
    ) -> str:
        """The picture's key.

        Raises ``Invalid``, ``TooLarge`` and the client's errors where it cannot be had or used.
        """
        origin = origin_of(url)
        if known := self._keeper.known_blocking(source, origin):
            return known
        return self._keeper.keep_blocking(source, self._fetched(url, private, check), origin)

    def _fetched(self, url: str, private: PrivateHosts, check: Callable[[], None]) -> bytes:
        host = urlsplit(url).netloc
        if self._resting.get(host, self._now()) > self._now():
            raise Unavailable(_("{host} did not answer a moment ago.", host=host))
        # Where networks keep pictures nobody can name beforehand: any host will do that is public.
        client = OutboundClient((ANY,), private, self._now, check, largest=LARGEST, deadline=DEADLINE)
        with client:
            try:
                return client.get(url, headers={"accept": "image/*"}).content
            except Unavailable:
                self._resting[host] = self._now() + REST
                raise


def origin_of(url: str) -> str:
    """What tells where a picture comes from: networks sign its address anew each time in the query."""
    parts = urlsplit(url)
    return parts._replace(query="", fragment="").geturl() if NAMED.search(parts.path) else url
