"""Authorization: the one place that decides what a principal may do.

Two axes that know nothing of each other: a person's role in the workspace, and
their role on each source. Whoever owns the workspace cannot read a source
without a role on it; whoever administers a source cannot manage people. See docs/decisions/011.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bilan.accounts.role_names import SOURCE_ROLES, WORKSPACE_ROLES, listed
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
from bilan.sdk.errors import Forbidden, Unauthenticated
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


class Action(StrEnum):
    """Everything that is decided about."""

    READ_WORKSPACE = "read_workspace"
    """See the workspace's settings and who belongs to it."""
    MANAGE_WORKSPACE = "manage_workspace"
    """Change the workspace's name, zone, first weekday and language."""
    MANAGE_PEOPLE = "manage_people"
    """Add, edit and deactivate people; change their roles, permissions and roles on sources."""
    MANAGE_OWNERS = "manage_owners"
    """Do any of that to an owner, or make somebody one."""
    MANAGE_SELF = "manage_self"
    """Change one's own password, language and zone; make and revoke one's own tokens. Never by token."""
    EXPORT_CONTACT_DATA = "export_contact_data"
    """See or take along rows about single persons."""
    ADD_SOURCE = "add_source"
    """Add a source; whoever adds it becomes its admin."""
    READ_SOURCE = "read_source"
    """Look at figures of these sources."""
    IMPORT = "import"
    """Bring a file into a source; see what was rejected."""
    MANAGE_SOURCE = "manage_source"
    """Change a source's settings and webhook address, or remove it."""
    READ_REPORT = "read_report"
    """See a report over these sources, its runs and their files."""
    RUN_REPORT = "run_report"
    """Have a report over these sources built."""
    WRITE_REPORT = "write_report"
    """Create, edit or delete a report over these sources, or stop somebody else's run."""
    SCHEDULE_REPORT = "schedule_report"
    """Have a report over these sources made again and again; change, pause or delete such a schedule."""
    SEND_REPORT = "send_report"
    """Send a report over these sources by e-mail, to oneself."""
    SEND_TO_OTHERS = "send_to_others"
    """Send reports to others than oneself: people of the workspace and external recipients."""
    SHARE_REPORT = "share_report"
    """Share a report over these sources with viewers who need no account; see and change such shares."""
    ERASE_CONTACT = "erase_contact"
    """Erase a contact for good; say what becomes of facts about erased ones."""
    MERGE_CONTACTS = "merge_contacts"
    """Decide which addresses of contacts are one person."""
    MANAGE_RECIPIENTS = "manage_recipients"
    """See and change the address book, the rules of who may receive what, and addresses put aside."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action takes. Everything named must be there."""

    doing: Message
    scope: Scope = Scope.WRITE
    roles: frozenset[WorkspaceRole] = frozenset(WorkspaceRole)
    on_every_source: frozenset[SourceRole] | None = None
    permission: Permission | None = None
    by_token: bool = True
    by_schedule: bool = False
    by_viewer: bool = False
    """Whether somebody who holds a grant may, with the run that it is for."""


Acting = PersonPrincipal | SchedulePrincipal
"""Whoever has no more rights than a person."""
MANAGERS = frozenset({WorkspaceRole.OWNER, WorkspaceRole.ADMIN})
EDITORS = frozenset({SourceRole.ADMIN, SourceRole.EDITOR})
ANY_ROLE = frozenset(SourceRole)

