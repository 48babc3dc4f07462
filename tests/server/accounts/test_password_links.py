"""People choose their own password, through a link that works once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from bilan.accounts import WorkspaceRole, password_links
from bilan.accounts.models import Membership, Person
from bilan.sdk.errors import Conflict, Expired, Forbidden, Invalid, Unauthenticated
from fixtures.house import PASSWORD, House

CHOSEN = "a password of her own"


def token(link: str) -> str:
    return link.removeprefix("https://bilan.test/welcome/")


async def test_a_new_person_chooses_a_password_once_and_signs_in_with_it(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    assert ivy.invited
    link = await house.password_links.issue(owner, ivy.id)
    assert (await house.password_links.holder(token(link))).email == "ivy@example.org"
    await house.password_links.choose(token(link), CHOSEN)
    await house.sessions.sign_in("ivy@example.org", CHOSEN, ip="192.0.2.1")
    assert not (await house.accounts.get(owner, ivy.id)).invited
    for attempt in (
        house.password_links.holder(token(link)),
        house.password_links.choose(token(link), CHOSEN),
    ):
        with pytest.raises(Expired) as caught:
            await attempt
        assert str(caught.value) == "This link is over; ask whoever sent it for a new one."


async def test_nobody_signs_in_as_somebody_who_has_chosen_nothing_yet(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    kept = (await Person.get(id=ivy.id)).password_hash
    for guess in ("", kept, kept[1:], "!"):
        with pytest.raises(Unauthenticated):
            await house.sessions.sign_in("ivy@example.org", guess, ip="192.0.2.1")


async def test_a_link_lasts_seven_days(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    link = await house.password_links.issue(owner, ivy.id)
    house.clock.move(timedelta(days=7, seconds=-1))
    await house.password_links.holder(token(link))
    house.clock.move(timedelta(seconds=1))
    with pytest.raises(Expired):
        await house.password_links.holder(token(link))


async def test_a_new_link_ends_the_one_before(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    first, second = [await house.password_links.issue(owner, ivy.id) for _ in range(2)]
    with pytest.raises(Expired):
        await house.password_links.choose(token(first), CHOSEN)
    await house.password_links.choose(token(second), CHOSEN)


async def test_a_password_that_would_be_refused_leaves_the_link_as_it_is(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    link = await house.password_links.issue(owner, ivy.id)
    with pytest.raises(Invalid):
        await house.password_links.choose(token(link), "short")
    await house.password_links.choose(token(link), CHOSEN)


@pytest.mark.parametrize("forged", ["", "x", "a.b.c.d", "00.1.x.y", "\ud800"])
async def test_what_is_no_link_is_over(house: House, forged: str) -> None:
    await house.begin()
    with pytest.raises(Expired):
        await house.password_links.holder(forged)


async def test_the_link_of_an_account_that_was_closed_is_over(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    link = await house.password_links.issue(owner, ivy.id)
    await house.accounts.deactivate(owner, ivy.id)
    with pytest.raises(Expired):
        await house.password_links.choose(token(link), CHOSEN)


async def test_managers_make_no_link_for_somebody_who_has_a_password_and_the_operator_does(
    house: House,
) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    assert mia.person is not None
    with pytest.raises(Forbidden):
        await house.password_links.issue(owner, mia.person)
    session = await house.sessions.sign_in("mia@example.org", PASSWORD, ip="192.0.2.1")
    link = await house.password_links.issue(await house.accounts.operator(), mia.person)
    assert await house.sessions.principal_of(session.token) is not None
    await house.password_links.choose(token(link), CHOSEN)
    assert await house.sessions.principal_of(session.token) is None
    with pytest.raises(Unauthenticated):
        await house.sessions.sign_in("mia@example.org", PASSWORD, ip="192.0.2.1")


async def test_an_admin_makes_no_link_for_an_owner(house: House) -> None:
    owner = await house.begin()
    ada = await house.join("Ada", WorkspaceRole.ADMIN)
    other = await house.accounts.add(owner, email="otto@example.org", name="Otto", role=WorkspaceRole.OWNER)
    with pytest.raises(Forbidden):
        await house.password_links.issue(ada, other.id)


async def test_no_session_adds_somebody_whose_password_it_knows(house: House) -> None:
    owner = await house.begin()
    with pytest.raises(Forbidden):
        await house.accounts.add(owner, email="ivy@example.org", name="Ivy", password=CHOSEN)
    assert await Person.all().count() == 1


async def test_of_two_who_choose_at_once_one_does(house: House) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    link = token(await house.password_links.issue(owner, ivy.id))

    async def choose(password: str) -> bool:
        try:
            await house.password_links.choose(link, password)
        except Expired:
            return False
        return True

    ends = await house.at_once(choose("the password of one"), choose("the password of another"))
    assert sorted(ends) == [False, True]


async def test_a_password_that_is_chosen_while_a_new_link_is_made_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.begin()
    ivy = await house.accounts.add(owner, email="ivy@example.org", name="Ivy")
    link, find = await house.password_links.issue(owner, ivy.id), password_links.find

    async def found_and_chosen(workspace: UUID, person: UUID) -> Membership:
        found = await find(workspace, person)
        await house.password_links.choose(token(link), CHOSEN)
        return found

    monkeypatch.setattr(password_links, "find", found_and_chosen)
    with pytest.raises(Conflict):
        await house.password_links.issue(owner, ivy.id)

    await house.sessions.sign_in("ivy@example.org", CHOSEN, ip="192.0.2.1")
