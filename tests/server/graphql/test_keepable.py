"""Which operations are made of datasets alone, so that their answers may be kept."""

from __future__ import annotations

import pytest
from graphql import parse

from bilan.graphql.keepable import of_datasets_alone

DATASETS = {"shop": frozenset({"orders", "ordersFacts"}), "contact": frozenset({"activity"})}


@pytest.mark.parametrize(
    "query",
    [
        "{ shop { orders { totals { sent } } } }",
        "{ __typename a: shop { __typename b: orders { asOf } } contact { activity { asOf } } }",
        "query Q($x: Boolean!) { shop @include(if: $x) { orders @skip(if: $x) { asOf } } }",
        "{ ... on Query { ...R } } fragment R on Query { shop { ...S } } fragment S on Shop { orders { t } }",
    ],
)  # fmt: skip
def test_datasets_alone(query: str) -> None:
    assert of_datasets_alone(parse(query), None, DATASETS)


@pytest.mark.parametrize(
    "query",
    [
        "{ me { name } }",
        "{ shop { orders { asOf } } me { name } }",
        "{ shop { orders { asOf } owner } }",
        "{ shop: me { orders } }",
        "{ shop { orders: owner } }",
        "{ shop { orders { asOf } ...S } } fragment S on Shop { owner }",
        "{ shop { orders { asOf } owner @skip(if: true) } }",
        "{ ...R } fragment R on Query { me { name } }",
        "{ __schema { types { name } } }",
        "mutation { shop { orders } }",
        "subscription { shop { orders } }",
    ],
)
def test_something_beside(query: str) -> None:
    assert not of_datasets_alone(parse(query), None, DATASETS)


def test_the_operation_that_is_named_counts() -> None:
    both = parse("query A { me { name } } query B { shop { orders { asOf } } }")
    assert [of_datasets_alone(both, name, DATASETS) for name in ("A", "B", None)] == [False, True, False]
