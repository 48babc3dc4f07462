"""Typesetting: fonts found once a process, and Typst called in one place.

Nothing is loaded before it is used: to import this costs nothing. See docs/decisions/027.
"""

from bilan.rendering.typesetting.child import typeset_apart
from bilan.rendering.typesetting.engine import TypesetSource, Undrawable, drawable, picture, typeset
from bilan.rendering.typesetting.fonts import families, missing_scripts
from bilan.rendering.typesetting.glyphs import without_glyph
from bilan.rendering.typesetting.limits import LIMITS, Limits

__all__ = [
    "LIMITS",
    "Limits",
    "TypesetSource",
    "Undrawable",
    "drawable",
    "families",
    "missing_scripts",
    "picture",
    "typeset",
    "typeset_apart",
    "without_glyph",
]
