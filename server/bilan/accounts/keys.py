"""Random keys that are shown once and kept as hashes."""

from __future__ import annotations

import hashlib
import secrets


def new_key(prefix: str = "") -> str:
    """A key of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """What is kept of a key. It is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode()).hexdigest()
