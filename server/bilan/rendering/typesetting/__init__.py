"""Typesetting: fonts found once a process, and Typst called in one place.

Nothing is loaded before it is used: to import this costs nothing.
"""

from bilan.rendering.typesetting.engine import Setting, Undrawable, picture, typeset
from bilan.rendering.typesetting.fonts import families, missing_scripts

__all__ = ["Setting", "Undrawable", "families", "missing_scripts", "picture", "typeset"]
