"""Saved reports: put together, changed, copied, removed, and shown to those who may see them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bilan.accounts import Permission, Principal, Scope, SourceRole, WorkspaceRole
from bilan.clock import FrozenClock
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.reports.models import ReportRow
from bilan.reports.service import Reports
from bilan.reports.values import Changed, Draft, SavedReport, Seen, Sort
from bilan.sdk.errors import BilanError, Conflict, Forbidden, Invalid, NotFound
from bilan.sources import Sources
from fixtures.declarations import SALES, plugin
from fixtures.house import HOUSE_TIME, House

PERSONAL = replace(SALES, key="shop.customers", personal=True)
DRAFT = Draft("Sales in spring", "shop.sales", {"country": "FR"}, ("paper",))


@dataclass
class Desk:
    """Reports over two tills, and the people around them."""

    house: House
    clock: FrozenClock
    reports: Reports
    sources: Sources
    owner: Principal
    left: UUID
    right: UUID

    async def person(self, name: str, **roles: SourceRole) -> Principal:
        """A member with these roles on the tills."""
        actor = await self.house.join(name)
        assert actor.person is not None
        for till, role in roles.items():
            await self.sources.grant(self.owner, getattr(self, till), actor.person, role)
        return await self.house.actor(actor.email)

    def without_plugin(self) -> Reports:
        """The same reports on a server where the plugin is not installed."""
        return Reports(load(installed=False), self.clock, self.sources)


@pytest.fixture
def registry() -> Registry:
    return load([("shop", plugin(register_reports=(SALES, PERSONAL)))], installed=False)


@pytest.fixture
async def desk(house: House, registry: Registry) -> Desk:
    clock = FrozenClock(HOUSE_TIME)
    sources = Sources(house.catalog, clock, registry, b"the server's secret")
    owner = await house.begin()
    left, right = [
        (await sources.add(owner, plugin="shop", kind="till", name=name, settings={})).id
        for name in ("Left", "Right")
    ]
    owner = await house.actor(owner.email)
    return Desk(house, clock, Reports(registry, clock, sources), sources, owner, left, right)


async def refused(error: type[BilanError], attempt: Any) -> BilanError:
    """The refusal, after checking that it left no trace."""
    before = await ReportRow.all().order_by("id").values()
    with pytest.raises(error) as caught:
        await attempt
    assert await ReportRow.all().order_by("id").values() == before
    return caught.value


async def test_a_report_keeps_what_was_filled_in(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, replace(DRAFT, name="  Sales   in spring "))

    assert made == SavedReport(
        id=made.id,
        workspace=desk.owner.workspace,
        name="Sales in spring",
        kind="shop.sales",
        kind_label=SALES.label,
        parameters={"zone": "Europe/Paris", "first_weekday": "monday", "country": "FR"},
        formats=("paper",),
        sources=frozenset({desk.left, desk.right}),
        personal=False,
        available=True,
        created_by=desk.owner.person,
        created_by_name="Olga",
        created_at=HOUSE_TIME,
        changed_at=HOUSE_TIME,
        changed_by_name="Olga",
        version=1,
    )
    assert await desk.reports.get(desk.owner, made.id) == made
    assert await desk.reports.list(desk.owner, search="SALES in spring") == (made,)


@pytest.mark.requirement("AP-33")
async def test_zone_and_first_weekday_are_settled_by_whoever_saves(desk: Desk) -> None:
    tokyo = replace(desk.owner, zone="Asia/Tokyo", first_weekday=6)

    own = await desk.reports.create(tokyo, DRAFT)
    chosen = await desk.reports.create(tokyo, replace(DRAFT, name="UTC", parameters={"zone": "UTC"}))

    assert (own.parameters["zone"], own.parameters["first_weekday"]) == ("Asia/Tokyo", "sunday")
    assert (chosen.parameters["zone"], chosen.parameters["first_weekday"]) == ("UTC", "sunday")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "  "}, ("name",)),
        ({"name": "x" * 201}, ("name",)),
        ({"kind": "shop.sails"}, ("kind",)),
        ({"parameters": {"period": "last_decade"}}, ("period",)),
        ({"parameters": {"colour": "red"}}, ("colour",)),
        ({"formats": ()}, ("formats",)),
        ({"formats": ("papyrus",)}, ("formats",)),
        ({"sources": frozenset({uuid4()})}, ("sources",)),
    ],
)
async def test_what_cannot_be_used_is_refused_with_its_field(
    desk: Desk, change: dict[str, Any], path: tuple[str, ...]
) -> None:
    error = await refused(Invalid, desk.reports.create(desk.owner, replace(DRAFT, **change)))

    assert error.path == path


@pytest.mark.requirement("AP-08")
async def test_a_name_is_taken_in_any_case(desk: Desk) -> None:
    await desk.reports.create(desk.owner, DRAFT)

    error = await refused(Conflict, desk.reports.create(desk.owner, replace(DRAFT, name="SALES in Spring")))

    assert error.path == ("name",)


@pytest.mark.requirement("DC-02", "AP-06")
@pytest.mark.parametrize(
    ("left", "right", "may"),
    [
        (SourceRole.ADMIN, SourceRole.EDITOR, True),
        (SourceRole.EDITOR, SourceRole.EDITOR, True),
        (SourceRole.ADMIN, SourceRole.MODERATOR, False),
        (SourceRole.GUEST, SourceRole.EDITOR, False),
    ],
)
async def test_writing_takes_admin_or_editor_on_every_source_in_the_report(
    desk: Desk, left: SourceRole, right: SourceRole, may: bool
) -> None:
    actor = await desk.person("Mia", left=left, right=right)
    existing = await desk.reports.create(desk.owner, DRAFT)
    attempts = [
        lambda: desk.reports.create(actor, replace(DRAFT, name="New")),
        lambda: desk.reports.edit(actor, existing.id, replace(DRAFT, name="Changed")),
        lambda: desk.reports.duplicate(actor, existing.id),
        lambda: desk.reports.delete(actor, existing.id),
    ]

    for attempt in attempts:
        if may:
            await attempt()
        else:
            await refused(Forbidden, attempt())


@pytest.mark.requirement("DC-02")
async def test_a_report_over_the_sources_one_edits_is_allowed(desk: Desk) -> None:
    actor = await desk.person("Mia", left=SourceRole.EDITOR)

    made = await desk.reports.create(actor, replace(DRAFT, sources=frozenset({desk.left})))

    assert made.sources == {desk.left}


@pytest.mark.requirement("DC-02")
async def test_a_report_cannot_be_moved_onto_sources_one_does_not_edit(desk: Desk) -> None:
    actor = await desk.person("Mia", left=SourceRole.EDITOR, right=SourceRole.GUEST)
    mine = await desk.reports.create(actor, replace(DRAFT, sources=frozenset({desk.left})))

    wider = replace(DRAFT, sources=frozenset({desk.left, desk.right}))
    await refused(Forbidden, desk.reports.edit(actor, mine.id, wider))


@pytest.mark.requirement("DC-03", "BZ-22")
async def test_reports_about_single_persons_take_the_permission_for_it(desk: Desk) -> None:
    personal = replace(DRAFT, name="Customers", kind="shop.customers")
    editor = await desk.person("Mia", left=SourceRole.EDITOR, right=SourceRole.EDITOR)
    permitted = replace(editor, permissions=frozenset({Permission.EXPORT_CONTACT_DATA}))

    await refused(Forbidden, desk.reports.create(editor, personal))
    made = await desk.reports.create(permitted, personal)

    await refused(NotFound, desk.reports.get(editor, made.id))
    await refused(NotFound, desk.reports.edit(editor, made.id, personal))
    assert await desk.reports.list(editor) == ()
    assert await desk.reports.list(permitted) == (made,)


@pytest.mark.requirement("DC-02")
async def test_whoever_may_not_read_a_source_does_not_know_of_the_report(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    stranger = await desk.person("Sam", left=SourceRole.ADMIN)
    guest = await desk.person("Gus", left=SourceRole.GUEST, right=SourceRole.GUEST)

    await refused(NotFound, desk.reports.get(stranger, made.id))
    assert await desk.reports.list(stranger, search=made.name) == ()
    await refused(NotFound, desk.reports.delete(stranger, made.id))
    assert await desk.reports.list(stranger) == ()
    assert await desk.reports.list(guest) == (made,)


async def test_a_report_of_another_workspace_is_not_there(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    elsewhere = replace(desk.owner, workspace=uuid4())

    await refused(NotFound, desk.reports.get(elsewhere, made.id))
    assert await desk.reports.list(elsewhere) == ()


async def test_a_token_that_only_reads_writes_nothing(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    token = replace(desk.owner, scopes=frozenset({Scope.READ}))

    assert await desk.reports.list(token) == (made,)
    await refused(Forbidden, desk.reports.create(token, replace(DRAFT, name="New")))
    await refused(Forbidden, desk.reports.delete(token, made.id))


async def test_the_operator_may_do_everything(desk: Desk) -> None:
    operator = await desk.house.accounts.operator()

    made = await desk.reports.create(operator, replace(DRAFT, kind="shop.customers"))

    assert (made.created_by, made.sources) == (None, {desk.left, desk.right})
    await desk.reports.delete(operator, made.id)
    assert await ReportRow.all().count() == 0


async def test_an_edit_replaces_everything_but_kind_sources_and_author(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, replace(DRAFT, sources=frozenset({desk.left})))
    editor = await desk.person("Mia", left=SourceRole.EDITOR)
    desk.clock.move(timedelta(hours=1))

    changed = await desk.reports.edit(
        editor, made.id, Draft("Autumn", "shop.sales", {"compare": "none", "zone": "UTC"}, ("paper",))
    )

    assert changed == replace(
        made,
        name="Autumn",
        parameters={"zone": "UTC", "first_weekday": "monday", "compare": "none"},
        changed_at=HOUSE_TIME + timedelta(hours=1),
        changed_by_name="Mia",
        version=2,
    )
    assert await desk.reports.get(desk.owner, made.id) == changed


async def test_a_report_keeps_its_kind(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)

    error = await refused(
        Invalid, desk.reports.edit(desk.owner, made.id, replace(DRAFT, kind="shop.customers"))
    )

    assert error.path == ("kind",)


async def test_a_removed_source_may_stay_in_its_report(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    await desk.sources.remove(desk.owner, desk.right)

    changed = await desk.reports.edit(desk.owner, made.id, replace(DRAFT, sources=made.sources))
    new = await desk.reports.create(desk.owner, replace(DRAFT, name="New"))

    assert changed.sources == {desk.left, desk.right}
    assert new.sources == {desk.left}


async def test_copies_are_numbered(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, replace(DRAFT, sources=frozenset({desk.left})))

    second = await desk.reports.duplicate(desk.owner, made.id)
    third = await desk.reports.duplicate(desk.owner, made.id)
    named = await desk.reports.duplicate(desk.owner, made.id, "Mine")

    assert [one.name for one in (second, third, named)] == [
        "Sales in spring (2)",
        "Sales in spring (3)",
        "Mine",
    ]
    assert replace(third, id=made.id, name=made.name) == made


async def test_a_deleted_report_is_gone(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)

    await desk.reports.delete(desk.owner, made.id)

    await refused(NotFound, desk.reports.get(desk.owner, made.id))
    again = await desk.reports.create(desk.owner, DRAFT)
    assert again.id != made.id


async def test_reports_are_listed_by_kind_by_a_part_of_their_name_and_sorted(desk: Desk) -> None:
    owner = replace(desk.owner, permissions=frozenset({Permission.EXPORT_CONTACT_DATA}))
    for name, kind in (("beta", "shop.sales"), ("Alpha", "shop.customers"), ("gamma ALPHA", "shop.sales")):
        await desk.reports.create(owner, replace(DRAFT, name=name, kind=kind))
        desk.clock.move(timedelta(minutes=1))

    async def names(**wanted: Any) -> list[str]:
        return [one.name for one in await desk.reports.list(owner, **wanted)]

    assert await names() == ["Alpha", "beta", "gamma ALPHA"]
    assert await names(descending=True) == ["gamma ALPHA", "beta", "Alpha"]
    assert await names(sort=Sort.CREATED) == ["beta", "Alpha", "gamma ALPHA"]
    assert await names(sort=Sort.CHANGED, descending=True) == ["gamma ALPHA", "Alpha", "beta"]
    assert await names(sort=Sort.KIND) == ["Alpha", "beta", "gamma ALPHA"]
    assert await names(search="alpha") == ["Alpha", "gamma ALPHA"]
    assert await names(kind="shop.sales") == ["beta", "gamma ALPHA"]
    assert await names(search="%") == []


async def test_a_report_whose_plugin_is_gone_is_shown_and_can_be_deleted(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    bare = desk.without_plugin()

    shown = await bare.get(desk.owner, made.id)

    assert (shown.available, shown.kind_label) == (False, "shop.sales")
    await refused(Invalid, bare.edit(desk.owner, made.id, DRAFT))
    await bare.delete(desk.owner, made.id)
    assert await bare.list(desk.owner) == ()


@pytest.mark.parametrize("role", [WorkspaceRole.OWNER, WorkspaceRole.ADMIN])
@pytest.mark.requirement("DC-02")
async def test_a_role_in_the_workspace_says_nothing_about_reports(desk: Desk, role: WorkspaceRole) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    manager = await desk.house.join("Max", role)

    await refused(NotFound, desk.reports.get(manager, made.id))
    await refused(Forbidden, desk.reports.create(manager, replace(DRAFT, name="New")))


async def test_the_same_report_saved_twice_with_the_same_key_is_one(desk: Desk) -> None:
    first, second = await asyncio.gather(
        *(desk.reports.create(desk.owner, DRAFT, key="form") for _ in range(2))
    )
    assert first == second
    other = await desk.reports.create(desk.owner, replace(DRAFT, name="Other"), key="form")
    assert other.id != first.id
    copies = [await desk.reports.duplicate(desk.owner, first.id, key="page") for _ in range(2)]
    assert [one.name for one in copies] == ["Sales in spring (2)", "Sales in spring (2)"]
    assert await ReportRow.all().count() == 3
    await refused(Conflict, desk.reports.create(desk.owner, DRAFT, key="another form"))
    told = await refused(Invalid, desk.reports.create(desk.owner, DRAFT, key="k" * 61))
    assert (str(told), told.path) == ("The key has from 1 to 60 characters.", ("key",))


async def test_of_two_who_save_from_the_same_version_one_is_told_who_was_first(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    ann = replace(desk.owner, name="Ann")
    drafts = [replace(DRAFT, parameters={"country": country}) for country in ("DE", "IT")]
    answers = await asyncio.gather(
        desk.reports.edit(ann, made.id, drafts[0], seen=Seen(1)),
        desk.reports.edit(desk.owner, made.id, drafts[1], seen=Seen(1)),
        return_exceptions=True,
    )
    (won,) = [one for one in answers if isinstance(one, SavedReport)]
    (lost,) = [one for one in answers if isinstance(one, Changed)]
    assert lost.saved == won == await desk.reports.get(desk.owner, made.id)
    assert won.version == 2
    assert str(lost) == (f"This report was changed by {won.changed_by_name} on {HOUSE_TIME.isoformat()}.")
    assert (lost.status, lost.path) == (409, ("version",))


async def test_whoever_does_not_say_what_they_have_seen_replaces_what_is_there(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    edits = [desk.reports.edit(desk.owner, made.id, replace(DRAFT, name=name)) for name in ("A", "B", "C")]
    assert sorted(one.version for one in await asyncio.gather(*edits)) == [2, 3, 4]


async def test_a_form_goes_on_from_what_it_saved_itself_but_not_from_what_others_did(desk: Desk) -> None:
    made = await desk.reports.create(desk.owner, DRAFT)
    mine, other = Seen(1, "mine"), Seen(2, "other")
    for version in (2, 3):
        assert (await desk.reports.edit(desk.owner, made.id, DRAFT, seen=mine)).version == version
    await refused(Changed, desk.reports.edit(desk.owner, made.id, DRAFT, seen=other))
    await desk.reports.edit(desk.owner, made.id, DRAFT)
    await refused(Changed, desk.reports.edit(desk.owner, made.id, DRAFT, seen=mine))
    await refused(Changed, desk.reports.edit(desk.owner, made.id, DRAFT, seen=Seen(1)))
