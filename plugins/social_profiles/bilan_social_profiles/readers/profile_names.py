"""Profiles that share a name are told apart by their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


class ProfileNames:
    """The names of a table's profiles: as it writes them, with their id where several of a network share one.

    ``profiles`` are network, name and id of each row.
    """

    def __init__(self, profiles: Iterable[tuple[str, str, str]]) -> None:
        self._ids = defaultdict[tuple[str, str], dict[str, None]](dict)
        for network, name, ident in profiles:
            self._ids[network, name][ident] = None

    def of(self, network: str, name: str, ident: str) -> str:
        """The name by which facts tell the profile, such as “Parks (nycparks)”."""
        ids = self._ids[network, name]
        if len(ids) <= 1 or not ident:
            return name
        tails = [_tail(one) for one in ids]
        tail = _tail(ident)
        return f"{name} ({tail if tail and tails.count(tail) == 1 else ident})"


def _tail(ident: str) -> str:
    """The end of an address, which names the profile at its network."""
    return ident.rstrip("/").rpartition("/")[2].lstrip("@")
