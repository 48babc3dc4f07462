"""People: which addresses are one person, as of a moment. See docs/decisions/120."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from uuid import UUID

ALWAYS = 2**62
"""A moment (µs) behind all others."""
LOOKED_AT = 16
"""So many moments are held ready of which people were asked about."""


class Strength(IntEnum):
    """What holds of two addresses of which several things are said: the strongest."""

    TOLD = 1
    """A source tells that they are one person."""
    APART = 2
    """Somebody decided that they are not."""
    MERGED = 3
    """Somebody merged them."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What is said of two addresses, from a moment on and until another one (µs)."""

    one: str
    other: str
    strength: Strength
    moment: int
    until: int | None = None

    def holds(self, moment: int) -> bool:
        """Whether it is said as of a moment."""
        return self.moment <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True)
class People:
    """Who has several addresses: every address of such a person, with all of them in order."""

    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __bool__(self) -> bool:
        return bool(self.addresses)

    def of(self, address: str) -> tuple[str, ...]:
        """All addresses of whoever has this one; it alone, where it is the only one."""
        return self.addresses.get(address, (address,))

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The addresses but the first of each person."""
        return tuple(one for one, every in self.addresses.items() if one != every[0])

    @cached_property
    def firsts(self) -> tuple[str, ...]:
        """For each of the others, the first address of the same person."""
        return tuple(self.addresses[one][0] for one in self.others)


NOBODY = People()


def people(ties: Iterable[Tie], moment: int) -> People:
    """Who is one person as of a moment: whoever is tied, directly or by way of others, in whatever order."""
    strongest: dict[tuple[str, str], Strength] = {}
    for tie in ties:
        if tie.holds(moment):
            pair = (tie.one, tie.other)
            strongest[pair] = max(tie.strength, strongest.get(pair, tie.strength))
    leads: dict[str, str] = {}

    def first(address: str) -> str:
        while (next_one := leads.setdefault(address, address)) != address:
            leads[address] = leads[next_one]  # halves the way for whoever comes next
            address = leads[address]
        return address

    for (one, other), strength in strongest.items():
        if strength is not Strength.APART:
            low, high = sorted((first(one), first(other)))
            leads[high] = low
    groups: dict[str, list[str]] = {}
    for address in sorted(leads):
        groups.setdefault(first(address), []).append(address)
    found = {address: tuple(group) for group in groups.values() for address in group if len(group) > 1}
    return People(found) if found else NOBODY


@dataclass(frozen=True)
class Ties:
    """All that is said of addresses, by workspace. Never changed in place."""

    number: int = 0
    """How many times any of it was changed."""
    by_workspace: Mapping[UUID, tuple[Tie, ...]] = field(default_factory=dict[UUID, tuple[Tie, ...]])
    workspaces: Mapping[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    """The workspace of each source."""
    _known: dict[tuple[frozenset[UUID], int], People] = field(
        default_factory=dict[tuple[frozenset[UUID], int], People], compare=False
    )

    @cached_property
    def moments(self) -> list[int]:
        """When any of it began or ceased to hold, in order."""
        ties = [tie for some in self.by_workspace.values() for tie in some]
        return sorted({at for tie in ties for at in (tie.moment, tie.until) if at is not None})

    @property
    def latest(self) -> int:
        """The last of these; 0 without any."""
        return self.moments[-1] if self.moments else 0

    def last(self, moment: int) -> int:
        """The last of these at or before a moment; 0 before the first."""
        at = bisect_right(self.moments, moment)
        return self.moments[at - 1] if at else 0

    def people(self, sources: Collection[UUID], moment: int) -> People:
        """Who is one person in the workspaces of some sources, as of a moment (µs)."""
        if not self.by_workspace:
            return NOBODY
        there = frozenset(self.workspaces[one] for one in sources if one in self.workspaces)
        key = (there, last := self.last(moment))
        if (found := self._known.get(key)) is None:
            ties = (tie for workspace in there for tie in self.by_workspace.get(workspace, ()))
            found = people(ties, last)
            if len(self._known) >= LOOKED_AT:
                self._known.clear()
            self._known[key] = found
        return found
