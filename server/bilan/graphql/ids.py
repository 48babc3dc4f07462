"""Ids that programs send."""

from __future__ import annotations

from uuid import UUID

from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _


def uuid(given: str, field: str = "id") -> UUID:
    """The id meant. Raises ``NotFound`` for what cannot be one."""
    try:
        return UUID(given)
    except ValueError:
        raise NotFound(_("There is nothing with the id “{id}”.", id=given), (field,)) from None
