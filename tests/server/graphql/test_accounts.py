"""People, their rights and their tokens through GraphQL; a refusal changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bilan.accounts import Permission, Principal, Scope, SourceRole, WorkspaceRole
from fixtures.bilan import Query
from fixtures.mailing import Mailing, by_token

PEOPLE = "{ people { email role active permissions sourceRoles { source role } } }"


async def people(asking: Query, actor: Principal) -> dict[str, Any]:
    result = await asking(PEOPLE, actor)
    assert result.errors is None, result.errors
    return {person.pop("email").partition("@")[0]: person for person in result.data["people"]}


async def test_who_asks_is_told_who_they_are(asking: Query, mailing: Mailing) -> None:
    result = await asking("{ me { name email role permissions via zone language } }", mailing.owner)
    assert result.data["me"] == {
        "name": "Olga",
        "email": "olga@example.org",
        "role": "OWNER",
        "permissions": ["EXPORT_CONTACT_DATA"],
        "via": "session",
        "zone": "UTC",
        "language": "en",
    }


async def test_people_and_their_roles_are_listed(asking: Query, mailing: Mailing) -> None:
    await mailing.person("Gus", shop=SourceRole.GUEST)
    assert await people(asking, mailing.owner) == {
        "olga": {
            "role": "OWNER",
            "active": True,
            "permissions": ["EXPORT_CONTACT_DATA"],
            "sourceRoles": [
                {"source": str(source), "role": "ADMIN"}
                for source in sorted((mailing.shop.id, mailing.lab.id))
            ],
        },
        "gus": {
            "role": "MEMBER",
            "active": True,
            "permissions": [],
            "sourceRoles": [{"source": str(mailing.shop.id), "role": "GUEST"}],
        },
    }


async def test_rights_are_given_and_taken(asking: Query, mailing: Mailing) -> None:
    gus = (await mailing.person("Gus")).person
    for change in (
        f'setRole(person: "{gus}", role: ADMIN) {{ id }}',
        f'setPermissions(person: "{gus}", permissions: [EXPORT_CONTACT_DATA]) {{ id }}',
        f'setSourceRole(person: "{gus}", source: "lab", role: MODERATOR) {{ id }}',
    ):
        assert (await asking(f"mutation {{ {change} }}", mailing.owner)).errors is None
    assert (await people(asking, mailing.owner))["gus"] == {
        "role": "ADMIN",
        "active": True,
        "permissions": ["EXPORT_CONTACT_DATA"],
        "sourceRoles": [{"source": str(mailing.lab.id), "role": "MODERATOR"}],
    }
    for change in (
        f'setSourceRole(person: "{gus}", source: "lab") {{ id }}',
        f'setPermissions(person: "{gus}", permissions: []) {{ id }}',
        f'deactivatePerson(person: "{gus}") {{ active }}',
    ):
        assert (await asking(f"mutation {{ {change} }}", mailing.owner)).errors is None
    assert (await people(asking, mailing.owner))["gus"] == {
        "role": "ADMIN",
        "active": False,
        "permissions": [],
        "sourceRoles": [],
    }


@pytest.mark.requirement("DC-02")
@pytest.mark.parametrize("who", ["member", "admin of the source", "reading token"])
async def test_whoever_may_not_changes_nothing(asking: Query, mailing: Mailing, who: str) -> None:
    gus = (await mailing.person("Gus")).person
    changes = [
        f'setRole(person: "{gus}", role: OWNER) {{ id }}',
        f'setPermissions(person: "{gus}", permissions: [EXPORT_CONTACT_DATA]) {{ id }}',
        f'deactivatePerson(person: "{gus}") {{ id }}',
    ]
    others = {
        "member": await mailing.person("Mia"),
        "admin of the source": await mailing.person("Sam", shop=SourceRole.ADMIN),
        "reading token": by_token(mailing.owner, Scope.READ),
    }
    before = await people(asking, mailing.owner)
    for change in changes:
        result = await asking(f"mutation {{ {change} }}", others[who])
        assert [error.extensions["code"] for error in result.errors] == ["forbidden"], change
        assert result.data is None
    assert await people(asking, mailing.owner) == before


async def test_nobody_raises_themselves(asking: Query, mailing: Mailing) -> None:
    ada = await mailing.person("Ada", role=WorkspaceRole.ADMIN)
    change = f'setPermissions(person: "{ada.person}", permissions: [EXPORT_CONTACT_DATA])'
    result = await asking(f"mutation {{ {change} {{ id }} }}", ada)
    assert [error.extensions["code"] for error in result.errors] == ["forbidden"]
    assert (await people(asking, mailing.owner))["ada"]["permissions"] == []


@pytest.mark.parametrize("ident", ["nobody", "00000000-0000-0000-0000-000000000000"])
async def test_somebody_unknown_is_not_found(asking: Query, mailing: Mailing, ident: str) -> None:
    for change in (
        f'setRole(person: "{ident}", role: ADMIN) {{ id }}',
        f'setPermissions(person: "{ident}", permissions: []) {{ id }}',
        f'setSourceRole(person: "{ident}", source: "Shop", role: GUEST) {{ id }}',
        f'deactivatePerson(person: "{ident}") {{ id }}',
    ):
        result = await asking(f"mutation {{ {change} }}", mailing.owner)
        assert [error.extensions["code"] for error in result.errors] == ["not_found"], change


async def test_tokens_are_listed_without_the_token(asking: Query, mailing: Mailing) -> None:
    made = await mailing.bilan.services.tokens.create(mailing.owner, "script", [Scope.READ])
    other = await mailing.person("Gus", permissions=(Permission.EXPORT_CONTACT_DATA,))
    fields = "name prefix scopes expiresAt lastUsedAt revokedAt"
    result = await asking(f"{{ tokens {{ {fields} }} }}", mailing.owner)
    assert result.data["tokens"] == [
        {
            "name": "script",
            "prefix": made.info.prefix,
            "scopes": ["READ"],
            "expiresAt": None,
            "lastUsedAt": None,
            "revokedAt": None,
        }
    ]
    assert made.token not in str(result.data)
    assert (await asking(f"{{ tokens {{ {fields} }} }}", other)).data == {"tokens": []}
