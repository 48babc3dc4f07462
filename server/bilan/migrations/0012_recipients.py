"""Recipients, what they want no more of, addresses put aside, and rules. Nobody was written down before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0011_schedule_recipients')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RecipientRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='recipients', on_delete=OnDelete.CASCADE)),
                ('address', fields.CharField(max_length=320)),
                ('first_name', fields.CharField(default='', max_length=100)),
                ('last_name', fields.CharField(default='', max_length=100)),
                ('language', fields.CharField(null=True, max_length=16)),
                ('zone', fields.CharField(null=True, max_length=64)),
                ('asked', fields.SmallIntField(default=0)),
                ('asked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('asked_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('added_by_name', fields.CharField(max_length=200)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'recipient', 'app': 'bilan', 'unique_together': (('workspace', 'address'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecipientRulesRow',
            fields=[
                ('workspace', fields.OneToOneField('bilan.Workspace', source_field='workspace_id', primary_key=True, db_index=True, db_constraint=True, to_field='id', related_name='recipient_rules', on_delete=OnDelete.CASCADE)),
                ('domains', fields.JSONField(default=tuple)),
                ('audiences', fields.JSONField(default=dict)),
                ('first_email', fields.CharField(max_length=16)),
            ],
            options={'table': 'recipient_rules', 'app': 'bilan', 'pk_attr': 'workspace_id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SuppressionRow',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='suppressions', on_delete=OnDelete.CASCADE)),
                ('address_hash', fields.CharField(max_length=64)),
                ('address', fields.CharField(null=True, max_length=320)),
                ('answer', fields.TextField(unique=False)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'suppression', 'app': 'bilan', 'unique_together': (('workspace', 'address_hash'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UnsubscriptionRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('bilan.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name='unsubscriptions', on_delete=OnDelete.CASCADE)),
                ('recipient', fields.UUIDField()),
                ('scope', fields.UUIDField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unsubscription', 'app': 'bilan', 'unique_together': (('workspace', 'recipient', 'scope'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
