"""One app posts for several sources to one address, and asks by GET whether it is the right one."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.http.middleware import ActiveCatalog
from bilan.http.webhooks import LONGEST_REPLY, Webhooks
from bilan.ingest import Inbox
from bilan.ingest.models import PostRow
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.sdk import (
    SECRET,
    Fact,
    Invalid,
    Parameter,
    ParameterKind,
    Plugin,
    Reply,
    Settings,
    SourceKind,
    Unauthenticated,
    WebhookRequest,
    hookimpl,
    messages,
)
from bilan.settings import Settings as ServerSettings
from bilan.sources import Source, Sources
from fixtures.ingest import NOW

pytestmark = pytest.mark.requirement("AC-02")

_ = messages("exchange")[0]


class Exchange:
    """A list of calls, each on a line; proved by a header, greeted by the same word."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        if not settings["secret"] or request.headers.get("x-secret") != settings["secret"]:
            raise Unauthenticated(_("The secret is missing or wrong."))

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        if "challenge" not in request.query:
            return None
        if not settings["secret"] or request.query.get("token") != settings["secret"]:
            raise Unauthenticated(_("The token is missing or wrong."))
        return Reply(request.query["challenge"])

    def split(self, request: WebhookRequest) -> Mapping[str, bytes]:
        try:
            calls = json.loads(request.body)
        except ValueError:
            raise Invalid(_("The body is no JSON.")) from None
        lines = dict.fromkeys(call["line"] for call in calls)
        return {line: json.dumps([c for c in calls if c["line"] == line]).encode() for line in lines}

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact]:
        return ()


class ExchangePlugin:
    """A plugin with one kind, whose sources are the lines of exchanges."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin("exchange", "exchange", _("Exchange"), "fixtures")

    @hookimpl
    def register_sources(self) -> tuple[SourceKind, ...]:
        line = Parameter("line", _("Line"), ParameterKind.TEXT, default="")
        calls = _("Calls.")
        return (SourceKind("line", _("Line"), calls, (line, SECRET), Exchange(), routed_by="line"),)


@pytest.fixture
def registry() -> Registry:
    return load([("exchange", ExchangePlugin())], installed=False)


@pytest.fixture
def sources(sqlite_catalog: Catalog, clock: FrozenClock, registry: Registry) -> Sources:
    return Sources(sqlite_catalog, clock, registry, b"key")


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Principal:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
async def client(
    sqlite_catalog: Catalog, sources: Sources, registry: Registry, clock: FrozenClock, tmp_path: Path
) -> AsyncGenerator[httpx2.AsyncClient]:
    inbox = Inbox(sqlite_catalog, limit=100)
    webhooks = Webhooks(ServerSettings(data_dir=tmp_path), sources, inbox, registry, clock, Meters())
    app = Starlette(routes=[webhooks.route()], middleware=[Middleware(ActiveCatalog, sqlite_catalog)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://bilan") as client:
        yield client


class Lines:
    """Adds sources, posts calls to them, and says which source was given which."""

    def __init__(self, client: httpx2.AsyncClient, sources: Sources, operator: Principal) -> None:
        self.client, self.sources, self.operator = client, sources, operator

    async def add(self, name: str, line: str, secret: str = "one", **settings: str) -> Source:
        """A source of this line."""
        given = {"line": line, "secret": secret, **settings}
        return await self.sources.add(
            self.operator, plugin="exchange", kind="line", name=name, settings=given
        )

    async def post(self, source: Source, *lines: str, secret: str = "one") -> httpx2.Response:
        """Calls on these lines at the source's address."""
        body = json.dumps([{"line": line, "call": number} for number, line in enumerate(lines)])
        return await self.client.post(
            f"/hooks/{source.address}", content=body.encode(), headers={"x-secret": secret}
        )

    async def given(self) -> dict[str, list[list[str]]]:
        """For each source by name, the lines of each post that it was given."""
        names = {one.id: one.name for one in await self.sources.list(self.operator)}
        found: dict[str, list[list[str]]] = {}
        for row in await PostRow.all().order_by("id"):
            calls: list[dict[str, Any]] = json.loads(row.body)
            found.setdefault(names[row.source], []).append([call["line"] for call in calls])
        return found


@pytest.fixture
def lines(client: httpx2.AsyncClient, sources: Sources, operator: Principal) -> Lines:
    return Lines(client, sources, operator)


