"""Answers that are kept: the same again, and never one that is no longer right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient, Response

from bilan.accounts import Permission, Principal, Scope, SourceRole
from bilan.accounts.models import ApiToken
from bilan.accounts.tokens import USED_EVERY
from bilan.clock import FrozenClock
from bilan.manifest.moments import Moments
from bilan.query.kept import FOR_ONE, KeptAnswers
from bilan.sources import Source
from bilan.warehouse import Warehouse
from fixtures.email_reports import MailRoom
from fixtures.mailing import Mailing

SENDS = "{ email { events { totals { sends } } } }"
DAY = '{ email { events(period: {first: "2026-03-02", last: "2026-03-02"}) { totals { sends } } } }'
FACTS = '{ email { eventsFacts(recipient: "bob@b.org") { nodes { kind } } } }'
MANY = "query ($kinds: [String!]) { email { events(filters: {kind: {any: $kinds}}) { totals { sends } } } }"


@dataclass
class Program:
    """Somebody's program, which asks again and again."""

    client: AsyncClient
    token: str
    asked: list[str]

    async def __call__(self, query: str, **more: Any) -> Any:
        response = await self.post(query, **more)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, query: str, variables: Any = None, **headers: str) -> Response:
        given = {"authorization": f"Bearer {self.token}", **headers}
        return await self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=given
        )

    async def sends(self, query: str = SENDS) -> int:
        return (await self(query))["data"]["email"]["events"]["totals"]["sends"]

    def statements(self) -> int:
        """How many statements the engine got since the last time."""
        count = len(self.asked)
        self.asked.clear()
        return count


@dataclass
class Scene:
    """A server whose engine is listened to."""

    mailing: Mailing
    client: AsyncClient
    asked: list[str] = field(default_factory=list[str])

    @property
    def kept(self) -> KeptAnswers:
        return self.mailing.bilan.services.kept_answers

    async def program(self, actor: Principal | None = None, days: int | None = 9) -> Program:
        tokens = self.mailing.bilan.services.tokens
        made = await tokens.create(actor or self.mailing.owner, "lab", [Scope.READ], days=days)
        return Program(self.client, made.token, self.asked)

    async def arrive(self, source: Source, *rows: dict[str, Any], moments: Moments | None = None) -> None:
        """Facts arrive as the appender writes them."""
        bilan = self.mailing.bilan
        room = MailRoom(bilan.services.warehouse, bilan.services.registry, bilan.services.files)
        async with (moments or bilan.moments).turn("test") as turn:
            at = turn.moment + timedelta(seconds=1)
            complete = [{"kind": "sent", "recipient": "new@a.org", "fact_id": str(at), **row} for row in rows]
            room.numbers = iter([0] * 9)
            room.events(*complete, source=source.id, at=at)
            days = {row["occurred_at"].date() for row in rows}
            async with bilan.services.catalog.transaction():
                await turn.close({("email.events", source.id): days})


