"""Profiles behind a token: found, chosen, each a source of its own; connected again, the same source."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bilan.accounts import Principal
from bilan.accounts.models import Membership, Person, SourceGrant
from bilan.accounts.values import PersonPrincipal, SourceRole, WorkspaceRole
from bilan.clock import FrozenClock
from bilan.pulls.models import OfferRow
from bilan.pulls.offers import erase_offers
from bilan.sdk import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable, messages
from bilan.sources import Source
from fixtures.ingest import NOW
from support.club import Club
from support.pulling import Pulling

_ = messages("club")[0]
pytestmark = [pytest.mark.requirement("AD-17", "DC-02"), pytest.mark.integration]


async def manager(operator: Principal) -> PersonPrincipal:
    """An admin of the workspace without a role on any source."""
    person = await Person.create(
        email=f"{uuid4()}@example.org", name="Ann", created_at=NOW, password_hash="x"
    )
    await Membership.create(
        workspace_id=operator.workspace, person=person, role=WorkspaceRole.ADMIN, created_at=NOW
    )
    return PersonPrincipal(
        person=person.id, workspace=operator.workspace, name="Ann", email=person.email,
        role=WorkspaceRole.ADMIN, permissions=frozenset(), source_roles={},
    )  # fmt: skip


async def test_each_chosen_profile_becomes_a_source_that_is_the_choosers(
    pulling: Pulling, operator: Principal
) -> None:
    ann = await manager(operator)
    found = await pulling.pulls.discover(ann, "club", "club", {"token": "good", "note": "n"})
    assert [(one.key, one.name, one.source) for one in found.profiles] == [
        ("alpine", "Club alpine", None),
        ("baltic", "Club baltic", None),
    ]
    assert found.until == NOW + timedelta(hours=1)

    made = await pulling.pulls.connect(ann, found.id, ["baltic", "alpine"])

    assert [(one.name, one.settings["club"], one.settings["note"]) for one in made] == [
        ("Club baltic", "baltic", "n"),
        ("Club alpine", "alpine", "n"),
    ]
    assert await pulling.sources.open_settings(made[0].id) == {"token": "good", "club": "baltic", "note": "n"}
    grants = await SourceGrant.all()
    assert {(one.source, one.role) for one in grants} == {(one.id, SourceRole.ADMIN) for one in made}
    assert (await pulling.pulled(operator, made[0].id)).new == 4


async def test_a_profile_that_is_connected_again_keeps_its_source_with_another_token(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    await pulling.pulled(operator, source.id)
    await pulling.sources.change(operator, source.id, name="Our Alps", settings={"note": "mine"})
    club.tokens = {"newer": ["alpine"]}

    found = await pulling.pulls.discover(operator, "club", "club", {"token": "newer", "note": "other"})
    assert [(one.source.name if one.source else "") for one in found.profiles] == ["Our Alps"]
    (again,) = await pulling.pulls.connect(operator, found.id, ["alpine"])

    assert (again.id, again.name) == (source.id, "Our Alps")
    settings = await pulling.sources.open_settings(source.id)
    assert settings == {"token": "newer", "club": "alpine", "note": "mine"}
    assert (await pulling.pulled(operator, source.id)).known == 8, "its history is there"


async def test_a_profile_whose_source_was_removed_is_in_use_again(
    pulling: Pulling, operator: Principal, source: Source
) -> None:
    await pulling.sources.remove(operator, source.id)
    found = await pulling.pulls.discover(operator, "club", "club", {"token": "good"})

    again, new = await pulling.pulls.connect(operator, found.id, ["alpine", "baltic"])

    assert (again.id, again.removed_at) == (source.id, None)
    assert new.id != source.id
    assert {one.id for one in await pulling.sources.list(operator)} == {again.id, new.id}


async def test_a_name_in_use_gets_a_number(pulling: Pulling, operator: Principal) -> None:
    await pulling.add(operator, "club ALPINE", "elsewhere")
    found = await pulling.pulls.discover(operator, "club", "club", {"token": "good"})

    (made,) = await pulling.pulls.connect(operator, found.id, ["alpine"])

    assert made.name == "Club alpine (2)"


async def test_a_profile_that_others_manage_is_not_taken_over(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.tokens["anns"] = ["alpine", "baltic"]
    ann = await manager(operator)
    found = await pulling.pulls.discover(ann, "club", "club", {"token": "anns"})
    assert [one.source for one in found.profiles] == [None, None], "she does not know of it"

    with pytest.raises(Forbidden, match="is a source already, which you do not manage"):
        await pulling.pulls.connect(ann, found.id, ["baltic", "alpine"])

    assert (await pulling.sources.open_settings(source.id))["token"] == "good"
    assert [one.name for one in await pulling.sources.list(operator)] == ["Alpine"]


async def test_what_was_found_holds_no_secret_and_is_for_an_hour_and_one_person(
    pulling: Pulling, operator: Principal, clock: FrozenClock, club: Club
) -> None:
    club.tokens["s3cret-token"] = ["alpine"]
    found = await pulling.pulls.discover(operator, "club", "club", {"token": "s3cret-token"})
    assert "s3cret-token" not in repr(found)
    assert "s3cret-token" not in (await OfferRow.get()).sealed
    assert await pulling.pulls.discovered(operator, found.id) == found
    ann = await manager(operator)
    with pytest.raises(NotFound):
        await pulling.pulls.connect(ann, found.id, ["alpine"])

    clock.move(timedelta(hours=1))

    with pytest.raises(NotFound, match="too long ago"):
        await pulling.pulls.connect(operator, found.id, ["alpine"])
    assert await erase_offers(clock) == 1
    assert await OfferRow.all().count() == 0, (
        "with the token in it, whether anybody looks for profiles or not"
    )


async def test_two_clicks_make_one_source_of_a_profile(pulling: Pulling, operator: Principal) -> None:
    found = await pulling.pulls.discover(operator, "club", "club", {"token": "good"})
    clicks = (pulling.pulls.connect(operator, found.id, ["alpine", "baltic"]) for _click in range(2))

    first, second = await asyncio.gather(*clicks)

    assert {one.id for one in first} == {one.id for one in second}
    assert [one.name for one in await pulling.sources.list(operator)] == ["Club alpine", "Club baltic"]


async def test_of_profiles_of_which_one_cannot_be_added_none_is(
    pulling: Pulling, operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await pulling.pulls.discover(operator, "club", "club", {"token": "good"})
    add = pulling.sources.add

    async def failing(actor: Principal, **given: Any) -> Source:
        if given["name"] == "Club baltic":
            raise Conflict(_("Somebody was quicker."))
        return await add(actor, **given)

    monkeypatch.setattr(pulling.sources, "add", failing)
    with pytest.raises(Conflict):
        await pulling.pulls.connect(operator, found.id, ["alpine", "baltic"])
    assert await pulling.sources.list(operator) == ()


@pytest.mark.parametrize("keys", [[], ["nowhere"], ["alpine", "nowhere"]])
async def test_what_is_not_offered_is_not_connected(
    pulling: Pulling, operator: Principal, keys: list[str]
) -> None:
    found = await pulling.pulls.discover(operator, "club", "club", {"token": "good"})
    with pytest.raises(Invalid) as error:
        await pulling.pulls.connect(operator, found.id, keys)
    assert error.value.path == ("profiles",)
    assert await pulling.sources.list(operator) == ()


async def test_a_token_that_is_no_good_is_said_before_anything_is_added(
    pulling: Pulling, operator: Principal
) -> None:
    with pytest.raises(Unauthenticated, match="does not accept the token"):
        await pulling.pulls.discover(operator, "club", "club", {"token": "bad"})
    with pytest.raises(Invalid) as error:
        await pulling.pulls.discover(operator, "club", "club", {})
    assert error.value.path == ("token",)


async def test_a_service_that_dawdles_is_not_waited_for_by_everybody(
    pulling: Pulling, operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.pulls.checking.LONGEST", -1.0)

    with pytest.raises(Unavailable, match="took longer than"):
        await pulling.pulls.discover(await manager(operator), "club", "club", {"token": "good", "note": "n"})
