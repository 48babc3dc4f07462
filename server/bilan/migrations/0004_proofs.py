"""What posts were proved with, and how many of a source were refused for the age of their signature.

A source whose oldest signature was 0 never had one chosen: it takes its kind's default from here on.
"""

import json

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


async def leave_ages_to_their_kinds(apps, editor):
    """Take the setting out where it says what it said by default."""
    value, key = ("$1", "$2") if editor.client.capabilities.dialect == "postgres" else ("?", "?")
    rows = await editor.client.execute_query_dict(
        "SELECT id, settings AS stored FROM source WHERE CAST(settings AS TEXT) LIKE '%max_age%'"
    )
    for row in rows:
        settings = json.loads(row["stored"])
        if settings.get("max_age") == 0:
            del settings["max_age"]
            words = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
            await editor.client.execute_query(
                f"UPDATE source SET settings = {value} WHERE id = {key}", [words, row["id"]]
            )


class Migration(migrations.Migration):
    dependencies = [('bilan', '0003_moments')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ProofRow',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('content', fields.CharField(max_length=64)),
                ('until', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'inbox_proof', 'app': 'bilan', 'pk_attr': 'key'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='IngestCounters',
            name='stale',
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.RunPython(leave_ages_to_their_kinds),
    ]
