"""The tables of schedules: one row a schedule, one an occurrence that is planned or was, one a holiday."""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from bilan.accounts.models import Workspace
from bilan.catalog.fields import StructField
from bilan.runs.values import RenderSpec
from bilan.schedules.occurrences import Timetable
from bilan.sdk.messages import Message


class ScheduleRow(Model):
    """A report that is made again and again. Report and owner are plain ids: a schedule outlives both."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="schedules"
    )
    workspace_id: UUID
    report = fields.UUIDField(db_index=True)
    report_name = fields.CharField(max_length=200)
    timetable = StructField(Timetable)
    formats = StructField(tuple[RenderSpec, ...], default=tuple)
    catch_up = fields.CharField(max_length=16)
    owner = fields.UUIDField(db_index=True)
    owner_name = fields.CharField(max_length=200)
    state = fields.CharField(max_length=16)
    reason = StructField(Message, null=True)
    """Why it is suspended or has ended."""
    next_due_at = fields.DatetimeField(null=True, db_index=True)
    """When its planned occurrence comes due; empty where none is planned."""
    version = fields.IntField(default=1)
    """Counts what was saved, so that nobody saves over what they have not seen."""
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "schedule"


class OccurrenceRow(Model):
    """An occurrence, written down before it is due. Whoever settles it finds it planned, once."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    schedule: fields.ForeignKeyRelation[ScheduleRow] = fields.ForeignKeyField(
        "bilan.ScheduleRow", related_name="occurrences"
    )
    schedule_id: UUID
    nominal = fields.CharField(max_length=64)
    """Its wall time and the name of the zone."""
    due_at = fields.DatetimeField()
    state = fields.CharField(max_length=16)
    reason = StructField(Message, null=True)
    run = fields.UUIDField(null=True, db_index=True)
    """The run that it began; a plain id, since runs may be deleted."""
    report_version = fields.IntField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "occurrence"
        unique_together = (("schedule", "nominal"),)
        indexes = (Index(fields=("due_at",)),)


class HolidayRow(Model):
    """A day of a workspace that is no working day."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="holidays"
    )
    day = fields.DateField()

    class Meta(Model.Meta):
        table = "holiday"
        unique_together = (("workspace", "day"),)
