"""A request to the server and its answer, as the networks' handlers see them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass
class Call:
    """A request. ``base`` is the address of its host as the client wrote it, without a slash at its end."""

    method: str
    host: str
    base: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""
    network: str = ""
    endpoint: str = ""
    named: Mapping[str, str] = field(default_factory=dict[str, str])
    status: int = 0

    def get(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        return dict(self.query).get(name, default)

    def all(self, name: str) -> list[str]:
        """Every value of a parameter that is written once a value."""
        return [value for key, value in self.query if key == name]

    def bearer(self) -> str:
        """The token of the ``Authorization`` header."""
        scheme, _space, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def json(self) -> dict[str, Any]:
        """The body of a post."""
        return json.loads(self.body or b"{}")

    def link(self, without: Sequence[str], **changes: str) -> str:
        """The address of this request with other parameters, as for a next page."""
        kept = [(key, value) for key, value in self.query if key not in {*without, *changes}]
        return f"{self.base}{self.path}?{urlencode([*kept, *changes.items()])}"


@dataclass
class Answer:
    """What the server says to a request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """JSON, with further headers."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, body, {"content-type": "application/json; charset=utf-8", **(headers or {})})


class Refused(Exception):
    """An error that a network answers."""

    def __init__(self, answered: Answer) -> None:
        super().__init__(answered.body.decode())
        self.answer = answered


def whole(text: str, default: int, most: int, least: int = 1) -> int:
    """A limit: the default where there is none, the most where more is asked for. Raises ``ValueError``."""
    return max(least, min(int(text), most)) if text else default
