"""What letters are made with where nothing is shared."""

from __future__ import annotations

from uuid import UUID

from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import GrantWords


async def no_grants(grant: UUID) -> GrantWords:
    """The link and password of no grant."""
    raise AssertionError(grant)


async def nothing_shared(delivery: DeliveryRow) -> GrantWords:
    """What is told of a delivery by protected link."""
    raise AssertionError(delivery)