RULES: Mapping[Action, Rule] = {
    Action.READ_WORKSPACE: Rule(_("Seeing the workspace"), Scope.READ),
    Action.MANAGE_WORKSPACE: Rule(_("Changing the workspace"), roles=MANAGERS),
    # A token may be anybody's by now: it gives nobody a way in that outlasts it.
    Action.MANAGE_PEOPLE: Rule(_("Managing people"), roles=MANAGERS, by_token=False),
    Action.MANAGE_OWNERS: Rule(_("Managing owners"), roles=frozenset({WorkspaceRole.OWNER}), by_token=False),
    Action.MANAGE_SELF: Rule(_("Managing your account"), by_token=False),
    Action.EXPORT_CONTACT_DATA: Rule(
        _("Seeing rows about single persons"),
        Scope.READ,
        permission=Permission.EXPORT_CONTACT_DATA,
        by_schedule=True,
    ),
    Action.ADD_SOURCE: Rule(_("Adding a source"), roles=MANAGERS),
    Action.READ_SOURCE: Rule(_("Reading figures"), Scope.READ, on_every_source=ANY_ROLE, by_schedule=True),
    Action.IMPORT: Rule(_("Importing a file"), on_every_source=EDITORS),
    Action.MANAGE_SOURCE: Rule(_("Managing a source"), on_every_source=frozenset({SourceRole.ADMIN})),
    Action.READ_REPORT: Rule(
        _("Reading a report"), Scope.READ, on_every_source=ANY_ROLE, by_schedule=True, by_viewer=True
    ),
    Action.RUN_REPORT: Rule(_("Running a report"), on_every_source=ANY_ROLE, by_schedule=True),
    Action.WRITE_REPORT: Rule(_("Changing a report"), on_every_source=EDITORS),
    Action.SCHEDULE_REPORT: Rule(_("Scheduling a report"), on_every_source=EDITORS),
    Action.SEND_REPORT: Rule(_("Sending a report"), on_every_source=ANY_ROLE, by_schedule=True),
    Action.SEND_TO_OTHERS: Rule(_("Sending a report to somebody else"), roles=MANAGERS, by_schedule=True),
    # A share is a way in that outlasts a token, too.
    Action.SHARE_REPORT: Rule(
        _("Sharing a report"), roles=MANAGERS, on_every_source=ANY_ROLE, by_token=False
    ),
    Action.ERASE_CONTACT: Rule(
        _("Erasing a contact"), roles=MANAGERS, permission=Permission.EXPORT_CONTACT_DATA
    ),
    Action.MERGE_CONTACTS: Rule(
        _("Merging contacts"), roles=MANAGERS, permission=Permission.EXPORT_CONTACT_DATA
    ),
    Action.MANAGE_RECIPIENTS: Rule(_("Managing recipients"), roles=MANAGERS),
}


def require(
    actor: Principal,
    action: Action,
    *,
    sources: Iterable[UUID] = (),
    personal: bool = False,
    run: UUID | None = None,
) -> None:
    """Let the actor pass, or raise ``Forbidden`` with the reason.

    ``sources`` are all the sources the action is about. ``personal`` says that
    it shows rows about single persons, which takes a permission of its own.
    ``run`` is the one run that it is about, where it is: a viewer may see theirs alone.
    """
    if refusal := _refusal(actor, action, tuple(sources), personal, run):
        raise Forbidden(refusal)


def allowed(
    actor: Principal,
    action: Action,
    *,
    sources: Iterable[UUID] = (),
    personal: bool = False,
    run: UUID | None = None,
) -> bool:
    """Whether :func:`require` would let the actor pass. For showing or hiding what leads there."""
    return _refusal(actor, action, tuple(sources), personal, run) is None


def signed_in(actor: Principal | None) -> Principal:
    """Who asks. Raises ``Unauthenticated`` where nobody is known."""
    if actor is None:
        raise Unauthenticated(_("Sign in, or send a token in the header “Authorization: Bearer …”."))
    return actor


def require_operator(actor: Principal) -> None:
    """Let the operator pass alone: what is done for somebody else without their asking."""
    if not isinstance(actor, OperatorPrincipal):
        raise Forbidden(_("Only the operator may do this, with a command at the server's own machine."))


