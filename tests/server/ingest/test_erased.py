"""Facts about contacts who were erased, that come later: counted without them, or refused without a trace."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from bilan.contacts import ErasedContacts, Reimport
from bilan.contacts.addresses import pseudonym, read_address
from bilan.contacts.erased import ErasedWorkspace
from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk.columns import FactColumns, encode
from bilan.sdk.datasets import Column, ColumnType, Dataset, Fact, Reject
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.warehouse import Written
from bilan.warehouse.arrow import ArrowTable
from fixtures.ingest import NOW, ORDERS

pytestmark = pytest.mark.requirement("FX-06")

SHOP, OTHER = UUID(int=1), UUID(int=2)
KEY, ANN = "key", "ann@example.org"
GONE = pseudonym(KEY, ANN)


@dataclass
class Taken:
    """What a warehouse would be given."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    def append(
        self,
        dataset: Dataset,
        source: UUID,
        facts: ArrowTable,
        *,
        moment: datetime,
        before: ArrowTable | None = None,
    ) -> Written:
        self.rows[dataset.key] = facts.to_pylist()
        return Written(facts.num_rows, frozenset(), new=range(facts.num_rows))


def batch(reimport: Reimport = Reimport.ANONYMISE) -> Batch:
    known = ErasedWorkspace(KEY, reimport, frozenset({GONE}))
    return Batch(Normalisers({ORDERS.key: ORDERS}), NOW, ErasedContacts({SHOP: known}))


def order(name: str, buyer: str) -> dict[str, Any]:
    return {"occurred_at": NOW, "order": name, "buyer": buyer}


def taken(one: Batch) -> dict[str, list[dict[str, Any]]]:
    found = Taken()
    one.append(found, NOW)
    return found.rows


def test_a_fact_is_counted_under_the_pseudonym_and_so_is_what_the_contact_did() -> None:
    one = batch()
    one.add(SHOP, 1, Fact(ORDERS.key, order("a", "Ann@Example.org ")))
    one.add(SHOP, 2, Fact(ORDERS.key, order("b", "ben@example.org")))

    rows = taken(one)
    assert [row["buyer"] for row in rows[ORDERS.key]] == [GONE, "ben@example.org"]
    assert sorted(row["contact"] for row in rows["contact.activity"]) == ["ben@example.org", GONE]


def test_so_it_is_where_facts_come_in_columns() -> None:
    one = batch()
    columns = {
        "occurred_at": encode([NOW, NOW]), "order": encode(["a", "b"]),
        "buyer": encode([ANN, "ben@example.org"]),
    }  # fmt: skip
    one.add(SHOP, 1, FactColumns(ORDERS.key, columns, [1, 2]))

    assert [row["buyer"] for row in taken(one)[ORDERS.key]] == [GONE, "ben@example.org"]


def test_a_workspace_may_refuse_it_and_nothing_of_the_row_is_kept() -> None:
    one = batch(Reimport.REFUSE)
    one.add(SHOP, 1, Fact(ORDERS.key, order("a", ANN)))
    one.add(SHOP, 2, Fact(ORDERS.key, order("b", "ben@example.org")))

    assert [row["buyer"] for row in taken(one)[ORDERS.key]] == ["ben@example.org"]
    ((_source, reject),) = one.rejects
    assert (reject.number, str(reject.reason), reject.raw) == (
        1, "The row is about a contact who was erased.", "",
    )  # fmt: skip


def test_other_workspaces_know_nothing_of_it() -> None:
    one = batch(Reimport.REFUSE)
    one.add(OTHER, 1, Fact(ORDERS.key, order("a", ANN)))

    assert [row["buyer"] for row in taken(one)[ORDERS.key]] == [ANN]


GIFTS = replace(
    ORDERS,
    key="shop.gifts",
    columns=(*ORDERS.columns, Column("giver", ColumnType.TEXT, Message("Giver"), personal=True)),
)


@pytest.mark.parametrize("giver", [ANN, "Ann@Example.org ", f"Ann <{ANN}>, her aunt"])
@pytest.mark.parametrize("in_columns", [False, True])
def test_a_fact_about_somebody_else_names_them_no_more(giver: str, in_columns: bool) -> None:
    one = Batch(Normalisers({GIFTS.key: GIFTS}), NOW, batch()._erased)
    row = {**order("a", "ben@example.org"), "giver": giver}
    columns = {name: encode([value]) for name, value in row.items()}
    one.add(SHOP, 1, FactColumns(GIFTS.key, columns, [1]) if in_columns else Fact(GIFTS.key, row))

    (found,) = taken(one)[GIFTS.key]
    assert (found["buyer"], found["giver"].strip()) == (
        "ben@example.org", giver.strip().replace("Ann@Example.org", ANN).replace(ANN, GONE),
    )  # fmt: skip


def test_a_row_that_cannot_be_read_is_kept_without_what_names_them() -> None:
    one = batch()
    said = Message("{address} is wrong", args={"address": ANN})
    one.add(SHOP, 1, Reject(1, said, f'{{"who": "{ANN.upper()}"}}'))
    one.add(SHOP, 2, Reject(2, Message("wrong"), '{"who": "ben@example.org"}'))

    assert [(str(reject.reason), reject.raw) for _source, reject in one.rejects] == [
        ("… is wrong", ""),
        ("wrong", '{"who": "ben@example.org"}'),
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (" Ann@Example.ORG", "ann@example.org"),
        ("+33 6 12 34 56 78", "33612345678"),
        ("0033612345678", "33612345678"),
        ("@ann.smith", "@ann.smith"),
        ("Übersee", "übersee"),
    ],
)
def test_an_address_is_compared_in_one_form(given: str, text: str) -> None:
    assert read_address(given).text == text


@pytest.mark.parametrize("given", ["ann@", "a@b", "abc", "", GONE])
def test_what_is_no_address_is_refused_with_a_sentence(given: str) -> None:
    with pytest.raises(Invalid) as error:
        read_address(given)
    assert error.value.path == ("address",)
