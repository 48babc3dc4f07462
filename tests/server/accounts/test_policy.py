"""Who may do what, spelled out: every role against every action."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.accounts.policy import (
    RULES,
    Action,
    allowed,
    readable_sources,
    require,
    require_permission_change,
    require_role_change,
    require_source_role_change,
)
from bilan.accounts.values import (
    OperatorPrincipal,
    Permission,
    PersonPrincipal,
    Principal,
    SchedulePrincipal,
    Scope,
    SourceRole,
    ViewerPrincipal,
    WorkspaceRole,
)
from bilan.i18n import Translator, formatter_for
from bilan.sdk.errors import Forbidden
from fixtures.house import principal_with

A, B = UUID(int=10), UUID(int=11)
SOMEBODY = UUID(int=99)
EXPORT = Permission.EXPORT_CONTACT_DATA
SELF = UUID(int=1)

BY_WORKSPACE_ROLE = {
    Action.READ_WORKSPACE: {"owner", "admin", "member"},
    Action.MANAGE_WORKSPACE: {"owner", "admin"},
    Action.MANAGE_PEOPLE: {"owner", "admin"},
    Action.MANAGE_OWNERS: {"owner"},
    Action.MANAGE_SELF: {"owner", "admin", "member"},
    Action.ADD_SOURCE: {"owner", "admin"},
    Action.SEND_TO_OTHERS: {"owner", "admin"},
    Action.MANAGE_RECIPIENTS: {"owner", "admin"},
    Action.ERASE_CONTACT: {"owner", "admin"},
    Action.MERGE_CONTACTS: {"owner", "admin"},
}
BY_SOURCE_ROLE = {
    Action.READ_SOURCE: {"admin", "editor", "moderator", "guest"},
    Action.IMPORT: {"admin", "editor"},
    Action.MANAGE_SOURCE: {"admin"},
    Action.READ_REPORT: {"admin", "editor", "moderator", "guest"},
    Action.RUN_REPORT: {"admin", "editor", "moderator", "guest"},
    Action.WRITE_REPORT: {"admin", "editor"},
    Action.SCHEDULE_REPORT: {"admin", "editor"},
    Action.SEND_REPORT: {"admin", "editor", "moderator", "guest"},
}
READING = {Action.READ_WORKSPACE, Action.READ_SOURCE, Action.READ_REPORT, Action.EXPORT_CONTACT_DATA}


def operator() -> OperatorPrincipal:
    return OperatorPrincipal(workspace=UUID(int=2))


def test_every_action_is_decided_and_is_in_this_matrix() -> None:
    assert set(RULES) == set(Action)
    others = {Action.EXPORT_CONTACT_DATA, Action.SHARE_REPORT}
    assert {*BY_WORKSPACE_ROLE, *BY_SOURCE_ROLE, *others} == set(Action)


@pytest.mark.requirement("MC-02")
@pytest.mark.parametrize("role", WorkspaceRole)
@pytest.mark.parametrize("on_source", [None, *SourceRole])
def test_sharing_takes_a_role_in_the_workspace_and_one_on_each_source(
    role: WorkspaceRole, on_source: SourceRole | None
) -> None:
    actor = principal_with(role, {A: on_source} if on_source else None)
    may = role is not WorkspaceRole.MEMBER and on_source is not None
    assert allowed(actor, Action.SHARE_REPORT, sources=[A]) is may


@pytest.mark.requirement("MC-02", "GO-11")
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("personal", [False, True])
def test_a_viewer_reads_one_run_and_does_nothing_else(action: Action, personal: bool) -> None:
    viewer = ViewerPrincipal(
        workspace=UUID(int=2), name="Vera", grant=UUID(int=3), run=UUID(int=4), email="vera@client.org"
    )
    may = action is Action.READ_REPORT
    for sources in ([], [A]):
        theirs = allowed(viewer, action, sources=sources, personal=personal, run=viewer.run)
        assert theirs is (may and not personal)
        for run in (None, UUID(int=5)):
            assert not allowed(viewer, action, sources=sources, personal=personal, run=run)


@pytest.mark.requirement("DC-02")
@pytest.mark.parametrize("action", BY_WORKSPACE_ROLE)
@pytest.mark.parametrize("role", WorkspaceRole)
@pytest.mark.parametrize("on_source", [None, *SourceRole])
def test_a_role_in_the_workspace_counts_whatever_the_role_on_a_source(
    action: Action, role: WorkspaceRole, on_source: SourceRole | None
) -> None:
    actor = principal_with(role, {A: on_source} if on_source else None, EXPORT)
    assert allowed(actor, action, sources=[A]) is (role in BY_WORKSPACE_ROLE[action])


@pytest.mark.requirement("DC-02", "AP-06")
@pytest.mark.parametrize("action", BY_SOURCE_ROLE)
@pytest.mark.parametrize("on_source", [None, *SourceRole])
@pytest.mark.parametrize("role", WorkspaceRole)
def test_a_role_on_a_source_counts_whatever_the_role_in_the_workspace(
    action: Action, on_source: SourceRole | None, role: WorkspaceRole
) -> None:
    actor = principal_with(role, {A: on_source} if on_source else None, EXPORT)
    assert allowed(actor, action, sources=[A]) is (on_source in BY_SOURCE_ROLE[action])


@pytest.mark.requirement("DC-02", "AP-06")
@pytest.mark.parametrize("action", BY_SOURCE_ROLE)
@pytest.mark.parametrize("first", SourceRole)
@pytest.mark.parametrize("second", [None, *SourceRole])
def test_a_report_over_two_sources_takes_the_role_on_both(
    action: Action, first: SourceRole, second: SourceRole | None
) -> None:
    roles = {A: first, B: second} if second else {A: first}
    enough = BY_SOURCE_ROLE[action]
    assert allowed(principal_with(roles=roles), action, sources=[A, B]) is (
        first in enough and second in enough
    )


@pytest.mark.parametrize("action", BY_SOURCE_ROLE)
def test_nothing_is_changed_without_a_source(action: Action) -> None:
    assert allowed(principal_with(roles={A: SourceRole.ADMIN}), action) is (action in READING)


@pytest.mark.requirement("DC-03", "BZ-22")
@pytest.mark.parametrize("role", WorkspaceRole)
def test_rows_about_single_persons_take_the_permission_and_nothing_replaces_it(role: WorkspaceRole) -> None:
    roles = {A: SourceRole.ADMIN}
    without, holding = principal_with(role, roles), principal_with(role, roles, EXPORT)
    assert not allowed(without, Action.EXPORT_CONTACT_DATA)
    assert allowed(holding, Action.EXPORT_CONTACT_DATA)
    for action in (Action.READ_SOURCE, Action.READ_REPORT, Action.RUN_REPORT, Action.WRITE_REPORT):
        assert allowed(without, action, sources=[A])
        assert not allowed(without, action, sources=[A], personal=True)
        assert allowed(holding, action, sources=[A], personal=True)


@pytest.mark.requirement("DC-03")
def test_a_contact_is_erased_by_whoever_may_see_single_persons() -> None:
    without = principal_with(WorkspaceRole.OWNER, {A: SourceRole.ADMIN})
    assert not allowed(without, Action.ERASE_CONTACT)


@pytest.mark.requirement("DC-03")
def test_the_permission_opens_no_source() -> None:
    assert not allowed(
        principal_with(WorkspaceRole.OWNER, None, EXPORT), Action.READ_SOURCE, sources=[A], personal=True
    )


BY_SESSION = (Action.MANAGE_SELF, Action.MANAGE_PEOPLE, Action.MANAGE_OWNERS, Action.SHARE_REPORT)


def test_a_token_gives_nobody_a_role_on_a_source() -> None:
    admin = principal_with(WorkspaceRole.OWNER, {A: SourceRole.ADMIN})
    require_source_role_change(admin, B, A, None, SourceRole.GUEST)
    by_token = replace(admin, scopes=frozenset({Scope.READ, Scope.WRITE}))
    with pytest.raises(Forbidden, match="Managing people is not possible with a token"):
        require_source_role_change(by_token, B, A, None, SourceRole.GUEST)


@pytest.mark.parametrize("action", Action)
def test_a_token_does_what_its_scope_names_and_what_its_person_may(action: Action) -> None:
    everything = principal_with(WorkspaceRole.OWNER, {A: SourceRole.ADMIN}, EXPORT)
    reading = replace(everything, scopes=frozenset({Scope.READ}))
    writing = replace(everything, scopes=frozenset({Scope.READ, Scope.WRITE}))
    nothing = replace(everything, scopes=frozenset[Scope]())
    assert allowed(everything, action, sources=[A])
    assert allowed(reading, action, sources=[A]) is (action in READING)
    assert allowed(writing, action, sources=[A]) is (action not in BY_SESSION)
    assert not allowed(nothing, action, sources=[A])


BY_SCHEDULE = {
    Action.READ_SOURCE, Action.READ_REPORT, Action.RUN_REPORT, Action.EXPORT_CONTACT_DATA,
    Action.SEND_REPORT, Action.SEND_TO_OTHERS,
}  # fmt: skip


@pytest.mark.parametrize("action", Action)
def test_a_schedule_makes_and_sends_reports_and_does_nothing_else_whatever_its_owner_may(
    action: Action,
) -> None:
    owner = principal_with(WorkspaceRole.OWNER, {A: SourceRole.ADMIN}, EXPORT)
    assert allowed(scheduled(owner), action, sources=[A]) is (action in BY_SCHEDULE)
    assert not allowed(scheduled(replace(owner, source_roles={})), Action.RUN_REPORT, sources=[A])


def scheduled(owner: PersonPrincipal) -> SchedulePrincipal:
    """A schedule that acts for this person."""
    return SchedulePrincipal(
        schedule=UUID(int=5),
        person=owner.person,
        workspace=owner.workspace,
        name=owner.name,
        email=owner.email,
        role=owner.role,
        permissions=owner.permissions,
        source_roles=owner.source_roles,
    )


roles = st.dictionaries(st.sampled_from([A, B]), st.sampled_from(SourceRole))


@given(
    action=st.sampled_from(Action),
    role=st.sampled_from(WorkspaceRole),
    roles=roles,
    permissions=st.frozensets(st.sampled_from(Permission)),
    scopes=st.frozensets(st.sampled_from(Scope)),
    sources=st.lists(st.sampled_from([A, B])),
    personal=st.booleans(),
)
def test_a_token_never_has_more_rights_than_its_person(
    action: Action,
    role: WorkspaceRole,
    roles: dict[UUID, SourceRole],
    permissions: frozenset[Permission],
    scopes: frozenset[Scope],
    sources: list[UUID],
    personal: bool,
) -> None:
    person = principal_with(role, roles, *permissions)
    token = replace(person, scopes=scopes)
    if allowed(token, action, sources=sources, personal=personal):
        assert allowed(person, action, sources=sources, personal=personal)


def test_a_refusal_names_roles_in_the_language_of_its_reader() -> None:
    actor = principal_with(WorkspaceRole.MEMBER)
    with pytest.raises(Forbidden) as refused:
        require(actor, Action.MANAGE_PEOPLE)
    french = formatter_for(Translator.of(), "fr").text(refused.value.message)
    assert french.endswith("propriétaire, administrateur.")


@pytest.mark.parametrize("action", Action)
def test_the_operator_may_do_everything(action: Action) -> None:
    assert allowed(operator(), action, sources=[A], personal=True)


def test_whoever_has_no_role_in_the_workspace_may_do_nothing() -> None:
    stranger = principal_with(None, {A: SourceRole.ADMIN}, EXPORT)
    assert not any(allowed(stranger, action, sources=[A]) for action in Action)


def test_the_readable_sources_are_those_with_any_role() -> None:
    actor = principal_with(WorkspaceRole.OWNER, {A: SourceRole.GUEST})
    assert readable_sources(actor, [A, B]) == {A}
    assert readable_sources(operator(), [A, B]) == {A, B}


@pytest.mark.parametrize(
    ("actor", "action", "sentence"),
    [
        (
            principal_with(WorkspaceRole.MEMBER),
            Action.MANAGE_PEOPLE,
            "Managing people takes one of these roles in the workspace: owner, admin.",
        ),
        (
            principal_with(roles={A: SourceRole.GUEST}),
            Action.WRITE_REPORT,
            "Changing a report takes one of these roles on every source: admin, editor.",
        ),
        (
            principal_with(WorkspaceRole.OWNER),
            Action.EXPORT_CONTACT_DATA,
            "This shows rows about single persons and takes the permission export_contact_data.",
        ),
        (
            principal_with(WorkspaceRole.OWNER, scopes=frozenset({Scope.READ})),
            Action.MANAGE_WORKSPACE,
            "Changing the workspace takes a token with the scope write.",
        ),
        (
            principal_with(WorkspaceRole.OWNER, scopes=frozenset({Scope.READ, Scope.WRITE})),
            Action.MANAGE_PEOPLE,
            "Managing people is not possible with a token; sign in instead.",
        ),
        (
            principal_with(WorkspaceRole.OWNER, scopes=frozenset(Scope)),
            Action.MANAGE_SELF,
            "Managing your account is not possible with a token; sign in instead.",
        ),
    ],
)
def test_a_refusal_says_what_it_takes(actor: Principal, action: Action, sentence: str) -> None:
    with pytest.raises(Forbidden) as caught:
        require(actor, action, sources=[A])
    assert str(caught.value) == sentence


OWNER, ADMIN, MEMBER = WorkspaceRole.OWNER, WorkspaceRole.ADMIN, WorkspaceRole.MEMBER
ROLE_CHANGES = {
    OWNER: {(old, new) for old in WorkspaceRole for new in WorkspaceRole},
    ADMIN: {(ADMIN, ADMIN), (ADMIN, MEMBER), (MEMBER, ADMIN), (MEMBER, MEMBER)},
    MEMBER: set[tuple[WorkspaceRole, WorkspaceRole]](),
}


@pytest.mark.parametrize("by", WorkspaceRole)
@pytest.mark.parametrize("old", WorkspaceRole)
@pytest.mark.parametrize("new", WorkspaceRole)
def test_owners_change_every_role_and_admins_none_that_owns(
    by: WorkspaceRole, old: WorkspaceRole, new: WorkspaceRole
) -> None:
    if (old, new) in ROLE_CHANGES[by]:
        require_role_change(principal_with(by), SOMEBODY, old, new)
    else:
        with pytest.raises(Forbidden):
            require_role_change(principal_with(by), SOMEBODY, old, new)


@pytest.mark.parametrize(("low", "high"), list(combinations([MEMBER, ADMIN, OWNER], 2)))
def test_nobody_raises_their_own_role(low: WorkspaceRole, high: WorkspaceRole) -> None:
    for by in WorkspaceRole:
        with pytest.raises(Forbidden):
            require_role_change(principal_with(by), SELF, low, high)


def test_an_owner_may_step_down() -> None:
    require_role_change(principal_with(OWNER), SELF, OWNER, MEMBER)


@pytest.mark.requirement("DC-03")
def test_nobody_gives_themselves_a_permission_and_admins_give_only_what_they_hold() -> None:
    added = frozenset({EXPORT})
    require_permission_change(principal_with(OWNER), SOMEBODY, MEMBER, added)
    require_permission_change(principal_with(ADMIN, None, EXPORT), SOMEBODY, MEMBER, added)
    require_permission_change(principal_with(ADMIN), SOMEBODY, MEMBER, frozenset())
    for actor, person, role in [
        (principal_with(OWNER), SELF, OWNER),
        (principal_with(ADMIN), SOMEBODY, MEMBER),
        (principal_with(ADMIN, None, EXPORT), SOMEBODY, OWNER),
        (principal_with(MEMBER, None, EXPORT), SOMEBODY, MEMBER),
    ]:
        with pytest.raises(Forbidden):
            require_permission_change(actor, person, role, added)


@pytest.mark.requirement("DC-02")
def test_roles_on_a_source_are_given_by_its_admins_and_by_who_manages_people() -> None:
    guest, editor = SourceRole.GUEST, SourceRole.EDITOR
    for actor in (
        principal_with(MEMBER, {A: SourceRole.ADMIN}),
        principal_with(OWNER),
        principal_with(ADMIN),
        operator(),
    ):
        require_source_role_change(actor, SOMEBODY, A, None, editor)
    for actor in (principal_with(MEMBER, {A: editor}), principal_with(MEMBER, {B: SourceRole.ADMIN})):
        with pytest.raises(Forbidden):
            require_source_role_change(actor, SOMEBODY, A, None, guest)


@pytest.mark.requirement("DC-02")
def test_who_owns_the_workspace_cannot_let_themselves_into_a_source() -> None:
    with pytest.raises(Forbidden):
        require_source_role_change(principal_with(OWNER), SELF, A, None, SourceRole.GUEST)
    with pytest.raises(Forbidden):
        require_source_role_change(
            principal_with(OWNER, {A: SourceRole.GUEST}), SELF, A, SourceRole.GUEST, SourceRole.ADMIN
        )
    require_source_role_change(principal_with(OWNER), SELF, A, SourceRole.ADMIN, None)
