"""Steps that nobody waits for, such as those of schedules."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0013_pulls_side_by_side')]

    initial = False

    operations = [
        ops.AddField(
            model_name='StepRow',
            name='background',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
