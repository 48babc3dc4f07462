"""What a query is told when it cannot be answered: a code, a field and a sentence."""

from __future__ import annotations

from bilan.accounts import Principal
from fixtures.bilan import Query


async def test_a_stranger_is_asked_to_sign_in(asking: Query) -> None:
    result = await asking("{ me { name } }")
    (error,) = result.errors
    assert error.extensions == {"code": "unauthenticated"}
    assert "Authorization: Bearer" in error.message
    assert result.data is None


async def test_a_stranger_gets_no_figures(asking: Query) -> None:
    result = await asking("{ email { events { totals { sends } } } }")
    assert [error.extensions["code"] for error in result.errors] == ["unauthenticated"]
    assert result.data is None


async def test_a_wrong_value_names_its_field_and_says_what_is_right(asking: Query, owner: Principal) -> None:
    result = await asking("{ email { events(limit: 0) { totals { sends } } } }", owner)
    (error,) = result.errors
    assert error.extensions == {"code": "invalid", "field": "limit"}
    assert error.message == "A limit is from 1 to 10,000 rows."
    assert error.path == ["email", "events"]


async def test_the_sentence_is_in_the_readers_language(asking: Query, owner: Principal) -> None:
    result = await asking("{ email { events(offset: -1) { totals { sends } } } }", owner, language="fr")
    (error,) = result.errors
    assert error.extensions["code"] == "invalid"
    assert error.message != "An offset is zero or more rows."


async def test_a_query_that_is_none_says_where(asking: Query, owner: Principal) -> None:
    result = await asking("{ email { nothing } }", owner)
    (error,) = result.errors
    assert error.extensions == {"code": "invalid_query"}
    assert "Cannot query field 'nothing' on type 'Email'" in error.message


async def test_a_period_and_an_interval_that_do_not_fit_are_refused(asking: Query, owner: Principal) -> None:
    result = await asking("{ email { events(interval: {unit: DAY}) { totals { sends } } } }", owner)
    (error,) = result.errors
    assert error.extensions == {"code": "invalid", "field": "period"}
    assert error.message == "An interval or a comparison needs a period."


async def test_an_unknown_zone_is_refused_by_name(asking: Query, owner: Principal) -> None:
    query = '{ email { events(period: {preset: YESTERDAY}, zone: "Mars/Olympus") { totals { sends } } } }'
    result = await asking(query, owner)
    (error,) = result.errors
    assert error.extensions["code"] == "invalid"
    assert "Mars/Olympus" in error.message


async def test_an_unknown_source_is_refused_by_name(asking: Query, owner: Principal) -> None:
    result = await asking('{ email { events(sources: ["Nowhere"]) { totals { sends } } } }', owner)
    (error,) = result.errors
    assert error.extensions == {"code": "not_found", "field": "sources"}
    assert "Nowhere" in error.message
