"""The table of saved reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from bilan.accounts.models import Workspace
from bilan.catalog.fields import StructField


class ReportRow(Model):
    """A report that somebody put together, to be run any number of times.

    Its author and its sources are plain ids: a report outlives the people
    who leave, and a removed source still has facts.
    """

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="reports"
    )
    name = fields.CharField(max_length=200)
    folded_name = fields.CharField(max_length=400)
    """The name without regard to case, by which it is unique and sorted."""
    kind = fields.CharField(max_length=200)
    parameters: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    """As they were filled in; what is left out takes its default at each run."""
    formats = StructField(tuple[str, ...], default=tuple)
    sources = StructField(frozenset[UUID], default=frozenset)
    personal = fields.BooleanField(default=False)
    """Whether it shows rows about single persons; kept here for when its plugin is gone."""
    created_by = fields.UUIDField(null=True)
    created_by_name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    changed_by_name = fields.CharField(max_length=200)
    version = fields.IntField(default=1)
    """Counts what was saved, so that nobody saves over what they have not seen."""
    page = fields.CharField(max_length=64, null=True)
    """The key of the form that saved it last: whoever goes on there has seen it."""

    class Meta(Model.Meta):
        table = "report"
        unique_together = (("workspace", "folded_name"),)
