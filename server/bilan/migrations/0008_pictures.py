from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('bilan', '0007_recorded_facts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PictureRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source', fields.UUIDField()),
                ('address', fields.CharField(max_length=64)),
                ('sha256', fields.CharField(db_index=True, max_length=64)),
                ('known_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'source_picture', 'app': 'bilan', 'unique_together': (('source', 'address', 'sha256'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
