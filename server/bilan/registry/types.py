"""Types of what plugins declare, checked at start-up as a type checker would have done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bilan.sdk.messages import Message


def wrong_types(declaration: Any) -> Iterator[tuple[str, str, str]]:
    """Where a declaration's fields are not of their types: the field, what it must be, what it is."""
    hints = _hints(type(declaration))
    for field in fields(declaration):
        yield from wrong_value(getattr(declaration, field.name), hints[field.name], field.name)


@cache
def _hints(declared: type) -> Mapping[str, Any]:
    return get_type_hints(declared)


def wrong_value(value: Any, hint: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """The same of one value of a type, which is called ``path``."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    fitting = [option for option in options if _fits(value, option)]
    if not fitting:
        yield path, " or ".join(dict.fromkeys(map(_name, options))), _found(value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((f"{path}.{inner}", wanted, found) for inner, wanted, found in wrong_types(value))
    else:
        yield from _wrong_items(value, fitting[0], path)


def _wrong_items(value: Any, hint: Any, path: str) -> Iterator[tuple[str, str, str]]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        for number, item in enumerate(value, start=1):
            yield from wrong_value(item, arguments[0], f"{path} {number}")
    elif origin is tuple:
        for number, (item, argument) in enumerate(zip(value, arguments, strict=False), start=1):
            yield from wrong_value(item, argument, f"{path} {number}")
    elif origin is Mapping:
        for key, item in value.items():
            yield from wrong_value(item, arguments[1], f"{path} {key}")


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint) or hint
    if origin is Any:
        return True
    if origin is Callable:
        return callable(value)
    if origin is tuple:
        arguments = get_args(hint)
        return isinstance(value, tuple) and (arguments[1:] == (...,) or len(value) == len(arguments))
    if getattr(origin, "_is_protocol", False):
        return all(hasattr(value, name) for name in _members(origin))
    if origin in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, int | float) if origin is float else isinstance(value, origin)


def _members(protocol: type) -> Collection[str]:
    return [name for name in (*vars(protocol), *protocol.__annotations__) if not name.startswith("_")]


def _name(hint: Any) -> str:
    origin = get_origin(hint) or hint
    if origin is Message:
        return "a sentence made with _(…)"
    if origin is NoneType:
        return "None"
    if origin is tuple:
        return f"a tuple of {_name(get_args(hint)[0])}" if get_args(hint)[1:] == (...,) else "a tuple"
    return "a function" if origin is Callable else getattr(origin, "__name__", str(origin))


def _found(value: Any) -> str:
    return "None" if value is None else "a plain str" if isinstance(value, str) else type(value).__name__
