"""Stylesheets of plugins' blocks reach no further than these; columns hold pictures where they can."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.errors import Misdeclared
from fixtures.declarations import ORDERS, RECEIPT, plugin

GOOD = (
    ".shop-receipt { color: var(--ink) }",
    ".shop-receipt, .shop-line:is(.shop-a, .shop-b) > li { margin: 0; padding: 0 }",
    '.shop-a::before { content: "} body {" } /* main { } */ .shop-b { top: 0 }',
    "@media (max-width: 40rem) { .shop-a { top: 0 } .shop-b { top: 1px } } .shop-c { top: 0 }",
    ".shop-a { top: 0; &:hover { top: 1px } li { top: 2px } } .shop-b { top: 0 }",
)
BAD = {
    "body { top: 0 }": "body",
    ".shop-a, main { top: 0 }": "main",
    ".shop-a { top: 0 } .grid td { top: 0 }": ".grid td",
    ".shopping-a { top: 0 }": ".shopping-a",
    "@import 'x.css'; .shop-a { top: 0 }": "@import ;",
    "@media print { .shop-a { top: 0 } p { top: 0 } }": "p",
    "@media print { .shop-a { top: 0 } } p { top: 0 }": "p",
    "@font-face { font-family: x }": "@font-face",
    "} .shop-a { top: 0 }": "}",
    ".shop-a { top: 0": "top: 0",
}
HELD = {
    ".shop-a { background: url(https://example.org/x.png) }": "url(",
    ".shop-a { top: 0 } </style><script>": "<",
    ".shop-a { top: 0 } /* main": "/*",
    '.shop-a { content: "': '"',
    ".shop-a, \\6d ain { top: 0 }": "\\",
}


def refused(**answers: Any) -> str:
    with pytest.raises(Misdeclared) as error:
        load([("shop", plugin(**answers)), ("rendering", RENDERING)], installed=False)
    return str(error.value).removeprefix("The plugin shop is not usable: ")


def styled(style: str) -> tuple[Any, ...]:
    return (replace(RECEIPT, style=style),)


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize("style", GOOD)
def test_a_look_may_bring_rules_for_its_own_classes(style: str) -> None:
    registry = load(
        [("shop", plugin(register_renderers=styled(style))), ("rendering", RENDERING)], installed=False
    )

    assert registry.block_renderers["html", "shop.receipt"].style == style


@pytest.mark.parametrize("style", BAD)
def test_a_rule_that_reaches_further_stops_the_start(style: str) -> None:
    assert refused(register_renderers=styled(style)) == (
        f"the stylesheet of shop.receipt reaches out of it by {BAD[style]}: every selector begins with "
        ".shop- and a name"
    )


@pytest.mark.parametrize("style", HELD)
def test_a_stylesheet_holds_nothing_that_leads_out_of_it(style: str) -> None:
    said = refused(register_renderers=styled(style))

    assert said == f"the stylesheet of shop.receipt may not hold {HELD[style]}"


def test_only_markup_has_a_stylesheet() -> None:
    drawn = (replace(RECEIPT, format="pdf", style=GOOD[0]),)

    assert (
        refused(register_renderers=drawn) == "the look of shop.receipt has a stylesheet, which only html has"
    )


@pytest.mark.parametrize(
    "column",
    [
        Column("picture", ColumnType.INTEGER, ORDERS.label, picture=True),
        Column("picture", ColumnType.TEXT, ORDERS.label, picture=True, dimension=True),
        Column("picture", ColumnType.TEXT, ORDERS.label, picture=True, personal=True),
    ],
)
def test_a_column_that_cannot_hold_pictures_stops_the_start(column: Column) -> None:
    orders = replace(ORDERS, columns=(*ORDERS.columns, column))

    assert refused(register_datasets=(orders,)) == (
        "picture of shop.orders can hold pictures only as a text that is no dimension, not personal, "
        "not due and not part of the order"
    )
