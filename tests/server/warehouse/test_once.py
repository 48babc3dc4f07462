"""What can happen only once, when the declaration says otherwise than before what that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bilan.query.settling import settle
from bilan.sdk.datasets import Column, ColumnType, DistinctKey, Once, Rollup
from bilan.warehouse import Warehouse, rollup_table

from .declared import EVENTS, NAME, NOON, append, event, facts

BY_COUNTRY = Once(
    "again",
    outcomes=((("kind", "delivered"),),),
    keys=(DistinctKey(("country",), present=("country",)),),
)
BY_LINK = replace(BY_COUNTRY, keys=(DistinctKey(("links",), present=("links",)),))
BY_COUNTRY_FIRST, BY_LINK_NOW = (
    replace(
        EVENTS,
        columns=(*EVENTS.columns, Column("again", ColumnType.BOOLEAN, NAME, dimension=True)),
        once=once,
        rollup=Rollup(("again",)),
    )
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


@pytest.mark.requirement("DC-25", "GO-17")
def test_what_was_counted_in_advance_of_other_repeats_is_counted_anew(any_warehouse: Warehouse):
    any_warehouse.ensure([BY_COUNTRY_FIRST])
    append(any_warehouse, BY_COUNTRY_FIRST, [event(1, kind="delivered", country="fr", links=["a"])])
    before, now = (rollup_table(one, Rollup(("again",))) for one in (BY_COUNTRY_FIRST, BY_LINK_NOW))
    settle(any_warehouse, BY_COUNTRY_FIRST, "UTC", 202603, 1, NOON + timedelta(days=1))
    counted = "SELECT _generation, again, _rows FROM "
    assert any_warehouse.query(counted + before).rows == [(1, False, 1)]

    any_warehouse.ensure([BY_LINK_NOW])

    assert any_warehouse.query(counted + now).rows == []
