"""Targets: recipients that a channel of their own reaches, with what it asks for. All had an address before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0017_approvals')]

    initial = False

    operations = [
        ops.AddField(
            model_name='RecipientRow',
            name='channel',
            field=fields.CharField(default='email', db_default='email', max_length=32),
        ),
        ops.AddField(
            model_name='RecipientRow',
            name='sealed',
            field=fields.JSONField(default=dict, db_default='{}', encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='RecipientRow',
            name='settings',
            field=fields.JSONField(default=dict, db_default='{}'),
        ),
    ]
