"""Short texts of GraphQL that would take long to read, and strangers who send them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, get_introspection_query, parse
from httpx2 import AsyncClient
from starlette.types import Message

from bilan.app import Bilan
from bilan.app.web import web_application
from bilan.graphql import reading
from bilan.graphql.reading import QueryReader, excess_of, read
from fixtures.mailing import Mailing

REPEATED = "{ workspace { " + "brand { colour } " * 490 + "} }"


def doubling(fragments: int) -> str:
    chain = " ".join(
        f"fragment F{one} on Workspace {{ ...F{one + 1} ...F{one + 1} }}" for one in range(fragments)
    )
    return f"{{ workspace {{ ...F0 }} }} {chain} fragment F{fragments} on Workspace {{ name }}"


def excess(text: str) -> str | None:
    found = excess_of(parse(text))
    return found.message if found else None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (REPEATED, "The query names too many fields alike: brand stands there 490 times."),
        ("{ " + "... on Query { me { name } } " * 201 + "}", "stands there 201 times."),
        ("{ a " + "".join(f"...F{n} " for n in range(201)) + "}"
         + "".join(f"fragment F{n} on Query {{ me }} " for n in range(201)), "me stands there 201 times."),
        (doubling(60), "The query selects more than 5000 fields."),
        (doubling(13).replace("name", "__typename"), "The query selects more than 5000 fields."),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
         "The fragment A leads back to itself."),
        ("{ me { name } } fragment A on Query { ...A }", "The fragment A leads back to itself."),
    ],
    ids=["repeated", "in parts", "in fragments", "doubled", "doubled less", "a circle", "unused"],
)  # fmt: skip
def test_what_would_take_long_to_validate_is_counted_first(text: str, said: str) -> None:
    assert (excess(text) or "").endswith(said)


@pytest.mark.parametrize(
    "text",
    [
        get_introspection_query(),
        "{ " + " ".join(f"a{one}: email {{ events {{ totals {{ ...T }} }} }}" for one in range(30)) + "}"
        "fragment T on X { sends delivered opens clicks bounces unsubscribes }",
        " ".join(f"query Q{one} {{ people {{ id name email role }} }}" for one in range(60)),
    ],
    ids=["introspection", "thirty figures", "sixty operations"],
)
def test_what_people_and_tools_ask_is_far_from_the_bounds(text: str) -> None:
    assert excess(text) is None


def test_nothing_is_compared_where_it_is_too_much(
    schema: strawberry.Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    def validate(*_given: object) -> None:
        raise AssertionError("validated")

    monkeypatch.setattr(reading, "validate_document", validate)

    assert [one.message[:36] for one in read(schema._schema, REPEATED, ()).errors] == [
        "The query names too many fields alik"
    ]


async def test_a_text_is_read_in_a_thread_and_only_once(
    schema: strawberry.Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, reader, once = list[str](), QueryReader(), reading.read

    def noted(*given: Any) -> reading.ReadQuery:
        where.append(threading.current_thread().name)
        return once(*given)

    monkeypatch.setattr(reading, "read", noted)
    first = await reader.read(schema._schema, "{ me { name } }", ())
    again = await reader.read(schema._schema, "{ me { name } }", ())

    assert [name.rpartition("_")[0] for name in where] == ["bilan-graphql"]
    assert again is first


def test_a_text_has_so_many_words(schema: strawberry.Schema) -> None:
    with pytest.raises(GraphQLError, match="more than 2000 tokens"):
        read(schema._schema, "{" + " a" * 2_000 + "}", ())


@pytest.mark.parametrize("text", [REPEATED, doubling(60)], ids=["repeated", "doubled"])
async def test_people_are_told_what_is_too_much(mailing: Mailing, browser: AsyncClient, text: str) -> None:
    token = await mailing.bilan.services.tokens.create(mailing.owner, "script", [])
    answer = await browser.post(
        "/graphql", json={"query": text}, headers={"authorization": f"Bearer {token.token}"}
    )

    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "invalid_query"
    assert error["message"].startswith("The query ")


async def test_of_a_stranger_nothing_is_read(bilan: Bilan) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body was read")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"7000")]
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "raw_path": b"/graphql", "root_path": "",
        "query_string": b"", "headers": headers, "client": ("203.0.113.7", 4711), "scheme": "http",
        "server": ("bilan.test", 80), "http_version": "1.1",
    }  # fmt: skip
    await web_application(bilan)(scope, receive, send)

    assert sent[0]["status"] == 401
    assert b'"code":"unauthenticated"' in sent[1]["body"]


async def test_the_schema_is_shown_to_strangers_where_that_is_set(
    bilan: Bilan, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"query": "{ __schema { queryType { name } } }"}
    assert (await browser.post("/graphql", json=asked)).status_code == 401
    assert (await browser.get("/graphql", params=asked)).status_code == 401

    monkeypatch.setattr(bilan.services.settings, "introspection", True)
    answer = await browser.post("/graphql", json=asked)
    assert answer.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
