"""Adding and changing people, and what is refused without a trace."""

from __future__ import annotations

from collections.abc import Awaitable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

import pytest

from bilan.accounts import Permission, Principal, Scope, WorkspaceRole
from bilan.accounts.keys import hash_key
from bilan.accounts.models import ApiToken, Membership, Person, Session, Workspace
from bilan.accounts.passwords import generated
from bilan.accounts.principals import principal_for
from bilan.operator import operator
from bilan.sdk.errors import BilanError, Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from fixtures.house import HOUSE_TIME, PASSWORD, House

if TYPE_CHECKING:
    from bilan.services import Services

EXPORT = Permission.EXPORT_CONTACT_DATA
NEW = "another fine password"


async def everything() -> list[object]:
    """All rows about people, to compare before and after."""
    models = (Workspace, Person, Membership, Session, ApiToken)
    return [await model.all().order_by("id").values() for model in models]


async def refused(error: type[BilanError], attempt: Awaitable[object]) -> str:
    """The sentence of the refusal, after checking that it left no trace."""
    before = await everything()
    with pytest.raises(error) as caught:
        await attempt
    assert await everything() == before
    return str(caught.value)


async def test_the_first_workspace_begins_with_an_owner_who_holds_every_permission(house: House) -> None:
    assert not await house.accounts.is_bootstrapped()
    owner = await house.begin()
    assert await house.accounts.is_bootstrapped()
    assert (owner.role, owner.permissions) == (WorkspaceRole.OWNER, frozenset({EXPORT}))
    assert (owner.language, owner.zone, owner.first_weekday) == ("fr", "Europe/Paris", 0)
    workspace = await house.accounts.workspace(owner)
    assert (workspace.name, workspace.created_at) == ("Acme", HOUSE_TIME)


async def test_a_second_workspace_cannot_begin(house: House) -> None:
    await house.begin()
    sentence = await refused(Conflict, house.accounts.bootstrap_workspace("B"))
    assert sentence == "There is a workspace already; ask its owner to add you."


async def test_of_two_first_workspaces_at_once_one_begins(house: House) -> None:
    async def begin(name: str) -> bool:
        try:
            await house.accounts.bootstrap_workspace(name)
        except Conflict:
            return False
        return True

    assert sorted(await house.at_once(begin("A"), begin("B"))) == [False, True]
    assert await Workspace.all().count() == 1


async def test_of_two_first_commands_at_once_both_find_the_workspace(house: House) -> None:
    services = cast("Services", SimpleNamespace(accounts=house.accounts))
    one, other = await house.at_once(operator(services), operator(services))
    assert one.workspace == other.workspace == (await Workspace.get()).id


async def test_a_workspace_begins_empty_and_its_owner_comes_later(house: House) -> None:
    begun = await house.accounts.bootstrap_workspace(
        "Acme", zone="Europe/Paris", first_weekday=6, language="fr"
    )
    assert (begun.name, begun.zone, begun.first_weekday, begun.language) == ("Acme", "Europe/Paris", 6, "fr")
    owner = await house.join("Olga", WorkspaceRole.OWNER)
    assert (owner.role, owner.workspace) == (WorkspaceRole.OWNER, begun.id)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"workspace": "  "}, ("name",)),
        ({"language": "klingon"}, ("language",)),
        ({"zone": "Paris"}, ("zone",)),
        ({"first_weekday": 7}, ("first_weekday",)),
    ],
)
async def test_a_workspace_begins_with_usable_values_or_not_at_all(
    house: House, wrong: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as caught:
        await house.accounts.bootstrap_workspace(**dict[str, Any]({"workspace": "W", **wrong}))
    assert caught.value.path == path
    assert not await house.accounts.is_bootstrapped()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"email": "not an address"}, ("email",)),
        ({"password": "short"}, ("password",)),
        ({"password": "x" * 1001}, ("password",)),
        ({"password": "1234567890"}, ("password",)),
        ({"password": "Password2026!"}, ("password",)),
        ({"password": "qwertyuiop123"}, ("password",)),
        ({"password": "oo@example.org", "email": "oo@example.org"}, ("password",)),
        ({"name": "  "}, ("name",)),
    ],
)
async def test_a_person_is_added_with_usable_values_or_not_at_all(
    house: House, wrong: dict[str, Any], path: tuple[str, ...]
) -> None:
    await house.begin()
    operator = await house.accounts.operator()
    right: dict[str, Any] = {"email": "o@example.org", "name": "O", "password": PASSWORD}
    with pytest.raises(Invalid) as caught:
        await house.accounts.add(operator, **{**right, **wrong})
    assert caught.value.path == path
    assert await Person.all().count() == 1


