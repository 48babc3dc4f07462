"""Which addresses of contacts are one person: as sources tell it, and as people decided."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0025_recipients')]

    initial = False

    operations = [
        ops.CreateModel(
            name='MergeRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.UUIDField(db_index=True)),
                ('one', fields.CharField(max_length=320)),
                ('other', fields.CharField(max_length=320)),
                ('apart', fields.BooleanField(default=False)),
                ('reason', fields.CharField(default='', max_length=400)),
                ('by_name', fields.CharField(max_length=200)),
                ('moment', fields.BigIntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('until', fields.BigIntField(null=True)),
                ('undone_by_name', fields.CharField(default='', max_length=200)),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'contact_merge', 'app': 'bilan', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SameRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('source', fields.UUIDField()),
                ('one', fields.CharField(max_length=320)),
                ('other', fields.CharField(max_length=320)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('moment', fields.BigIntField()),
            ],
            options={'table': 'contact_same', 'app': 'bilan', 'unique_together': (('source', 'one', 'other'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ErasureRow',
            name='also',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='MomentRow',
            name='merges',
            field=fields.BigIntField(default=0, db_default=0),
        ),
    ]
