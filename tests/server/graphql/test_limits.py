"""How much one request may ask for."""

from __future__ import annotations

import pytest
from graphql import Node, build_schema
from graphql.utilities.type_info import TypeInfoVisitor

from bilan.accounts import Principal
from bilan.graphql.reading import QueryReader
from fixtures.bilan import Query


async def test_a_query_that_is_too_deep_is_refused(asking: Query, owner: Principal) -> None:
    inner = "blocks { ... on DocumentSection { " * 12 + "key" + " } }" * 12
    result = await asking("{ runs { nodes { document { " + inner + " } } } }", owner)
    assert [error.extensions["code"] for error in result.errors] == ["invalid_query"]
    assert "exceeds maximum operation depth" in result.errors[0].message


async def test_a_query_with_too_many_aliases_is_refused(asking: Query, owner: Principal) -> None:
    many = " ".join(f"a{n}: me {{ name }}" for n in range(31))
    result = await asking("{ " + many + " }", owner)
    assert "31 aliases found. Allowed: 30" in result.errors[0].message


async def test_a_query_with_too_many_tokens_is_refused(asking: Query, owner: Principal) -> None:
    result = await asking("{ me { " + "name " * 2_000 + "} }", owner)
    assert "Document contains more than 2000 tokens" in result.errors[0].message


async def test_a_query_that_costs_too_much_is_refused(asking: Query, owner: Principal) -> None:
    # A question costs 50 of 1,000.
    many = " ".join(f"a{n}: events {{ totals {{ sends }} }}" for n in range(21))
    result = await asking("{ email { " + many + " } }", owner)
    assert {error.extensions["code"] for error in result.errors} == {"too_large"}
    assert result.errors[0].message == "The query asks for too much at once; split it into several requests."


async def test_twenty_questions_are_answered(asking: Query, owner: Principal) -> None:
    many = " ".join(f"a{n}: events {{ totals {{ sends }} }}" for n in range(20))
    result = await asking("{ email { " + many + " } }", owner)
    assert result.errors is None
    assert result.data == {"email": {f"a{n}": {"totals": {"sends": 0}} for n in range(20)}}


async def test_a_query_that_comes_again_is_not_validated_again(
    asking: Query, owner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: list[object] = []
    visit = TypeInfoVisitor.enter

    def counted(self: TypeInfoVisitor, node: Node, *rest: object) -> object:
        visited.append(node)
        return visit(self, node, *rest)

    monkeypatch.setattr(TypeInfoVisitor, "enter", counted)
    await asking("{ me { name email language } }", owner)
    once = len(visited)
    await asking("{ me { name email language } }", owner)
    assert len(visited) == once > 0


TOKEN = """
mutation ($scopes: [Scope!]!) {
  createToken(email: "olga@example.org", name: "x", scopes: $scopes, days: 1) { token }
}
"""


async def test_variables_of_more_values_than_can_be_checked_at_once_are_refused(
    asking: Query, owner: Principal
) -> None:
    # With the object and the list around them: 5,000 is the most.
    refused = await asking(TOKEN, owner, {"scopes": ["READ"] * 4_999})
    assert refused.errors[0].message == "The variables have more than 5000 values."
    assert refused.errors[0].extensions["code"] == "invalid_query"
    let_in = await asking(TOKEN, owner, {"scopes": ["READ"] * 4_998})
    assert "values" not in let_in.errors[0].message


async def test_variables_are_counted_however_deep_they_are(asking: Query, owner: Principal) -> None:
    query = (
        "query ($filters: EmailEventsFilters) { email { events(filters: $filters) { totals { sends } } } }"
    )
    refused = await asking(query, owner, {"filters": {"campaign": {"any": [[""] * 10] * 600}}})
    assert [error.message for error in refused.errors] == ["The variables have more than 5000 values."]


async def test_long_texts_are_not_remembered() -> None:
    schema = build_schema("type Query { a(b: String): Int }")
    reader = QueryReader()
    short, long = '{ a(b: "x") }', f'{{ a(b: "{"x" * 20_000}") }}'
    assert await reader.read(schema, short, ()) is await reader.read(schema, short, ())
    assert await reader.read(schema, long, ()) is not await reader.read(schema, long, ())
