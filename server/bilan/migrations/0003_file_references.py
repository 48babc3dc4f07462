import json
from typing import Any
from uuid import UUID

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

REFERENCES = """
INSERT INTO file_reference (sha256, owner_kind, owner_id)
  SELECT artifact.sha256, 'run', artifact.run_id FROM artifact JOIN run ON run.id = artifact.run_id
    WHERE run.erased_at IS NULL
  UNION SELECT sha256, 'run', run_id FROM run_part
  UNION SELECT content, 'upload', id FROM upload
  UNION SELECT logo, 'workspace', id FROM workspace WHERE logo IS NOT NULL
  UNION SELECT sha256, 'outbox', id FROM kept_mail
"""
FILES = """
INSERT INTO stored_file (sha256)
  SELECT sha256 FROM file_reference UNION SELECT sha256 FROM loose_file
"""


async def carry_over(apps: Any, editor: Any) -> None:
    """A reference for every file that a row names, and a file for each of them."""
    database = editor.client
    await database.execute_query(REFERENCES)
    for upload, companions in await _companions(database):
        for sha256 in companions:
            await database.execute_query(
                _numbered(
                    database,
                    "INSERT INTO file_reference (sha256, owner_kind, owner_id) SELECT ?, 'upload', id FROM upload"
                    " WHERE id = ? AND content <> ?",
                ),
                [sha256, upload, sha256],
            )
    await database.execute_query(FILES)


async def _companions(database: Any) -> list[tuple[UUID | str, set[str]]]:
    _count, found = await database.execute_query("SELECT id, companions FROM upload")
    read = [(row["id"], row["companions"]) for row in found]
    return [
        (upload, set((json.loads(named) if isinstance(named, str) else named or {}).values()))
        for upload, named in read
    ]


def _numbered(database: Any, statement: str) -> str:
    """The statement with the database's own placeholders."""
    if database.capabilities.dialect != "postgres":
        return statement
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


class Migration(migrations.Migration):
    dependencies = [("bilan", "0002_ingest_counters")]

    operations = [
        ops.CreateModel(
            name="StoredFileRow",
            fields=[
                ("sha256", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("removing_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "stored_file", "app": "bilan", "pk_attr": "sha256"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FileReferenceRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("sha256", fields.CharField(db_index=True, max_length=64)),
                ("owner_kind", fields.CharField(max_length=16)),
                ("owner_id", fields.UUIDField()),
                (
                    "reserved_until",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "file_reference",
                "app": "bilan",
                "unique_together": (("owner_kind", "owner_id", "sha256"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.RunPython(carry_over),
        ops.DeleteModel("LooseFileRow"),
        ops.DeleteModel("PartRow"),
    ]
