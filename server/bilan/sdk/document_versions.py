"""Document versions: what stands in stored documents, in the words of today.

Version 2 says ``drilldown`` where version 1 said ``behind``, and calls the
unit ``share`` a ``proportion``, in columns and in the sentences' placeholders.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

VERSION = 2
"""Of the documents that are written."""
MESSAGE = frozenset({"id", "domain", "args", "plural"})


class _Version(msgspec.Struct):
    version: int = 1
    """Version 1 left it out."""


def upgraded(data: bytes | str) -> bytes | str:
    """The JSON of a document, rewritten where an earlier version wrote it."""
    if msgspec.json.decode(data, type=_Version).version >= VERSION:
        return data
    document = cast("dict[str, Any]", msgspec.json.decode(data))
    return msgspec.json.encode(renamed({**document, "version": VERSION}))


def renamed(value: Any) -> Any:
    """Blocks and messages of version 1, as plain JSON, in the words of version 2."""
    match value:
        case list():
            return [renamed(item) for item in cast("list[Any]", value)]
        case dict():
            return _renamed(cast("dict[str, Any]", value))
        case _:
            return value


def _renamed(value: dict[str, Any]) -> dict[str, Any]:
    if "id" in value and value.keys() <= MESSAGE:
        return _message(value)
    # A plugin's own block holds data that only the plugin can read.
    inner = {
        key: item if key == "data" and value.get("type") == "custom" else renamed(item)
        for key, item in value.items()
    }
    if "behind" in inner:
        inner["drilldown"] = inner.pop("behind")
    for key in ("unit", "category_unit"):
        if inner.get(key) == "share":
            inner[key] = "proportion"
    return inner


def _message(value: dict[str, Any]) -> dict[str, Any]:
    sentences = {
        key: value[key].replace(":share}", ":proportion}") for key in ("id", "plural") if value.get(key)
    }
    args = {"args": {key: renamed(item) for key, item in value["args"].items()}} if "args" in value else {}
    return {**value, **sentences, **args}
