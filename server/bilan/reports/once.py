"""The same request made twice, by a double click or by a program that tries again, is done once."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from bilan.accounts.values import Actor
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

LONGEST_KEY = 60


def once(actor: Actor, key: str, *asked: Any) -> str:
    """The hash of who asks, the key they chose, and what is asked; 64 characters.

    What is asked is part of it: a page that is shown again from the browser's
    memory and filled in differently asks for something else. Raises ``Invalid``.
    """
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(_("The key has from 1 to {most} characters.", most=LONGEST_KEY), ("key",))
    who = actor.person.hex if actor.person else actor.via
    told = msgspec.json.encode((str(actor.workspace), who, key, asked), order="deterministic")
    return hashlib.sha256(told).hexdigest()
