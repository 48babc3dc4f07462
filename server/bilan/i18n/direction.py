"""Texts that run in a direction of their own within others."""

from __future__ import annotations

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def isolated(text: str) -> str:
    """The text, kept together and in its own order whatever stands around it."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
