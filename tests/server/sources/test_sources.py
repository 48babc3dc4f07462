"""Sources: added, shown to who may see them, changed, removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts import Principal, Scope, SourceRole, WorkspaceRole
from bilan.accounts.models import Membership, Person, SourceGrant, Workspace
from bilan.accounts.principals import principal_for
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.errors import BilanError, Conflict, Forbidden, Invalid, NotFound
from bilan.sdk.hooks import hookimpl
from bilan.sdk.messages import messages
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.plugins import Plugin
from bilan.sdk.sources import Settings, SourceKind, WebhookRequest
from bilan.sources import Sources
from bilan.sources.models import SourceRow
from fixtures.house import HOUSE_TIME, House

_ = messages("post")[0]

KEY = b"the server's secret"
SECRET = "s3cr3t of the service"


class Webhook:
    """Takes everything."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        pass

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        return ()


HORN = SourceKind(
    "horn",
    _("Horn"),
    _("Posts of a horn."),
    settings=(
        Parameter("signing_key", _("Signing key"), ParameterKind.SECRET, required=True),
        Parameter("other_key", _("Other key"), ParameterKind.SECRET),
        Parameter(
            "region",
            _("Region"),
            ParameterKind.CHOICE,
            default="eu",
            choices=(Choice("eu", "EU"), Choice("us", "US")),
        ),
        Parameter("labels", _("Labels"), ParameterKind.TAGS),
    ),
    webhook=Webhook(),
)
FILES = SourceKind("files", _("Files"), _("Files of anybody."))


