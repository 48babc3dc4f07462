"""The table of pictures: which source brought which, and from where."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PictureRow(Model):
    """A picture that a source's facts name, or are about to."""

    id = fields.BigIntField(primary_key=True)
    source = fields.UUIDField()
    address = fields.CharField(max_length=64)
    """The SHA-256 of where it came from, so that it is not fetched twice."""
    sha256 = fields.CharField(max_length=64, db_index=True)
    """Its key."""
    known_at = fields.DatetimeField(db_index=True)
    """When it was last handed over, or found to be named by a fact."""

    class Meta(Model.Meta):
        table = "source_picture"
        unique_together = (("source", "address", "sha256"),)
