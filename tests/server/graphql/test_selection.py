"""What a query selects is what is asked of the warehouse: no metric more, none less."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    graphql_sync,
)

from bilan.graphql.selection import Selection
from bilan.query import session as session_module
from bilan.sdk.query import Question
from fixtures.bilan import Query
from fixtures.mailing import Mailing

# ---- followed in a small schema -----------------------------------------------------------------


class Seen:
    """Remembers what was selected below ``box`` and, deeper, below its ``rows``."""

    def __init__(self) -> None:
        self.names: list[frozenset[str]] = []
        self.rows: list[frozenset[str]] = []

    def box(self, _root: object, info: GraphQLResolveInfo[Any], **_given: Any) -> dict[str, Any]:
        selection = Selection(info)
        self.names.append(selection.names())
        self.rows.append(selection.below("rows").names())
        return {"rows": [{}]}


def selected(query: str, **variables: Any) -> Seen:
    seen = Seen()
    row = GraphQLObjectType("Row", {name: GraphQLField(GraphQLInt) for name in ("a", "b", "c")})
    box = GraphQLObjectType("Box", {"rows": GraphQLField(row), "x": GraphQLField(GraphQLInt)})
    flag = {"flag": GraphQLArgument(GraphQLBoolean)}
    root = GraphQLObjectType("Query", {"box": GraphQLField(box, args=flag, resolve=seen.box)})
    result = graphql_sync(GraphQLSchema(root), query, variable_values=variables)
    assert result.errors is None, result.errors
    return seen


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("{ box { rows { a } } }", {"a"}),
        ("{ box { rows { other: a  b: c } } }", {"a", "c"}),
        ("{ box { rows { a a a } } }", {"a"}),
        ("{ box { rows { a } rows { b } again: rows { c } } }", {"a", "b", "c"}),
        ("{ box { rows { a } } box { rows { b } } }", {"a", "b"}),
        ("{ box { rows { ... on Row { a } ... { b } } } }", {"a", "b"}),
        ("{ box { ...Rows } } fragment Rows on Box { rows { ...Deep } } fragment Deep on Row { c }", {"c"}),
        ("{ box { rows { a b @skip(if: true) c @include(if: false) } } }", {"a"}),
        ("{ box { rows { ... on Row @skip(if: true) { a } b } } }", {"b"}),
        ("{ box { ...Rows @include(if: false) x } } fragment Rows on Box { rows { a } }", set()),
        ("{ box { rows { __typename } } }", {"__typename"}),
        ("{ box { x } }", set()),
    ],
)
def test_the_selection_is_followed(query: str, rows: set[str]) -> None:
    assert selected(query).rows == [rows]


@pytest.mark.parametrize(("skip", "include", "rows"), [(True, True, {"c"}), (False, False, {"a"})])
def test_variables_decide(skip: bool, include: bool, rows: set[str]) -> None:
    query = """query ($skip: Boolean!, $include: Boolean!) {
      box { rows { a @skip(if: $skip) b @skip(if: $skip) @include(if: $include) c @include(if: $include) } }
    }"""
    assert selected(query, skip=skip, include=include).rows == [rows]


def test_two_names_for_one_field_are_two_selections() -> None:
    seen = selected("{ first: box { rows { a } } second: box { x } }")
    assert (seen.names, seen.rows) == ([{"rows"}, {"x"}], [{"a"}, set()])


# ---- what the warehouse is asked ----------------------------------------------------------------


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """Every question that is asked, on its way to the warehouse."""
    asked: list[Question] = []
    plan = session_module.plan

    def noted(registry: Any, question: Question) -> Any:
        asked.append(question)
        return plan(registry, question)

    monkeypatch.setattr(session_module, "plan", noted)
    return asked


async def metrics_asked(
    asking: Query, mailing: Mailing, questions: list[Question], query: str, **variables: Any
) -> tuple[str, ...]:
    result = await asking(query, mailing.owner, variables)
    assert result.errors is None, result.errors
    (question,) = questions
    return question.metrics


@pytest.mark.parametrize(
    ("below", "metrics"),
    [
        ("rows { sends }", {"sends"}),
        ("rows { sends } totals { uniqueOpens }", {"sends", "unique_opens"}),
        ("rows { x: sends ...Opens } totals { ... on EmailEventsFigures { clicks } }",
         {"sends", "opens", "unique_opens", "clicks"}),
        ("rows { sends @skip(if: $yes) opens @include(if: $yes) }", {"opens"}),
        ("rows { previous { delivered } } previous { opens }", {"delivered", "opens"}),
        ("rows { campaign bucket { start } } totalRows", set()),
    ],
)  # fmt: skip
async def test_only_what_is_selected_is_computed(
    asking: Query, mailing: Mailing, questions: list[Question], below: str, metrics: set[str]
) -> None:
    query = (
        "query ($yes: Boolean!) { email { events(by: [CAMPAIGN], period: {preset: LAST_7_DAYS}) {"
        + below
        + " notes @skip(if: $yes) ...Opens2 @include(if: false) } } }"
        + " fragment Opens2 on EmailEventsAnswer { totals { bounces } }"
        + (" fragment Opens on EmailEventsRow { opens uniqueOpens }" if "...Opens " in below else "")
    )
    asked = await metrics_asked(asking, mailing, questions, query, yes=True)
    assert set(asked) == {f"email.{name}" for name in metrics}
    assert len(asked) == len(metrics)


@pytest.mark.parametrize(
    ("below", "compared"),
    [
        ("rows { sends }", False),
        ("rows { sends previous { sends } }", True),
        ("totals { sends } previous { sends }", True),
        ("totals { sends } previous @skip(if: true) { sends }", False),
    ],
)
async def test_the_comparison_is_read_where_it_is_selected(
    asking: Query, mailing: Mailing, questions: list[Question], below: str, compared: bool
) -> None:
    query = "{ email { events(period: {preset: LAST_7_DAYS}, compare: PREVIOUS) {" + below + "} } }"
    await metrics_asked(asking, mailing, questions, query)
    assert (questions[0].compare is not None) is compared


async def test_what_sorts_is_computed_too(asking: Query, mailing: Mailing, questions: list[Question]) -> None:
    query = "{ email { events(by: [CAMPAIGN], order: [{key: CLICKS}]) { rows { sends } } } }"
    assert await metrics_asked(asking, mailing, questions, query) == ("email.sends", "email.clicks")
