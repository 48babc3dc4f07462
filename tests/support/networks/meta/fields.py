"""The ``fields`` parameter with requests within: ``id,comments.limit(0).summary(true){from}``.

https://developers.facebook.com/docs/graph-api/guides/field-expansion
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from support.networks.meta.errors import refused

NAME = re.compile(r"\w+")
MODIFIER = re.compile(r"\.(\w+)\(([^()]*)\)")


@dataclass
class Field:
    """A field with its modifiers (``limit``, ``summary``, ``metric``, …) and the fields within."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict[str, str])
    inner: list[Field] = field(default_factory=list["Field"])

    @property
    def shown(self) -> str:
        """The name in the answer, which ``as`` changes."""
        return self.modifiers.get("as", self.name)


def parse(text: str) -> list[Field]:
    """The fields of a request. Raises the Graph's syntax error."""
    found, rest = _fields(re.sub(r"\s", "", text))
    if rest:
        raise refused(
            2500, f'Syntax error "Expected end of string instead of {rest[0]!r}." in the fields parameter'
        )
    return found


def _fields(text: str) -> tuple[list[Field], str]:
    found: list[Field] = []
    while named := NAME.match(text):
        one, text = Field(named[0]), text[named.end() :]
        while modified := MODIFIER.match(text):
            one.modifiers[modified[1]] = modified[2]
            text = text[modified.end() :]
        if text.startswith("{"):
            one.inner, text = _fields(text[1:])
            text = text.removeprefix("}")
        while modified := MODIFIER.match(text):
            one.modifiers[modified[1]] = modified[2]
            text = text[modified.end() :]
        found.append(one)
        text = text.removeprefix(",")
    return found, text
