"""Split: each recipient of a schedule gets their part; attributes of recipients; runs that share a moment."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0022_erased_contacts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OccurrencePartRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('occurrence', fields.ForeignKeyField('bilan.OccurrenceRow', source_field='occurrence_id', db_constraint=True, to_field='id', related_name='parts', on_delete=OnDelete.CASCADE)),
                ('position', fields.IntField()),
                ('parameter', fields.CharField(max_length=100)),
                ('values', fields.JSONField()),
                ('key', fields.CharField(db_index=True, max_length=64)),
                ('run', fields.UUIDField(null=True, db_index=True)),
                ('state', fields.CharField(max_length=16)),
                ('reason', fields.JSONField(null=True)),
                ('by_address', fields.BooleanField(default=False, db_default=False)),
                ('ready', fields.BooleanField(default=False, db_default=False)),
            ],
            options={'table': 'occurrence_part', 'app': 'bilan', 'unique_together': (('occurrence', 'key'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PartRecipientRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('occurrence', fields.ForeignKeyField('bilan.OccurrenceRow', source_field='occurrence_id', db_constraint=True, to_field='id', related_name='part_recipients', on_delete=OnDelete.CASCADE)),
                ('part', fields.ForeignKeyField('bilan.OccurrencePartRow', source_field='part_id', null=True, db_constraint=True, to_field='id', related_name='recipients', on_delete=OnDelete.CASCADE)),
                ('recipient', fields.UUIDField(db_index=True)),
                ('address', fields.CharField(max_length=320)),
                ('name', fields.CharField(max_length=200)),
                ('reason', fields.JSONField(null=True)),
            ],
            options={'table': 'part_recipient', 'app': 'bilan', 'unique_together': (('occurrence', 'recipient'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecipientAttributeRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='recipient_attributes', on_delete=OnDelete.CASCADE)),
                ('recipient', fields.UUIDField()),
                ('name', fields.CharField(max_length=60)),
                ('values', fields.JSONField()),
            ],
            options={'table': 'recipient_attribute', 'app': 'bilan', 'unique_together': (('workspace', 'recipient', 'name'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ReportRunRow',
            name='part_of',
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name='ScheduleRecipientRow',
            name='values',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='ScheduleRecipientRow',
            name='values_for',
            field=fields.CharField(null=True, max_length=320),
        ),
        ops.AddField(
            model_name='ScheduleRow',
            name='split',
            field=fields.JSONField(null=True),
        ),
    ]
