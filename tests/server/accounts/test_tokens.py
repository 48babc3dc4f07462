"""Keys for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bilan.accounts import Scope, WorkspaceRole
from bilan.accounts.models import ApiToken
from bilan.sdk.errors import Forbidden, Invalid, NotFound, Unauthenticated
from fixtures.house import HOUSE_TIME, House


async def test_a_token_is_shown_once_and_acts_as_its_person(house: House) -> None:
    owner = await house.begin()
    made = await house.tokens.create(owner, " nightly export ", [Scope.READ], days=30)
    assert made.token.startswith("bilan_")
    assert made.token.startswith(made.info.prefix)
    assert len(made.info.prefix) == 12
    assert (made.info.name, made.info.expires_at) == ("nightly export", HOUSE_TIME + timedelta(days=30))
    assert made.token not in str(await ApiToken.all().values())
    actor = await house.tokens.principal_of(made.token)
    assert (actor.person, actor.role, actor.via) == (owner.person, WorkspaceRole.OWNER, "token")
    assert actor.scopes == {Scope.READ}


async def test_writing_includes_reading(house: House) -> None:
    owner = await house.begin()
    made = await house.tokens.create(owner, "both", [Scope.WRITE])
    assert made.info.scopes == {Scope.READ, Scope.WRITE}


async def test_a_token_ends_when_it_expires_or_is_revoked(house: House) -> None:
    owner = await house.begin()
    short = await house.tokens.create(owner, "short", [Scope.READ], days=1)
    long = await house.tokens.create(owner, "long", [Scope.READ])
    house.clock.move(timedelta(days=1))
    await house.tokens.revoke(owner, long.info.id)
    for token in (short.token, long.token, "bilan_nonsense", ""):
        with pytest.raises(Unauthenticated) as caught:
            await house.tokens.principal_of(token)
        assert str(caught.value) == "The token is unknown, revoked or expired; make a new one."
    listed = await house.tokens.list(owner)
    assert {one.name: one.revoked_at for one in listed} == {
        "short": None,
        "long": HOUSE_TIME + timedelta(days=1),
    }


async def test_a_token_loses_what_its_person_loses(house: House) -> None:
    owner = await house.begin()
    adam = await house.join("Adam", WorkspaceRole.ADMIN)
    made = await house.tokens.create(adam, "t", [Scope.WRITE])
    assert adam.person is not None
    await house.accounts.set_role(owner, adam.person, WorkspaceRole.MEMBER)
    assert (await house.tokens.principal_of(made.token)).role is WorkspaceRole.MEMBER


async def test_a_token_makes_no_tokens_and_revokes_none(house: House) -> None:
    owner = await house.begin()
    made = await house.tokens.create(owner, "t", [Scope.WRITE])
    actor = await house.tokens.principal_of(made.token)
    with pytest.raises(Forbidden):
        await house.tokens.create(actor, "more", [Scope.WRITE])
    with pytest.raises(Forbidden):
        await house.tokens.revoke(actor, made.info.id)
    with pytest.raises(Forbidden):
        await house.accounts.change_own_password(actor, "x", "y")
    assert await ApiToken.filter(revoked_at__isnull=True).count() == 1


async def test_people_revoke_their_own_tokens_and_nobody_elses(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    made = await house.tokens.create(mia, "hers", [Scope.READ])
    with pytest.raises(NotFound):
        await house.tokens.revoke(owner, made.info.id)
    assert await house.tokens.list(owner) == ()
    assert (await house.tokens.principal_of(made.token)).name == "Mia"
    await house.tokens.revoke(mia, made.info.id)
    await house.tokens.revoke(mia, made.info.id)


async def test_a_token_belongs_to_a_person_and_has_a_name_and_an_end_within_reason(house: House) -> None:
    owner = await house.begin()
    with pytest.raises(Invalid):
        await house.tokens.create(await house.accounts.operator(), "t", [Scope.READ])
    with pytest.raises(Invalid):
        await house.tokens.create(owner, " ", [Scope.READ])
    for days in (0, 3651):
        with pytest.raises(Invalid):
            await house.tokens.create(owner, "t", [Scope.READ], days=days)
    assert await ApiToken.all().count() == 0


async def test_when_a_token_was_last_used_is_kept_to_five_minutes(house: House) -> None:
    owner = await house.begin()
    made = await house.tokens.create(owner, "t", [Scope.READ])
    assert made.info.last_used_at is None
    for minutes, used in [(1, 1), (5, 1), (6, 6)]:
        house.clock.move(HOUSE_TIME + timedelta(minutes=minutes) - house.clock.now())
        await house.tokens.principal_of(made.token)
        await house.tokens.last_used.written()
        (info,) = await house.tokens.list(owner)
        assert info.last_used_at == HOUSE_TIME + timedelta(minutes=used)
