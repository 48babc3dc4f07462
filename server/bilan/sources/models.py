"""The table of sources."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.accounts.models import Workspace
from bilan.catalog.fields import StructField
from bilan.sdk.messages import Message

LONGEST_NAME = 800
"""Characters of a name as it is looked for; beyond, none is."""
LONGEST_ADDRESS = 64


class SourceRow(Model):
    """A source that somebody added. Removed ones stay, since facts refer to them."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="sources"
    )
    workspace_id: UUID
    plugin = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    live_name = fields.CharField(max_length=LONGEST_NAME, null=True)
    """The name in lower case while the source is in use; empty afterwards, so the name is free again."""
    settings: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    sealed: fields.Field[dict[str, str]] = fields.JSONField(default=dict)
    """The secrets among the settings, each encrypted with the server's key."""
    verify = fields.BooleanField(default=True)
    address = fields.CharField(max_length=LONGEST_ADDRESS, unique=True)
    zone = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    last_received_at = fields.DatetimeField(null=True)
    last_event_at = fields.DatetimeField(null=True)
    removed_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    """When the token ends by which it is pulled, where the service said so."""
    notes = StructField(list[Message], null=True)
    """What the last pull said about what the service gives."""

    class Meta(Model.Meta):
        table = "source"
        unique_together = (("workspace", "live_name"),)
