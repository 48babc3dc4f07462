"""The tables of what is on its way: posts that wait, rows that were refused, files that are read."""

from __future__ import annotations

from uuid import uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.catalog.fields import StructField
from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping


class PostRow(Model):
    """A webhook post, acknowledged and not in the warehouse yet. Its id is its sequence number."""

    id = fields.BigIntField(primary_key=True)
    source = fields.UUIDField()
    received_at = fields.DatetimeField()
    content_type = fields.TextField()
    headers: fields.Field[dict[str, str]] = fields.JSONField()
    query: fields.Field[dict[str, str]] = fields.JSONField()
    size = fields.IntField()
    body = fields.BinaryField()
    recorded = fields.BooleanField(default=False, db_default=False)
    """Whether the body holds facts that a route of the plugin recorded, and is no post."""

    class Meta(Model.Meta):
        table = "inbox_post"


class ProofRow(Model):
    """What a post was proved with, kept as long as it could be used once more."""

    key = fields.CharField(max_length=32, primary_key=True)
    """The digest of source and proof."""
    content = fields.CharField(max_length=64)
    until = fields.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        table = "inbox_proof"


class LeaseRow(Model):
    """Who does a piece of work that only one process may do at a time, and until when."""

    name = fields.CharField(max_length=100, primary_key=True)
    holder = fields.CharField(max_length=100)
    until = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "lease"


class IngestCounters(Model):
    """How many rows of a source were accepted and rejected, ever, and how many rejects are kept.

    ``known`` were accepted and there already; ``noted`` are listed among the
    rejects without being any.
    """

    source = fields.UUIDField(primary_key=True)
    accepted = fields.BigIntField(default=0)
    known = fields.BigIntField(default=0, db_default=0)
    noted = fields.BigIntField(default=0, db_default=0)
    rejected = fields.BigIntField(default=0)
    evicted = fields.BigIntField(default=0)
    kept_bytes = fields.BigIntField(default=0)
    stale = fields.BigIntField(default=0, db_default=0)
    """Posts whose signature was older than the source accepts."""

    class Meta(Model.Meta):
        table = "ingest_tally"


class RejectRow(Model):
    """A row that could not be used, or was there at another time. It came with a post, a file or a pull."""

    id = fields.BigIntField(primary_key=True)
    source = fields.UUIDField()
    upload = fields.UUIDField(null=True, db_index=True)
    """The import, or the pull."""
    number = fields.BigIntField()
    reason = StructField(Message)
    content = fields.TextField()
    size = fields.IntField()
    at = fields.DatetimeField()
    known = fields.BooleanField(default=False, db_default=False)
    """Whether its fact was there already, with another time: then it is no reject."""

    class Meta(Model.Meta):
        table = "rejected_row"
        indexes = (("source", "id"),)


class DerivationRow(Model):
    """Up to which moment of its log a derived dataset of a source was derived, and by which definition."""

    id = fields.BigIntField(primary_key=True)
    dataset = fields.CharField(max_length=100)
    source = fields.UUIDField()
    definition = fields.CharField(max_length=64, default="")
    """The digest of what its rows follow from besides the log; empty before they were first made."""
    through = fields.BigIntField(default=0)
    """The moment in microseconds since 1970: what the log was written by then, its rows follow from."""
    progress = fields.FloatField(null=True)
    """How much was derived, from 0 to 1, while what was left behind is being derived."""
    failure = StructField(Message, null=True)
    """Why the rows of some keys are as they were, by this definition."""

    class Meta(Model.Meta):
        table = "derivation"
        unique_together = (("dataset", "source"),)


class UploadRow(Model):
    """A file that is read into a source: where it lies, how it is read, how far it got."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    source = fields.UUIDField(db_index=True)
    name = fields.TextField()
    size = fields.BigIntField()
    content = fields.CharField(max_length=64)
    companions: fields.Field[dict[str, str]] = fields.JSONField(default=dict)
    reader = fields.CharField(max_length=100)
    mapping = StructField(ColumnMapping, null=True)
    job = fields.UUIDField(null=True)
    """The job that reads it, or was the last to; empty before somebody starts it."""
    chunks = fields.BigIntField(default=0)
    accepted = fields.BigIntField(default=0)
    known = fields.BigIntField(null=True)
    """How many of the accepted rows were there already; empty where an earlier release read the file."""
    rejected = fields.BigIntField(default=0)
    by = fields.TextField()
    created_at = fields.DatetimeField()
    completed_at = fields.DatetimeField(null=True)
    """When the file had been read to its end; it stays when the job is deleted."""

    class Meta(Model.Meta):
        table = "upload"
