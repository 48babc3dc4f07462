"""Names of roles, as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from bilan.accounts.values import SourceRole, WorkspaceRole
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

WORKSPACE_ROLES = {
    WorkspaceRole.OWNER: _("owner"),
    WorkspaceRole.ADMIN: _("admin"),
    WorkspaceRole.MEMBER: _("member"),
}
SOURCE_ROLES = {
    SourceRole.ADMIN: _("admin"),
    SourceRole.EDITOR: _("editor"),
    SourceRole.MODERATOR: _("moderator"),
    SourceRole.GUEST: _("guest"),
}


def listed(names: Iterable[Message]) -> Message:
    """Some names in a row."""
    return reduce(lambda before, name: _("{before}, {name}", before=before, name=name), names)
