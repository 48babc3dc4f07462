"""What files a recipient gets, and what the files of a sending hold. As before for all there is."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0024_copies')]

    initial = False

    operations = [
        ops.AddField(
            model_name='RecipientRow',
            name='formats',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='SendingRow',
            name='content',
            field=fields.CharField(default='usual', db_default='usual', max_length=16),
        ),
    ]
