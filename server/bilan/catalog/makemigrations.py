"""Write the next migration from the models: ``python -m bilan.catalog.makemigrations NAME``.

Those that stand in ``SHA256SUMS`` beside the migrations are frozen: catalogs
were made with them. Rows are carried by a ``RunPython`` or SQL operation that
is added by hand.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions, Operation
from tortoise.migrations.writer import MigrationWriter, format_migration_name
from tortoise.models import Model

from bilan.catalog.configuration import APP, configuration
from bilan.catalog.schema import migration_checksums


async def differences() -> list[MigrationWriter]:
    """What the models say that the migrations do not; empty when the two agree."""
    config = configuration("sqlite://:memory:")
    context = TortoiseContext()
    with context:
        await context.init(config, init_connections=False)
        assert context.apps is not None  # noqa: S101 - init has just loaded them
        models = context.apps[APP]
        for model in models.values():
            model._meta.table_description = ""  # a reworded docstring is no change of a table
        writers = await MigrationAutodetector(context.apps, config["apps"]).changes()
    for writer in writers:
        writer.operations = [one for one in writer.operations if not _imagined(one, models)]
    return [writer for writer in writers if writer.operations]


def _imagined(operation: Operation, models: dict[str, type[Model]]) -> bool:
    """Whether nothing changed: Tortoise takes a primary key that is a relation for new every time."""
    if not isinstance(operation, AlterModelOptions):
        return False
    meta = models[operation.name]._meta
    return meta.pk_attr.removesuffix("_id") in meta.o2o_fields


def next_name(name: str) -> str:
    """The name of a migration that comes after those there are."""
    return format_migration_name(int(max(migration_checksums())[:4]) + 1, name)


def add(name: str) -> Path | None:
    """Write the next migration, and nothing where models and migrations agree; its file."""
    for writer in asyncio.run(differences()):
        writer.name = next_name(name)
        return writer.write()
    return None


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m bilan.catalog.makemigrations NAME")
    sys.stdout.write(f"{add(sys.argv[1]) or 'The models say nothing new.'}\n")