class PostPlugin:
    """A plugin with a webhook and a kind that only takes files."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin(name="post_office", namespace="post", label=_("Post"), package="fixtures")

    @hookimpl
    def register_sources(self) -> list[SourceKind]:
        return [HORN, FILES]


@dataclass
class Yard:
    """A house with sources, and the people around them."""

    house: House
    registry: Registry
    sources: Sources
    owner: Principal

    async def horn(self, name: str = "Main horn", **settings: Any) -> UUID:
        given = {"signing_key": SECRET, **settings}
        found = await self.sources.add(self.owner, plugin="post", kind="horn", name=name, settings=given)
        self.owner = await self.house.actor(self.owner.email)
        return found.id

    def another_process(self, key: bytes = KEY) -> Sources:
        return Sources(self.house.catalog, self.house.clock, self.registry, key)


@pytest.fixture
async def yard(house: House) -> Yard:
    registry = load([("post_office", PostPlugin())], installed=False)
    sources = Sources(house.catalog, house.clock, registry, KEY)
    return Yard(house, registry, sources, await house.begin())


async def everything() -> list[object]:
    return [await model.all().order_by("id").values() for model in (SourceRow, SourceGrant)]


async def refused(error: type[BilanError], attempt: Any) -> BilanError:
    """The refusal, after checking that it left no trace."""
    before = await everything()
    with pytest.raises(error) as caught:
        await attempt
    assert await everything() == before
    return caught.value


async def test_whoever_adds_a_source_becomes_its_admin(yard: Yard) -> None:
    found = await yard.sources.add(
        yard.owner,
        plugin="post_office",
        kind="horn",
        name="  Main   horn ",
        settings={"signing_key": SECRET, "labels": "b,a"},
    )
    assert (found.plugin, found.kind, found.name, found.zone) == ("post", "horn", "Main horn", "Europe/Paris")
    assert found.settings == {"region": "eu", "labels": ["b", "a"]}
    assert (found.sealed, found.verify) == (frozenset({"signing_key"}), True)
    assert (found.created_at, found.last_received_at, found.last_event_at) == (HOUSE_TIME, None, None)
    owner = await yard.house.actor(yard.owner.email)
    assert owner.source_roles == {found.id: SourceRole.ADMIN}
    assert await yard.sources.get(owner, "main HORN") == found
    assert await yard.sources.get(owner, found.id) == found


async def test_what_the_operator_adds_belongs_to_the_owners(yard: Yard) -> None:
    second = await yard.house.join("Otto", WorkspaceRole.OWNER)
    third = await yard.house.join("Ida", WorkspaceRole.OWNER)
    assert third.person is not None
    await yard.house.accounts.deactivate(yard.owner, third.person)
    operator = await yard.house.accounts.operator()
    found = await yard.sources.add(operator, plugin="post", kind="files", name="F", settings={}, zone="UTC")
    assert found.zone == "UTC"
    grants = await SourceGrant.all().select_related("person")
    assert {grant.person.name for grant in grants} == {"Olga", "Otto"}
    assert (await yard.house.actor(second.email)).source_roles == {found.id: SourceRole.ADMIN}


@pytest.mark.requirement("DC-02")
async def test_only_owners_and_admins_of_the_workspace_add_sources(yard: Yard) -> None:
    member = await yard.house.join("Mia")
    await refused(Forbidden, yard.sources.add(member, plugin="post", kind="files", name="F", settings={}))


@pytest.mark.parametrize(
    ("settings", "sentence", "path"),
    [
        ({}, "Signing key must be filled in.", ("signing_key",)),
        (
            {"signing_key": "x", "region": "asia"},
            "asia is not offered; the nearest is us.",
            ("region",),
        ),
        (
            {"signing_key": "x", "signingkey": "y"},
            "There is no signingkey here; the nearest is signing_key.",
            ("signingkey",),
        ),
        ({"signing_key": "x", "verify": "maybe"}, "maybe is neither on nor off.", ("verify",)),
    ],
)
async def test_settings_are_checked_before_anything_is_kept(
    yard: Yard, settings: dict[str, Any], sentence: str, path: tuple[str, ...]
) -> None:
    error = await refused(
        Invalid, yard.sources.add(yard.owner, plugin="post", kind="horn", name="H", settings=settings)
    )
    assert (str(error), error.path) == (sentence, path)


async def test_an_unknown_kind_is_refused_with_those_there_are(yard: Yard) -> None:
    error = await refused(
        Invalid, yard.sources.add(yard.owner, plugin="post", kind="bell", name="B", settings={})
    )
    assert str(error) == ("There is no source post bell; the installed plugins offer: post files, post horn.")
    await refused(Invalid, yard.sources.add(yard.owner, plugin="x", kind="horn", name="B", settings={}))


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "7d6ae0e5-9511-4458-80f4-c2ec1268c26c"])
async def test_a_source_needs_a_name_that_can_be_told_from_an_id(yard: Yard, name: str) -> None:
    await refused(Invalid, yard.sources.add(yard.owner, plugin="post", kind="files", name=name, settings={}))


async def test_a_name_is_used_once_in_any_case_until_its_source_is_removed(yard: Yard) -> None:
    first = await yard.horn("Straße" * 28)
    with pytest.raises(Conflict):
        await yard.horn("STRASSE" * 28)
    await yard.sources.remove(yard.owner, first)
    assert await yard.horn("STRASSE" * 28) != first


async def test_a_name_that_grows_in_lower_case_fits(yard: Yard) -> None:
    assert (await yard.sources.get(yard.owner, await yard.horn("ΐ" * 200))).name == "ΐ" * 200


async def test_only_a_kind_with_a_webhook_can_be_told_not_to_verify(yard: Yard) -> None:
    off = await yard.sources.get(yard.owner, await yard.horn("Off", verify="off"))
    assert not off.verify
    assert "verify" not in off.settings
    await refused(
        Invalid,
        yard.sources.add(yard.owner, plugin="post", kind="files", name="F", settings={"verify": "off"}),
    )


async def test_secrets_are_sealed_in_the_catalog_and_opened_for_the_plugin_alone(yard: Yard) -> None:
    ident = await yard.horn(labels=["x"])
    stored = str(await SourceRow.all().values())
    assert SECRET not in stored
    assert SECRET not in str(await yard.sources.get(yard.owner, ident))
    assert await yard.sources.open_settings(ident) == {
        "signing_key": SECRET,
        "other_key": "",
        "region": "eu",
        "labels": ("x",),
    }


async def test_another_secret_key_opens_nothing_but_can_be_helped(yard: Yard) -> None:
    ident = await yard.horn()
    later = yard.another_process(b"another secret")
    with pytest.raises(Conflict, match="fill them in again"):
        await later.open_settings(ident)
    assert (await later.get(yard.owner, ident)).sealed == {"signing_key"}
    await later.change(yard.owner, ident, settings={"signing_key": "new"})
    assert (await later.open_settings(ident))["signing_key"] == "new"


async def test_a_change_keeps_what_is_not_given_and_a_secret_left_empty(yard: Yard) -> None:
    ident = await yard.horn(labels="a", other_key="o", verify="off")
    changed = await yard.sources.change(
        yard.owner,
        ident,
        name="Second horn",
        zone="UTC",
        settings={"region": "us", "signing_key": "", "other_key": "p"},
    )
    assert (changed.name, changed.zone, changed.verify) == ("Second horn", "UTC", False)
    assert changed.settings == {"region": "us", "labels": ["a"]}
    assert await yard.sources.open_settings(ident) == {
        "signing_key": SECRET,
        "other_key": "p",
        "region": "us",
        "labels": ("a",),
    }
    cleared = await yard.sources.change(yard.owner, ident, settings={"labels": "", "verify": "on"})
    assert (cleared.settings, cleared.verify) == ({"region": "us", "labels": []}, True)
    renamed = await yard.sources.change(yard.owner, ident, name="SECOND horn")
    assert renamed.name == "SECOND horn"


async def test_a_change_leaves_alone_what_the_ingest_notes(yard: Yard) -> None:
    ident = await yard.horn()
    await SourceRow.filter(id=ident).update(last_received_at=HOUSE_TIME, last_event_at=HOUSE_TIME)
    changed = await yard.sources.change(yard.owner, ident, name="Other")
    assert (changed.last_received_at, changed.last_event_at) == (HOUSE_TIME, HOUSE_TIME)


@pytest.mark.requirement("DC-02")
@pytest.mark.parametrize("role", [None, *SourceRole])
async def test_only_the_sources_admins_manage_it_and_see_its_address(
    yard: Yard, role: SourceRole | None
) -> None:
    ident = await yard.horn()
    mia = await yard.house.join("Mia", WorkspaceRole.ADMIN)
    assert mia.person is not None
    await yard.sources.grant(yard.owner, ident, mia.person, role)
    mia = await yard.house.actor(mia.email)
    attempts = [
        lambda: yard.sources.change(mia, ident, name="Mine"),
        lambda: yard.sources.rotate_address(mia, ident),
        lambda: yard.sources.remove(mia, ident),
    ]
    seen = await yard.sources.get(mia, ident)
    assert seen.name == "Main horn"
    if role is SourceRole.ADMIN:
        assert seen.address
        assert seen.settings["region"] == "eu"
        for attempt in attempts:
            await attempt()
    else:
        assert (seen.address, seen.settings, seen.sealed) == ("", {}, frozenset())
        for attempt in attempts:
            await refused(Forbidden, attempt())


@pytest.mark.requirement("DC-02")
async def test_members_know_only_the_sources_they_have_a_role_on(yard: Yard) -> None:
    first = await yard.horn("First")
    second = await yard.horn("Second")
    mia = await yard.house.join("Mia")
    assert mia.person is not None
    assert await yard.sources.list(mia) == ()
    await yard.sources.grant(yard.owner, second, mia.person, SourceRole.GUEST)
    mia = await yard.house.actor(mia.email)
    assert [one.name for one in await yard.sources.list(mia)] == ["Second"]
    await refused(NotFound, yard.sources.get(mia, first))
    await refused(NotFound, yard.sources.get(mia, "First"))
    await refused(NotFound, yard.sources.change(mia, first, name="Mine"))
    assert [one.name for one in await yard.sources.list(yard.owner)] == ["First", "Second"]


@pytest.mark.requirement("DC-02")
async def test_a_role_on_a_source_is_given_changed_and_taken(yard: Yard) -> None:
    ident = await yard.horn()
    mia = await yard.house.join("Mia")
    assert mia.person is not None
    for role in (SourceRole.GUEST, SourceRole.ADMIN, SourceRole.EDITOR):
        await yard.sources.grant(yard.owner, ident, mia.person, role)
        assert (await yard.house.actor(mia.email)).source_roles == {ident: role}
    editor = await yard.house.actor(mia.email)
    await refused(Forbidden, yard.sources.grant(editor, ident, mia.person, SourceRole.ADMIN))
    await yard.sources.grant(yard.owner, ident, mia.person, None)
    assert (await yard.house.actor(mia.email)).source_roles == {}


async def test_a_workspace_knows_nothing_of_anothers_sources_and_people(yard: Yard) -> None:
    ident = await yard.horn()
    other = await Workspace.create(
        name="Other", zone="UTC", first_weekday=0, language="en", created_at=HOUSE_TIME
    )
    person = await Person.create(email="s@example.org", name="S", password_hash="x", created_at=HOUSE_TIME)
    await Membership.create(workspace=other, person=person, role="owner", permissions=[])
    actor = await principal_for(person.id)
    assert actor is not None
    assert actor.person is not None
    assert actor.workspace == other.id
    assert await yard.sources.list(actor) == ()
    for attempt in (
        yard.sources.get(actor, ident),
        yard.sources.get(actor, "Main horn"),
        yard.sources.remove(actor, ident),
        yard.sources.grant(actor, ident, actor.person, SourceRole.ADMIN),
        yard.sources.grant(yard.owner, ident, actor.person, SourceRole.ADMIN),
    ):
        await refused(NotFound, attempt)


async def test_the_webhooks_address_cannot_be_guessed_and_can_be_changed(yard: Yard) -> None:
    ident = await yard.horn()
    old = (await yard.sources.get(yard.owner, ident)).address
    assert len(old) == 32  # 24 bytes, 192 bits, in base64
    found = await yard.sources.by_address(old)
    assert found is not None
    assert found.id == ident
    new = (await yard.sources.rotate_address(yard.owner, ident)).address
    assert new != old
    assert await yard.sources.by_address(old) is None
    assert (await yard.sources.by_address(new)) is not None
    assert await yard.sources.by_address("") is None


async def test_another_process_hears_of_a_new_address_within_five_seconds(yard: Yard) -> None:
    ident = await yard.horn()
    old = (await yard.sources.get(yard.owner, ident)).address
    other = yard.another_process()
    await other.by_address(old)
    await other.open_settings(ident)
    await yard.sources.rotate_address(yard.owner, ident)
    await yard.sources.change(yard.owner, ident, settings={"region": "us"})
    yard.house.clock.move(timedelta(seconds=5))
    assert await other.by_address(old) is None
    assert (await other.open_settings(ident))["region"] == "us"


async def test_a_removed_source_takes_no_posts_and_keeps_its_row_and_readers(yard: Yard) -> None:
    ident = await yard.horn()
    address = (await yard.sources.get(yard.owner, ident)).address
    await yard.sources.by_address(address)
    await yard.sources.remove(yard.owner, ident)
    assert await yard.sources.by_address(address) is None
    with pytest.raises(NotFound):
        await yard.sources.open_settings(ident)
    assert await yard.sources.list(yard.owner) == ()
    (kept,) = await yard.sources.list(yard.owner, removed=True)
    assert (kept.id, kept.removed_at) == (ident, HOUSE_TIME)
    assert (await yard.sources.get(yard.owner, ident)).name == "Main horn"
    await refused(NotFound, yard.sources.get(yard.owner, "Main horn"))
    await refused(Conflict, yard.sources.remove(yard.owner, ident))
    await refused(Conflict, yard.sources.change(yard.owner, ident, name="Back"))
    assert (await yard.house.actor(yard.owner.email)).source_roles == {ident: SourceRole.ADMIN}


async def test_nothing_has_a_name_longer_than_any(yard: Yard) -> None:
    await refused(NotFound, yard.sources.get(yard.owner, "a" * 5_000))


async def test_a_reading_token_changes_no_source(yard: Yard) -> None:
    ident = await yard.horn()
    made = await yard.house.tokens.create(yard.owner, "r", [Scope.READ])
    actor = await yard.house.tokens.principal_of(made.token)
    assert (await yard.sources.get(actor, ident)).address == ""
    await refused(Forbidden, yard.sources.remove(actor, ident))
    await refused(Forbidden, yard.sources.add(actor, plugin="post", kind="files", name="F", settings={}))


async def test_settings_of_a_plugin_that_is_gone_are_not_opened(yard: Yard) -> None:
    ident = await yard.horn()
    bare = Sources(yard.house.catalog, yard.house.clock, load(installed=False), KEY)
    with pytest.raises(Invalid, match="No plugin post is installed"):
        await bare.open_settings(ident)
    assert (await bare.get(yard.owner, ident)).name == "Main horn"


async def test_settings_that_a_newer_plugin_no_longer_knows_are_dropped(yard: Yard) -> None:
    ident = await yard.horn()
    row = await SourceRow.get(id=ident)
    await SourceRow.filter(id=ident).update(settings={**row.settings, "volume": 11})
    assert "volume" not in await yard.sources.open_settings(ident)
    changed = await yard.sources.change(yard.owner, ident, settings={"region": "us"})
    assert changed.settings == {"region": "us", "labels": []}


def person_of(actor: Principal) -> UUID:
    """Who somebody who acts is."""
    assert actor.person is not None
    return actor.person


async def roles(house: House, name: str) -> dict[str, str]:
    """What somebody is on each source, by its name."""
    actor = await house.actor(f"{name.lower()}@example.org")
    names = {row.id: row.name for row in await SourceRow.all()}
    return {names[source]: str(role) for source, role in actor.source_roles.items()}


@pytest.mark.requirement("AD-14")
async def test_a_role_on_every_source_holds_for_later_ones_and_ends_with_itself(
    yard: Yard,
) -> None:
    house, sources, olga = yard.house, yard.sources, yard.owner
    ivy = person_of(await house.join("Ivy"))
    shop, lab = [await yard.horn(name) for name in ("Shop", "Lab")]
    await sources.grant(olga, lab, ivy, SourceRole.ADMIN)
    await sources.grant_every(olga, ivy, SourceRole.EDITOR)
    assert await roles(house, "Ivy") == {"Shop": "editor", "Lab": "admin"}
    await yard.horn("Club")
    assert await roles(house, "Ivy") == {"Shop": "editor", "Lab": "admin", "Club": "editor"}
    await sources.grant(olga, shop, ivy, SourceRole.GUEST)  # the higher counts
    assert (await roles(house, "Ivy"))["Shop"] == "editor"
    await sources.grant_every(olga, ivy, None)
    assert await roles(house, "Ivy") == {"Shop": "guest", "Lab": "admin"}


@pytest.mark.requirement("AD-14")
async def test_nobody_gives_themselves_a_role_on_every_source_or_one_above_theirs(
    yard: Yard,
) -> None:
    house, sources, olga = yard.house, yard.sources, yard.owner
    await yard.horn("Shop")
    ada, member = await house.join("Ada", WorkspaceRole.ADMIN), await house.join("Ivy")
    ivy = person_of(member)
    for actor, one in ((ada, ada), (ada, olga), (member, ada)):
        with pytest.raises(Forbidden):
            await sources.grant_every(actor, person_of(one), SourceRole.GUEST)
    await sources.grant_every(ada, ivy, SourceRole.GUEST)
    assert await roles(house, "Ivy") == {"Shop": "guest"}