@pytest.fixture
async def scene(mailing: Mailing, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene(mailing, browser)
    for name in ("query", "encoded"):
        monkeypatch.setattr(Warehouse, name, _listening(getattr(Warehouse, name), made.asked))
    return made


def _listening(call: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def listening(warehouse: Warehouse, sql: str, *given: Any, **named: Any) -> Any:
        asked.append(sql)
        return call(warehouse, sql, *given, **named)

    return listening


def ident(actor: Principal) -> UUID:
    assert actor.person is not None
    return actor.person


def march(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


# ---- the same again -----------------------------------------------------------------------------


@pytest.mark.parametrize("query", [SENDS, DAY, FACTS, "{ __typename email { __typename " + SENDS[10:]])
async def test_a_question_that_is_asked_again_is_not_put_to_the_engine(scene: Scene, query: str) -> None:
    program = await scene.program()
    first = await program.post(query)
    assert program.statements() == 1
    again = await program.post(query)
    assert (again.content, again.headers["content-type"]) == (first.content, first.headers["content-type"])
    assert (program.statements(), scene.kept.given, scene.kept.made) == (0, 1, 1)
    # What the layers around it add is of its own request.
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert again.headers["cache-control"] == "no-store"


async def test_what_is_given_again_is_parsed_by_nobody(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    program = await scene.program()
    before = await program(SENDS)

    def refuse(*_given: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr("bilan.graphql.view.Endpoint.parse_json", refuse)
    assert await program(SENDS) == before


async def test_other_variables_are_another_question(scene: Scene) -> None:
    program = await scene.program()
    for kinds, sends in ((["sent"], 4), (["opened"], 0), (None, 4), ([], 4), ("sent", 4), (["sent"], 4)):
        answer = await program(MANY, variables={"kinds": kinds})
        assert answer["data"]["email"]["events"]["totals"]["sends"] == sends
    assert program.statements() == 5


async def test_another_language_is_another_answer(scene: Scene) -> None:
    program = await scene.program()
    query = "{ email { events(period: {preset: THIS_MONTH}, by: [TAGS]) { notes } } }"
    english = await program.post(query, **{"accept-language": "en"})
    french = await program.post(query, **{"accept-language": "fr"})
    assert english.json() != french.json()
    assert (await program.post(query, **{"accept-language": "fr"})).content == french.content
    assert program.statements() == 2


# ---- never stale --------------------------------------------------------------------------------


async def test_a_fact_that_arrives_is_in_the_next_answer(scene: Scene) -> None:
    program = await scene.program()
    assert [await program.sends(), await program.sends(), program.statements()] == [4, 4, 1]
    await scene.arrive(scene.mailing.shop, {"occurred_at": march(20)})
    assert [await program.sends(), await program.sends(), program.statements()] == [5, 5, 1]


async def test_days_that_nothing_arrived_for_stay_kept(scene: Scene) -> None:
    program = await scene.program()
    assert [await program.sends(DAY), program.statements()] == [1, 1]
    await scene.arrive(scene.mailing.shop, {"occurred_at": march(20)})
    assert [await program.sends(DAY), program.statements()] == [1, 0]
    await scene.arrive(scene.mailing.shop, {"occurred_at": march(2, 0)})
    assert [await program.sends(DAY), program.statements()] == [2, 1]


async def test_what_another_process_writes_is_seen(scene: Scene) -> None:
    program = await scene.program()
    assert await program.sends() == 4
    bilan = scene.mailing.bilan
    other = Moments(bilan.services.catalog, bilan.services.clock, bilan.services.warehouse)
    await scene.arrive(scene.mailing.lab, {"occurred_at": march(20)}, moments=other)
    assert await program.sends() == 5


async def test_two_people_who_ask_the_same_get_their_own_answers(scene: Scene) -> None:
    mailing = scene.mailing
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    programs = [await scene.program(), await scene.program(guest), await scene.program(guest)]
    for _turn in range(2):
        assert [await program.sends() for program in programs] == [4, 3, 3]
    curious = await programs[1](FACTS)
    assert curious["errors"][0]["extensions"]["code"] == "forbidden"
    assert "errors" not in await programs[0](FACTS)
    assert (await programs[1](FACTS))["errors"][0]["extensions"]["code"] == "forbidden"


async def test_a_role_on_a_source_counts_at_once(scene: Scene) -> None:
    mailing = scene.mailing
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    program, grant = await scene.program(guest), mailing.bilan.services.sources.grant
    assert await program.sends() == 3
    await grant(mailing.owner, mailing.lab.id, ident(guest), SourceRole.GUEST)
    assert await program.sends() == 4
    await grant(mailing.owner, mailing.shop.id, ident(guest), None)
    assert await program.sends() == 1


async def test_a_permission_that_is_taken_away_counts_at_once(scene: Scene) -> None:
    mailing = scene.mailing
    reader = await mailing.person(
        "Tess", shop=SourceRole.GUEST, permissions=(Permission.EXPORT_CONTACT_DATA,)
    )
    program = await scene.program(reader)
    assert "errors" not in await program(FACTS)
    await mailing.bilan.services.accounts.set_permissions(mailing.owner, ident(reader), ())
    assert (await program(FACTS))["errors"][0]["extensions"]["code"] == "forbidden"


async def test_another_name_of_a_source_counts_at_once(scene: Scene) -> None:
    program, query = await scene.program(), "{ email { events(by: [SOURCE]) { rows { source sends } } } }"
    await program(query)
    await scene.mailing.bilan.services.sources.change(
        scene.mailing.owner, scene.mailing.lab.id, name="Laboratory"
    )
    rows = (await program(query))["data"]["email"]["events"]["rows"]
    assert {row["source"]: row["sends"] for row in rows} == {"Shop": 3, "Laboratory": 1}


async def test_a_token_that_is_revoked_is_refused_at_its_next_request(scene: Scene) -> None:
    program, tokens = await scene.program(), scene.mailing.bilan.services.tokens
    await program(SENDS)
    (info,) = await tokens.list(scene.mailing.owner)
    await tokens.revoke(scene.mailing.owner, info.id)
    assert (await program.post(SENDS)).status_code == 401


async def test_a_person_who_is_deactivated_is_refused_at_the_next_request(scene: Scene) -> None:
    mailing = scene.mailing
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    program = await scene.program(guest)
    await program(SENDS)
    await mailing.bilan.services.accounts.deactivate(mailing.owner, ident(guest))
    assert (await program.post(SENDS)).status_code == 401


# ---- time ---------------------------------------------------------------------------------------


def set_to(clock: FrozenClock, at: datetime) -> None:
    clock.move(at - clock.now())


@pytest.fixture
def clock(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """A clock that the test moves on, for all that looks at the time."""
    services = scene.mailing.bilan.services
    frozen = FrozenClock(services.clock.now())
    monkeypatch.setattr(services.clock, "now", frozen.now, raising=False)
    return frozen


async def test_last_seven_days_are_others_after_midnight_of_the_zone(
    scene: Scene, clock: FrozenClock
) -> None:
    program = await scene.program()
    query = (
        '{ email { events(period: {preset: LAST_7_DAYS}, zone: "Asia/Tokyo") { period { first last } } } }'
    )
    set_to(clock, datetime(2026, 12, 1, 14, 59, 59, tzinfo=UTC))
    before = await program(query)
    assert before["data"]["email"]["events"]["period"] == {"first": "2026-11-24", "last": "2026-11-30"}
    assert await program(query) == before
    assert program.statements() == 1
    set_to(clock, datetime(2026, 12, 1, 15, 0, tzinfo=UTC))
    after = await program(query)
    assert after["data"]["email"]["events"]["period"] == {"first": "2026-11-25", "last": "2026-12-01"}


async def test_a_day_that_ends_is_no_longer_said_to_run(scene: Scene, clock: FrozenClock) -> None:
    program = await scene.program()
    query = (
        '{ email { events(period: {first: "2026-11-30", last: "2026-12-02"}, interval: {unit: DAY}) '
        "{ rows { bucket { unfinished } } } } }"
    )

    async def running() -> list[bool]:
        rows = (await program(query))["data"]["email"]["events"]["rows"]
        return [row["bucket"]["unfinished"] for row in rows]

    set_to(clock, datetime(2026, 12, 1, 23, 59, tzinfo=UTC))
    assert [await running(), await running()] == [[False, True, True]] * 2
    set_to(clock, datetime(2026, 12, 2, 0, 0, 2, tzinfo=UTC))
    assert await running() == [False, False, True]


async def test_a_token_whose_time_is_over_is_refused(scene: Scene, clock: FrozenClock) -> None:
    program = await scene.program(days=1)
    await program(SENDS)
    set_to(clock, clock.now() + timedelta(days=1))
    assert (await program.post(SENDS)).status_code == 401


async def test_a_token_that_is_given_kept_answers_is_in_use(scene: Scene, clock: FrozenClock) -> None:
    program = await scene.program()
    await program(SENDS)
    set_to(clock, clock.now() + USED_EVERY)
    await program(SENDS)
    assert program.statements() == 1
    await scene.mailing.bilan.services.tokens.last_used.written()
    assert (await ApiToken.get(name="lab")).last_used_at == clock.now()


# ---- what is not kept ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "{ me { email } " + SENDS[2:],
        "{ __schema { queryType { name } } " + SENDS[2:],
        "{ sources { name } }",
        "mutation { startImport(upload: \"x\") { id } }",
        "{ email { events(limit: 0) { totals { sends } } } }",
        "{ email { events { nothing } } }",
        "{ email { events { totals { sends } } a: events(limit: 0) { totals { sends } } } }",
        "{ email { ...F } me { ...G } } fragment F on Email { events { asOf } } fragment G on Me { email }",
        "query A { me { email } } query B { email { events { totals { sends } } } }",
    ],
)  # fmt: skip
async def test_nothing_else_is_kept(scene: Scene, query: str) -> None:
    program = await scene.program()
    await program.post(query)
    await program.post(query)
    assert (scene.kept.given, scene.kept.size) == (0, 0)


async def test_a_browser_is_given_nothing_kept(scene: Scene, owner_session: str) -> None:
    scene.client.cookies.set("bilan_session", owner_session)
    for _turn in range(2):
        answer = await scene.client.post(
            "/graphql", json={"query": SENDS}, headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.json()["data"]["email"]["events"]["totals"] == {"sends": 4}
    assert (scene.kept.given, scene.kept.size) == (0, 0)


# ---- room ---------------------------------------------------------------------------------------


async def test_what_was_asked_for_last_stays(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    program = await scene.program()
    await program(SENDS)
    room = (scene.kept.size + 100) * FOR_ONE
    monkeypatch.setattr(scene.kept, "_most", room)
    queries = [f"{{ email {{ events {{ totals {{ sends a{n}: sends }} }} }} }}" for n in range(3 * FOR_ONE)]
    for query in queries:
        await program(SENDS)
        await program(query)
    assert room / 2 < scene.kept.size <= room
    program.statements()
    await program(SENDS)
    await program(queries[-1])
    assert program.statements() == 0
    await program(queries[0])
    assert program.statements() == 1


async def test_a_long_answer_is_not_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    program = await scene.program()
    await program(SENDS)
    monkeypatch.setattr(scene.kept, "_most", scene.kept.size * FOR_ONE - 1)
    await program(DAY)
    await program(DAY)
    assert program.statements() == 3


async def test_a_server_that_keeps_nothing_asks_each_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.kept, "_most", 0)
    program = await scene.program()
    assert [await program.sends(), await program.sends(), program.statements()] == [4, 4, 2]
