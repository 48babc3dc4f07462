"""The tables of files and of who refers to them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class StoredFileRow(Model):
    """A file that is in the store, or about to be put there or removed from it."""

    sha256 = fields.CharField(max_length=64, primary_key=True)
    removing_at = fields.DatetimeField(null=True)
    """When somebody began to remove it from the store; empty while it may be referred to."""

    class Meta(Model.Meta):
        table = "stored_file"


class FileReferenceRow(Model):
    """A reference to a file: what is referred to is kept, and the rest is orphaned."""

    id = fields.BigIntField(primary_key=True)
    sha256 = fields.CharField(max_length=64, db_index=True)
    owner_kind = fields.CharField(max_length=16)
    owner_id = fields.UUIDField()
    reserved_until = fields.DatetimeField(null=True, db_index=True)
    """A file that is only being put is kept until then, or until its owner's rows are there."""

    class Meta(Model.Meta):
        table = "file_reference"
        unique_together = (("owner_kind", "owner_id", "sha256"),)
