"""The tables of the manifest. Moments are microseconds since 1970 in UTC."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class MomentRow(Model):
    """The moments, in one row: the last that was issued, and the one of the batch that is being written."""

    id = fields.IntField(primary_key=True, generated=False)
    issued = fields.BigIntField(default=0)
    open = fields.BigIntField(null=True)
    owner = fields.CharField(max_length=100, default="")
    until = fields.BigIntField(default=0)
    """When the owner of the open batch counts as gone."""
    revision = fields.BigIntField(default=0)
    """Goes up with each change of touched days and generations, and of which contacts are one person."""
    merges = fields.BigIntField(default=0, db_default=0)
    """Goes up with each change of which contacts are one person."""

    class Meta(Model.Meta):
        table = "moment"


class TouchedDayRow(Model):
    """The moment at which facts of a dataset and source were last written to a day in UTC."""

    id = fields.BigIntField(primary_key=True)
    dataset = fields.CharField(max_length=100)
    source = fields.UUIDField()
    day = fields.DateField()
    moment = fields.BigIntField(db_index=True)

    class Meta(Model.Meta):
        table = "touched_day"
        unique_together = (("dataset", "source", "day"),)


class GenerationRow(Model):
    """A rollup of one month, made once and never changed; its id is its number in the warehouse.

    Readers see it once ``moment`` is set: it holds the month's facts as of then.
    """

    id = fields.BigIntField(primary_key=True)
    rollup = fields.CharField(max_length=200)
    """The rollup's table in the warehouse."""
    zone = fields.CharField(max_length=64)
    """The zone whose days it counts."""
    month = fields.IntField()
    """Year times 100 plus month, in the zone."""
    moment = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    superseded_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "generation"
        indexes = (("rollup", "zone", "month"),)
