"""Who uses Bilan, and who may do what."""

from bilan.accounts.accounts import Accounts
from bilan.accounts.passwords import Passwords
from bilan.accounts.sessions import Sessions
from bilan.accounts.tokens import Tokens
from bilan.accounts.values import Actor, Permission, Scope, SourceRole, WorkspaceRole

__all__ = [
    "Accounts",
    "Actor",
    "Passwords",
    "Permission",
    "Scope",
    "Sessions",
    "SourceRole",
    "Tokens",
    "WorkspaceRole",
]
