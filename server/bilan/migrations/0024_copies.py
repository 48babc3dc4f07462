"""What changed since the copy that recipients have, and sources that are waited for. Nothing was before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0023_split')]

    initial = False

    operations = [
        ops.AddField(
            model_name='OccurrenceRow',
            name='covers',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='OccurrenceRow',
            name='waits_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='ReportRunRow',
            name='copies',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='ReportRunRow',
            name='provisional',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='ScheduleRow',
            name='freshness',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='ScheduleRow',
            name='tells_changes',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
