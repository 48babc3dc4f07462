"""Pictures that are handed over together with a file: beside it, or in a ZIP archive."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from uuid import UUID

import structlog

from bilan.pictures.encoding import LARGEST
from bilan.pictures.keeping import PictureKeeper
from bilan.sdk.errors import BilanError
from bilan.sdk.sources import ImportFile

log = structlog.get_logger(__name__)

Open = Callable[[], bytes]
MOST = 10_000
"""Names of an archive that are looked at."""


class CompanionPictures:
    """Gives the keys of pictures by their names: :attr:`bilan.sdk.ImportFile.picture`. For threads."""

    def __init__(self, keeper: PictureKeeper, source: UUID, file: ImportFile) -> None:
        self._keeper, self._source, self._file = keeper, source, file
        self._found: dict[str, Open] | None = None
        self._keys: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The picture's key; empty where there is none of this name, or none that can be used."""
        wanted = _bare(name)
        if not wanted:
            return ""
        if wanted not in self._keys:
            self._keys[wanted] = self._kept(wanted)
        return self._keys[wanted]

    def _kept(self, name: str) -> str:
        if self._found is None:
            self._found = dict(_pictures(self._file))
        if (read := self._found.get(name)) is None:
            return ""
        try:
            content = read()
        except Exception as error:
            # An archive's member may be locked, damaged, or packed in an unknown way.
            return self._without(error)
        try:
            return self._keeper.keep_blocking(self._source, content)
        except (BilanError, OSError) as error:
            return self._without(error)

    def _without(self, error: Exception) -> str:
        log.warning("picture_not_kept", source=str(self._source), because=str(error))
        return ""


def _pictures(file: ImportFile) -> Iterator[tuple[str, Open]]:
    """What could be a picture, by its name; a companion comes before a member of an archive."""
    for path in (file.path, *file.companions.values()):
        if zipfile.is_zipfile(path):
            yield from _members(path)
    for name, path in file.companions.items():
        yield _bare(name), lambda path=path: _begun(path)


def _members(path: Path) -> Iterator[tuple[str, Open]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist()[:MOST] if not one.is_dir()]
    except (OSError, zipfile.BadZipFile):
        return
    for name in names:
        yield _bare(name), lambda name=name: _unpacked(path, name)


def _unpacked(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(name) as member:
        return member.read(LARGEST + 1)


def _begun(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _bare(name: str) -> str:
    """The name without folders, whatever their slashes, as all systems compare it."""
    return PurePosixPath(name.strip().replace("\\", "/")).name.casefold()
