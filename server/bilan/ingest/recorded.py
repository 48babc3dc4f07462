"""Facts that a plugin's route records, as they wait in the inbox among the posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from bilan.ingest.normalise import Normalisers
from bilan.sdk.datasets import ColumnType, Dataset, Fact, Retract, Row
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

MOST = 1_000
"""Facts that are recorded at once."""
READ = {ColumnType.INSTANT: datetime.fromisoformat, ColumnType.DATE: date.fromisoformat}


class _Recorded(msgspec.Struct, array_like=True):
    """A fact, or one that is gone, with its identity alone."""

    dataset: str
    row: dict[str, Any]
    gone: bool = False


_decoder = msgspec.json.Decoder(list[_Recorded])


def recording(
    facts: Sequence[Fact | Retract], namespace: str, normalisers: Normalisers, now: datetime
) -> bytes:
    """The facts as bytes, once each of them could be used. Raises ``Invalid`` with the reason."""
    if len(facts) > MOST:
        raise Invalid(_("More than {most} facts cannot be recorded at once.", most=MOST))
    return msgspec.json.encode([_checked(one, namespace, normalisers, now) for one in facts])


def facts_in(body: bytes, datasets: Mapping[str, Dataset]) -> Iterator[Fact | Retract]:
    """The facts that the bytes hold."""
    for one in _decoder.decode(body):
        row = _read(one.row, datasets.get(one.dataset))
        yield Retract(one.dataset, row) if one.gone else Fact(one.dataset, row)


def _checked(one: Fact | Retract, namespace: str, normalisers: Normalisers, now: datetime) -> _Recorded:
    if not one.dataset.startswith(f"{namespace}."):
        raise Invalid(
            _(
                "A route of {namespace} records no facts of {dataset}.",
                namespace=namespace,
                dataset=one.dataset,
            )
        )
    if isinstance(one, Retract):
        normalisers.retraction(one)
        return _Recorded(one.dataset, dict(one.identity), gone=True)
    return _Recorded(one.dataset, normalisers.fact(one, now)[1])


def _read(row: Row, dataset: Dataset | None) -> Row:
    """The row with moments and days as such, which JSON writes as texts."""
    if dataset is None:
        return row
    read = {column.name: READ[column.type] for column in dataset.columns if column.type in READ}
    return {
        name: read[name](value) if name in read and isinstance(value, str) else value
        for name, value in row.items()
    }
