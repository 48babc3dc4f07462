"""Words that changed: columns, and what stands in stored messages, definitions and summaries."""

import json

from tortoise import migrations
from tortoise.migrations import operations as ops

from bilan.sdk.document_versions import renamed

STORED = {
    "run": ("definitions", "brief", "error", "erased_because"),
    "step": ("detail", "error"),
    "delivery": ("reason",),
    "upload": ("failure",),
    "rejected_row": ("reason",),
}
"""JSON columns that hold words of document version 1."""


async def rename_stored_words(apps, editor):
    """Rewrite what is stored in the words of document version 1."""
    postgres = editor.client.capabilities.dialect == "postgres"
    value, key = ("$1", "$2") if postgres else ("?", "?")
    for table, columns in STORED.items():
        for column in columns:
            rows = await editor.client.execute_query_dict(
                f"SELECT id, {column} AS stored FROM {table} WHERE CAST({column} AS TEXT) LIKE '%share%'"
            )
            for row in rows:
                words = json.dumps(renamed(json.loads(row["stored"])), ensure_ascii=False, separators=(",", ":"))
                await editor.client.execute_query(
                    f"UPDATE {table} SET {column} = {value} WHERE id = {key}", [words, row["id"]]
                )


class Migration(migrations.Migration):
    dependencies = [("bilan", "0001_initial")]

    operations = [
        ops.RunPython(rename_stored_words),
        ops.RenameModel("TallyRow", "IngestCounters"),
        ops.RenameField("IngestCounters", "dropped", "evicted"),
        ops.RenameField("UploadRow", "place", "sequence"),
    ]
