"""Facts of a plugin's own datasets: its sources bring no others, by whatever way facts come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Fact, Retract, RowFacts
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

T = TypeVar("T")


def own_facts(items: Iterable[T], namespace: str) -> Iterator[T]:
    """The items, one by one. Raises ``Invalid`` at a fact of a dataset that another plugin declares."""
    for item in items:
        check_namespace(item, namespace)
        yield item


def check_namespace(item: object, namespace: str) -> None:
    """Raise ``Invalid`` for a fact, or for facts, of a dataset that another plugin declares."""
    match item:
        case RowFacts(facts=facts):
            for fact in facts:
                check_namespace(fact, namespace)
        case Fact() | Retract() | FactColumns() if not item.dataset.startswith(f"{namespace}."):
            raise Invalid(
                _("A source of {namespace} brings no facts of {dataset}.", namespace=namespace,
                  dataset=item.dataset)
            )  # fmt: skip
        case _:
            pass
