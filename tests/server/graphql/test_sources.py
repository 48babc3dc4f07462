"""Sources through GraphQL: shown without secrets, changed by their admins alone."""

from __future__ import annotations

from typing import Any

import pytest

from bilan.accounts import Principal, Scope, SourceRole, WorkspaceRole
from fixtures.bilan import Query
from fixtures.mailing import Mailing, by_token

ALL = "{ sources { id name plugin kind settings verify webhookAddress zone lastEventAt } }"


async def sources(asking: Query, actor: Principal) -> dict[str, Any]:
    result = await asking(ALL, actor)
    assert result.errors is None, result.errors
    return {source.pop("name"): source for source in result.data["sources"]}


def codes(result: Any) -> list[Any]:
    return [error.extensions["code"] for error in result.errors or ()]


async def test_the_kinds_of_source_are_listed(asking: Query, mailing: Mailing) -> None:
    asked = "{ sourceKinds { plugin key label webhook readers pulled findsProfiles } }"
    result = await asking(asked, mailing.owner)
    kinds = {kind["key"]: kind for kind in result.data["sourceKinds"]}
    assert kinds["sendgrid"]["webhook"] is True
    assert kinds["mailchimp"]["webhook"] is False
    assert kinds["mailchimp"]["readers"]
    assert {kind["plugin"] for kind in kinds.values()} == {"contacts", "email", "social", "whatsapp"}
    assert {key for key, kind in kinds.items() if kind["pulled"]} == {
        "brevo", "mailchimp", "mailjet", "smtp", "mastodon", "bluesky", "meta", "youtube",
    }  # fmt: skip
    assert not kinds["sendgrid"]["findsProfiles"]


async def test_a_source_is_added_found_by_name_and_removed(asking: Query, mailing: Mailing) -> None:
    add = 'addSource(plugin: "email_campaigns", kind: "file", name: "Third") { id name zone webhookAddress }'
    made = (await asking(f"mutation {{ {add} }}", mailing.owner)).data["addSource"]
    assert made["zone"] == "UTC"
    owner = await mailing.again(mailing.owner.person)
    found = await asking('{ source(id: "third") { id kind } }', owner)
    assert found.data["source"] == {"id": made["id"], "kind": "file"}
    assert (await asking('mutation { removeSource(id: "Third") }', owner)).data == {"removeSource": True}
    assert set(await sources(asking, owner)) == {"Shop", "Lab"}


async def test_secrets_are_taken_and_never_told(asking: Query, mailing: Mailing) -> None:
    add = """mutation ($settings: JSON) {
      addSource(plugin: "email", kind: "mailgun", name: "Gun", settings: $settings) { settings verify }
    }"""
    given = {"signing_key": "key-of-the-sender"}
    result = await asking(add, mailing.owner, {"settings": given})
    assert result.errors is None, result.errors
    owner = await mailing.again(mailing.owner.person)
    assert "key-of-the-sender" not in str(result.data) + str(await sources(asking, owner))


async def test_a_setting_nobody_knows_is_refused_by_its_field(asking: Query, mailing: Mailing) -> None:
    add = 'addSource(plugin: "email", kind: "file", name: "X", settings: {colour: "blue"}) { id }'
    result = await asking(f"mutation {{ {add} }}", mailing.owner)
    assert codes(result) == ["invalid"]
    assert "colour" in result.errors[0].message
    assert set(await sources(asking, mailing.owner)) == {"Shop", "Lab"}


@pytest.mark.parametrize("settings", ["[1]", '"text"', "3", "true"])
async def test_settings_that_are_no_object_are_refused(
    asking: Query, mailing: Mailing, settings: str
) -> None:
    add = f'addSource(plugin: "email", kind: "file", name: "X", settings: {settings}) {{ id }}'
    result = await asking(f"mutation {{ {add} }}", mailing.owner)
    assert [error.extensions for error in result.errors] == [{"code": "invalid", "field": "settings"}]
    assert set(await sources(asking, mailing.owner)) == {"Shop", "Lab"}


async def test_a_name_in_use_is_refused(asking: Query, mailing: Mailing) -> None:
    add = 'addSource(plugin: "email", kind: "file", name: "SHOP") { id }'
    assert codes(await asking(f"mutation {{ {add} }}", mailing.owner)) == ["conflict"]
    assert set(await sources(asking, mailing.owner)) == {"Shop", "Lab"}


async def test_an_address_is_changed_and_shown_to_admins_alone(asking: Query, mailing: Mailing) -> None:
    services = mailing.bilan.services
    post = await services.sources.add(
        mailing.owner, plugin="email", kind="postmark", name="Post", settings={"verify": False}
    )
    owner, guest = await mailing.again(mailing.owner.person), await mailing.person("Gus")
    assert guest.person is not None
    await services.sources.grant(owner, post.id, guest.person, SourceRole.GUEST)
    before = (await sources(asking, owner))["Post"]["webhookAddress"]
    assert "/hooks/" in before
    rotate = 'mutation { rotateAddress(id: "Post") { webhookAddress } }'
    after = (await asking(rotate, owner)).data["rotateAddress"]["webhookAddress"]
    assert before != after == (await sources(asking, owner))["Post"]["webhookAddress"]
    again = await mailing.again(guest.person)
    assert (await sources(asking, again))["Post"]["webhookAddress"] is None


@pytest.mark.requirement("DC-02")
async def test_sources_without_a_role_are_not_there(asking: Query, mailing: Mailing) -> None:
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    assert set(await sources(asking, guest)) == {"Shop"}
    for ident in ("Lab", str(mailing.lab.id)):
        assert codes(await asking(f'{{ source(id: "{ident}") {{ name }} }}', guest)) == ["not_found"]


@pytest.mark.requirement("DC-02")
@pytest.mark.parametrize("who", ["editor", "member", "reading token"])
async def test_whoever_may_not_changes_nothing(asking: Query, mailing: Mailing, who: str) -> None:
    others = {
        "editor": await mailing.person("Eda", shop=SourceRole.EDITOR),
        "member": await mailing.person("Mia", role=WorkspaceRole.MEMBER),
        "reading token": by_token(mailing.owner, Scope.READ),
    }
    before = await sources(asking, mailing.owner)
    for change in (
        'addSource(plugin: "email", kind: "file", name: "New") { id }',
        'rotateAddress(id: "Shop") { id }',
        'removeSource(id: "Shop")',
    ):
        result = await asking(f"mutation {{ {change} }}", others[who])
        assert codes(result) in (["forbidden"], ["not_found"]), change
        assert result.data is None
    assert await sources(asking, mailing.owner) == before
