"""No attack: what the others see of each other, from which the rest is measured."""

from __future__ import annotations

from benchmarks.attacks.target import Target, attack


@attack("0", "nothing; only the others work")
def nothing(target: Target) -> None:
    """Wait until they are done."""
    target.over.wait()
