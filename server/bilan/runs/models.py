"""The tables of runs: one row a run, one a step that can fail, one a drawn file."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class RunRow(Model):
    """One time that a report was built or a file imported.

    Workspace, report, asker and sources are plain ids: a run outlives what it
    was made from, and stays readable.
    """

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    report = fields.UUIDField(null=True, db_index=True)
    purpose = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=200)
    title = fields.CharField(max_length=400, null=True)
    values: fields.Field[dict[str, Any]] = fields.JSONField()
    zone = fields.CharField(max_length=64)
    formats: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    personal = fields.BooleanField(default=False)
    kept = fields.BooleanField(default=True)
    """Whether its figures are kept as long as the workspace keeps reports, or erased soon."""
    state = fields.CharField(max_length=16)
    asked_by = fields.UUIDField(null=True)
    asked_by_name = fields.CharField(max_length=200)
    once = fields.CharField(max_length=64, null=True)
    """The hash of who asked for what with which key: a request made twice is one run."""
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    as_of = fields.DatetimeField(null=True)
    document_sha256 = fields.CharField(max_length=64, null=True)
    definitions: fields.Field[list[Any] | None] = fields.JSONField(null=True)
    brief: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    """What lists show of the document; it goes where the document goes."""
    error: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    hold_until = fields.DatetimeField(null=True)
    """Something leads to its figures until then, such as a link."""
    erased_at = fields.DatetimeField(null=True)
    erased_because: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    counts: fields.Field[dict[str, int] | None] = fields.JSONField(null=True)
    """How many files, bytes, tables and rows there were, once they are erased."""
    steps: fields.ReverseRelation[StepRow]
    sources: fields.ReverseRelation[RunSourceRow]
    artifacts: fields.ReverseRelation[ArtifactRow]
    document: fields.BackwardOneToOneRelation[DocumentRow]

    class Meta(Model.Meta):
        table = "run"
        unique_together = (("workspace", "once"),)
        indexes = (Index(fields=("workspace", "created_at")), Index(fields=("finished_at",)))


class RunSourceRow(Model):
    """A source that a run reads. Who may not read all of them does not see the run."""

    id = fields.BigIntField(primary_key=True)
    run: fields.ForeignKeyRelation[RunRow] = fields.ForeignKeyField("bilan.RunRow", related_name="sources")
    source = fields.UUIDField()

    class Meta(Model.Meta):
        table = "run_source"
        unique_together = (("run", "source"),)


class DocumentRow(Model):
    """What a run built, as JSON. In a table of its own, so that lists of runs stay light."""

    run: fields.OneToOneRelation[RunRow] = fields.OneToOneField(
        "bilan.RunRow", related_name="document", primary_key=True
    )
    json = fields.TextField()

    class Meta(Model.Meta):
        table = "run_document"


class StepRow(Model):
    """A part of a run. Whoever holds the lease works on it; nobody else may settle it."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    run: fields.ForeignKeyRelation[RunRow] = fields.ForeignKeyField("bilan.RunRow", related_name="steps")
    position = fields.SmallIntField()
    after = fields.SmallIntField(null=True)
    """The position of the step that this one waits for."""
    name = fields.CharField(max_length=64)
    arguments: fields.Field[dict[str, Any]] = fields.JSONField()
    key = fields.CharField(max_length=64, null=True)
    """The same for steps that do the same; one a run."""
    file = fields.BooleanField(default=False)
    """It draws a file: the run ends well without it."""
    state = fields.CharField(max_length=16)
    attempt = fields.SmallIntField(default=0)
    due_at = fields.DatetimeField(null=True)
    """When it may be claimed; empty while it waits for another step."""
    woken_at = fields.DatetimeField(null=True)
    """When the ticker last called a worker for it."""
    holder = fields.CharField(max_length=120, null=True)
    lease_until = fields.DatetimeField(null=True)
    progress = fields.FloatField(default=0.0)
    detail: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    error: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "step"
        unique_together = (("run", "position"), ("run", "key"))
        indexes = (Index(fields=("state", "due_at")),)


class ArtifactRow(Model):
    """A file drawn from a run's document, kept in the file store under its hash."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    run: fields.ForeignKeyRelation[RunRow] = fields.ForeignKeyField("bilan.RunRow", related_name="artifacts")
    key = fields.CharField(max_length=64)
    """The hash of format, language, zone, options and the brand it was drawn with."""
    rendition: fields.Field[dict[str, Any]] = fields.JSONField()
    file_name = fields.CharField(max_length=400)
    media_type = fields.CharField(max_length=100)
    sha256 = fields.CharField(max_length=64, db_index=True)
    size = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "artifact"
        unique_together = (("run", "key"),)
