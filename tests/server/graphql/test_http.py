"""The endpoint over HTTP: who may ask how, and GraphiQL for people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from bilan.accounts import Scope
from bilan.http.identity import COOKIE
from fixtures.mailing import Mailing

ME = "{ me { name via } }"
CHANGE = 'mutation { removeSource(id: "Lab") }'


@pytest.fixture
async def key(mailing: Mailing) -> str:
    """A token of the owner's that may do everything."""
    made = await mailing.bilan.services.tokens.create(mailing.owner, "script", [Scope.WRITE])
    return f"Bearer {made.token}"


@pytest.fixture
async def session(mailing: Mailing, owner_session: str) -> dict[str, str]:
    """The cookie of the owner's browser."""
    return {COOKIE: owner_session}


def codes(response: Response) -> list[Any]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


# ---- programs -----------------------------------------------------------------------------------


async def test_a_token_asks_by_post(browser: AsyncClient, key: str) -> None:
    response = await browser.post("/graphql", json={"query": ME}, headers={"authorization": key})
    assert response.status_code == 200
    assert response.json() == {"data": {"me": {"name": "Olga", "via": "token"}}}


async def test_variables_and_the_operations_name_are_read(browser: AsyncClient, key: str) -> None:
    query = "query A { people { name } } query B($id: ID!) { source(id: $id) { name } }"
    asked = {"query": query, "operationName": "B", "variables": {"id": "shop"}}
    response = await browser.post("/graphql", json=asked, headers={"authorization": key})
    assert response.json() == {"data": {"source": {"name": "Shop"}}}


async def test_a_token_asks_by_get(browser: AsyncClient, key: str) -> None:
    response = await browser.get("/graphql", params={"query": ME}, headers={"authorization": key})
    assert response.json() == {"data": {"me": {"name": "Olga", "via": "token"}}}


async def test_nothing_is_changed_by_get(browser: AsyncClient, key: str, mailing: Mailing) -> None:
    response = await browser.get("/graphql", params={"query": CHANGE}, headers={"authorization": key})
    assert response.status_code == 400
    assert [one.name for one in await mailing.bilan.services.sources.list(mailing.owner)] == ["Lab", "Shop"]


async def test_a_stranger_is_told_so_in_graphqls_own_way(browser: AsyncClient) -> None:
    response = await browser.post("/graphql", json={"query": ME})
    assert response.status_code == 401
    assert codes(response) == ["unauthenticated"]


async def test_a_wrong_token_is_refused_before_anything_is_read(browser: AsyncClient) -> None:
    response = await browser.post("/graphql", json={"query": ME}, headers={"authorization": "Bearer wrong"})
    assert response.status_code == 401


async def test_a_program_names_its_language_in_the_header(browser: AsyncClient, key: str) -> None:
    asked = {"query": "{ email { events(limit: 0) { totalRows } } }"}
    sentences: dict[str, str] = {}
    for language in ("fr", "en", "*"):
        headers = {"authorization": key, "accept-language": language}
        response = await browser.post("/graphql", json=asked, headers=headers)
        sentences[language] = response.json()["errors"][0]["message"]
    assert sentences["en"] == sentences["*"] == "A limit is from 1 to 10,000 rows."
    assert sentences["fr"] not in ("", sentences["en"])


async def test_a_person_reads_their_own_language_whatever_the_browser_sends(
    browser: AsyncClient, session: dict[str, str]
) -> None:
    browser.cookies.update(session)
    headers = {"sec-fetch-site": "same-origin", "accept-language": "fr"}
    asked = {"query": "{ email { events(limit: 0) { totalRows } } }"}
    response = await browser.post("/graphql", json=asked, headers=headers)
    assert response.json()["errors"][0]["message"] == "A limit is from 1 to 10,000 rows."


# ---- what is no query ---------------------------------------------------------------------------


async def test_a_form_is_refused(browser: AsyncClient, key: str) -> None:
    headers = {"authorization": key, "content-type": "text/plain"}
    response = await browser.post("/graphql", content=b'{"query": "{ me { name } }"}', headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"query": 1}', b"{}", b'"text"', b"\xff"])
async def test_what_is_no_query_is_refused(browser: AsyncClient, key: str, body: bytes) -> None:
    headers = {"authorization": key, "content-type": "application/json"}
    response = await browser.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400


async def test_several_queries_at_once_are_refused(browser: AsyncClient, key: str) -> None:
    response = await browser.post("/graphql", json=[{"query": ME}] * 2, headers={"authorization": key})
    assert response.status_code == 400


async def test_files_are_not_taken_here(browser: AsyncClient, key: str) -> None:
    headers = {"authorization": key}
    form = {"operations": '{"query": "{ me { name } }"}', "map": "{}"}
    response = await browser.post("/graphql", data=form, files={"0": b"x"}, headers=headers)
    assert response.status_code == 400


# ---- browsers -----------------------------------------------------------------------------------


async def test_our_own_pages_ask_with_the_session(browser: AsyncClient, session: dict[str, str]) -> None:
    browser.cookies.update(session)
    response = await browser.post("/graphql", json={"query": ME}, headers={"sec-fetch-site": "same-origin"})
    assert response.json() == {"data": {"me": {"name": "Olga", "via": "session"}}}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.test"},
        {},
    ],
)
async def test_a_page_elsewhere_changes_nothing_with_the_session(
    browser: AsyncClient, session: dict[str, str], headers: dict[str, str], mailing: Mailing
) -> None:
    browser.cookies.update(session)
    response = await browser.post("/graphql", json={"query": CHANGE}, headers=headers)
    assert response.status_code == 403
    assert [one.name for one in await mailing.bilan.services.sources.list(mailing.owner)] == ["Lab", "Shop"]


