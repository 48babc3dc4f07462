"""Connections: Strawberry's Relay types over anything that can be listed in pages. See docs/decisions/052."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry import relay
from strawberry.relay.types import NodeType

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

MAX_PAGE = 100
LONGEST = 2**31
"""Items of a list, more than any has: databases take no offset of any size."""
PREFIX = "item"
"""What a cursor says before the number of its item."""
First = Annotated[int, strawberry.argument(description="How many, up to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which to go on.")]


@strawberry.type(name="Connection", description="A page of a list.")
class Connection(relay.Connection[NodeType]):
    nodes: list[NodeType] = strawberry.field(description="The items alone.")
    total_count: int = strawberry.field(description="How many items the whole list has.")


@dataclass(frozen=True)
class Slice:
    """Which part of a list is asked for."""

    offset: int
    limit: int


def page_arguments(first: int, after: str | None) -> Slice:
    """The slice meant by Relay's arguments. Raises ``Invalid`` with a sentence."""
    return Slice(_offset(after), page_size(first))


def page_size(first: int) -> int:
    """How many items a page may hold. Raises ``Invalid`` with a sentence."""
    if not 1 <= first <= MAX_PAGE:
        raise Invalid(_("A page holds from 1 to {most} items.", most=MAX_PAGE), ("first",))
    return first


def _offset(after: str | None) -> int:
    if after is None:
        return 0
    try:
        prefix, number = relay.from_base64(after)
        if prefix == PREFIX and 0 <= int(number) < LONGEST:
            return int(number) + 1
    except ValueError:
        pass
    raise Invalid(
        _("“{cursor}” is no cursor of this list; take endCursor of a page.", cursor=after), ("after",)
    )


def connection_of(node: Any) -> Any:
    """The connection type over a node type."""
    return Connection[node]


def to_connection(items: Sequence[Any], total: int, part: Slice) -> Connection[Any]:
    """A page as a connection."""
    edges = [
        relay.Edge(cursor=relay.to_base64(PREFIX, part.offset + number), node=item)
        for number, item in enumerate(items)
    ]
    info = relay.PageInfo(
        has_next_page=part.offset + len(items) < total,
        has_previous_page=part.offset > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, nodes=list(items), page_info=info, total_count=total)
