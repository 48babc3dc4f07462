"""Activity categories: words that activities can have, and archives that can be looked up."""

from __future__ import annotations

from bilan.registry.columns import dataset_of
from bilan.registry.declared import Declared, Registry
from bilan.registry.mistakes import mistake, unique
from bilan.sdk.datasets import ColumnType
from bilan.sdk.textdomain import _


def check_activities(registry: Registry, one: Declared) -> None:
    """Raise ``Misdeclared`` for the first category of a plugin that no activity could have."""
    name = one.plugin.name
    unique(name, (category.key for category in one.plugin.activities))
    for category in one.plugin.activities:
        for word in (category.key, *category.actions):
            if not word.isidentifier():
                raise mistake(name, _("{word} cannot name what contacts do; use one word", word=word))
        if category.archive is None:
            continue
        archive = category.archive
        columns = dataset_of(registry, name, category.key, archive.dataset).by_name
        for column, type_ in ((archive.key, ColumnType.TEXT), (archive.flag, ColumnType.BOOLEAN)):
            if column not in columns or columns[column].type is not type_:
                reason = _(
                    "the archive of {key} reads {column} of {dataset}, which must be a column of type {type}",
                    key=category.key, column=column, dataset=archive.dataset, type=type_.value,
                )  # fmt: skip
                raise mistake(name, reason)
