from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('bilan', '0021_every_source')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ContactRulesRow',
            fields=[
                ('workspace', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('reimport', fields.CharField(max_length=16)),
                ('sealed_key', fields.TextField(unique=False)),
            ],
            options={'table': 'contact_rules', 'app': 'bilan', 'pk_attr': 'workspace'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ErasureRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.UUIDField()),
                ('pseudonym', fields.CharField(max_length=64)),
                ('sealed', fields.TextField(default='', unique=False)),
                ('days', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('rewritten_to', fields.BigIntField(null=True)),
                ('counts', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('job', fields.UUIDField(null=True)),
                ('asked_by_name', fields.CharField(max_length=200)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('completed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'contact_erasure', 'app': 'bilan', 'indexes': [Index(fields=['workspace', 'pseudonym'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
