"""Who uses Bilan, and who may do what."""

from bilan.accounts.accounts import Accounts
from bilan.accounts.password_links import PasswordLinks
from bilan.accounts.passwords import Passwords
from bilan.accounts.sessions import Sessions
from bilan.accounts.tokens import Tokens
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

__all__ = [
    "Accounts",
    "OperatorPrincipal",
    "PasswordLinks",
    "Passwords",
    "Permission",
    "PersonPrincipal",
    "Principal",
    "SchedulePrincipal",
    "Scope",
    "Sessions",
    "SourceRole",
    "Tokens",
    "ViewerPrincipal",
    "WorkspaceRole",
]
