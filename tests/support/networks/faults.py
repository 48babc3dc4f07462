"""What a test orders to go wrong: at an endpoint, after so many good answers, so many times.

``Fault("mastodon.statuses", limited(seconds=1), skip=2)`` limits the third reading of statuses. An
endpoint ends with a dot for all of a network (``"mastodon."``) and is empty for all there are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from support.networks.calls import Answer, Call
from support.networks.sites import Site
from support.networks.world import World


@dataclass
class Cut:
    """An answer of which only the first bytes arrive before the connection ends."""

    answer: Answer
    bytes: int


Proceed = Callable[[], Answer]
Act = Callable[[Call, Proceed, Site], "Answer | Cut"]


@dataclass
class Fault:
    """Something that goes wrong at an endpoint. ``times`` is ``None`` for ever."""

    endpoint: str
    act: Act
    skip: int = 0
    times: int | None = 1
    met: int = 0

    def takes(self, endpoint: str) -> bool:
        """Whether this request is one that goes wrong; counts it."""
        broad = not self.endpoint or self.endpoint.endswith(".")
        if not (endpoint.startswith(self.endpoint) if broad else endpoint == self.endpoint):
            return False
        self.met += 1
        return self.met > self.skip and (self.times is None or self.met <= self.skip + self.times)


def limited(seconds: float = 1) -> Act:
    """Too many requests, in the network's own words, for so long by the world's clock."""
    return lambda call, _proceed, site: site.limited(call, site.world.now + timedelta(seconds=seconds))


def failing(status: int = 503) -> Act:
    """The network has trouble."""
    return lambda call, _proceed, site: site.failed(call, status)


def unauthenticated() -> Act:
    """The token does not let in."""
    return lambda call, _proceed, site: site.unauthenticated(call)


def forbidden() -> Act:
    """The token lacks a permission."""
    return lambda call, _proceed, site: site.forbidden(call)


def missing() -> Act:
    """There is nothing at this address."""
    return lambda call, _proceed, site: site.missing(call)


def dropped(part: float = 0.5) -> Act:
    """The connection ends within the body."""

    def act(_call: Call, proceed: Proceed, _site: Site) -> Cut:
        good = proceed()
        return Cut(good, int(len(good.body) * part))

    return act


def hanging(release: threading.Event) -> Act:
    """No answer until then, and then none."""

    def act(_call: Call, _proceed: Proceed, _site: Site) -> Cut:
        release.wait()
        return Cut(Answer(200, b"{}"), 0)

    return act


def slow(release: threading.Event) -> Act:
    """The right answer, but only then."""

    def act(_call: Call, proceed: Proceed, _site: Site) -> Answer:
        release.wait()
        return proceed()

    return act


def malformed() -> Act:
    """JSON that ends too early, sent as if it were whole."""
    return lambda _call, proceed, _site: _cut_short(proceed())


def html(status: int = 502) -> Act:
    """A page of a proxy in front of the network ("Clients should be robust to non-JSON error responses")."""
    page = b"<html><body><h1>Bad Gateway</h1></body></html>"
    return lambda _call, _proceed, _site: Answer(status, page, {"content-type": "text/html"})


def moved(to: str, status: int = 302) -> Act:
    """A redirection to another address."""
    return lambda _call, _proceed, _site: Answer(status, b"", {"location": to})


def doing(change: Callable[[World], object]) -> Act:
    """The right answer, but something happens in the world just before, as between two pages."""

    def act(_call: Call, proceed: Proceed, site: Site) -> Answer:
        with site.world.lock:
            change(site.world)
        return proceed()

    return act


def _cut_short(good: Answer) -> Answer:
    return replace(good, body=good.body[: len(good.body) // 2])
