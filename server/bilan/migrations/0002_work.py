"""Work becomes an area of its own: a run is a job with steps and, where it builds a report, a report run.

With it, files are referred to by rows, letters are kept, and stored words are those of today.
"""

import json
from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
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


REFERENCES = """
INSERT INTO file_reference (sha256, owner_kind, owner_id)
  SELECT artifact.sha256, 'run', artifact.run_id FROM artifact JOIN run ON run.id = artifact.run_id
    WHERE run.erased_at IS NULL
  UNION SELECT sha256, 'run', run_id FROM run_part
  UNION SELECT content, 'upload', id FROM upload
  UNION SELECT logo, 'workspace', id FROM workspace WHERE logo IS NOT NULL
  UNION SELECT sha256, 'outbox', id FROM kept_mail
"""
STORED_FILES = """
INSERT INTO stored_file (sha256)
  SELECT sha256 FROM file_reference UNION SELECT sha256 FROM loose_file
"""


async def add_references(apps, editor):
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
    await database.execute_query(STORED_FILES)


async def _companions(database):
    _count, found = await database.execute_query("SELECT id, companions FROM upload")
    read = [(row["id"], row["companions"]) for row in found]
    return [
        (upload, set((json.loads(named) if isinstance(named, str) else named or {}).values()))
        for upload, named in read
    ]


def _numbered(database, statement):
    """The statement with the database's own placeholders."""
    if database.capabilities.dialect != "postgres":
        return statement
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


OLD = ("run", "run_source", "run_document", "artifact", "step", "sending", "delivery")
"""The tables that are replaced. Their rows wait beside them while the new ones are made."""
JOBS = """
INSERT INTO job (id, workspace, kind, subject, title, arguments, zone, personal, actor, actor_name,
    idempotency_key, request_hash, state, error, created_at, started_at, finished_at)
SELECT run.id, run.workspace, run.purpose, run.kind, run.title, run."values", run.zone, run.personal,
    run.asked_by, run.asked_by_name,
    CASE WHEN sending.key LIKE 'once:%' THEN substr(sending.key, 6)
        ELSE coalesce(sending.key, run.once) END,
    coalesce(sending.fingerprint, run.once),
    run.state, run.error, run.created_at, run.started_at, run.finished_at
FROM old_run AS run LEFT JOIN old_sending AS sending ON sending.work = run.id
"""
REPORT_RUNS = """
INSERT INTO report_run (id, job_id, report, formats, kept, as_of, document_sha256, definitions, summary,
    hold_until, erased_at, erased_because, counts)
SELECT id, id, report, formats, kept, as_of, document_sha256, definitions, brief,
    hold_until, erased_at, erased_because, counts
FROM old_run WHERE purpose = 'report'
"""
STEPS = """
INSERT INTO step (id, job_id, position, after, name, arguments, key, optional, state, attempt, due_at,
    woken_at, holder, lease_until, progress, detail, error, started_at, finished_at)
SELECT id, run_id, position, {after},
    CASE WHEN name = 'enclose' THEN 'compose:email' ELSE name END,
    arguments, key, file, state, attempt, due_at,
    woken_at, holder, lease_until, progress, detail, error, started_at, finished_at
FROM old_step
"""
AFTER = {
    "sqlite": "CASE WHEN after IS NULL THEN '[]' ELSE '[' || after || ']' END",
    "postgres": "CASE WHEN after IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(after) END",
}
SOURCES = "INSERT INTO job_source (job_id, source) SELECT run_id, source FROM old_run_source ORDER BY id"
DOCUMENTS = "INSERT INTO report_document (run_id, json) SELECT run_id, json FROM old_run_document"
ARTIFACTS = """
INSERT INTO artifact (id, run_id, key, render_spec, file_name, media_type, sha256, size, created_at)
SELECT id, run_id, key, rendition, file_name, media_type, sha256, size, created_at FROM old_artifact
"""
SENDINGS = """
INSERT INTO sending (id, workspace, idempotency_key, request_hash, run, job, mode, formats, days, message, sent_by, sent_by_name, created_at)
SELECT id, workspace, CASE WHEN key LIKE 'once:%' THEN substr(key, 6) ELSE key END, fingerprint, run, work, mode, formats, days, message, sent_by, sent_by_name, created_at
FROM old_sending
"""
DELIVERIES = """
INSERT INTO delivery (id, sending_id, channel, recipient, address, name, language, state, step, attempt,
    attached, answer, reason, reissue_of, claimed_at, settled_at, created_at)
SELECT id, sending_id, channel, recipient, address, name, language, state, step, attempt,
    attached, answer, reason, renews, claimed_at, settled_at, created_at
FROM old_delivery
"""
COMPLETED = "UPDATE upload SET completed_at = ended_at WHERE state = 'done'"


