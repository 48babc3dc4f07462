from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("bilan", "0003_file_references")]

    operations = [
        ops.RenameField("SendingRow", "fingerprint", "request_hash"),
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
                ("sha256", fields.CharField(max_length=64)),
                ("artifacts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "letter",
                "app": "bilan",
                "unique_together": (("sending", "channel", "language"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        # What drew all files at once composes all letters now, drawing what is missing.
        ops.RunSQL("UPDATE step SET name = 'compose:email' WHERE name = 'enclose'"),
    ]
