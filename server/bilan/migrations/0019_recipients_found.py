"""Words that recipients are found and ordered by, without capitals and accents, which SQLite cannot take off."""

from unicodedata import combining, normalize

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


async def write_words(apps, editor):
    """Write the words of those who are there."""
    value, key = ("$1", "$2") if editor.client.capabilities.dialect == "postgres" else ("?", "?")
    rows = await editor.client.execute_query_dict("SELECT id, first_name, last_name, address FROM recipient")
    for row in rows:
        text = " ".join((row["first_name"], row["last_name"], row["address"]))
        plain = "".join(one for one in normalize("NFKD", text.casefold()) if not combining(one))
        await editor.client.execute_query(
            f"UPDATE recipient SET words = {value} WHERE id = {key}", [" ".join(plain.split()), row["id"]]
        )


class Migration(migrations.Migration):
    dependencies = [("bilan", "0018_targets")]

    initial = False

    operations = [
        ops.AddField(
            model_name="RecipientRow",
            name="words",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.RunPython(write_words),
    ]
