"""Files of social profiles, as tests write and read them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bilan.sdk import ColumnMapping, ImportFile, Reader, Reject, Row, RowFacts
from bilan_social_profiles.sample import DATA as SAMPLES
from bilan_social_profiles.sources import FILE

DATA = Path(__file__).parents[1] / "plugins" / "social_profiles" / "data"
POSTS_FILE = DATA / "dataset_Facebook.csv"
FOLLOWERS_FILE = DATA / "nyc_social_media_usage_2011-08_2012-08.csv.gz"


@dataclass(frozen=True)
class Found:
    """What a reader found in a file."""

    facts: list[RowFacts]
    rejects: list[Reject]

    @property
    def rows(self) -> list[Row]:
        """The rows of all facts, in their order."""
        return [fact.row for one in self.facts for fact in one.facts]

    @property
    def reasons(self) -> dict[int, str]:
        """Why rows are rejected, by their numbers."""
        return {one.number: str(one.reason) for one in self.rejects}


def read(reader: Reader, file: ImportFile, mapping: ColumnMapping | None = None, **settings: Any) -> Found:
    """What a reader finds in a file with these settings."""
    found = list(reader.read(file, settings, mapping))
    facts = [one for one in found if isinstance(one, RowFacts)]
    return Found(facts, [one for one in found if isinstance(one, Reject)])


def reader_of(file: ImportFile) -> Reader:
    """The reader of the kind ``file`` that recognises a file best."""
    return max(FILE.readers, key=lambda one: one.recognises(file))


def read_text(folder: Path, text: str | bytes, name: str = "export.csv", **settings: Any) -> Found:
    """What the reader that recognises a file finds in it."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    file = ImportFile(path, name)
    return read(reader_of(file), file, **settings)


def connector_file(*folders: str) -> ImportFile:
    """The tables of a connector in these folders, handed over together."""
    paths = [path for folder in folders for path in sorted((SAMPLES / f"{folder}_connector").glob("*.csv"))]
    first, *rest = paths
    return ImportFile(first, first.name, {path.name: path for path in rest})


def unpacked(path: Path) -> str:
    """The text of a packed file."""
    return gzip.decompress(path.read_bytes()).decode()


def picked(rows: Sequence[Row], *names: str) -> list[tuple[Any, ...]]:
    """Some columns of rows; one that a row leaves out is empty."""
    return [tuple(row.get(name) for name in names) for row in rows]
