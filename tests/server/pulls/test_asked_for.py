"""Pulls through GraphQL and at the terminal, into a real warehouse."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from bilan.accounts import Principal
from bilan.app import Bilan
from bilan.graphql.context import Context
from bilan.graphql.schema import build_schema
from bilan.i18n import formatter_for
from bilan.operator import operator as operator_of
from bilan.query.session import QuerySession
from bilan.registry.declared import Registry
from bilan.sdk import Question
from bilan.settings import Settings
from fixtures.commands import Commands
from support.club import HOST, Answer, Club
from support.runs import until

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

PULL = """mutation ($id: ID!, $first: Date, $last: Date) {
  pullSource(id: $id, first: $first, last: $last) { id job state by first last }
}"""
FOUND = """query ($id: ID!) { pull(id: $id) {
  state new alreadyThere rejected requests done failure notes endedAt rejects { reason }
} }"""
STATUS = """{ source(id: "Alpine") { endsAt notes pulls(first: 5) { id } pulling {
  every hosts checked missing warning current { id } last { id new }
} } }"""


@pytest.fixture
async def club_bilan(
    warehouse_settings: Settings, club: Club, club_registry: Registry
) -> AsyncGenerator[Bilan]:
    """A server that knows the club."""
    settings = warehouse_settings.model_copy(update={"pull_private_hosts": f"{HOST}={club.origin}"})
    async with Bilan.open(settings, registry=club_registry, local=True) as opened:
        yield opened


async def asked(bilan: Bilan, actor: Principal, query: str, **variables: Any) -> Any:
    formatter = formatter_for(bilan.services.translator, "en", "UTC")
    context = Context(services=bilan.services, signed_in=actor, formatter=formatter)
    schema = build_schema(bilan.services.registry)
    answer = await schema.execute(query, variable_values=variables, context_value=context)
    if answer.errors:
        return [(one.extensions or {}).get("code") for one in answer.errors]
    return answer.data


async def worked(bilan: Bilan, actor: Principal, pull: str) -> dict[str, Any]:
    """The pull once it is over, which a worker does."""

    async def over() -> bool:
        await bilan.engine.requeue_stale()
        return (await asked(bilan, actor, FOUND, id=pull))["pull"]["endedAt"] is not None

    async with bilan.working():
        await until(over, 60.0)
    return (await asked(bilan, actor, FOUND, id=pull))["pull"]


async def test_profiles_are_connected_and_pulled_by_graphql(club_bilan: Bilan, club: Club) -> None:
    actor = await operator_of(club_bilan.services)
    club.albums["alpine"]["a07"]["likes"] = None
    kinds = (await asked(club_bilan, actor, "{ sourceKinds { key pulled findsProfiles } }"))["sourceKinds"]
    assert kinds == [{"key": "club", "pulled": True, "findsProfiles": True}]
    discover = """mutation ($settings: JSON!) { discoverProfiles(plugin: "club", kind: "club",
      settings: $settings) { id profiles { key name source } } }"""
    found = (await asked(club_bilan, actor, discover, settings={"token": "good"}))["discoverProfiles"]
    assert found["profiles"][0] == {"key": "alpine", "name": "Club alpine", "source": None}
    connect = 'mutation ($id: ID!) { connectProfiles(profiles: $id, keys: ["alpine"]) { id name } }'
    (source,) = (await asked(club_bilan, actor, connect, id=found["id"]))["connectProfiles"]
    await club_bilan.services.sources.change(actor, source["id"], name="Alpine", settings={"pulled": "never"})

    begun = (await asked(club_bilan, actor, PULL, id="Alpine"))["pullSource"]
    done = await worked(club_bilan, actor, begun["id"])

    assert (done["state"], done["new"], done["alreadyThere"], done["rejected"]) == ("SUCCEEDED", 7, 0, 1)
    assert done["rejects"] == [{"reason": "An album without likes."}]
    told = (await asked(club_bilan, actor, STATUS))["source"]
    assert told["pulling"] == {
        "every": None, "hosts": [HOST], "checked": "The token sees 2 clubs.", "missing": [],
        "warning": None, "current": None, "last": {"id": begun["id"], "new": 7},
    }  # fmt: skip
    assert (told["pulls"], told["endsAt"], told["notes"]) == ([{"id": begun["id"]}], None, [])
    services = club_bilan.services
    session = await services.query.session([source["id"]])
    assert isinstance(session, QuerySession)
    assert session(Question("club.albums", ("club.likes",))).totals == {"club.likes": sum(range(10, 17))}


async def test_what_cannot_be_is_refused_by_graphql(club_bilan: Bilan, club: Club) -> None:
    actor = await operator_of(club_bilan.services)
    await club_bilan.services.sources.add(
        actor, plugin="club", kind="club", name="Alpine", settings={"token": "good", "club": "alpine"}
    )
    check = 'mutation { checkSource(id: "Alpine") { said endsAt missing } }'
    checked = (await asked(club_bilan, actor, check))["checkSource"]
    assert checked == {"said": "The token sees 2 clubs.", "endsAt": None, "missing": []}
    club.first.append(Answer(403))
    assert await asked(club_bilan, actor, check) == ["forbidden"]
    assert await asked(club_bilan, actor, PULL, id="Alpine", first="2026-03-01") == ["invalid"]
    assert await asked(club_bilan, actor, PULL, id="Nowhere") == ["not_found"]
    begun = await asked(club_bilan, actor, PULL, id="Alpine", first="2026-03-02", last="2026-03-04")
    assert begun["pullSource"]["first"] == "2026-03-02"
    again = await asked(club_bilan, actor, PULL, id="Alpine", first="2026-03-05", last="2026-03-06")
    assert again == ["conflict"]
    stop = "mutation ($id: ID!) { cancelRun(id: $id) { state } }"
    stopped = await asked(club_bilan, actor, stop, id=begun["pullSource"]["job"])
    assert stopped == {"cancelRun": {"state": "CANCELLED"}}
    assert await asked(club_bilan, actor, "{ runs { edges { node { id } } } }") == {"runs": {"edges": []}}


def test_a_source_is_pulled_at_the_terminal(
    alone: Commands, club: Club, club_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_core: object) -> Registry:
        return club_registry

    monkeypatch.setattr("bilan.app.assembly.load", load)
    alone.environment["BILAN_PULL_PRIVATE_HOSTS"] = f"{HOST}={club.origin}"
    given = ["--setting", "token=good", "--setting", "club=alpine", "--setting", "pulled=never"]
    alone("sources", "add", "--plugin", "club", "--kind", "club", "--name", "Alpine", *given)

    assert alone("pull", "alpine") == "8 rows: 8 new, 0 already there, 0 rejected.\n"
    days = ("--from", "2026-03-02", "--to", "2026-03-04")
    assert alone("pull", "alpine", *days) == "3 rows: 0 new, 3 already there, 0 rejected.\n"
    club.tokens.clear()
    assert "does not accept the token" in alone.refusal("pull", "alpine")
