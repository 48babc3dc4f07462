"""Relay connections over anything that can be listed in pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import strawberry

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

MAX_PAGE = 100


@strawberry.type(name="PageInfo", description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether something came before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge.")


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for."""

    offset: int
    limit: int


def page_arguments(first: int, after: str | None) -> Window:
    """The window meant by Relay's arguments. Raises ``Invalid`` with a sentence."""
    return Window(_offset(after), page_size(first))


def page_size(first: int) -> int:
    """How many items a page may hold. Raises ``Invalid`` with a sentence."""
    if not 1 <= first <= MAX_PAGE:
        raise Invalid(_("A page holds from 1 to {most} items.", most=MAX_PAGE), ("first",))
    return first


def _offset(after: str | None) -> int:
    if after is None:
        return 0
    try:
        word, _colon, number = base64.b64decode(after, validate=True).decode().partition(":")
        if word == "item" and int(number) >= 0:
            return int(number) + 1
    except (binascii.Error, ValueError):
        pass
    raise Invalid(
        _("“{cursor}” is no cursor of this list; take endCursor of a page.", cursor=after), ("after",)
    )


def cursor(position: int) -> str:
    """The opaque name of a place in a list."""
    return base64.b64encode(f"item:{position}".encode()).decode()


@cache
def connection_of(node: Any) -> Any:
    """The connection type over a node type."""
    name = node.__strawberry_definition__.name
    edge = _type(
        f"{name}Edge",
        f"A place in a list of {name}.",
        {"cursor": (str, "The name of the place."), "node": (node, "What stands there.")},
    )
    return _type(
        f"{name}Connection",
        f"A page of a list of {name}.",
        {
            "edges": (list[edge], "The items with their places."),
            "nodes": (list[node], "The items alone."),
            "page_info": (PageInfo, "Where the page stands."),
            "total_count": (int, "How many items the whole list has."),
        },
    )


def _type(name: str, description: str, fields: dict[str, tuple[Any, str]]) -> Any:
    namespace: dict[str, Any] = {
        "__annotations__": {key: annotation for key, (annotation, _text) in fields.items()},
        "__module__": __name__,
        **{key: strawberry.field(description=text) for key, (_annotation, text) in fields.items()},
    }
    return strawberry.type(type(name, (), namespace), name=name, description=description)


def to_connection(made: Any, items: Sequence[Any], total: int, window: Window) -> Any:
    """A page as the connection type."""
    edge = made.__annotations__["edges"].__args__[0]
    edges = [edge(cursor=cursor(window.offset + n), node=item) for n, item in enumerate(items)]
    info = PageInfo(
        has_next_page=window.offset + len(items) < total,
        has_previous_page=window.offset > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return made(edges=edges, nodes=list(items), page_info=info, total_count=total)
