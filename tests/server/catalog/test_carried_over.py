"""What a migration makes of single values, on both databases."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.sources.models import SourceRow
from fixtures.ingest import NOW


async def test_the_age_of_signatures_is_left_to_the_kind_where_nobody_chose_one(catalog: Catalog) -> None:
    migration = import_module("bilan.migrations.0004_proofs")
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    chosen = {UUID(int=2): {"max_age": 0, "zone": "UTC"}, UUID(int=3): {"max_age": 15}, UUID(int=4): {}}
    for ident, settings in chosen.items():
        await SourceRow.create(
            id=ident,
            workspace=workspace,
            plugin="email",
            kind="mailgun",
            name=ident.hex,
            address=ident.hex,
            zone="UTC",
            settings=settings,
            created_at=NOW,
        )

    await migration.leave_ages_to_their_kinds(None, SimpleNamespace(client=catalog.connection))

    found = {row.id: row.settings for row in await SourceRow.all()}
    assert found == {UUID(int=2): {"zone": "UTC"}, UUID(int=3): {"max_age": 15}, UUID(int=4): {}}
