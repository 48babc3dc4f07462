"""What waits for somebody's yes before it is sent. Nothing waited before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0016_consent')]

    initial = False

    operations = [
        ops.AddField(
            model_name='OccurrenceRow',
            name='approval_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='OccurrenceRow',
            name='decided_by_name',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name='ScheduleRow',
            name='approval',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='SendingRow',
            name='awaits_approval',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
