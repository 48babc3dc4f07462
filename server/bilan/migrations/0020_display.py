"""Display: how days and times of day are written in what is sent."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0019_recipients_found')]

    initial = False

    operations = [
        ops.AddField(
            model_name='SendingRow',
            name='display',
            field=fields.JSONField(null=True),
        ),
    ]
