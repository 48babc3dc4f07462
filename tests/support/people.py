"""People who can sign in at once: the operator knows the password that they begin with."""

from __future__ import annotations

from bilan import operator
from bilan.accounts.passwords import generated
from bilan.accounts.values import Member, WorkspaceRole
from bilan.services import Services


async def add_person(services: Services, email: str, name: str, role: WorkspaceRole) -> tuple[Member, str]:
    """Somebody new with a password. The first one owns the workspace."""
    password = generated()
    return await operator.add_person(services, email, name, role, password=password), password
