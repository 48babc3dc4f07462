"""What anybody is told of a file that they hold: whether it was made here and is unchanged.

See docs/decisions/121.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bilan.accounts.door import network_of
from bilan.accounts.rate_limit import RateLimit
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.models import LedgerEntryRow
from bilan.runs.models import ArtifactRow
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

ATTEMPTS = 60
"""How often one network may ask within a quarter of an hour."""
SHA256 = re.compile("[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CheckedHash:
    """What is told of a hash: of a file, when it was made and as of when its figures are.

    ``in_ledger`` says that an entry of a ledger has this hash, as ``bilan verify --head`` does.
    """

    sha256: str
    made_at: datetime | None
    as_of: datetime | None
    in_ledger: bool

    @property
    def known(self) -> bool:
        """Whether it is the hash of anything made here."""
        return self.made_at is not None or self.in_ledger


class PublicCheck:
    """Checks hashes for anybody. Who has none learns nothing: neither names nor workspaces are told."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._rate_limit = RateLimit(catalog, clock, "check", ATTEMPTS)

    async def admit(self, ip: str) -> None:
        """Count that somebody asks, before what they send is read. Raises ``TooMany``."""
        await self._rate_limit.hit(network_of(ip))

    async def check(self, given: str) -> CheckedHash:
        """What is known of a SHA-256 in hexadecimal. Raises ``Invalid`` for what is none."""
        sha256 = "".join(given.split()).lower()
        if not SHA256.fullmatch(sha256):
            raise Invalid(_("A SHA-256 has 64 digits from 0 to 9 and a to f."), ("sha256",))
        rows = ArtifactRow.filter(sha256=sha256).order_by("created_at").select_related("run")
        made = await rows.first()
        return CheckedHash(
            sha256,
            made.created_at if made else None,
            made.run.as_of if made else None,
            await LedgerEntryRow.exists(hash=sha256),
        )