async def test_a_person_is_added_and_can_sign_in(house: House) -> None:
    await house.begin()
    member = await house.accounts.add(
        await house.accounts.operator(),
        email=" Max@Example.ORG ",
        name="Max  Muster",
        password=NEW,
        role=WorkspaceRole.ADMIN,
        permissions=[EXPORT],
        language="pt-br",
        zone="america/new_york",
    )
    assert (member.email, member.name) == ("max@example.org", "Max Muster")
    assert (member.role, member.permissions, member.active) == (
        WorkspaceRole.ADMIN,
        frozenset({EXPORT}),
        True,
    )
    assert (member.language, member.zone) == ("pt_BR", "America/New_York")
    signed_in = await house.sessions.sign_in("MAX@example.org", NEW, ip="::1")
    assert signed_in.person == member.id


async def test_an_address_inside_the_house_is_fine(house: House) -> None:
    owner = await house.begin()
    member = await house.accounts.add(owner, email="anna@intranet", name="Anna")
    assert member.email == "anna@intranet"


async def test_an_address_belongs_to_one_person_in_any_case(house: House) -> None:
    owner = await house.begin()
    sentence = await refused(Conflict, house.accounts.add(owner, email="OLGA@example.org", name="O"))
    assert sentence == "There is already a person with the address olga@example.org."


@pytest.mark.requirement("DC-02")
async def test_only_who_manages_people_adds_them_and_only_owners_add_owners(house: House) -> None:
    await house.begin()
    member = await house.join("Mia")
    admin = await house.join("Adam", WorkspaceRole.ADMIN)
    add = house.accounts.add
    await refused(Forbidden, add(member, email="x@example.org", name="X"))
    await refused(Forbidden, add(admin, email="x@example.org", name="X", role=WorkspaceRole.OWNER))
    await refused(Forbidden, add(admin, email="x@example.org", name="X", permissions=[EXPORT]))
    await add(admin, email="x@example.org", name="X", role=WorkspaceRole.ADMIN)


async def test_everybody_sees_everybody_by_name(house: House) -> None:
    await house.begin()
    await house.join("zoe")
    member = await house.join("Bo")
    assert [one.name for one in await house.accounts.list(member)] == ["Bo", "Olga", "zoe"]
    assert (await house.accounts.get(member, "ZOE@example.org")).name == "zoe"
    with pytest.raises(NotFound):
        await house.accounts.get(member, uuid4())


async def test_people_of_another_workspace_are_not_there(house: House) -> None:
    owner = await house.begin()
    other = await Workspace.create(
        name="Other", zone="UTC", first_weekday=0, language="en", created_at=HOUSE_TIME
    )
    stranger = await Person.create(email="s@example.org", name="S", password_hash="x", created_at=HOUSE_TIME)
    await Membership.create(workspace=other, person=stranger, role="member", permissions=[])
    assert [one.name for one in await house.accounts.list(owner)] == ["Olga"]
    await refused(NotFound, house.accounts.get(owner, stranger.id))
    await refused(NotFound, house.accounts.deactivate(owner, stranger.id))
    await refused(NotFound, house.accounts.set_role(owner, stranger.id, WorkspaceRole.ADMIN))


def person(actor: Principal) -> UUID:
    assert actor.person is not None
    return actor.person


