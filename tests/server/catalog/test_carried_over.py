"""What a migration makes of single values, on both databases."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from uuid import UUID, uuid4

from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.delivery.models import LetterRow, SendingRow
from bilan.delivery.values import Mode
from bilan.recipients.models import RecipientRow
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


async def test_recipients_who_are_there_are_found_by_their_words(catalog: Catalog) -> None:
    migration = import_module("bilan.migrations.0019_recipients_found")
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    await RecipientRow.create(
        workspace=workspace, address="zoe@client.example", first_name="Zoé", last_name="Groß",
        added_by_name="Olga", created_at=NOW,
    )  # fmt: skip

    await migration.write_words(None, SimpleNamespace(client=catalog.connection))

    assert (await RecipientRow.get()).words == "zoe gross zoe@client.example"


async def test_letters_are_there_when_their_table_is_made_anew(catalog: Catalog) -> None:
    migration = import_module("bilan.migrations.0016_consent")
    client = catalog.connection
    editor = SimpleNamespace(client=client)
    sending = await SendingRow.create(
        workspace=uuid4(), idempotency_key="news", request_hash="", job=uuid4(), mode=Mode.LINK, formats=(),
        days=30, message="", sent_by_name="Olga", created_at=NOW,
    )  # fmt: skip
    await LetterRow.create(sending=sending, channel="email", language="fr", sha256="0" * 64, artifacts=["1"])
    (letter,) = await LetterRow.all().values()

    await migration.put_aside(None, editor)
    await LetterRow.all().delete()
    await migration.carry_over(None, editor)

    assert await LetterRow.all().values() == [letter]
    another = await LetterRow.create(
        sending=sending, channel="email", language="en", sha256="1" * 64, artifacts=[]
    )
    assert another.id > letter["id"]
