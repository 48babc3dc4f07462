"""References of clicks: short enough to stand in a message, and told from any other word in it."""

from __future__ import annotations

import re
import secrets

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
"""Without vowels, so that no word comes of them, and without what looks like another."""
LENGTH = 10
"""The last one follows from the others, so that what somebody mistypes is no reference."""
WRITTEN = re.compile(rf"#([{LETTERS}]{{{LENGTH}}})(?![0-9A-Za-z])", re.IGNORECASE)
LONGEST = 5_000
"""Characters of a message in which a reference is looked for: more than WhatsApp lets anybody write."""


def new_reference() -> str:
    """A reference that nobody can guess."""
    return completed("".join(secrets.choice(LETTERS) for _place in range(LENGTH - 1)))


def completed(begun: str) -> str:
    """The reference that begins with all letters but the last."""
    return begun + _last(begun)


def reference_in(text: str) -> str:
    """The first reference in the text of a message; empty where there is none."""
    written = (found[1].upper() for found in WRITTEN.finditer(text[:LONGEST]))
    return next((one for one in written if one[-1] == _last(one[:-1])), "")


def _last(begun: str) -> str:
    return LETTERS[sum(place * LETTERS.index(letter) for place, letter in enumerate(begun, 1)) % len(LETTERS)]