@pytest.mark.requirement("DC-02")
async def test_roles_and_permissions_change_from_the_next_request_on(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    signed_in = await house.sessions.sign_in("mia@example.org", PASSWORD, ip="::1")
    await house.accounts.set_role(owner, person(mia), WorkspaceRole.ADMIN)
    await house.accounts.set_permissions(owner, person(mia), [EXPORT])
    now = await house.sessions.principal_of(signed_in.token)
    assert now is not None
    assert (now.role, now.permissions) == (WorkspaceRole.ADMIN, frozenset({EXPORT}))


async def test_nobody_raises_themselves(house: House) -> None:
    await house.begin()
    admin = await house.join("Adam", WorkspaceRole.ADMIN)
    member = await house.join("Mia")
    for actor in (admin, member):
        await refused(Forbidden, house.accounts.set_role(actor, person(actor), WorkspaceRole.OWNER))
        await refused(Forbidden, house.accounts.set_permissions(actor, person(actor), [EXPORT]))


async def test_an_admin_cannot_touch_an_owner(house: House) -> None:
    owner = await house.begin()
    admin = await house.join("Adam", WorkspaceRole.ADMIN, frozenset({EXPORT}))
    accounts, olga = house.accounts, person(owner)
    await refused(Forbidden, accounts.set_role(admin, olga, WorkspaceRole.MEMBER))
    await refused(Forbidden, accounts.set_permissions(admin, olga, []))
    await refused(Forbidden, accounts.deactivate(admin, olga))
    await refused(Forbidden, accounts.edit(admin, olga, name="Gone", email="gone@example.org"))


async def test_the_last_owner_stays(house: House) -> None:
    owner = await house.begin()
    olga = person(owner)
    for attempt in (
        house.accounts.set_role(owner, olga, WorkspaceRole.ADMIN),
        house.accounts.deactivate(owner, olga),
    ):
        assert await refused(Conflict, attempt) == (
            "This is the last owner; make somebody else an owner first."
        )
    second = await house.join("Otto", WorkspaceRole.OWNER)
    await house.accounts.deactivate(owner, person(second))
    await refused(Conflict, house.accounts.set_role(owner, olga, WorkspaceRole.MEMBER))
    await house.accounts.reactivate(owner, person(second))
    assert (await house.accounts.set_role(owner, olga, WorkspaceRole.MEMBER)).role is WorkspaceRole.MEMBER


async def test_of_two_owners_who_leave_at_once_one_stays(house: House) -> None:
    first = await house.begin()
    second = await house.join("Otto", WorkspaceRole.OWNER)

    async def leave(actor: Principal) -> bool:
        try:
            await house.accounts.set_role(actor, person(actor), WorkspaceRole.MEMBER)
        except Conflict:
            return False
        return True

    assert sorted(await house.at_once(leave(first), leave(second))) == [False, True]
    assert await Membership.filter(role="owner").count() == 1


async def test_deactivation_ends_sessions_and_tokens_at_once_and_for_good(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    session = await house.sessions.sign_in("mia@example.org", PASSWORD, ip="::1")
    token = await house.tokens.create(mia, "export", [Scope.READ])
    member = await house.accounts.deactivate(owner, person(mia))
    assert not member.active
    for _again in range(2):
        assert await house.sessions.principal_of(session.token) is None
        with pytest.raises(Unauthenticated):
            await house.tokens.principal_of(token.token)
        await house.accounts.reactivate(owner, person(mia))
    assert await house.sessions.sign_in("mia@example.org", PASSWORD, ip="::1")


async def test_a_deactivated_person_cannot_sign_in(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    await house.accounts.deactivate(owner, person(mia))
    with pytest.raises(Unauthenticated):
        await house.sessions.sign_in("mia@example.org", PASSWORD, ip="::1")


async def test_names_and_addresses_are_corrected(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    member = await house.accounts.edit(owner, person(mia), name="Mia M.", email="MIA.M@example.org")
    assert (member.name, member.email) == ("Mia M.", "mia.m@example.org")
    same = await house.accounts.edit(owner, person(mia), name="Mia", email="mia.m@example.org")
    assert same.name == "Mia"
    await refused(Conflict, house.accounts.edit(owner, person(mia), name="Mia", email="olga@example.org"))


async def test_people_change_their_own_password_by_the_old_one(house: House) -> None:
    await house.begin()
    mia = await house.join("Mia")
    session = await house.sessions.sign_in("mia@example.org", PASSWORD, ip="::1")
    await refused(Invalid, house.accounts.change_own_password(mia, "wrong", NEW))
    await refused(Invalid, house.accounts.change_own_password(mia, PASSWORD, "short"))
    await house.accounts.change_own_password(mia, PASSWORD, NEW)
    assert await house.sessions.principal_of(session.token) is None
    await house.sessions.sign_in("mia@example.org", NEW, ip="::1")


async def test_people_choose_their_own_language_and_zone_or_follow_the_workspace(house: House) -> None:
    await house.begin()
    mia = await house.join("Mia")
    await house.accounts.change_own(mia, name="Mia", language="en", zone="Asia/Tokyo")
    chosen = await house.actor("mia@example.org")
    assert (chosen.language, chosen.zone) == ("en", "Asia/Tokyo")
    await house.accounts.change_own(mia, name="Mia", language=None, zone=None)
    following = await house.actor("mia@example.org")
    assert (following.language, following.zone) == ("fr", "Europe/Paris")


async def test_owners_and_admins_change_the_workspace(house: House) -> None:
    owner = await house.begin()
    member = await house.join("Mia")
    change = house.accounts.change_workspace
    await refused(Forbidden, change(member, name="M", zone="UTC", first_weekday=0, language="en"))
    changed = await change(owner, name="Acme & Co", zone="utc", first_weekday=6, language="en")
    assert (changed.name, changed.zone, changed.first_weekday, changed.language) == (
        "Acme & Co",
        "UTC",
        6,
        "en",
    )


async def test_the_operator_stands_in_the_workspace_as_nobody(house: House) -> None:
    with pytest.raises(NotFound):
        await house.accounts.operator()
    await house.begin()
    operator = await house.accounts.operator()
    assert (operator.via, operator.person, operator.role, operator.zone) == (
        "operator",
        None,
        None,
        "Europe/Paris",
    )
    await refused(Invalid, house.accounts.change_own_password(operator, PASSWORD, NEW))


async def test_a_deactivated_person_is_nobody_to_whatever_still_names_them(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    await house.accounts.deactivate(owner, person(mia))
    assert await principal_for(person(mia)) is None
    await ApiToken.create(
        person_id=person(mia),
        name="left over",
        prefix="bilan_",
        token_hash=hash_key("bilan_left_over"),
        scopes=["read"],
        created_at=HOUSE_TIME,
    )
    with pytest.raises(Unauthenticated):
        await house.tokens.principal_of("bilan_left_over")


def test_generated_passwords_differ_and_are_long_enough() -> None:
    found = {generated() for _ in range(20)}
    assert len(found) == 20
    assert {len(one) for one in found} == {16}
