"""What can happen only once, when the declaration says otherwise than before what that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bilan.sdk.datasets import Column, ColumnType, DistinctKey, Once
from bilan.warehouse import Warehouse

from .declared import EVENTS, NAME, append, event, facts

BY_COUNTRY = Once(
    "again",
    outcomes=((("kind", "delivered"),),),
    keys=(DistinctKey(("country",), present=("country",)),),
)
BY_LINK = replace(BY_COUNTRY, keys=(DistinctKey(("links",), present=("links",)),))
BY_COUNTRY_FIRST, BY_LINK_NOW = (
    replace(EVENTS, columns=(*EVENTS.columns, Column("again", ColumnType.BOOLEAN, NAME)), once=once)
    for once in (BY_COUNTRY, BY_LINK)
)


@pytest.mark.requirement("DC-25")
def test_repeats_follow_the_declaration_of_today_whatever_an_earlier_one_made_of_them(
    any_warehouse: Warehouse,
):
    any_warehouse.ensure([BY_COUNTRY_FIRST])
    last = event(3, kind="delivered", country="fr", links=["a"])
    link_before = event(1, kind="delivered", country="de", links=["a"])
    country_before = event(2, kind="delivered", country="fr", links=["b"])
    for number, row in enumerate((last, link_before, country_before), start=1):
        append(any_warehouse, BY_COUNTRY_FIRST, [row], number)
    was = facts(any_warehouse, BY_COUNTRY_FIRST, "event_id, again")

    any_warehouse.ensure([BY_LINK_NOW])

    # By country a repeat since the third batch, by link since the second already.
    assert was == [("e1", False), ("e2", False), ("e3", True)]
    assert facts(any_warehouse, BY_LINK_NOW, "event_id, again") == [
        ("e1", False), ("e2", False), ("e3", True),
    ]  # fmt: skip
