"""Where a report's figures came from: which sources, how many facts, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bilan.sdk.datasets import UNDATED, Dataset
from bilan.sdk.document import Provenance, plain_value

if TYPE_CHECKING:
    from bilan.query.session import QuerySession


def provenance_from(
    client: QuerySession, names: Mapping[str, str]
) -> Callable[[str], tuple[Provenance, ...]]:
    """Looks up, for a dataset, what each source had reported; sources by their names."""

    def provenance(dataset: str) -> tuple[Provenance, ...]:
        found = (
            Provenance(
                dataset=dataset,
                source=names.get(str(seen.source), str(seen.source)),
                rows=seen.rows,
                watermark=_watermark(client.registry.datasets[dataset], seen.watermark),
            )
            for seen in client.seen(dataset)
        )
        return tuple(sorted(found, key=lambda one: one.source))

    return provenance


def _watermark(dataset: Dataset, last: datetime) -> str | None:
    if last == UNDATED:
        return None
    return plain_value(last.date() if dataset.timed_by_day else last)
