"""A grant for each recipient whom a report is sent to by protected link; hashes of the ledger are looked up.

Owners hear of what nobody said yes to from now on, and not of what is over.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

TOLD_ALREADY = (
    "UPDATE occurrence SET notified_at = settled_at "
    "WHERE state = 'withheld' AND approval_until IS NOT NULL AND notified_at IS NULL"
)

class Migration(migrations.Migration):
    dependencies = [('bilan', '0027_shares')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='LedgerEntryRow',
            index=Index(fields=['hash']),
        ),
        ops.AddField(
            model_name='SendingRow',
            name='protected',
            field=fields.JSONField(null=True),
        ),
        ops.AddField(
            model_name='ShareGrantRow',
            name='password_hash',
            field=fields.CharField(default='', db_default='', max_length=200),
        ),
        ops.AddField(
            model_name='ShareGrantRow',
            name='sealed',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.RunSQL(TOLD_ALREADY),
    ]