def readable_sources(actor: Principal, sources: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the sources whose figures the actor may see."""
    return frozenset(one for one in sources if allowed(actor, Action.READ_SOURCE, sources=(one,)))


def _refusal(
    actor: Principal, action: Action, sources: tuple[UUID, ...], personal: bool, run: UUID | None
) -> Message | None:
    if isinstance(actor, OperatorPrincipal):
        return None
    rule = RULES[action]
    if isinstance(actor, ViewerPrincipal):
        return _refused_viewer(actor, rule, run) or _refused_permission(actor, rule, personal)
    return (
        _refused_schedule(actor, rule)
        or _refused_token(actor, rule)
        or _refused_role(actor, rule)
        or _refused_sources(actor, rule, sources)
        or _refused_permission(actor, rule, personal)
    )


def _refused_viewer(actor: ViewerPrincipal, rule: Rule, run: UUID | None) -> Message | None:
    if rule.by_viewer and run == actor.run:
        return None
    return _("{doing} is not possible by a link, which shows one report alone.", doing=rule.doing)


def _refused_schedule(actor: Acting, rule: Rule) -> Message | None:
    if rule.by_schedule or not isinstance(actor, SchedulePrincipal):
        return None
    return _("{doing} is not possible for a schedule, which only makes and sends reports.", doing=rule.doing)


def _refused_token(actor: Acting, rule: Rule) -> Message | None:
    if actor.scopes is None:
        return None
    if not rule.by_token:
        return _("{doing} is not possible with a token; sign in instead.", doing=rule.doing)
    if rule.scope not in actor.scopes:
        return _("{doing} takes a token with the scope {scope}.", doing=rule.doing, scope=str(rule.scope))
    return None


def _refused_role(actor: Acting, rule: Rule) -> Message | None:
    if actor.role in rule.roles:
        return None
    roles = listed(name for role, name in WORKSPACE_ROLES.items() if role in rule.roles)
    return _("{doing} takes one of these roles in the workspace: {roles}.", doing=rule.doing, roles=roles)


def _refused_sources(actor: Acting, rule: Rule, sources: tuple[UUID, ...]) -> Message | None:
    if rule.on_every_source is None:
        return None
    if not sources and rule.scope is Scope.WRITE:
        return _("{doing} takes at least one source.", doing=rule.doing)
    if all(actor.source_roles.get(source) in rule.on_every_source for source in sources):
        return None
    roles = listed(name for role, name in SOURCE_ROLES.items() if role in rule.on_every_source)
    return _("{doing} takes one of these roles on every source: {roles}.", doing=rule.doing, roles=roles)


def _refused_permission(actor: Acting | ViewerPrincipal, rule: Rule, personal: bool) -> Message | None:
    wanted = Permission.EXPORT_CONTACT_DATA if personal else rule.permission
    if wanted is None or wanted in actor.permissions:
        return None
    return _(
        "This shows rows about single persons and takes the permission {permission}.", permission=str(wanted)
    )


def require_role_change(actor: Principal, person: UUID, old: WorkspaceRole, new: WorkspaceRole) -> None:
    """Let the actor change a person's role in the workspace. Nobody raises themselves."""
    require_over(actor, old)
    require_over(actor, new)
    _not_oneself(actor, person, new.rank > old.rank)


def require_permission_change(
    actor: Principal, person: UUID, role: WorkspaceRole, added: frozenset[Permission]
) -> None:
    """Let the actor change the permissions of a person with this role.

    Nobody gives themselves one; an admin gives only those they hold.
    """
    require_over(actor, role)
    _not_oneself(actor, person, bool(added))
    if actor.role is WorkspaceRole.ADMIN and (lacking := added - actor.permissions):
        names = ", ".join(sorted(lacking))
        raise Forbidden(_("You can only give permissions that you hold, which {names} is not.", names=names))


def require_source_role_change(
    actor: Principal, person: UUID, source: UUID, old: SourceRole | None, new: SourceRole | None
) -> None:
    """Let the actor change a person's role on a source: as its admin, or as who manages people."""
    if actor.via == "token" or not allowed(actor, Action.MANAGE_SOURCE, sources=(source,)):
        require(actor, Action.MANAGE_PEOPLE)
    _not_oneself(actor, person, new is not None and (old is None or new.rank > old.rank))


def require_every_source_change(
    actor: Principal, person: UUID, old: SourceRole | None, new: SourceRole | None
) -> None:
    """Let the actor change a person's role on every source. Nobody raises themselves."""
    require(actor, Action.MANAGE_PEOPLE)
    _not_oneself(actor, person, new is not None and (old is None or new.rank > old.rank))


def require_over(actor: Principal, role: WorkspaceRole) -> None:
    """Let the actor change a person with this role, or give it."""
    require(actor, Action.MANAGE_PEOPLE)
    if role is WorkspaceRole.OWNER:
        require(actor, Action.MANAGE_OWNERS)


def _not_oneself(actor: Principal, person: UUID, raises: bool) -> None:
    if raises and person == actor.person:
        raise Forbidden(_("Nobody can give rights to themselves; ask another owner or admin."))
