"""The standing of a token: everything in the catalog that an answer about facts can depend on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from bilan.accounts import Permission, Scope, SourceRole, WorkspaceRole
from bilan.accounts.models import ApiToken, Membership, Person, SourceGrant, Workspace
from bilan.manifest.models import MomentRow
from bilan.query.kept import Standing, standing
from bilan.sources.models import SourceRow
from fixtures.house import HOUSE_TIME, House

Change = Callable[[], Awaitable[object]]


@pytest.fixture
async def token(house: House) -> str:
    """The token of somebody who reads one source of two."""
    await house.begin()
    adam = await house.join("Adam", WorkspaceRole.ADMIN)
    workspace = await Workspace.get()
    await MomentRow.create(id=1, revision=7)
    for name in ("Lab", "Shop"):
        source = await SourceRow.create(
            id=uuid4(), workspace=workspace, plugin="shop", kind="till", name=name, live_name=name.lower(),
            address=name, zone="UTC", created_at=HOUSE_TIME,
        )  # fmt: skip
        if name == "Shop":
            await SourceGrant.create(person_id=adam.person, source=source.id, role="guest")
    return (await house.tokens.create(adam, "t", [Scope.READ], days=3)).token


CHANGES: dict[str, Change] = {
    "revoked": lambda: ApiToken.all().update(revoked_at=HOUSE_TIME),
    "expires": lambda: ApiToken.all().update(expires_at=HOUSE_TIME),
    "scopes": lambda: ApiToken.all().update(scopes=frozenset({Scope.WRITE})),
    "name": lambda: Person.filter(name="Adam").update(name="Eve"),
    "language": lambda: Person.filter(name="Adam").update(language="fr"),
    "zone": lambda: Person.filter(name="Adam").update(zone="Asia/Tokyo"),
    "role": lambda: Membership.all().update(role="member"),
    "permissions": lambda: Membership.filter(role="admin").update(
        permissions=frozenset({Permission.EXPORT_CONTACT_DATA})
    ),
    "workspace's name": lambda: Workspace.all().update(name="Other"),
    "workspace's language": lambda: Workspace.all().update(language="de"),
    "workspace's zone": lambda: Workspace.all().update(zone="Asia/Tokyo"),
    "first weekday": lambda: Workspace.all().update(first_weekday=6),
    "role on a source": lambda: SourceGrant.all().update(role="editor"),
    "no role on a source": lambda: SourceGrant.all().delete(),
    "source's name": lambda: SourceRow.filter(name="Shop").update(name="Stall"),
}


async def _grant_the_other() -> None:
    person, lab = await Person.get(name="Adam"), await SourceRow.get(name="Lab")
    await SourceGrant.create(person=person, source=lab.id, role=SourceRole.GUEST)


@pytest.mark.parametrize("what", [*CHANGES, "role on another source"])
async def test_it_is_another_one_after_a_change_of(token: str, what: str) -> None:
    before = await standing(token)
    assert before is not None
    assert before == await standing(token)
    await CHANGES.get(what, _grant_the_other)()
    after = await standing(token)
    assert after is not None
    assert (after.rights != before.rights, after.revision) == (True, 7)


async def test_it_says_when_the_token_ends_and_where_the_manifest_stands(token: str) -> None:
    found = await standing(token)
    assert isinstance(found, Standing)
    assert (found.expires_at, found.revision) == (HOUSE_TIME + timedelta(days=3), 7)
    await MomentRow.all().update(revision=8)
    later = await standing(token)
    assert later is not None
    assert (later.rights, later.revision) == (found.rights, 8)


async def test_whoever_may_not_sign_in_has_none(token: str) -> None:
    assert await standing("bilan_nonsense") is None
    await Person.filter(name="Adam").update(active=False)
    assert await standing(token) is None


async def test_where_nothing_was_written_yet_there_is_none(token: str) -> None:
    await MomentRow.all().delete()
    assert await standing(token) is None
