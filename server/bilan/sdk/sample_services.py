"""A service as a sample stands in for it, so that what is pulled from it can be tried without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """What a pull asks. ``url`` is without its query, which is in ``params``; header names are lower case."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class SampleReply:
    """What the service answers: a value, sent as JSON, or bytes as they are."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
