"""Derived datasets: what they are made of is there, and can be made again."""

from __future__ import annotations

from bilan.registry.declared import Declared
from bilan.registry.mistakes import mistake
from bilan.sdk.datasets import ColumnType, Dataset, Derivation, Keep
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.textdomain import _


def check_derivations(one: Declared) -> None:
    """Raise ``Misdeclared`` for the first derived dataset of a plugin that could not be kept right."""
    for dataset in one.datasets:
        if dataset.derived is not None:
            _check_dataset(one, dataset)
            _check_log(one, dataset, dataset.derived)
            _check_settings(one, dataset, dataset.derived)


def _check_dataset(one: Declared, dataset: Dataset) -> None:
    if dataset.keep is not Keep.LAST:
        raise mistake(
            one.plugin.name, _("{dataset} is derived, so its rows change: it keeps the last copy",
                               dataset=dataset.key),
        )  # fmt: skip
    if dataset.retention_days is not None:
        raise mistake(
            one.plugin.name, _("{dataset} is derived, so its rows cannot end after some days",
                               dataset=dataset.key),
        )  # fmt: skip


def _check_log(one: Declared, dataset: Dataset, derivation: Derivation) -> None:
    name, named = one.plugin.name, {"dataset": dataset.key, "log": derivation.of}
    log = next((other for other in one.datasets if other.key == derivation.of), None)
    if log is None or log.derived is not None:
        raise mistake(
            name, _("{dataset} is derived from {log}, which is no dataset of the plugin that takes facts",
                    **named),
        )  # fmt: skip
    if log.once is not None or log.retention_days is not None:
        raise mistake(
            name, _("{dataset} is derived from {log}, whose facts may not end or happen only once", **named)
        )
    if not derivation.by:
        raise mistake(name, _("{dataset} does not say by which columns it is derived", **named))
    for column in derivation.columns:
        if column not in log.by_name:
            reason = _("{dataset} is derived from {column}, which is no column of {log}",
                       column=column, **named)  # fmt: skip
            raise mistake(name, reason)
    for column in derivation.by:
        either = [one.by_name.get(column) for one in (dataset, log)]
        if any(c is None or c.type is not ColumnType.TEXT or c.nullable for c in either):
            reason = _(
                "{dataset} is derived by {column}, which must be a text there and in {log}, and never null",
                column=column, **named,
            )  # fmt: skip
            raise mistake(name, reason)
        if column not in (*log.sort, *log.identity):
            reason = _("{dataset} is derived by {column}, by which {log} must be sorted",
                       column=column, **named)  # fmt: skip
            raise mistake(name, reason)


def _check_settings(one: Declared, dataset: Dataset, derivation: Derivation) -> None:
    known = {setting.key: setting for kind in one.sources for setting in kind.settings}
    for key in derivation.settings:
        if key not in known or known[key].kind is ParameterKind.SECRET:
            reason = _("{dataset} is derived by the setting {key}, which no kind of source has in the open",
                       dataset=dataset.key, key=key)  # fmt: skip
            raise mistake(one.plugin.name, reason)
