"""Schedules, their occurrences and the holidays of a workspace. Nothing was scheduled before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('bilan', '0009_pulls')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HolidayRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='holidays', on_delete=OnDelete.CASCADE)),
                ('day', fields.DateField()),
            ],
            options={'table': 'holiday', 'app': 'bilan', 'unique_together': (('workspace', 'day'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ScheduleRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='schedules', on_delete=OnDelete.CASCADE)),
                ('report', fields.UUIDField(db_index=True)),
                ('report_name', fields.CharField(max_length=200)),
                ('timetable', fields.JSONField()),
                ('formats', fields.JSONField(default=tuple)),
                ('catch_up', fields.CharField(max_length=16)),
                ('owner', fields.UUIDField(db_index=True)),
                ('owner_name', fields.CharField(max_length=200)),
                ('state', fields.CharField(max_length=16)),
                ('reason', fields.JSONField(null=True)),
                ('next_due_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'schedule', 'app': 'bilan', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OccurrenceRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('schedule', fields.ForeignKeyField('bilan.ScheduleRow', source_field='schedule_id', db_constraint=True, to_field='id', related_name='occurrences', on_delete=OnDelete.CASCADE)),
                ('nominal', fields.CharField(max_length=64)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(max_length=16)),
                ('reason', fields.JSONField(null=True)),
                ('run', fields.UUIDField(null=True, db_index=True)),
                ('report_version', fields.IntField(null=True)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'occurrence', 'app': 'bilan', 'unique_together': (('schedule', 'nominal'),), 'indexes': [Index(fields=['due_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
