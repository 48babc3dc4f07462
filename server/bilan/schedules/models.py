"""The tables of schedules: a row for each, each recipient, each occurrence and each holiday."""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from bilan.accounts.models import Workspace
from bilan.catalog.fields import StructField
from bilan.schedules.approval import ApprovalRule
from bilan.schedules.condition import SendCondition
from bilan.schedules.freshness import FreshnessRule
from bilan.schedules.occurrences import Timetable
from bilan.schedules.split_rule import SplitRule
from bilan.schedules.values import DeliveryOptions
from bilan.sdk.messages import Message
from bilan.sdk.periods import Span


class ScheduleRow(Model):
    """A report that is sent again and again. Report and owner are plain ids: a schedule outlives both."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    workspace: fields.ForeignKeyRelation[Workspace] = fields.ForeignKeyField(
        "bilan.Workspace", related_name="schedules"
    )
    workspace_id: UUID
    report = fields.UUIDField(db_index=True)
    report_name = fields.CharField(max_length=200)
    timetable = StructField(Timetable)
    delivery = StructField(DeliveryOptions)
    catch_up = fields.CharField(max_length=16)
    condition = StructField(SendCondition, null=True)
    approval = StructField(ApprovalRule, null=True)
    split = StructField(SplitRule, null=True)
    freshness = StructField(FreshnessRule, null=True)
    tells_changes = fields.BooleanField(default=False, db_default=False)
    """Whether each report says what changed since the last copy."""
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
    recipients: fields.ReverseRelation[ScheduleRecipientRow]

    class Meta(Model.Meta):
        table = "schedule"


class ScheduleRecipientRow(Model):
    """Somebody whom a schedule's report goes to, with their address and name of when they were chosen."""

    id = fields.BigIntField(primary_key=True)
    schedule: fields.ForeignKeyRelation[ScheduleRow] = fields.ForeignKeyField(
        "bilan.ScheduleRow", related_name="recipients"
    )
    schedule_id: UUID
    recipient = fields.UUIDField(db_index=True)
    address = fields.CharField(max_length=320)
    name = fields.CharField(max_length=200)
    values = StructField(tuple[str, ...], null=True)
    """Those of their part, where the schedule has a table of them."""
    values_for = fields.CharField(max_length=320, null=True)
    """The address beside which these values were written."""

    class Meta(Model.Meta):
        table = "schedule_recipient"
        unique_together = (("schedule", "recipient"),)


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
    covers = StructField(Span, null=True)
    """The days that it was to cover when it came due."""
    waits_until = fields.DatetimeField(null=True)
    """When the time to wait for its sources is over, or was."""
    state = fields.CharField(max_length=16)
    reason = StructField(Message, null=True)
    run = fields.UUIDField(null=True, db_index=True)
    """The run that it began; a plain id, since runs may be deleted."""
    report_version = fields.IntField(null=True)
    settled_at = fields.DatetimeField(null=True)
    asked_by_name = fields.CharField(max_length=200, null=True)
    """Who had it sent beside what was planned."""
    approval_until = fields.DatetimeField(null=True)
    """Until when somebody is asked for a yes, once they are."""
    decided_by_name = fields.CharField(max_length=200, null=True)
    """Who said yes or no."""
    notified_at = fields.DatetimeField(null=True)
    """When the schedule's owner was written to about its failure."""

    class Meta(Model.Meta):
        table = "occurrence"
        unique_together = (("schedule", "nominal"),)
        indexes = (Index(fields=("due_at",)), Index(fields=("state",)))


class OccurrencePartRow(Model):
    """A part of an occurrence: a run for those values of a filter, and what became of it."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    occurrence: fields.ForeignKeyRelation[OccurrenceRow] = fields.ForeignKeyField(
        "bilan.OccurrenceRow", related_name="parts"
    )
    occurrence_id: UUID
    position = fields.IntField()
    parameter = fields.CharField(max_length=100)
    values = StructField(tuple[str, ...])
    key = fields.CharField(max_length=64, db_index=True)
    """The same for the same values of the same parameter."""
    run = fields.UUIDField(null=True, db_index=True)
    """The run that holds this part alone; a plain id, as that of an occurrence."""
    state = fields.CharField(max_length=16)
    reason = StructField(Message, null=True)
    by_address = fields.BooleanField(default=False, db_default=False)
    """Whether its values were written beside addresses, so that it goes to no other address."""
    ready = fields.BooleanField(default=False, db_default=False)
    """Whether its files and letters are there and wait for a yes."""

    class Meta(Model.Meta):
        table = "occurrence_part"
        unique_together = (("occurrence", "key"),)


class PartRecipientRow(Model):
    """Whose part it is, settled when the occurrence begins: of one occurrence nobody has two."""

    id = fields.BigIntField(primary_key=True)
    occurrence: fields.ForeignKeyRelation[OccurrenceRow] = fields.ForeignKeyField(
        "bilan.OccurrenceRow", related_name="part_recipients"
    )
    occurrence_id: UUID
    part: fields.ForeignKeyNullableRelation[OccurrencePartRow] = fields.ForeignKeyField(
        "bilan.OccurrencePartRow", related_name="recipients", null=True
    )
    """Empty where they have none."""
    part_id: UUID | None
    recipient = fields.UUIDField(db_index=True)
    address = fields.CharField(max_length=320)
    """The one they had then; empty once they are erased, as is the name."""
    name = fields.CharField(max_length=200)
    reason = StructField(Message, null=True)
    """Why nothing goes to them."""

    class Meta(Model.Meta):
        table = "part_recipient"
        unique_together = (("occurrence", "recipient"),)


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
