"""How often signing in may be tried: by address, by name, over all, and by browsers that are known.

See docs/decisions/068.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from itsdangerous import BadSignature, TimestampSigner

from bilan.accounts.models import Person
from bilan.accounts.rate_limit import Attempts, Bound

BY_BOTH = 5
"""How often one name may be tried from one address within a quarter of an hour."""
BY_ADDRESS = 50
"""How often any names may be tried from one address."""
BY_NAME = 50
"""How often one name may be tried from any addresses."""
OVER_ALL = 1_000
"""How often anybody may try."""
BY_BROWSER = 10
"""How often a known browser may try its own name, whatever others do."""
KNOWN_FOR = timedelta(days=180)
"""How long a browser stays known after its last sign-in."""
PURPOSE = b"bilan known browser"


class KnownBrowsers:
    """Tells the browsers in which a person has signed in before. ``key`` is the server's secret.

    What a browser keeps names nobody to others and opens nothing: it only has
    its own bounds, so that a flood of guesses keeps no one out.
    """

    def __init__(self, key: bytes) -> None:
        self._signer = TimestampSigner(key, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)

    def token(self, person: Person) -> str:
        """What the person's browser keeps, until they change their password."""
        return self._signer.sign(_named(person)).decode()

    def knows(self, token: str, person: Person | None) -> bool:
        """Whether the person has signed in with this browser."""
        if person is None or not token:
            return False
        try:
            told = self._signer.unsign(token, max_age=int(KNOWN_FOR.total_seconds()))
        except BadSignature:
            return False
        return told.decode() == _named(person)


def _named(person: Person) -> str:
    held = hashlib.sha256(person.password_hash.encode()).hexdigest()[:16]
    return f"{person.id}.{held}"


class Door:
    """Counts who tries to sign in."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    async def knock(self, name: str, ip: str, browser: UUID | None) -> Sequence[Bound]:
        """Count an attempt; what it was counted under. ``browser`` is the person to whom it is known.

        Raises ``TooMany``.
        """
        bounds = _bounds_of(name, ip, browser)
        await self._attempts.hit(bounds)
        return bounds

    async def opened(self, bounds: Sequence[Bound]) -> None:
        """The attempt succeeded: earlier ones of this name from here are forgotten."""
        first, *others = bounds
        await self._attempts.reset(first)
        if others:
            await self._attempts.forgive(others)


def _bounds_of(name: str, ip: str, browser: UUID | None) -> list[Bound]:
    if browser is not None:
        return [Bound(("sign-in by browser", str(browser)), BY_BROWSER)]
    place = network_of(ip)
    return [
        Bound(("sign-in", name, place), BY_BOTH),
        Bound(("sign-in by address", place), BY_ADDRESS),
        Bound(("sign-in by name", name), BY_NAME),
        Bound(("sign-in",), OVER_ALL),
    ]


def network_of(ip: str) -> str:
    """What one household or server has of addresses: one of IPv4, 2**64 of IPv6."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.exploded[:19]
    return str(address)
