"""The tables of work: one row a job, one a step that can fail."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from bilan.catalog.fields import StructField
from bilan.sdk.messages import Message


class JobRow(Model):
    """Work that somebody asked for. Workspace, actor and sources are plain ids: a job outlives them."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    kind = fields.CharField(max_length=16)
    subject = fields.CharField(max_length=200)
    title = fields.CharField(max_length=400, null=True)
    arguments: fields.Field[dict[str, Any]] = fields.JSONField()
    zone = fields.CharField(max_length=64)
    personal = fields.BooleanField(default=False)
    actor = fields.UUIDField(null=True)
    actor_name = fields.CharField(max_length=200)
    idempotency_key = fields.CharField(max_length=100, null=True)
    request_hash = fields.CharField(max_length=64, null=True)
    """The hash of what was asked, so that a key is not used for something else."""
    state = fields.CharField(max_length=16)
    error = StructField(Message, null=True)
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    steps: fields.ReverseRelation[StepRow]
    sources: fields.ReverseRelation[JobSourceRow]

    class Meta(Model.Meta):
        table = "job"
        unique_together = (("workspace", "idempotency_key"),)
        indexes = (Index(fields=("workspace", "created_at")), Index(fields=("finished_at",)))


class JobSourceRow(Model):
    """A source that a job reads or fills. Who may not read all of them does not see the job."""

    id = fields.BigIntField(primary_key=True)
    job: fields.ForeignKeyRelation[JobRow] = fields.ForeignKeyField("bilan.JobRow", related_name="sources")
    source = fields.UUIDField()

    class Meta(Model.Meta):
        table = "job_source"
        unique_together = (("job", "source"),)


class StepRow(Model):
    """A part of a job. Whoever holds the lease works on it; nobody else may settle it."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    job: fields.ForeignKeyRelation[JobRow] = fields.ForeignKeyField("bilan.JobRow", related_name="steps")
    job_id: UUID
    position = fields.SmallIntField()
    after: fields.Field[list[int]] = fields.JSONField(default=list)
    """The positions of the steps that this one waits for."""
    name = fields.CharField(max_length=64)
    arguments: fields.Field[dict[str, Any]] = fields.JSONField()
    key = fields.CharField(max_length=64, null=True)
    """The same for steps that do the same; one a job."""
    optional = fields.BooleanField(default=False)
    """The job succeeds without it."""
    background = fields.BooleanField(default=False, db_default=False)
    """Nobody waits for it: what people wait for goes first."""
    state = fields.CharField(max_length=16)
    attempt = fields.SmallIntField(default=0)
    """How often it was begun, of what counts."""
    forgotten = fields.SmallIntField(default=0, db_default=0)
    """How often it was begun before it last got further, which no longer counts."""
    due_at = fields.DatetimeField(null=True)
    """When it may be claimed; empty while it waits for other steps."""
    woken_at = fields.DatetimeField(null=True)
    """When the ticker last woke a worker for it."""
    holder = fields.CharField(max_length=120, null=True)
    lease_until = fields.DatetimeField(null=True)
    progress = fields.FloatField(default=0.0)
    detail = StructField(Message, null=True)
    error = StructField(Message, null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "step"
        unique_together = (("job", "position"), ("job", "key"))
        indexes = (Index(fields=("state", "due_at")),)
