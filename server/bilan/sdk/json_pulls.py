"""A pull that needs one function of its author: what an object of a list says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from bilan.sdk.errors import Invalid
from bilan.sdk.pulls import Checked, Checkpoint, PullContext, Pulled
from bilan.sdk.readers import ReadFact, read_objects
from bilan.sdk.signatures import SECRET
from bilan.sdk.sources import Settings
from bilan.sdk.textdomain import _


@dataclass(frozen=True, slots=True)
class JsonPull:
    """A :class:`~bilan.sdk.Pull` of a list of JSON objects whose pages are linked (``Link: …; rel="next"``).

    The setting ``secret`` is sent as a bearer token, where the source has one.
    ``days`` names the parameters for the first and the last day of a
    back-fill; without them one reads the whole list.
    """

    url: str
    fact: ReadFact
    every: timedelta = timedelta(hours=1)
    secret: str = SECRET.key
    days: tuple[str, str] | None = None

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """That of the list."""
        del settings
        return (urlsplit(self.url).netloc,)

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """The list page by page, with a checkpoint after each."""
        url, params = (context.state or {}).get("next", ""), dict[str, str | int]()
        if not url and self.days and context.range:
            first, last = context.range.first, context.range.last
            params = {self.days[0]: first.isoformat(), self.days[1]: last.isoformat()}
        url = url or self.url
        while url:
            reply = context.client.get(url, params=params, headers=self._headers(context.settings))
            if not isinstance(found := reply.json(), list):
                raise Invalid(_("{host} answered with no list.", host=urlsplit(url).netloc))
            yield from read_objects(self.fact, found)
            url, params = reply.links.get("next", ""), {}
            yield Checkpoint({"next": url} if url else {})

    def check(self, context: PullContext) -> Checked:
        """Whether the list can be read."""
        context.client.get(self.url, headers=self._headers(context.settings))
        return Checked(_("{host} answers.", host=urlsplit(self.url).netloc))

    def _headers(self, settings: Settings) -> dict[str, str]:
        secret = settings.get(self.secret)
        return {"authorization": f"Bearer {secret}"} if secret else {}
