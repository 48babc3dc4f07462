"""The process that attacks: which attacks there are, and how one is tried."""

from __future__ import annotations

import importlib
import os
import pkgutil
import traceback
from multiprocessing.queues import Queue

from benchmarks.attacks import scenarios
from benchmarks.attacks.target import ATTACKS, Attack, Target


def known() -> dict[str, Attack]:
    """Every attack, by its key; the calm first."""
    for module in pkgutil.iter_modules(scenarios.__path__):
        importlib.import_module(f"{scenarios.__name__}.{module.name}")
    return dict(sorted(ATTACKS.items(), key=lambda one: int(one[1].part)))


def attacking(key: str, target: Target, came: Queue[tuple[dict[str, int], list[str]]]) -> None:
    """Attack, and hand over what was got and what failed. Others have the processor first."""
    os.nice(10)  # an attacker has a machine of their own
    failed = list[str]()
    try:
        known()[key].run(target)
    except Exception as error:
        traceback.print_exc()
        failed.append(f"the attack failed: {error}")
    came.put((dict(target.got), failed))
