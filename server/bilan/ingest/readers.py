"""Which reader a file is for, and how its columns are put to use. Blocking: looks into files."""

from __future__ import annotations

from collections.abc import Sequence

from bilan.catalog.text import sanitise
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.sources import ColumnMapping, ImportFile, Reader, Settings
from bilan.sdk.tables import open_table
from bilan.sdk.textdomain import _


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
        open_table(file.path, file.sheet)  # says what the file is, where it is no table at all
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
