"""Names of sheets as Excel takes them."""

from __future__ import annotations

import re

LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]+")
_RESERVED = "history"


class SheetNames:
    """Gives names that are valid and differ in more than their capitals."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, title: str, within: str = "") -> str:
        """The title as a name; if another sheet has it, with ``within`` before it; else with a number."""
        wanted = _clean(title) or "Sheet"
        if within not in ("", title) and (wanted.casefold() in self._taken or wanted.casefold() == _RESERVED):
            wanted = _clean(f"{within} {title}")
        if wanted.casefold() == _RESERVED:
            wanted = f"{wanted}_"
        name, again = wanted, 2
        while name.casefold() in self._taken:
            ending = f" ({again})"
            name, again = wanted[: LONGEST - len(ending)].rstrip() + ending, again + 1
        self._taken.add(name.casefold())
        return name


def _clean(title: str) -> str:
    # Excel counts UTF-16 units; a name is cut by them.
    name = " ".join(_FORBIDDEN.sub(" ", title).split()).strip("' ")
    name = name.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")
    return name.rstrip("' ")
