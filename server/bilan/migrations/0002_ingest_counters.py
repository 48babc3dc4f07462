from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("bilan", "0001_initial")]

    operations = [
        ops.RenameModel("TallyRow", "IngestCounters"),
        ops.RenameField("IngestCounters", "dropped", "evicted"),
        ops.RenameField("UploadRow", "place", "sequence"),
    ]
