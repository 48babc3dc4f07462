"""Targets stand in the address book: named without their secrets, which are sealed, and changed with care."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bilan.accounts.values import PersonPrincipal, WorkspaceRole
from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.delivery.plugin import DELIVERY
from bilan.recipients import RecipientDraft, RecipientKind, RecipientState, TargetDraft, Targets
from bilan.recipients.choosing import at_addresses, eligible
from bilan.registry.gather import load
from bilan.sdk.errors import Conflict, Forbidden, Invalid, NotFound
from bilan.seal import RECIPIENTS, Seal, Sealed
from support.correspondence import CUSTOMERS, NOON, SALES_KIND, Correspondence

SLACK = "https://hooks.slack.com/services/T0/B0/T0K3N"
ADDRESS = "https://hooks.slack.com/#"


@pytest.fixture
async def office(catalog: Catalog) -> Correspondence:
    made = Correspondence(catalog)
    await made.begin()
    return made


@pytest.fixture
async def olga(office: Correspondence) -> PersonPrincipal:
    return await office.person("Olga", WorkspaceRole.OWNER)


@pytest.fixture
def targets(office: Correspondence) -> Targets:
    return targets_with(office, b"key")


def targets_with(office: Correspondence, key: bytes) -> Targets:
    registry = load([("delivery", DELIVERY)], installed=False)
    return Targets(office.catalog, office.clock, registry, Seal(key, purpose=RECIPIENTS), lambda _name: "")


def slack(name: str = "Sales", **settings: Any) -> TargetDraft:
    return TargetDraft(name, {"form": "slack", "url": SLACK, **settings}, "fr", "Asia/Tokyo")


async def test_a_target_is_known_by_its_name_and_an_address_without_its_secret(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    assert (added.kind, added.channel, added.name) == (RecipientKind.WEBHOOK, "webhook", "Sales")
    assert (added.state, added.external) == (RecipientState.CONFIRMED, True)
    assert added.address.startswith(ADDRESS)
    assert (dict(added.settings), added.language, added.zone) == ({"form": "slack"}, "fr", "Asia/Tokyo")
    assert await targets.list(olga) == (added,)
    (stored,) = await rows("SELECT * FROM recipient")
    assert "T0K3N" not in json.dumps(stored, default=str)
    assert await targets.settings_of(added.id) == {"form": "slack", "url": SLACK, "secret": ""}


async def test_what_is_left_empty_of_secrets_stays_and_another_address_is_another_place(
    olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    renamed = await targets.edit(olga, added.id, TargetDraft("Team", {"form": "slack", "url": ""}))
    assert (renamed.name, renamed.address, renamed.language) == ("Team", added.address, None)
    moved = await targets.edit(olga, added.id, slack(url=f"{SLACK}2"))
    assert moved.address != added.address
    assert moved.state is RecipientState.CONFIRMED
    assert (await targets.settings_of(added.id))["url"] == f"{SLACK}2"


async def test_the_same_place_is_written_down_once(olga: PersonPrincipal, targets: Targets) -> None:
    await targets.add(olga, "webhook", slack())
    with pytest.raises(Conflict, match="is in the address book already"):
        await targets.add(olga, "webhook", slack("Again"))


async def test_a_target_and_an_external_recipient_are_not_changed_as_each_other(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    target = await targets.add(olga, "webhook", slack())
    zoe = await office.book.add(olga, RecipientDraft("zoe@example.org"))
    with pytest.raises(NotFound):
        await targets.edit(olga, zoe.id, slack())
    with pytest.raises(NotFound):
        await office.book.edit(olga, target.id, RecipientDraft("zoe@example.org"))
    assert [one.id for one in (await office.book.list(olga)).recipients] == [zoe.id]
    assert await targets.settings_of(zoe.id) == {}


@pytest.mark.parametrize(
    ("channel", "draft", "path"),
    [
        ("webhook", slack(""), "name"),
        ("webhook", slack("a\x00b"), "name"),
        ("webhook", slack(url="http://hooks.slack.com/x"), "url"),
        ("webhook", slack(form="json"), "secret"),
        ("webhook", slack(colour="red"), "colour"),
        ("pigeon", slack(), "channel"),
        ("email", slack(), "channel"),
    ],
)
async def test_a_wrong_value_is_refused_with_its_field(
    olga: PersonPrincipal, targets: Targets, channel: str, draft: TargetDraft, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await targets.add(olga, channel, draft)
    assert refused.value.path == (path,)
    assert await targets.list(olga) == ()


async def test_a_target_that_is_removed_is_gone_and_may_come_back(
    olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    await targets.remove(olga, added.id)
    assert await targets.list(olga) == ()
    assert await targets.settings_of(added.id) == {}
    with pytest.raises(NotFound):
        await targets.remove(olga, added.id)
    again = await targets.add(olga, "webhook", slack())
    assert (again.address, again.id == added.id) == (added.address, False)


async def test_members_manage_no_targets(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    bob = await office.person("Bob")
    for attempt in (
        targets.add(bob, "webhook", slack()), targets.edit(bob, added.id, slack()),
        targets.list(bob), targets.get(bob, added.id), targets.remove(bob, added.id),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await attempt


async def test_another_workspace_knows_nothing_of_it(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    await office.begin("Bravo")
    stranger = await office.person("Stan", WorkspaceRole.OWNER)
    with pytest.raises(NotFound):
        await targets.get(stranger, added.id)
    assert await targets.list(stranger) == ()


@pytest.mark.requirement("DC-03", "AP-18")
async def test_a_target_is_chosen_as_external_recipients_are(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    offered = await eligible(olga, SALES_KIND, personal=False, now=NOON)
    assert [one.name for one in offered] == ["Olga", "Sales"]
    assert [one.name for one in await eligible(olga, CUSTOMERS, personal=True, now=NOON)] == []
    (chosen,) = await at_addresses(olga, [added.address.upper()], SALES_KIND, personal=False, now=NOON)
    assert chosen.id == added.id
    with pytest.raises(Invalid, match="go to people of the workspace alone"):
        await at_addresses(olga, [added.address], CUSTOMERS, personal=True, now=NOON)


async def test_listed_domains_hold_for_the_host_of_a_target(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    rules = {"audiences": {}, "first_email": (await office.rules.get(olga)).first_email}
    await office.rules.change(olga, domains=["acme.example"], **rules)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=r"addresses of these domains alone: acme\.example"):
        await at_addresses(olga, [added.address], SALES_KIND, personal=False, now=NOON)
    with pytest.raises(Invalid) as refused:
        await targets.add(olga, "webhook", slack(url=f"{SLACK}3"))
    assert refused.value.path == ("url",)
    await office.rules.change(olga, domains=["hooks.slack.com", "bücher.example"], **rules)  # type: ignore[arg-type]
    assert await at_addresses(olga, [added.address], SALES_KIND, personal=False, now=NOON)
    assert (
        await targets.add(olga, "webhook", slack("Books", url="https://bücher.example/x"))
    ).name == "Books"


async def test_secrets_under_a_lost_key_are_said_so(
    office: Correspondence, olga: PersonPrincipal, targets: Targets
) -> None:
    added = await targets.add(olga, "webhook", slack())
    with pytest.raises(Sealed, match="fill them in again"):
        await targets_with(office, b"another").settings_of(added.id)
