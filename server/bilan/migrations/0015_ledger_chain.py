"""The chain of the ledger. What was settled before begins it, in the order in which that happened."""

import secrets
from collections import defaultdict

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

from bilan.delivery.chain import FIRST, artifacts_of, content_of, hash_of

A_TIME = 500
SETTLED = """
SELECT delivery.id AS id, sending.workspace AS workspace FROM delivery
JOIN sending ON sending.id = delivery.sending_id
WHERE delivery.state NOT IN ('planned', 'claimed', 'handed_over')
ORDER BY sending.workspace, delivery.settled_at, delivery.id
"""
ROWS = """
SELECT delivery.id AS delivery, delivery.sending_id AS sending, sending.workspace AS workspace,
  sending.run AS run, delivery.channel AS channel, delivery.recipient AS recipient, delivery.state AS state,
  delivery.attempt AS attempt, delivery.attached AS attached, delivery.claimed_at AS claimed_at,
  delivery.settled_at AS settled_at, delivery.address AS address, delivery.name AS name,
  delivery.answer AS answer, delivery.reason AS reason, letter.sha256 AS letter, letter.artifacts AS artifacts
FROM delivery JOIN sending ON sending.id = delivery.sending_id
LEFT JOIN letter ON letter.sending_id = delivery.sending_id AND letter.channel = delivery.channel
  AND letter.language = delivery.language
WHERE delivery.id IN ({})
"""


async def begin_chains(apps, editor):
    """An entry for every delivery that is settled."""
    client = editor.client

    def marks(count):
        postgres = client.capabilities.dialect == "postgres"
        return ", ".join(f"${number + 1}" if postgres else "?" for number in range(count))

    async def read(statement, keys):
        keys = [str(one) for one in keys]
        return await client.execute_query_dict(statement.format(marks(len(keys))), keys) if keys else []

    settled = [str(row["id"]) for row in await client.execute_query_dict(SETTLED)]
    sequences, heads = defaultdict(int), defaultdict(lambda: FIRST)
    for start in range(0, len(settled), A_TIME):
        found = {str(row["delivery"]): row for row in await read(ROWS, settled[start : start + A_TIME])}
        named = {one for row in found.values() for one in artifacts_of(row)}
        files = await read("SELECT id, sha256 FROM artifact WHERE id IN ({})", named)
        hashes = {str(row["id"]): row["sha256"] for row in files}
        entries = []
        for ident in settled[start : start + A_TIME]:
            row, salt = found[ident], secrets.token_hex(16)
            workspace = str(row["workspace"])
            content = content_of(row, [hashes[one] for one in artifacts_of(row) if one in hashes], salt)
            sequences[workspace] += 1
            heads[workspace] = hash_of(heads[workspace], content)
            entries.append([workspace, sequences[workspace], ident, content, salt, heads[workspace]])
        await client.execute_many(
            "INSERT INTO ledger_entry (workspace, sequence, delivery, content, salt, hash) "
            f"VALUES ({marks(6)})",
            entries,
        )


class Migration(migrations.Migration):
    dependencies = [('bilan', '0014_background_steps')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LedgerEntryRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('workspace', fields.UUIDField()),
                ('sequence', fields.BigIntField()),
                ('delivery', fields.UUIDField(db_index=True)),
                ('content', fields.TextField(unique=False)),
                ('salt', fields.CharField(null=True, max_length=32)),
                ('hash', fields.CharField(max_length=64)),
            ],
            options={'table': 'ledger_entry', 'app': 'bilan', 'unique_together': (('workspace', 'sequence'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.RunPython(begin_chains),
    ]
