from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0004_proofs')]

    initial = False

    operations = [
        ops.AddField(
            model_name='IngestCounters',
            name='known',
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='IngestCounters',
            name='noted',
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='RejectRow',
            name='known',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='UploadRow',
            name='known',
            field=fields.BigIntField(null=True),
        ),
    ]
