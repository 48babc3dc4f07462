"""Up to which moment derived datasets follow from their logs. Nothing was derived before."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('bilan', '0005_counted_rows')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DerivationRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('dataset', fields.CharField(max_length=100)),
                ('source', fields.UUIDField()),
                ('definition', fields.CharField(default='', max_length=64)),
                ('through', fields.BigIntField(default=0)),
                ('progress', fields.FloatField(null=True)),
                ('failure', fields.JSONField(null=True)),
            ],
            options={'table': 'derivation', 'app': 'bilan', 'unique_together': (('dataset', 'source'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
