"""Which reader a file is for, and how its columns are put to use. Blocking: looks into files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bilan.catalog.text import sanitise
from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.sources import ColumnMapping, ImportFile, Mapped, Reader, Settings
from bilan.sdk.tables import open_table
from bilan.sdk.textdomain import _

NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})


def choose(readers: Sequence[Reader], file: ImportFile, wanted: str | None) -> Reader:
    """The reader that was asked for, or the one that recognises the file best.

    Raises ``Invalid`` with the readers there are.
    """
    offered = ", ".join(reader.key for reader in readers)
    if not readers:
        raise Invalid(_("Sources of this kind read no files."), ("source",))
    if wanted is not None:
        for reader in readers:
            if reader.key == wanted:
                return reader
        raise Invalid(
            _("There is no reader {reader}; there are: {offered}.", reader=wanted, offered=offered),
            ("reader",),
        )
    sure, best = max(((_sure(reader, file), reader) for reader in readers), key=lambda pair: pair[0])
    if sure <= 0:
        open_table(file.path, file.sheet, file.encoding)  # says what the file is, where it is no table at all
        raise Invalid(
            _("{name} is not recognised; say how to read it: {offered}.", name=file.name, offered=offered),
            ("reader",),
        )
    return best


def _sure(reader: Reader, file: ImportFile) -> float:
    try:
        return reader.recognises(file)
    except Exception:  # a reader that stumbles over another's file does not recognise it
        return 0.0


def propose(reader: Reader, file: ImportFile, settings: Settings) -> ColumnMapping | None:
    """The reader's proposal. Raises ``Invalid`` where it cannot make sense of the file."""
    try:
        return reader.propose(file, settings)
    except BilanError:
        raise
    except Exception as error:
        raise Invalid(
            _("The plugin failed to read {name}: {error}", name=file.name, error=sanitise(repr(error)))
        ) from error


def check(mapping: ColumnMapping, proposed: ColumnMapping, dataset: Dataset | None) -> None:
    """Raise ``Invalid`` unless a person's mapping fits the file and the dataset."""
    if dataset is None:
        raise Invalid(
            _("No plugin declares the dataset {dataset}.", dataset=mapping.dataset), ("mapping", "dataset")
        )
    columns = {one.column for one in proposed.columns}
    taken: set[str] = set()
    for one in mapping.columns:
        path = ("mapping", one.column)
        if one.column not in columns:
            raise Invalid(_("The file has no column {column}.", column=one.column), path)
        if one.target and one.target not in dataset.by_name:
            raise Invalid(
                _("{dataset} has no column {column}.", dataset=dataset.label, column=one.target), path
            )
        if one.target in taken:
            raise Invalid(_("Two columns of the file go to {column}.", column=one.target), path)
        taken |= {one.target} if one.target else set()
    for name in mapping.constants:
        if name not in dataset.by_name:
            raise Invalid(
                _("{dataset} has no column {column}.", dataset=dataset.label, column=name), ("mapping", name)
            )


def adjusted(
    proposed: ColumnMapping | None,
    datasets: Mapping[str, Dataset],
    uses: Mapping[str, str],
    dates: str,
    decimals: str,
) -> ColumnMapping | None:
    """The proposed mapping with the uses that somebody gave columns, and how they are written.

    Uses that another dataset of the plugin has, and not the proposed one, lead
    the file there. Raises ``Invalid`` for a column that the file has not, and
    where the format leaves nothing open.
    """
    if proposed is None:
        if uses or dates or decimals:
            raise Invalid(_("Files of this format leave no columns to choose."), ("map",))
        return None
    known = {one.column for one in proposed.columns}
    if unknown := sorted(uses.keys() - known):
        raise Invalid(
            _("The file has no column {column}; it has {known}.",
              column=unknown[0], known=", ".join(sorted(known))), ("map",),
        )  # fmt: skip
    # A use that is given to one column is taken from the one that was proposed for it.
    taken = set(uses.values()) - {""}
    dataset = _dataset_with(taken, proposed.dataset, datasets)
    columns = list[Mapped]()
    for one in proposed.columns:
        target = uses.get(one.column, "" if one.target in taken else one.target)
        if one.column not in uses and target not in dataset.by_name:
            target = ""
        type_ = dataset.by_name[target].type if target in dataset.by_name else None
        written = dates if type_ is ColumnType.INSTANT else decimals if type_ in NUMBERS else ""
        columns.append(replace(one, target=target, written=written))
    mapping = replace(proposed, dataset=dataset.key, columns=tuple(columns))
    check(mapping, proposed, dataset)
    return mapping


def _dataset_with(targets: set[str], proposed: str, datasets: Mapping[str, Dataset]) -> Dataset:
    """The proposed dataset; where it lacks one of these columns, another of its plugin that has all."""
    namespace = proposed.partition(".")[0]
    beside = [one for key, one in datasets.items() if key.partition(".")[0] == namespace]
    for dataset in (datasets[proposed], *beside):
        if targets <= dataset.by_name.keys():
            return dataset
    return datasets[proposed]
