"""Fields of the catalog's tables beside Tortoise's own."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, cast, overload

import msgspec
from tortoise import fields

from bilan.catalog.text import sanitise

NUL = r"\u0000"
"""As JSON writes it."""
T = TypeVar("T")
S = TypeVar("S")
_encoder = msgspec.json.Encoder(order="deterministic")


class StructField(fields.JSONField[T]):
    """A JSON column of one type: a message, a struct, or anything else that msgspec reads by its type.

    A row's attribute is the value itself, never what JSON makes of it. For
    migrations it is a plain JSON column, so the type may change where what is
    stored can still be read.
    """

    @overload
    def __init__(
        self: StructField[S], of: type[S], *, null: Literal[False] = False, **options: Any
    ) -> None: ...

    @overload
    def __init__(
        self: StructField[S | None], of: type[S], *, null: Literal[True], **options: Any
    ) -> None: ...

    def __init__(self, of: type[Any], **options: Any) -> None:
        super().__init__(**options)
        self._decoder = msgspec.json.Decoder(of)

    def to_db_value(self, value: Any, instance: Any) -> str | None:  # noqa: ARG002
        """The value as JSON, its texts sanitised."""
        if value is None:
            return None
        try:
            encoded = _encoder.encode(value).decode()
        except UnicodeEncodeError:
            encoded = NUL
        if NUL not in encoded:
            return encoded
        return _encoder.encode(_sanitised(msgspec.to_builtins(value, order="deterministic"))).decode()

    def to_python_value(self, value: Any) -> Any:
        """The value that a row's JSON stands for; what is a value already stays as it is."""
        return self._decoder.decode(value) if isinstance(value, str | bytes) else value

    def describe(self, serializable: bool) -> dict[str, Any]:
        """The field as migrations compare it."""
        return {**super().describe(serializable), "field_type": fields.JSONField.__name__}

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """The field as a migration writes it down."""
        _path, args, options = super().deconstruct()
        return f"{fields.JSONField.__module__}.{fields.JSONField.__name__}", args, options


def _sanitised(value: Any) -> Any:
    match value:
        case str():
            return sanitise(value)
        case list():
            return [_sanitised(item) for item in cast("list[Any]", value)]
        case dict():
            return {sanitise(key): _sanitised(item) for key, item in cast("dict[str, Any]", value).items()}
        case _:
            return value
