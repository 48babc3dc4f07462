from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0006_derivations')]

    initial = False

    operations = [
        ops.AddField(
            model_name='PostRow',
            name='recorded',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
