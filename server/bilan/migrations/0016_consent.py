"""Deliveries that wait for a confirmation, letters by more than their language, and sendings without a report."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

LETTERS = "id, sending_id, channel, language, sha256, artifacts"


async def put_aside(apps, editor):
    """Copy the letters into a table that no model knows: SQLite cannot give up a rule that a table was made with."""
    await editor.client.execute_query(f"CREATE TABLE old_letter AS SELECT {LETTERS} FROM letter")


async def carry_over(apps, editor):
    """Put the letters back; ids follow the highest one."""
    await editor.client.execute_query(f"INSERT INTO letter ({LETTERS}) SELECT {LETTERS} FROM old_letter")
    await editor.client.execute_query("DROP TABLE old_letter")
    if editor.client.capabilities.dialect == "postgres":
        await editor.client.execute_query(
            "SELECT setval(pg_get_serial_sequence('letter', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)"
            " FROM letter"
        )


class Migration(migrations.Migration):
    dependencies = [("bilan", "0015_ledger_chain")]

    initial = False

    operations = [
        ops.AlterField("DeliveryRow", "step", fields.UUIDField(null=True)),
        ops.AddField("DeliveryRow", "confirms", fields.BooleanField(default=False, db_default=False)),
        ops.AddField("DeliveryRow", "external", fields.BooleanField(default=False, db_default=False)),
        ops.AddField("DeliveryRow", "formats", fields.JSONField(null=True)),
        ops.AddField("DeliveryRow", "letter", fields.CharField(default="", db_default="", max_length=64)),
        ops.AddField(
            "DeliveryRow", "links_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)
        ),
        ops.AddField("DeliveryRow", "zone", fields.CharField(null=True, max_length=64)),
        ops.AlterField("SendingRow", "run", fields.UUIDField(null=True, db_index=True)),
        ops.AddField("SendingRow", "mail", fields.JSONField(null=True)),
        ops.AddField("SendingRow", "schedule", fields.UUIDField(null=True)),
        ops.AddField("SendingRow", "test", fields.BooleanField(default=False, db_default=False)),
        ops.RunPython(put_aside),
        ops.DeleteModel("LetterRow"),
        ops.CreateModel(
            name="LetterRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "sending",
                    fields.ForeignKeyField(
                        "bilan.SendingRow",
                        source_field="sending_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="letters",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("channel", fields.CharField(max_length=32)),
                ("language", fields.CharField(max_length=16)),
                ("letter", fields.CharField(default="", db_default="", max_length=64)),
                ("sha256", fields.CharField(max_length=64)),
                ("artifacts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "letter",
                "app": "bilan",
                "unique_together": (("sending", "channel", "language", "letter"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunPython(carry_over),
    ]
