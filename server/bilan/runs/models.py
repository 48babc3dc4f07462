"""The tables of report runs: one row a run, its document, one a rendered file."""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.catalog.fields import StructField
from bilan.runs.summary import Summary
from bilan.runs.values import RenderSpec, SentCopy
from bilan.sdk.document import Definition
from bilan.sdk.messages import Message
from bilan.work.models import JobRow


class ReportRunRow(Model):
    """One time that a report was built. Its job says who asked for it, when, and how it went.

    ``report`` is a plain id: a run outlives the report it was made from, and
    stays readable.
    """

    id = fields.UUIDField(primary_key=True)
    """That of its job."""
    job: fields.OneToOneRelation[JobRow] = fields.OneToOneField("bilan.JobRow", related_name="report_run")
    job_id: UUID
    report = fields.UUIDField(null=True, db_index=True)
    formats = StructField(tuple[RenderSpec, ...])
    kept = fields.BooleanField(default=True)
    """Whether its figures are kept as long as the workspace keeps reports, or erased soon."""
    copies = StructField(tuple[SentCopy, ...], null=True)
    """The last copies that recipients got, the last one first, where the report tells what changed since."""
    provisional = StructField(tuple[Message, ...], null=True)
    """Which sources had not reported all of its days."""
    as_of = fields.DatetimeField(null=True)
    part_of = fields.UUIDField(null=True, db_index=True)
    """What it is a part of: all of its parts look at the facts as of one moment."""
    document_sha256 = fields.CharField(max_length=64, null=True)
    definitions = StructField(tuple[Definition, ...], null=True)
    summary = StructField(Summary, null=True)
    """What lists show of the document; it goes where the document goes."""
    hold_until = fields.DatetimeField(null=True)
    """Something leads to its figures until then, such as a link."""
    erased_at = fields.DatetimeField(null=True)
    erased_because = StructField(Message, null=True)
    counts: fields.Field[dict[str, int] | None] = fields.JSONField(null=True)
    """How many files, bytes, tables and rows there were, once they are erased."""
    artifacts: fields.ReverseRelation[ArtifactRow]
    document: fields.BackwardOneToOneRelation[DocumentRow]

    class Meta(Model.Meta):
        table = "report_run"


class DocumentRow(Model):
    """What a run built, as JSON. In a table of its own, so that lists of runs stay light."""

    run: fields.OneToOneRelation[ReportRunRow] = fields.OneToOneField(
        "bilan.ReportRunRow", related_name="document", primary_key=True
    )
    json = fields.TextField()

    class Meta(Model.Meta):
        table = "report_document"


class ArtifactRow(Model):
    """A file rendered from a run's document, kept in the file store under its hash."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    run: fields.ForeignKeyRelation[ReportRunRow] = fields.ForeignKeyField(
        "bilan.ReportRunRow", related_name="artifacts"
    )
    key = fields.CharField(max_length=64)
    """The hash of format, language, zone, options and the brand it was rendered with."""
    render_spec = StructField(RenderSpec)
    file_name = fields.CharField(max_length=400)
    media_type = fields.CharField(max_length=100)
    sha256 = fields.CharField(max_length=64, db_index=True)
    size = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "artifact"
        unique_together = (("run", "key"),)
