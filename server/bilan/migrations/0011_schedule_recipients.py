"""To whom and how schedules send, what became of it, and what was sent once more. Nothing was sent before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('bilan', '0010_schedules')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ScheduleRecipientRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('schedule', fields.ForeignKeyField('bilan.ScheduleRow', source_field='schedule_id', db_constraint=True, to_field='id', related_name='recipients', on_delete=OnDelete.CASCADE)),
                ('recipient', fields.UUIDField(db_index=True)),
                ('address', fields.CharField(max_length=320)),
                ('name', fields.CharField(max_length=200)),
            ],
            options={'table': 'schedule_recipient', 'app': 'bilan', 'unique_together': (('schedule', 'recipient'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='OccurrenceRow',
            name='asked_by_name',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name='OccurrenceRow',
            name='notified_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='OccurrenceRow',
            index=Index(fields=['state']),
        ),
        ops.RenameField(
            model_name='ScheduleRow',
            old_name='formats',
            new_name='delivery',
        ),
        # What was stored there were formats, and nothing could be sent of them.
        ops.RunSQL("UPDATE schedule SET delivery = '{}'", reverse_sql=""),
        ops.AddField(
            model_name='ScheduleRow',
            name='condition',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='SendingRow',
            name='occurrence',
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name='SendingRow',
            name='resend_of',
            field=fields.UUIDField(null=True),
        ),
    ]
