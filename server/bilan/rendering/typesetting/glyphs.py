"""Which characters cannot be set: no font has them, or they are private and mean nothing elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.rendering.typesetting.engine import TypesetSource, Undrawable, typeset

MOST = 200
"""More missing characters than this come from a script that is missing as a whole."""


def without_glyph(characters: Iterable[str], families: Iterable[str]) -> frozenset[str]:
    """Those of the characters that cannot be set, found by setting them; at most ``MOST``."""
    left = {char for char in characters if not char.isascii()}
    missing: set[str] = set()
    names = ",".join(families)
    while left and len(missing) < MOST:
        # Apart from each other, so that no font is asked for two of them as one sign.
        inputs = {"text": " ".join(sorted(left)), "families": names}
        try:
            typeset(TypesetSource("typesetting/glyphs.typ", inputs, ("ua-1", "a-2a")))
        except Undrawable as error:
            found = left & set(error.text)
            if not found:
                break
            missing |= found
            left -= found
        else:
            break
    return frozenset(missing)
