"""Addresses of plugins: who may ask, what they are given, and facts written down before the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from httpx2 import ASGITransport, AsyncClient
from markupsafe import Markup

from bilan.accounts import Principal, Scope, SourceRole, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.app.web import web_application
from bilan.http.identity import COOKIE
from bilan.ingest.models import PostRow
from bilan.registry.declared import Registry
from bilan.sdk import (
    Fact,
    NotFound,
    PluginRoute,
    Question,
    RouteContext,
    RoutePage,
    RouteReply,
    RouteRequest,
    messages,
)
from bilan.sources import Source
from support.people import add_person

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("email")[0]
SEEN: list[RouteRequest] = []
SENT = datetime(2026, 3, 1, 10, tzinfo=UTC)


async def greet(request: RouteRequest, context: RouteContext) -> RouteReply:
    """Who asks, and what they ask."""
    SEEN.append(request)
    return RouteReply(f"{request.method} {request.path['name']} {context.actor}")


async def write(request: RouteRequest, context: RouteContext) -> RouteReply:
    """One fact of what was asked."""
    given = {**request.query, **request.form}
    campaign = given["campaign"]
    row = {"occurred_at": SENT, "kind": "sent", "campaign": campaign, "fact_id": campaign}
    await context.record(given["source"], [Fact(given.get("dataset", "email.events"), row)])
    return RouteReply.to(context.address("/written"))


async def count(request: RouteRequest, context: RouteContext) -> RoutePage:
    """How many were sent, as a page."""
    sent = await context.ask(
        lambda ask: ask(Question("email.events", ("email.sends",))).totals["email.sends"]
    )
    sources = ", ".join(f"{one.name} {one.editable}" for one in await context.sources())
    return RoutePage(_("Sends"), Markup("<p>{} of {}</p>").format(sent, sources))


async def missing(request: RouteRequest, context: RouteContext) -> RouteReply:
    """Nothing."""
    raise NotFound(_("Nothing is here."))


ROUTES = (
    PluginRoute("/greet/{name}", greet, open=True),
    PluginRoute("/met/{name}", greet),
    PluginRoute("/click", write, open=True),
    PluginRoute("/write", write, methods=("POST",)),
    PluginRoute("/count", count),
    PluginRoute("/missing", missing, open=True),
)


@pytest.fixture
async def client(bilan: Bilan, installed: Registry) -> AsyncGenerator[AsyncClient]:
    declared = tuple(
        replace(one, routes=ROUTES) if one.plugin.namespace == "email" else one for one in installed.declared
    )
    SEEN.clear()
    serving = replace(bilan, services=replace(bilan.services, registry=Registry(declared)))
    transport = ASGITransport(app=web_application(serving), client=("192.0.2.1", 1234))
    async with AsyncClient(transport=transport, base_url="http://bilan.test") as client:
        yield client


@pytest.fixture
async def source(bilan: Bilan, owner: Principal) -> Source:
    return await bilan.services.sources.add(owner, plugin="email", kind="file", name="Shop", settings={})


def said(answer: Any) -> str:
    return answer.json()["errors"][0]["message"]


async def test_nobody_is_known_at_an_open_route_not_even_who_is_signed_in(
    client: AsyncClient, owner_session: str
) -> None:
    cookie = {"cookie": f"{COOKIE}={owner_session}", "authorization-x": "kept"}

    answer = await client.get("/plugins/email/greet/ada", headers=cookie)

    assert (answer.status_code, answer.text) == (200, "GET ada None")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "cookie" not in SEEN[0].headers
    assert SEEN[0].headers["authorization-x"] == "kept"


async def test_what_strangers_write_into_an_address_is_bounded(client: AsyncClient) -> None:
    many = "&".join(f"{number:x}" for number in range(10_000))
    await client.get(f"/plugins/email/greet/ada?a=1&a=2&long={'x' * 5000}&odd=%00%1b%0Ab%E2%80%AEc&{many}")
    await client.head("/plugins/email/greet/%00b%1f")

    (first, second) = SEEN
    assert first.query["a"] == "1"
    assert first.query["long"] == "x" * 2000
    assert first.query["odd"] == "\nb\u202ec"
    assert len(first.query) == 100
    assert (second.method, second.path) == ("HEAD", {"name": "b"})


async def test_strangers_are_sent_to_sign_in_and_a_token_that_reads_writes_nothing(
    client: AsyncClient, bilan: Bilan, owner: Principal, source: Source
) -> None:
    reading = await bilan.services.tokens.create(owner, "reading", [Scope.READ])
    bearer = {"authorization": f"Bearer {reading.token}"}
    form = {"source": str(source.id), "campaign": "a"}

    assert (await client.get("/plugins/email/met/ada")).status_code == 401
    assert (await client.post("/plugins/email/write", data=form)).status_code == 401
    assert (await client.get("/plugins/email/met/ada", headers=bearer)).status_code == 200
    refused = await client.post("/plugins/email/write", data=form, headers=bearer)
    assert (refused.status_code, said(refused)) == (403, "This takes a token with the scope write.")
    assert (await client.post("/plugins/email/met/ada", headers=bearer)).status_code == 405
    assert await PostRow.all().count() == 0


async def test_who_may_not_import_into_a_source_records_nothing_there(
    client: AsyncClient, bilan: Bilan, owner: Principal, source: Source
) -> None:
    member, password = await add_person(bilan.services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    session = await bilan.services.sessions.sign_in("mia@example.org", password, ip="192.0.2.1")
    mine = {"cookie": f"{COOKIE}={session.token}", "sec-fetch-site": "same-origin"}
    form = {"source": str(source.id), "campaign": "a"}

    unknown = await client.post("/plugins/email/write", data=form, headers=mine)
    await bilan.services.sources.grant(owner, source.id, member.id, SourceRole.GUEST)
    guest = await client.post("/plugins/email/write", data=form, headers=mine)
    page = await client.get("/plugins/email/count", headers=mine)
    forged = await client.post(
        "/plugins/email/write", data=form, headers=mine | {"sec-fetch-site": "cross-site"}
    )
    await bilan.services.sources.grant(owner, source.id, member.id, SourceRole.EDITOR)
    editor = await client.post("/plugins/email/write", data=form, headers=mine)

    assert (unknown.status_code, said(unknown)) == (404, "There is no such source.")
    assert guest.status_code == forged.status_code == 403
    assert "<p>0 of Shop False</p>" in page.text
    assert "<h1>Sends</h1>" in page.text
    assert (editor.status_code, editor.headers["location"]) == (303, "/plugins/email/written")
    assert await PostRow.all().count() == 1


async def test_recorded_facts_are_written_down_before_the_answer_and_count_once(
    client: AsyncClient, bilan: Bilan, source: Source
) -> None:
    for campaign in ("spring", "spring", "summer"):
        answer = await client.get(f"/plugins/email/click?source={source.id}&campaign={campaign}")
        assert answer.status_code == 303
    assert await PostRow.filter(recorded=True).count() == 3

    await bilan.appender.drain()

    session = await bilan.services.query.session([source.id])
    rows = list(session.rows("email.events", ("occurred_at", "campaign")))
    assert sorted(row["campaign"] for row in rows) == ["spring", "summer"]
    assert {row["occurred_at"] for row in rows} == {SENT}


async def test_facts_that_could_not_be_used_are_refused_before_they_are_written_down(
    client: AsyncClient, source: Source
) -> None:
    there = f"/plugins/email/click?source={source.id}&campaign=a"

    foreign = await client.get(f"{there}&dataset=whatsapp.log")
    unknown = await client.get(f"{there}&dataset=email.nothing")
    elsewhere = await client.get(f"/plugins/email/click?source={UUID(int=9)}&campaign=a")

    assert said(foreign) == "A route of email records no facts of whatsapp.log."
    assert said(unknown) == "No plugin declares the dataset email.nothing."
    assert (elsewhere.status_code, said(elsewhere)) == (404, "There is no such source.")
    assert await PostRow.all().count() == 0


async def test_one_address_of_strangers_records_sixty_times_a_minute_and_keeps_nobody_else_out(
    client: AsyncClient, bilan: Bilan, source: Source
) -> None:
    there = f"/plugins/email/click?source={source.id}&campaign=a"
    answers = [(await client.get(there)).status_code for _time in range(61)]
    client._transport.client = ("192.0.2.2", 1234)  # type: ignore[attr-defined]

    assert answers == [303] * 60 + [429]
    assert (await client.get(there)).status_code == 303


async def test_a_post_cannot_pass_for_recorded_facts(
    client: AsyncClient, bilan: Bilan, owner: Principal
) -> None:
    hooked = await bilan.services.sources.add(
        owner, plugin="email", kind="postmark", name="Hooked", settings={"verify": "off"}
    )
    row = {"occurred_at": SENT.isoformat(), "kind": "sent", "fact_id": "x"}

    posted = await client.post(f"/hooks/{hooked.address}?recorded=1", json=[["email.events", row, False]])
    await bilan.appender.drain()

    admin = await principal_for(owner.person) if owner.person else None
    assert posted.status_code == 200
    assert admin is not None
    assert (await bilan.services.rejects.counts(admin, hooked.id)).accepted == 0


async def test_a_refusal_is_a_page_for_people_and_json_for_programs(client: AsyncClient) -> None:
    program = await client.get("/plugins/email/missing")
    person = await client.get("/plugins/email/missing", headers={"accept": "text/html"})

    assert (program.status_code, said(program)) == (404, "Nothing is here.")
    assert person.status_code == 404
    assert '<p class="lead">Nothing is here.</p>' in person.text
