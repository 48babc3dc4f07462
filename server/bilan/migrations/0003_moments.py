"""The manifest: moments, the days that facts were written to, and generations of rollups.

An import has no place among the posts any more: its chunks get their moments as they are written.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [('bilan', '0002_work')]

    initial = False

    operations = [
        ops.CreateModel(
            name='GenerationRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('rollup', fields.CharField(max_length=200)),
                ('zone', fields.CharField(max_length=64)),
                ('month', fields.IntField()),
                ('moment', fields.BigIntField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('superseded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'generation', 'app': 'bilan', 'indexes': [Index(fields=['rollup', 'zone', 'month'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MomentRow',
            fields=[
                ('id', fields.IntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ('issued', fields.BigIntField(default=0)),
                ('open', fields.BigIntField(null=True)),
                ('owner', fields.CharField(default='', max_length=100)),
                ('until', fields.BigIntField(default=0)),
                ('revision', fields.BigIntField(default=0)),
            ],
            options={'table': 'moment', 'app': 'bilan', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TouchedDayRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('dataset', fields.CharField(max_length=100)),
                ('source', fields.UUIDField()),
                ('day', fields.DateField()),
                ('moment', fields.BigIntField(db_index=True)),
            ],
            options={'table': 'touched_day', 'app': 'bilan', 'unique_together': (('dataset', 'source', 'day'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.RemoveField(model_name='UploadRow', name='sequence'),
    ]
