"""Fields that commands ask for: the operator's alone, or anybody's who may do the same on a page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bilan.accounts import Scope, SourceRole, WorkspaceRole
from bilan.ingest.imports import NewUpload
from fixtures.bilan import Query
from fixtures.commands import EVENTS
from fixtures.mailing import Mailing, by_token

TOKEN = """mutation { createToken(email: "olga@example.org", name: "Till", scopes: [READ], days: 7) {
  token info { name scopes }
} }"""
PERSON = 'mutation { addPerson(email: "kim@example.org", role: ADMIN) { person { name role } link } }'


def codes(result: Any) -> list[Any]:
    return [error.extensions["code"] for error in result.errors or ()]


async def test_the_operator_makes_a_token_for_somebody(asking: Query, mailing: Mailing) -> None:
    operator = await mailing.bilan.services.accounts.operator()
    made = (await asking(TOKEN, operator)).data["createToken"]
    assert made["info"] == {"name": "Till", "scopes": ["READ"]}
    holder = await mailing.bilan.services.tokens.principal_of(made["token"])
    assert (holder.person, holder.scopes) == (mailing.owner.person, frozenset({Scope.READ}))


async def test_nobody_else_makes_a_token_for_somebody_not_even_the_owner(
    asking: Query, mailing: Mailing
) -> None:
    result = await asking(TOKEN, mailing.owner)
    assert codes(result) == ["forbidden"]
    assert result.errors[0].message == (
        "Only the operator may do this, with a command at the server's own machine."
    )
    assert await mailing.bilan.services.tokens.list(mailing.owner) == ()


async def test_who_manages_people_adds_one_and_is_told_the_link_by_which_they_choose_a_password(
    asking: Query, mailing: Mailing
) -> None:
    services = mailing.bilan.services
    added = (await asking(PERSON, mailing.owner)).data["addPerson"]
    assert added["person"] == {"name": "kim", "role": "ADMIN"}
    token = added["link"].removeprefix(f"{services.settings.public_url}/welcome/")
    await services.password_links.choose(token, "a password of kim's")
    await services.sessions.sign_in("kim@example.org", "a password of kim's", ip="127.0.0.1")


async def test_an_owner_has_nobody_choose_another_password_and_the_operator_does(
    asking: Query, mailing: Mailing
) -> None:
    await mailing.person("Gus")
    issue = 'mutation { issuePasswordLink(email: "gus@example.org") { link } }'
    assert codes(await asking(issue, mailing.owner)) == ["forbidden"]
    operator = await mailing.bilan.services.accounts.operator()
    assert "/welcome/" in (await asking(issue, operator)).data["issuePasswordLink"]["link"]


async def test_a_member_adds_nobody(asking: Query, mailing: Mailing) -> None:
    gus = await mailing.person("Gus")
    assert codes(await asking(PERSON, gus)) == ["forbidden"]
    assert len(await mailing.bilan.services.accounts.list(mailing.owner)) == 2


@pytest.mark.parametrize("parameters", ["[1]", '"text"'])
async def test_parameters_that_are_no_object_are_refused(
    asking: Query, mailing: Mailing, parameters: str
) -> None:
    build = f'mutation {{ buildKind(kind: "email.campaign", parameters: {parameters}) {{ id }} }}'
    result = await asking(build, mailing.owner)
    assert [error.extensions for error in result.errors] == [{"code": "invalid", "field": "parameters"}]


async def test_a_kind_is_built_by_its_key_with_parameters_as_text(asking: Query, mailing: Mailing) -> None:
    build = """mutation { buildKind(
      kind: "email.campaign", parameters: {period: "2026-02-01..2026-02-28"}, formats: ["csv"], language: "fr"
    ) { kind parameters steps { format } } }"""
    run = (await asking(build, mailing.owner)).data["buildKind"]
    assert run["kind"] == "email.campaign"
    assert run["parameters"]["period"] == "2026-02-01..2026-02-28"
    assert [step["format"] for step in run["steps"]] == [None, "csv"]


async def test_an_import_is_started_and_seen_by_those_who_may_import(
    asking: Query, mailing: Mailing, tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    file.write_text(EVENTS)
    upload = await mailing.bilan.services.imports.upload(
        mailing.owner, mailing.shop.id, NewUpload("events.csv", file)
    )
    start = f'mutation {{ startImport(id: "{upload.id}") {{ job }} }}'
    shown = f'{{ import(id: "{upload.id}") {{ name reader accepted rejected job rejects {{ reason }} }} }}'

    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    assert codes(await asking(start, guest)) == ["forbidden"]
    assert codes(await asking(shown, guest)) == ["forbidden"]
    reading = replace(by_token(mailing.owner, Scope.READ), role=WorkspaceRole.OWNER)
    assert codes(await asking(start, reading)) == ["forbidden"]

    job = (await asking(start, mailing.owner)).data["startImport"]["job"]
    assert (await asking(shown, mailing.owner)).data["import"] == {
        "name": "events.csv", "reader": "table", "accepted": 0, "rejected": 0, "job": job, "rejects": [],
    }  # fmt: skip
    assert codes(await asking(start, mailing.owner)) == ["conflict"]
