"""Write the catalog's migration anew from the models: ``python -m bilan.catalog.makemigrations``.

As long as nothing is released there is one initial migration, and it is
rewritten; from the first release on, changes are added with Tortoise's own
``tortoise makemigrations``.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions, Operation
from tortoise.migrations.writer import MigrationWriter, migrations_module_path
from tortoise.models import Model

from bilan.catalog.configuration import APP, MIGRATIONS, configuration


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


def rewrite() -> Path:
    """Replace the initial migration; returns its file."""
    for old in migrations_module_path(MIGRATIONS).glob("0*.py"):
        old.unlink()
    (writer,) = asyncio.run(differences())
    return writer.write()


if __name__ == "__main__":
    sys.stdout.write(f"{rewrite()}\n")
