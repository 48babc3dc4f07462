from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0012_recipients')]

    initial = False

    operations = [
        ops.AddField(
            model_name='PulledSourceRow',
            name='back_fill',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='StepRow',
            name='forgotten',
            field=fields.SmallIntField(default=0, db_default=0),
        ),
    ]