async def test_a_post_at_any_address_of_an_app_reaches_the_sources_it_names(lines: Lines) -> None:
    lille, lyon = await lines.add("Lille", "L1"), await lines.add("Lyon", "L2")

    answers = [await lines.post(lille, "L1", "L2", "L1"), await lines.post(lyon, "L1")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert await lines.given() == {"Lille": [["L1", "L1"], ["L1"]], "Lyon": [["L2"]]}


async def test_a_post_for_one_source_is_written_down_as_it_came(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")
    body = b'[ {"line": "L1"} ]'

    await lines.client.post(f"/hooks/{lille.address}", content=body, headers={"x-secret": "one"})

    assert (await PostRow.get()).body == body


async def test_a_source_of_another_app_is_given_nothing(lines: Lines) -> None:
    lille, _lyon = await lines.add("Lille", "L1"), await lines.add("Lyon", "L2", secret="two")

    assert (await lines.post(lille, "L2")).status_code == 200

    # The addressed source keeps it, to tell of it with its rejects.
    assert await lines.given() == {"Lille": [["L2"]]}


async def test_posts_without_proof_reach_no_source_that_asks_for_one(lines: Lines) -> None:
    open_to_all = await lines.add("Open", "L1", verify="off")
    await lines.add("Lyon", "L2")

    assert (await lines.post(open_to_all, "L2", secret="")).status_code == 200

    assert await lines.given() == {"Open": [["L2"]]}


async def test_a_post_that_proves_nothing_reaches_nobody(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")
    await lines.add("Open", "L2", verify="off")

    assert (await lines.post(lille, "L2", secret="wrong")).status_code == 401

    assert await lines.given() == {}


async def test_what_no_source_names_goes_to_one_that_names_nothing(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")
    await lines.add("Others", "")

    await lines.post(lille, "L9", "L1")

    assert await lines.given() == {"Others": [["L9"]], "Lille": [["L1"]]}


async def test_a_removed_source_is_given_nothing(lines: Lines) -> None:
    lille, lyon = await lines.add("Lille", "L1"), await lines.add("Lyon", "L2")
    await lines.sources.remove(lines.operator, lyon.id)

    await lines.post(lille, "L2")

    assert await lines.given() == {"Lille": [["L2"]]}


async def test_a_source_added_or_renamed_to_a_line_is_found_at_once(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")
    await lines.post(lille, "L1")
    lyon = await lines.add("Lyon", "L2")
    await lines.post(lille, "L2")
    await lines.sources.change(lines.operator, lyon.id, settings={"line": "L3"})
    await lines.post(lille, "L3")

    assert await lines.given() == {"Lille": [["L1"]], "Lyon": [["L2"], ["L3"]]}


async def test_a_body_that_cannot_be_split_is_kept_by_the_source_it_was_sent_to(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")

    answer = await lines.client.post(f"/hooks/{lille.address}", content=b"{", headers={"x-secret": "one"})

    assert answer.status_code == 200
    assert [(row.source, row.body) for row in await PostRow.all()] == [(lille.id, b"{")]


async def test_a_handshake_is_answered_with_what_it_asks_for(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")
    address = f"/hooks/{lille.address}"

    right = await lines.client.get(address, params={"challenge": "1158201444", "token": "one"})
    wrong = await lines.client.get(address, params={"challenge": "1158201444", "token": "two"})

    assert (right.status_code, right.text) == (200, "1158201444")
    assert right.headers["content-type"] == "text/plain; charset=utf-8"
    assert (wrong.status_code, wrong.json()["errors"][0]["message"]) == (
        401,
        "The token is missing or wrong.",
    )
    assert await PostRow.all().count() == 0


async def test_a_source_without_a_secret_greets_nobody(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1", secret="")

    for token in ("", "None"):
        asked = {"challenge": "1", "token": token}
        assert (await lines.client.get(f"/hooks/{lille.address}", params=asked)).status_code == 401


@pytest.mark.parametrize("query", ["", "?token=one"])
async def test_another_question_by_get_is_answered_as_before(lines: Lines, query: str) -> None:
    lille = await lines.add("Lille", "L1")

    answer = await lines.client.get(f"/hooks/{lille.address}{query}")

    assert (answer.status_code, answer.json()) == (200, {"ready": True})


async def test_a_handshake_gives_back_no_more_than_a_short_text(lines: Lines) -> None:
    lille = await lines.add("Lille", "L1")
    asked = {"challenge": "x" * (LONGEST_REPLY + 1), "token": "one"}

    answer = await lines.client.get(f"/hooks/{lille.address}", params=asked)

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        422, "The answer to this handshake would be too long.",
    )  # fmt: skip
