"""The tables of pulls: one row a pull, one a source that is pulled, one for profiles to be chosen from."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from bilan.catalog.fields import StructField
from bilan.sdk.messages import Message
from bilan.sdk.pulls import PullRange


class PullRow(Model):
    """A pull of a source: what it is for, how far it got, what it brought. Its job says how it ended."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    source = fields.UUIDField()
    job = fields.UUIDField()
    first_day = fields.DateField(null=True)
    """The first day of a back-fill; empty where it is the usual pull."""
    last_day = fields.DateField(null=True)
    by = fields.TextField()
    created_at = fields.DatetimeField()
    state: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    """That of the last durable checkpoint."""
    settings_digest = fields.CharField(max_length=64, default="")
    """Of the settings with which the state was reached."""
    writes = fields.IntField(default=0)
    """How often something of it was made durable; of two workers, one counts it up."""
    written_at = fields.DatetimeField(null=True)
    done = fields.FloatField(null=True)
    said = StructField(Message, null=True)
    new = fields.BigIntField(default=0)
    known = fields.BigIntField(default=0)
    rejected = fields.BigIntField(default=0)
    requests = fields.BigIntField(default=0)
    pictures_missing = fields.IntField(default=0)
    waits_until = fields.DatetimeField(null=True)
    """When it goes on, where the service wants to be asked less often."""
    notes = StructField(list[Message], null=True)
    completed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "pull"
        indexes = (Index(fields=("source", "created_at")),)

    @property
    def days(self) -> PullRange | None:
        """The days of a back-fill; ``None`` where it is the usual pull."""
        return PullRange(self.first_day, self.last_day) if self.first_day and self.last_day else None


class PulledSourceRow(Model):
    """How far the usual pulls of a source are, and what its credentials are good for."""

    source = fields.UUIDField(primary_key=True)
    begun_at = fields.DatetimeField(null=True)
    """When a usual pull last began by itself; the next is due one interval later."""
    job = fields.UUIDField(null=True)
    """The job of the last usual pull: while it is under way, no other begins."""
    back_fill = fields.UUIDField(null=True)
    """The job of the last back-fill, which lets usual pulls go first."""
    state: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    settings_digest = fields.CharField(max_length=64, default="")
    checked_at = fields.DatetimeField(null=True)
    said = StructField(Message, null=True)
    """What the credentials could see, when they were last checked."""
    missing = StructField(list[Message], null=True)

    class Meta(Model.Meta):
        table = "pulled_source"


class OfferRow(Model):
    """The profiles that credentials could see, kept sealed while somebody chooses among them."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    person = fields.UUIDField(null=True)
    plugin = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64)
    sealed = fields.TextField()
    created_at = fields.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        table = "pull_offer"
