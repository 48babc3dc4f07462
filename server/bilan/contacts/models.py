"""The tables of erased contacts, and of addresses that are one person."""

from __future__ import annotations

from uuid import uuid4

from tortoise import fields
from tortoise.models import Model


class ContactRulesRow(Model):
    """What a workspace does with facts about contacts that were erased."""

    workspace = fields.UUIDField(primary_key=True)
    reimport = fields.CharField(max_length=16)
    """What becomes of facts about an erased contact that come later."""
    sealed_key = fields.TextField()
    """The key of this workspace's pseudonyms, sealed with the server's."""

    class Meta(Model.Meta):
        table = "contact_rules"


class ErasureRow(Model):
    """That a contact was erased. It stays; the address does not."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField()
    pseudonym = fields.CharField(max_length=64)
    """What stands in the place of the address: a keyed hash of it."""
    sealed = fields.TextField(default="")
    """The address and what else leads to the contact, sealed; empty once all is erased."""
    days: fields.Field[dict[str, dict[str, list[int]]]] = fields.JSONField(default=dict)
    """By dataset and source the days in UTC on which facts were changed, as ordinals."""
    rewritten_to = fields.BigIntField(null=True)
    """The moment in microseconds since 1970 as of which no fact names the contact."""
    counts: fields.Field[dict[str, int]] = fields.JSONField(default=dict)
    """How many rows, files and reports of each kind were changed or removed."""
    also: fields.Field[list[str] | None] = fields.JSONField(null=True)
    """What stands in the place of other addresses of the same person, which are erased with it."""
    job = fields.UUIDField(null=True)
    asked_by_name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    completed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "contact_erasure"
        indexes = (("workspace", "pseudonym"),)


class SameRow(Model):
    """That two addresses are one person, as a source tells it. ``one`` comes before ``other``."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    source = fields.UUIDField()
    one = fields.CharField(max_length=320)
    other = fields.CharField(max_length=320)
    since = fields.DatetimeField()
    """When that came about, as far as the source says."""
    moment = fields.BigIntField()
    """The moment, in microseconds since 1970, from which on it is known."""

    class Meta(Model.Meta):
        table = "contact_same"
        unique_together = (("source", "one", "other"),)


class MergeRow(Model):
    """What people decided about two addresses, whatever sources tell. ``one`` comes before ``other``."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace = fields.UUIDField(db_index=True)
    one = fields.CharField(max_length=320)
    other = fields.CharField(max_length=320)
    apart = fields.BooleanField(default=False)
    """Whether they are kept apart, instead of merged."""
    reason = fields.CharField(max_length=400, default="")
    by_name = fields.CharField(max_length=200)
    moment = fields.BigIntField()
    """From which moment on it holds, in microseconds since 1970."""
    created_at = fields.DatetimeField()
    until = fields.BigIntField(null=True)
    """From which moment on it holds no more, as it was undone."""
    undone_by_name = fields.CharField(max_length=200, default="")
    undone_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "contact_merge"
