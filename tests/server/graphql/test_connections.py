"""Connections over plain values, as a plugin's own fields return them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry

from bilan.graphql.catalogue.extras import graphql_type
from bilan.graphql.connections import connection_of, page_arguments, to_connection
from bilan.graphql.scalars import config
from bilan.sdk.errors import Invalid


@dataclass(frozen=True)
class Till:
    """A till of the shop."""

    name: str = field(metadata={"description": "What it is called."})


ALL = [Till(name) for name in "abcde"]
TILLS: Any = connection_of(graphql_type("shop", Till, {}))


def tills(first: int = 2, after: str | None = None) -> Any:
    part = page_arguments(first, after)
    return to_connection(ALL[part.offset : part.offset + part.limit], len(ALL), part)


Query = strawberry.type(
    type(
        "Query",
        (),
        {"__annotations__": {}, "tills": strawberry.field(tills, graphql_type=TILLS)},
    )
)
SCHEMA = strawberry.Schema(query=Query, config=config())
PAGE = "totalCount nodes { name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage }"


def asked(arguments: str = "") -> dict[str, Any]:
    result = SCHEMA.execute_sync(f"{{ tills{arguments} {{ __typename {PAGE} }} }}")
    assert result.errors is None
    assert result.data is not None
    return result.data["tills"]


def test_a_page_has_its_items_their_cursors_and_the_number_of_all() -> None:
    first = b64encode(b"item:0").decode()
    second = b64encode(b"item:1").decode()
    assert asked() == {
        "__typename": "ShopTillConnection",
        "totalCount": 5,
        "nodes": [{"name": "a"}, {"name": "b"}],
        "edges": [{"cursor": first, "node": {"name": "a"}}, {"cursor": second, "node": {"name": "b"}}],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False},
    }


def test_a_page_goes_on_after_a_cursor_until_the_last() -> None:
    cursor = asked()["edges"][-1]["cursor"]
    page = asked(f'(first: 3, after: "{cursor}")')
    assert page["nodes"] == [{"name": "c"}, {"name": "d"}, {"name": "e"}]
    assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "item:1",
        "aXRlbTp4",
        *(b64encode(one).decode() for one in (b"item:-1", b"row:1", b"item:9223372036854775807")),
    ],
)
def test_what_is_no_cursor_is_refused(after: str) -> None:
    with pytest.raises(Invalid, match="is no cursor of this list"):
        page_arguments(2, after)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_page_of_no_size_is_refused(first: int) -> None:
    with pytest.raises(Invalid, match="A page holds from 1 to 100 items"):
        page_arguments(first, None)
