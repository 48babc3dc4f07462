"""Shares: what viewers hold, their visits, and what happened."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0026_merges')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ShareRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='shares', on_delete=OnDelete.CASCADE)),
                ('idempotency_key', fields.CharField(max_length=100)),
                ('request_hash', fields.CharField(max_length=64)),
                ('run', fields.UUIDField(null=True, db_index=True)),
                ('report', fields.UUIDField(null=True, db_index=True)),
                ('kind', fields.CharField(max_length=100)),
                ('title', fields.CharField(max_length=400)),
                ('sources', fields.JSONField()),
                ('personal', fields.BooleanField()),
                ('password_hash', fields.CharField(max_length=200)),
                ('generation', fields.IntField(default=1)),
                ('sealed', fields.TextField(default='', unique=False)),
                ('message', fields.TextField(default='', unique=False)),
                ('language', fields.CharField(null=True, max_length=16)),
                ('downloads', fields.BooleanField()),
                ('most_views', fields.IntField(null=True)),
                ('origins', fields.JSONField()),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('stopped_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_by', fields.UUIDField(null=True)),
                ('created_by_name', fields.CharField(max_length=200)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'share', 'app': 'bilan', 'unique_together': (('workspace', 'idempotency_key'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ShareEventRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('share', fields.ForeignKeyField('bilan.ShareRow', source_field='share_id', db_constraint=True, to_field='id', related_name='events', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=20)),
                ('grant', fields.UUIDField(null=True)),
                ('by_name', fields.CharField(default='', max_length=200)),
                ('detail', fields.TextField(default='', unique=False)),
                ('asked', fields.CharField(null=True, max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'share_event', 'app': 'bilan', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ShareGrantRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('share', fields.ForeignKeyField('bilan.ShareRow', source_field='share_id', db_constraint=True, to_field='id', related_name='grants', on_delete=OnDelete.CASCADE)),
                ('recipient', fields.UUIDField(db_index=True)),
                ('address', fields.CharField(max_length=320)),
                ('name', fields.CharField(max_length=200)),
                ('nonce', fields.CharField(max_length=32)),
                ('mails', fields.JSONField()),
                ('views', fields.IntField(default=0)),
                ('last_opened_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'share_grant', 'app': 'bilan', 'unique_together': (('share', 'recipient'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ShareVisitRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('grant', fields.ForeignKeyField('bilan.ShareGrantRow', source_field='grant_id', db_constraint=True, to_field='id', related_name='visits', on_delete=OnDelete.CASCADE)),
                ('key_hash', fields.CharField(unique=True, max_length=64)),
                ('nonce', fields.CharField(max_length=32)),
                ('generation', fields.IntField()),
                ('ends_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'share_visit', 'app': 'bilan', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
