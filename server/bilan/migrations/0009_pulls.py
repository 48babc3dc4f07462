from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('bilan', '0008_pictures')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OfferRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.UUIDField()),
                ('person', fields.UUIDField(null=True)),
                ('plugin', fields.CharField(max_length=64)),
                ('kind', fields.CharField(max_length=64)),
                ('sealed', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pull_offer', 'app': 'bilan', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PullRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.UUIDField()),
                ('source', fields.UUIDField()),
                ('job', fields.UUIDField()),
                ('first_day', fields.DateField(null=True)),
                ('last_day', fields.DateField(null=True)),
                ('by', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('state', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('settings_digest', fields.CharField(default='', max_length=64)),
                ('writes', fields.IntField(default=0)),
                ('written_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('done', fields.FloatField(null=True)),
                ('said', fields.JSONField(null=True)),
                ('new', fields.BigIntField(default=0)),
                ('known', fields.BigIntField(default=0)),
                ('rejected', fields.BigIntField(default=0)),
                ('requests', fields.BigIntField(default=0)),
                ('pictures_missing', fields.IntField(default=0)),
                ('waits_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('notes', fields.JSONField(null=True)),
                ('completed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pull', 'app': 'bilan', 'indexes': [Index(fields=['source', 'created_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PulledSourceRow',
            fields=[
                ('source', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('begun_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('job', fields.UUIDField(null=True)),
                ('state', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('settings_digest', fields.CharField(default='', max_length=64)),
                ('checked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('said', fields.JSONField(null=True)),
                ('missing', fields.JSONField(null=True)),
            ],
            options={'table': 'pulled_source', 'app': 'bilan', 'pk_attr': 'source'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='SourceRow',
            name='ends_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SourceRow',
            name='notes',
            field=fields.JSONField(null=True),
        ),
    ]