async def test_people_see_graphiql(browser: AsyncClient) -> None:
    response = await browser.get("/graphql", headers={"accept": "text/html"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "http" not in policy


async def test_graphiql_comes_from_here_alone(browser: AsyncClient) -> None:
    page = (await browser.get("/graphql", headers={"accept": "text/html"})).text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) >= 4
    assert [one for one in addresses if not one.startswith("/graphql/static/")] == []
    for address in addresses:
        found = await browser.get(address)
        assert (found.status_code, len(found.content) > 10) == (200, True), address
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=", page)


async def test_a_program_that_takes_anything_gets_no_page(browser: AsyncClient, key: str) -> None:
    headers = {"authorization": key, "accept": "*/*"}
    response = await browser.get("/graphql", params={"query": ME}, headers=headers)
    assert response.headers["content-type"].startswith("application/json")


# ---- what is refused ----------------------------------------------------------------------------


async def refused(browser: AsyncClient, key: str, asked: Any) -> tuple[int, list[Any]]:
    answer = await browser.post("/graphql", json=asked, headers={"authorization": key})
    return answer.status_code, answer.json()["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "mutation B { setRetention(days: 301) { name } } query A { me { email } }",
        "query B { me { email } } query A { me { name } }",
    ],
)
async def test_of_several_operations_the_one_to_run_is_named(
    browser: AsyncClient, key: str, mailing: Mailing, query: str
) -> None:
    status, (error,) = await refused(browser, key, {"query": query})
    assert (status, error["extensions"]["code"]) == (200, "invalid_query")
    assert error["message"] == "There are several operations; say in operationName which one is to run: B, A."
    kept = await browser.post(
        "/graphql", json={"query": "{ workspace { retentionDays } }"}, headers={"authorization": key}
    )
    assert kept.json()["data"]["workspace"]["retentionDays"] != 301


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"query": "{me{email}}", "operationName": "C"}, 'Unknown operation named "C".'),
        ({"query": ""}, "No GraphQL query found in the request"),
        ({}, "No GraphQL query found in the request"),
        ({"query": "{me{email}}", "variables": 4}, "`variables` must be an object or null"),
        ([], "Batching is not enabled"),
        (5, "A request is a JSON object with the key query."),
    ],
)
async def test_what_is_no_request_is_said_in_the_shape_of_every_error(
    browser: AsyncClient, key: str, asked: Any, message: str
) -> None:
    status, (error,) = await refused(browser, key, asked)
    assert (status, error["extensions"]) == (400, {"code": "bad_request"})
    assert message in error["message"]


async def test_what_is_no_graphql_has_a_code_like_every_error(browser: AsyncClient, key: str) -> None:
    status, (error,) = await refused(browser, key, {"query": "{"})
    assert (status, error["extensions"]["code"]) == (200, "invalid_query")


async def test_a_token_that_is_unknown_is_refused_in_the_shape_of_every_error(browser: AsyncClient) -> None:
    status, (error,) = await refused(browser, "Bearer bilan_x", {"query": ME})
    assert (status, error["extensions"]["code"]) == (401, "unauthenticated")


CALENDAR = "lies outside of the calendar of reports, which goes from 1900-01-02 to 2299-12-30."


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ('period: {first: "2026-11-01", last: "9999-12-31"}', "period", f"9999-12-31 {CALENDAR}"),
        (
            'period: {first: "0001-01-01", last: "2026-11-28"}, zone: "Europe/Paris"',
            "period",
            f"0001-01-01 {CALENDAR}",
        ),
        (
            'period: {first: "1900-01-02", last: "2026-11-28"}, compare: PREVIOUS, interval: {unit: NONE}',
            "compare",
            "The days to compare with begin before 1900-01-02; choose a later period.",
        ),
        ('zone: "Mars/Base"', "zone", "Mars/Base is no time zone; write one like Europe/Paris or UTC."),
        (
            'zone: "../x"',
            "zone",
            "../x is no time zone; write one like Europe/Paris or UTC.",
        ),
    ],
)
async def test_days_and_zones_that_there_are_not_are_refused_with_their_field(
    browser: AsyncClient, key: str, arguments: str, field: str, message: str
) -> None:
    query = f"{{ email {{ events({arguments}) {{ previous {{ sends }} }} }} }}"
    status, (error,) = await refused(browser, key, {"query": query})
    assert (status, error["extensions"]) == (200, {"code": "invalid", "field": field})
    assert error["message"] == message


EDGES = (Path(__file__).parent / "cases" / "graphql-edges.graphql").read_text().splitlines()
ALONE = [line for line in EDGES if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("query", "extensions", "message"),
    list(
        zip(
            ALONE,
            (
                {"code": "invalid", "field": "period"},
                {"code": "invalid", "field": "period"},
                {"code": "invalid", "field": "zone"},
                {"code": "invalid_query"},
            ),
            ("9999-12-31", "0001-01-01", "Mars/Base is no time zone", "say in operationName which one"),
            strict=True,
        )
    ),
    ids=["last-day", "first-day", "zone", "operations"],
)
async def test_the_edges_that_once_broke_it_are_refused(
    browser: AsyncClient, key: str, query: str, extensions: dict[str, str], message: str
) -> None:
    """Of ``graphql-edges.graphql``."""
    status, (error,) = await refused(browser, key, {"query": query})
    assert (status, error["extensions"]) == (200, extensions)
    assert message in error["message"]


async def test_json_that_is_nested_too_deep_is_refused_as_what_it_is(browser: AsyncClient, key: str) -> None:
    body = '{"query": ' + "[" * 100_000 + "]" * 100_000 + "}"
    headers = {"authorization": key, "content-type": "application/json"}
    response = await browser.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert [one["message"] for one in response.json()["errors"]] == ["The request is nested too deep."]
