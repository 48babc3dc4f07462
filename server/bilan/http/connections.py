"""How many connections a process keeps open. See docs/decisions/073."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Protocol

import structlog

from bilan.accounts.door import network_of
from bilan.http.paced import Deadlines, Paced

log = structlog.get_logger("bilan.connections")

FILES = 400
"""Files that a process opens beside its connections: of the catalog, the warehouse, jobs and libraries."""
FEWEST = 16
SECONDS = 10.0
"""Within so many seconds a head has come whole, and a body brings its share."""
UNWANTED = 4
"""So many that were answered already bring more of their question in one turn of the event loop."""
UPGRADES = 2
"""So many websockets are opened in one: each takes as long as dozens of other connections."""


class Open(Protocol):
    """A connection as it is counted."""

    address: str
    """Where it comes from; empty for a Unix socket."""

    @property
    def silent(self) -> bool:
        """Whether it is the other side's turn to send the rest of a request."""
        ...

    def drop(self) -> None:
        """End it at once."""
        ...


class Connections:
    """The open connections of a process.

    Where one more than ``most`` comes, or more than ``each`` from one address
    (of IPv6: one network of 64 bits, as whoever has one address has them all),
    the one that has been silent longest makes room: whoever sends a whole
    request is answered, however many say nothing. Where nobody is silent, the
    new one is dropped. ``own`` says of which addresses any number may come,
    such as a proxy's.
    """

    def __init__(self, most: int, each: int, own: Callable[[str], bool] | None = None) -> None:
        self._most = most
        self._each = each
        self._own = own or is_own
        # In the order in which they were last heard: the first has been silent longest.
        self._open: dict[Open, str] = {}
        self._addresses: Counter[str] = Counter()
        self.late = Deadlines(SECONDS)
        """When connections are ended that dawdle: those that were opened at once fall due at once."""
        self.little = Paced()
        """Who reads on where little came: hundreds that bring a byte each would all be read at once."""
        self.unwanted = Paced(UNWANTED)
        """Who reads on where an answer was given before all of its question had come."""
        self.upgrades = Paced(UPGRADES)
        """Whose websockets are opened."""
        self.dropped = 0
        """How many had to make room, or came where there was none."""

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Open) -> None:
        """Count a connection that was opened."""
        network = self._open[connection] = network_of(connection.address)
        self._addresses[network] += 1
        if self._addresses[network] > self._each and not self._own(connection.address):
            self._drop_one(connection, self._silent(network))
        elif len(self._open) > self._most:
            # Whoever has most makes room first, so that one address cannot push out all others.
            (fullest, _count), *_rest = self._addresses.most_common(1)
            self._drop_one(connection, self._silent(fullest) or self._silent())

    def leave(self, connection: Open) -> None:
        """Count one less. Twice does no harm."""
        if connection in self._open:
            network = self._open.pop(connection)
            self._addresses[network] -= 1
            if not self._addresses[network]:
                del self._addresses[network]

    def heard(self, connection: Open) -> None:
        """Something came over the connection."""
        if connection in self._open:
            self._open[connection] = self._open.pop(connection)

    def _silent(self, network: str | None = None) -> Open | None:
        """The one that has been silent longest, of a network or of all."""
        found = (one for one, whose in self._open.items() if network in (None, whose) and one.silent)
        return next(found, None)

    def _drop_one(self, newest: Open, silent: Open | None) -> None:
        dropped = silent or newest
        self.dropped += 1
        self.leave(dropped)
        dropped.drop()


def is_own(address: str) -> bool:
    """Whether an address is this machine's, where a proxy may stand for everybody."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False


def own_or(proxies: str) -> Callable[[str], bool]:
    """Whether an address is this machine's, or one of the proxies or their networks (with commas between)."""
    named = [one.strip() for one in proxies.split(",") if one.strip()]
    networks = [ip_network(one, strict=False) for one in named if one != "*" and _is_network(one)]

    def own(address: str) -> bool:
        if is_own(address) or "*" in named or address in named:
            return True
        return any(ip_address(address) in one for one in networks)

    return own


def _is_network(written: str) -> bool:
    try:
        ip_network(written, strict=False)
    except ValueError:
        return False
    return True


def room(wanted: int) -> int:
    """How many connections a process can have: as many as wanted, or as the bound on its files leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard and soft < wanted + FILES:
        soft = wanted + FILES if hard == resource.RLIM_INFINITY else min(wanted + FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft != resource.RLIM_INFINITY and soft < wanted + FILES:
        fewer = max(soft - FILES, FEWEST)
        log.warning("fewer connections than set, as fewer files may be open", connections=fewer, files=soft)
        return fewer
    return wanted
