"""What a bad plugin says is caught by the contract's rules, in a sentence that says what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.messages import messages
from bilan.sdk.reports import Example
from bilan.testing import declaration_rules
from fixtures.declarations import (
    COUNTRY,
    ORDERED,
    ORDERS,
    RECEIPT,
    SALES,
)
from support.rules import declared

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]
other = messages("other")[0]


def test_a_good_plugin_breaks_no_rule_about_what_it_says() -> None:
    one = declared()

    assert [
        *declaration_rules.check_texts(one),
        *declaration_rules.check_contacts(one),
        *declaration_rules.check_block_renderers(one),
    ] == []


def test_facts_about_a_person_that_name_no_contact_are_caught() -> None:
    buyer = Column("buyer", ColumnType.TEXT, _("Buyer"), personal=True)
    about = replace(ORDERS, columns=(*ORDERS.columns, buyer))
    one = declared(register_datasets=(about,))

    assert list(declaration_rules.check_contacts(one)) == [
        "shop.orders has the personal columns buyer, but no column of the contact: name it with contact="
    ]
    named = declared(register_datasets=(replace(about, contact="buyer"),))
    assert list(declaration_rules.check_contacts(named)) == []


def test_an_empty_label_is_caught() -> None:
    one = declared(register_metrics=(replace(ORDERED, label=_(" ")),))

    assert list(declaration_rules.check_texts(one)) == ["the label of shop.ordered is empty"]


def test_an_example_without_a_description_is_caught() -> None:
    example = Example("all", _("All"), _(""), {})
    one = declared(register_reports=(replace(SALES, examples=(example,)),))

    assert list(declaration_rules.check_texts(one)) == [
        "the description of the example all of shop.sales is empty"
    ]


def test_a_sentence_of_another_domain_is_caught() -> None:
    one = declared(register_filters=(replace(COUNTRY, label=other("Country")),))

    assert list(declaration_rules.check_texts(one)) == [
        (
            "the label of shop.country is translated in the domain 'other', not in 'shop': "
            "make it with messages('shop')"
        )
    ]


def test_a_look_of_somebody_elses_block_is_caught() -> None:
    one = declared(register_renderers=(replace(RECEIPT, kind="parcels.lanes"),))

    assert list(declaration_rules.check_block_renderers(one)) == [
        "it renders the block parcels.lanes, which is not below its namespace shop"
    ]
