"""What changes a share and its viewers at the same moment waits for each other, on PostgreSQL."""

from __future__ import annotations

import anyio
import pytest

from bilan.runs.values import Run
from bilan.settings import Settings
from bilan.shares.models import ShareGrantRow
from bilan.shares.reading import lock_share
from fixtures.mailing import Mailing
from support.sharing import opened, shared, token_of


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, _migrated_postgres: str) -> Settings:
    return warehouse_settings.model_copy(update={"database_url": _migrated_postgres})


@pytest.mark.requirement("MC-16", "GO-11")
async def test_revoking_and_opening_wait_for_an_e_mail_that_leaves_to_the_same_viewer(
    mailing: Mailing, run: Run
):
    made = await shared(mailing, run)
    grant, catalog = await ShareGrantRow.get(share_id=made.share.id), mailing.bilan.services.catalog
    revoked = False

    async def leaving(held: anyio.Event) -> None:
        async with catalog.transaction():
            await lock_share(made.share.id)
            held.set()
            await anyio.sleep(0.5)  # long enough for the other to hold whatever it takes first
            await ShareGrantRow.filter(id=grant.id, revoked_at__isnull=True).update(name="Vera")

    for revoked in (False, True):
        held = anyio.Event()
        async with anyio.create_task_group() as both:
            both.start_soon(leaving, held)
            await held.wait()
            if revoked:
                await mailing.bilan.services.shares.revoke(mailing.owner, made.share.id, grant.id)
            else:
                await opened(mailing, token_of(mailing, grant.id, grant.nonce), made.password)
    await grant.refresh_from_db()
    assert (grant.name, grant.views, grant.revoked_at is None) == ("Vera", 1, not revoked)