async def put_aside(apps, editor):
    """Copy what is replaced, as it is, into tables that no model knows."""
    for table in OLD:
        await editor.client.execute_query(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")


async def carry_over(apps, editor):
    """Make every run a job and, where it built a report, a report run."""
    connection = editor.client
    steps = STEPS.format(after=AFTER[connection.capabilities.dialect])
    for statement in (JOBS, REPORT_RUNS, steps, SOURCES, DOCUMENTS, ARTIFACTS, SENDINGS, DELIVERIES, COMPLETED):
        await connection.execute_query(statement)
    for table in OLD:
        await connection.execute_query(f"DROP TABLE old_{table}")


def _json(**options):
    return fields.JSONField(encoder=JSON_DUMPS, decoder=loads, **options)


def _moment(**options):
    return fields.DatetimeField(auto_now=False, auto_now_add=False, **options)


def _belongs_to(model, column, name):
    return fields.ForeignKeyField(
        model, source_field=column, db_constraint=True, to_field="id", related_name=name, on_delete=OnDelete.CASCADE,
    )


class Migration(migrations.Migration):
    dependencies = [("bilan", "0001_initial")]

    operations = [
        ops.RunPython(rename_stored_words),
        ops.RenameModel("TallyRow", "IngestCounters"),
        ops.RenameField("IngestCounters", "dropped", "evicted"),
        ops.RenameField("UploadRow", "place", "sequence"),
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
        ops.RunPython(add_references),
        ops.DeleteModel("LooseFileRow"),
        ops.DeleteModel("PartRow"),
        ops.RunPython(put_aside),
        ops.DeleteModel("DeliveryRow"),
        ops.DeleteModel("SendingRow"),
        ops.DeleteModel("ArtifactRow"),
        ops.DeleteModel("DocumentRow"),
        ops.DeleteModel("StepRow"),
        ops.DeleteModel("RunSourceRow"),
        ops.DeleteModel("RunRow"),
        ops.CreateModel(
            name="JobRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("workspace", fields.UUIDField()),
                ("kind", fields.CharField(max_length=16)),
                ("subject", fields.CharField(max_length=200)),
                ("title", fields.CharField(null=True, max_length=400)),
                ("arguments", _json()),
                ("zone", fields.CharField(max_length=64)),
                ("personal", fields.BooleanField(default=False)),
                ("actor", fields.UUIDField(null=True)),
                ("actor_name", fields.CharField(max_length=200)),
                ("idempotency_key", fields.CharField(null=True, max_length=100)),
                ("request_hash", fields.CharField(null=True, max_length=64)),
                ("state", fields.CharField(max_length=16)),
                ("error", _json(null=True)),
                ("created_at", _moment()),
                ("started_at", _moment(null=True)),
                ("finished_at", _moment(null=True)),
            ],
            options={
                "table": "job", "app": "bilan", "pk_attr": "id",
                "unique_together": (("workspace", "idempotency_key"),),
                "indexes": [Index(fields=["workspace", "created_at"]), Index(fields=["finished_at"])],
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JobSourceRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("job", _belongs_to("bilan.JobRow", "job_id", "sources")),
                ("source", fields.UUIDField()),
            ],
            options={"table": "job_source", "app": "bilan", "pk_attr": "id",
                     "unique_together": (("job", "source"),)},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StepRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("job", _belongs_to("bilan.JobRow", "job_id", "steps")),
                ("position", fields.SmallIntField()),
                ("after", _json(default=list)),
                ("name", fields.CharField(max_length=64)),
                ("arguments", _json()),
                ("key", fields.CharField(null=True, max_length=64)),
                ("optional", fields.BooleanField(default=False)),
                ("state", fields.CharField(max_length=16)),
                ("attempt", fields.SmallIntField(default=0)),
                ("due_at", _moment(null=True)),
                ("woken_at", _moment(null=True)),
                ("holder", fields.CharField(null=True, max_length=120)),
                ("lease_until", _moment(null=True)),
                ("progress", fields.FloatField(default=0.0)),
                ("detail", _json(null=True)),
                ("error", _json(null=True)),
                ("started_at", _moment(null=True)),
                ("finished_at", _moment(null=True)),
            ],
            options={"table": "step", "app": "bilan", "pk_attr": "id",
                     "unique_together": (("job", "position"), ("job", "key")),
                     "indexes": [Index(fields=["state", "due_at"])]},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReportRunRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("job", fields.OneToOneField(
                    "bilan.JobRow", source_field="job_id", db_constraint=True, to_field="id",
                    related_name="report_run", on_delete=OnDelete.CASCADE,
                )),
                ("report", fields.UUIDField(null=True, db_index=True)),
                ("formats", _json()),
                ("kept", fields.BooleanField(default=True)),
                ("as_of", _moment(null=True)),
                ("document_sha256", fields.CharField(null=True, max_length=64)),
                ("definitions", _json(null=True)),
                ("summary", _json(null=True)),
                ("hold_until", _moment(null=True)),
                ("erased_at", _moment(null=True)),
                ("erased_because", _json(null=True)),
                ("counts", _json(null=True)),
            ],
            options={"table": "report_run", "app": "bilan", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DocumentRow",
            fields=[
                ("run", fields.OneToOneField(
                    "bilan.ReportRunRow", source_field="run_id", primary_key=True, db_index=True,
                    db_constraint=True, to_field="id", related_name="document", on_delete=OnDelete.CASCADE,
                )),
                ("json", fields.TextField(unique=False)),
            ],
            options={"table": "report_document", "app": "bilan", "pk_attr": "run_id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ArtifactRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("run", _belongs_to("bilan.ReportRunRow", "run_id", "artifacts")),
                ("key", fields.CharField(max_length=64)),
                ("render_spec", _json()),
                ("file_name", fields.CharField(max_length=400)),
                ("media_type", fields.CharField(max_length=100)),
                ("sha256", fields.CharField(db_index=True, max_length=64)),
                ("size", fields.BigIntField()),
                ("created_at", _moment()),
            ],
            options={"table": "artifact", "app": "bilan", "pk_attr": "id",
                     "unique_together": (("run", "key"),)},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SendingRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("workspace", fields.UUIDField()),
                ("idempotency_key", fields.CharField(max_length=100)),
                ("request_hash", fields.CharField(max_length=64)),
                ("run", fields.UUIDField(db_index=True)),
                ("job", fields.UUIDField(unique=True)),
                ("mode", fields.CharField(max_length=16)),
                ("formats", _json()),
                ("days", fields.SmallIntField()),
                ("message", fields.TextField(unique=False)),
                ("sent_by", fields.UUIDField(null=True)),
                ("sent_by_name", fields.CharField(max_length=200)),
                ("created_at", _moment()),
            ],
            options={"table": "sending", "app": "bilan", "pk_attr": "id",
                     "unique_together": (("workspace", "idempotency_key"),)},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DeliveryRow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("sending", _belongs_to("bilan.SendingRow", "sending_id", "deliveries")),
                ("channel", fields.CharField(max_length=32)),
                ("recipient", fields.UUIDField()),
                ("address", fields.CharField(max_length=320)),
                ("name", fields.CharField(max_length=200)),
                ("language", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=16)),
                ("step", fields.UUIDField()),
                ("attempt", fields.SmallIntField(default=0)),
                ("attached", fields.BooleanField(default=False)),
                ("answer", fields.TextField(null=True, unique=False)),
                ("reason", _json(null=True)),
                ("reissue_of", fields.UUIDField(null=True, db_index=True)),
                ("claimed_at", _moment(null=True)),
                ("settled_at", _moment(null=True)),
                ("created_at", _moment()),
            ],
            options={"table": "delivery", "app": "bilan", "pk_attr": "id",
                     "unique_together": (("sending", "recipient", "channel"),),
                     "indexes": [Index(fields=["state", "claimed_at"])]},
            bases=["Model"],
        ),
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
        ops.AddField("UploadRow", "completed_at", _moment(null=True)),
        ops.RunPython(carry_over),
        ops.RenameField("UploadRow", "run", "job"),
        ops.RemoveField("UploadRow", "state"),
        ops.RemoveField("UploadRow", "failure"),
        ops.RemoveField("UploadRow", "started_at"),
        ops.RemoveField("UploadRow", "ended_at"),
    ]
