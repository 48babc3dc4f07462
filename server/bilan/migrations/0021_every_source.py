"""A role on every source of a workspace, beside roles on single ones, which those there are were given as."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("bilan", "0020_display")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Membership",
            name="every_source",
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name="SourceGrant",
            name="own",
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.RunSQL("UPDATE source_grant SET own = role"),
    ]
