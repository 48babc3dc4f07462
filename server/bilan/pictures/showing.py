"""Who may see which pictures: people those of sources they may read, a report those it was built with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from bilan.accounts.policy import readable_sources
from bilan.accounts.values import Principal
from bilan.files import Files
from bilan.files.models import FileReferenceRow
from bilan.files.references import FileReferences, Owner
from bilan.pictures.models import PictureRow
from bilan.sdk.errors import NotFound
from bilan.sdk.rendering import Pictures

RUN = "run_picture"
"""The kind of owner that a run is to the pictures in its document."""


async def readable_pictures(actor: Principal, keys: Collection[str]) -> frozenset[str]:
    """Those of the keys that a source brought which the actor may read."""
    rows = await PictureRow.filter(sha256__in=set(keys)).only("source", "sha256")
    readable = readable_sources(actor, {row.source for row in rows})
    return frozenset(row.sha256 for row in rows if row.source in readable)


async def freeze_pictures(
    references: FileReferences, run: UUID, keys: Iterable[str], sources: Collection[UUID]
) -> frozenset[str]:
    """Reserve for a run those of the keys that its sources brought; they are confirmed with its document.

    A fact may name whatever it likes: what none of the sources brought is no picture of the run.
    """
    rows = await PictureRow.filter(sha256__in=set(keys), source__in=set(sources)).only("sha256")
    found = frozenset(row.sha256 for row in rows)
    for key in sorted(found):
        await references.reserve(Owner(RUN, run), key)
    return found


async def pictures_of_run(run: UUID) -> frozenset[str]:
    """The keys of the pictures that a run's document is rendered with."""
    rows = await FileReferenceRow.filter(owner_kind=RUN, owner_id=run).only("sha256")
    return frozenset(row.sha256 for row in rows)


async def picture_files_of(run: UUID, files: Files) -> Pictures:
    """Reads the pictures of a run, for renderers in threads; no others, whatever its document names."""
    return reading(files, await pictures_of_run(run))


def reading(files: Files, keys: Collection[str]) -> Callable[[str], bytes | None]:
    """Reads pictures of these keys."""

    def read(key: str) -> bytes | None:
        if key not in keys:
            return None
        try:
            return b"".join(files.open(key))
        except NotFound:
            return None

    return read
