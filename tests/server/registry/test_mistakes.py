"""A mistake in a plugin is a sentence at start-up that names the plugin."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bilan.registry.gather import load
from bilan.sdk.conditions import Is
from bilan.sdk.datasets import Column, ColumnType, DistinctKey, Once, Rollup, SameIf
from bilan.sdk.errors import Misdeclared
from bilan.sdk.filters import FilterKind
from bilan.sdk.hooks import hookimpl
from bilan.sdk.messages import messages
from bilan.sdk.metrics import Change, Count, Difference, Distinct, Latest, Mean, Quantile, Ratio, Total
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.projections import From, Projection
from bilan.sdk.units import Unit
from fixtures.declarations import (
    COUNTRY,
    GIFTS,
    MONDAY,
    ORDERED,
    ORDERS,
    PAPER,
    RECEIPT,
    SALES,
    SHOP,
    TILL,
    TILLS,
    metric,
    orders,
    plugin,
)

_ = messages("shop")[0]


def sentence(*plugins: Any, name: str = "shop") -> str:
    """What the start says, after the plugin's name."""
    extra = [(name if index == 0 else f"{name}{index}", one) for index, one in enumerate(plugins)]
    with pytest.raises(Misdeclared) as refused:
        load(extra, installed=False)
    text = str(refused.value)
    assert text.startswith(f"The plugin {name} is not usable: ")
    return text.removeprefix(f"The plugin {name} is not usable: ")


def misspelt() -> SimpleNamespace:
    @hookimpl
    def register_dataset() -> None: ...

    return SimpleNamespace(**vars(plugin()), register_dataset=register_dataset)


def with_argument() -> SimpleNamespace:
    @hookimpl
    def register_datasets(settings: object) -> None: ...

    return SimpleNamespace(register_datasets=register_datasets)


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize("broken", [misspelt, with_argument])
def test_a_misspelt_hook_or_one_with_arguments_is_named(broken: Any) -> None:
    said = sentence(broken())

    assert said.startswith("a hook is unknown to this server or takes other arguments: ")
    assert "register_dataset" in said


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"register_plugin": None}, "it does not implement register_plugin, which says who it is"),
        ({"register_plugin": "shop"}, "register_plugin must give Plugin, not str"),
        ({"register_metrics": "ordered"}, "register_metrics must return a sequence of declarations"),
        ({"register_metrics": ORDERED}, "register_metrics must return a sequence of declarations"),
        ({"register_metrics": (ORDERS,)}, "register_metrics must give Metric, not Dataset"),
        ({"register_renderers": (1,)}, "register_renderers must give Renderer or BlockRenderer, not int"),
        ({"register_reports": ValueError("no sales")}, "register_reports fails with ValueError('no sales')"),
    ],
)
def test_an_answer_of_the_wrong_kind_names_the_hook(answers: dict[str, Any], said: str) -> None:
    assert sentence(plugin(**answers)) == said


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contract": 2}, "it was written for version 2 of the contract, this server speaks version 1"),
        ({"namespace": "Shop"}, "its namespace Shop must be a lower-case word"),
        ({"namespace": "my-shop"}, "its namespace my-shop must be a lower-case word"),
        ({"package": "bilan_shop"}, "its package bilan_shop, where its translations are, is not there"),
        (
            {"package": "fixtures.shop.de"},
            "its package fixtures.shop.de, where its translations are, is not there",
        ),
        ({"namespace": "contact"}, "the namespace contact belongs to the core"),
    ],
)
def test_a_plugin_says_who_it_is_in_a_way_that_works(changes: dict[str, Any], said: str) -> None:
    assert sentence(plugin(register_plugin=replace(SHOP, **changes))) == said


def test_two_plugins_cannot_share_a_namespace() -> None:
    assert sentence(plugin(), plugin()) == "its namespace shop is already taken by the plugin shop"


def test_two_plugins_cannot_share_a_name() -> None:
    with pytest.raises(Misdeclared, match=r"shop is not usable: another plugin of this name is installed"):
        load([("shop", plugin()), ("shop", plugin())], installed=False)


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"register_metrics": (ORDERED, ORDERED)}, "the key shop.ordered is declared twice"),
        ({"register_sources": (TILL, TILL)}, "the key till is declared twice"),
        ({"register_samples": (MONDAY, MONDAY)}, "the key Monday is declared twice"),
        ({"register_query_fields": (TILLS, TILLS)}, "the key tills is declared twice"),
        (
            {"register_query_fields": (replace(TILLS, name="orders"),)},
            "the key orders is declared twice",
        ),
        (
            {"register_metrics": (metric("store.ordered", Count()),)},
            "the key store.ordered must be shop, a dot and a word",
        ),
        (
            {"register_reports": (replace(SALES, key="sales"),)},
            "the key sales must be shop, a dot and a word",
        ),
    ],
)
def test_keys_are_unique_and_carry_the_namespace(answers: dict[str, Any], said: str) -> None:
    assert sentence(plugin(**answers)) == said


BUYER = Column("buyer", ColumnType.TEXT, _("Buyer"), personal=True)
BY_ORDER = Projection("order", From(lambda: "shop", ()), From(lambda: "order", ()))


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (orders(identity=()), "shop.orders declares no identity, so nothing could tell two facts apart"),
        (
            orders(identity=("number",)),
            "shop.orders reads the column number, which shop.orders does not have",
        ),
        (orders(sort=("aisle",)), "shop.orders reads the column aisle, which shop.orders does not have"),
        (
            orders(rollup=Rollup(("aisle",))),
            "shop.orders reads the column aisle, which shop.orders does not have",
        ),
        (
            orders(rollup=Rollup((), sums=("country",))),
            "the rollup of shop.orders sums country, which holds no whole numbers",
        ),
        (
            orders(rollup=Rollup(()), retention_days=9),
            "shop.orders has a rollup, so its facts cannot end after some days",
        ),
        (
            orders(time="country"),
            "the time column of shop.orders must be a declared instant or day that is never empty",
        ),
        (
            orders(time="paid_at"),
            "the time column of shop.orders must be a declared instant or day that is never empty",
        ),
        (
            orders(columns=(*ORDERS.columns, ORDERS.columns[1])),
            "shop.orders has two columns order",
        ),
        (
            orders(columns=(*ORDERS.columns, Column("ingested_at", ColumnType.INSTANT, _("When")))),
            "ingested_at cannot name a column of shop.orders",
        ),
        (
            orders(columns=(*ORDERS.columns, Column("_version", ColumnType.INTEGER, _("Version")))),
            "_version cannot name a column of shop.orders",
        ),
        (
            orders(same=SameIf("order", ("a",), lambda _row: None)),
            (
                "shop.orders can tell that addresses are one person only where it names the contact and "
                "keeps the first copy of each fact"
            ),
        ),
        (
            orders(contact="buyer"),
            "shop.orders reads the column buyer, which shop.orders does not have",
        ),
        (
            orders(contact="order"),
            "order of shop.orders can name the contact only as a text that is personal and no dimension",
        ),
        (
            orders(columns=(*ORDERS.columns, BUYER), contact="buyer", activity=BY_ORDER),
            "shop.orders names the contact in buyer, but its activities take it from order",
        ),
    ],
)
def test_a_dataset_has_a_time_an_identity_and_usable_columns(dataset: Any, said: str) -> None:
    assert sentence(plugin(register_datasets=(dataset,))) == said


STOCK = metric("shop.stock", Latest("total", ("country",)))


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (Latest("stock", ("order",)), "shop.x reads the column stock, which shop.orders does not have"),
        (Latest("total", ("aisle",)), "shop.x reads the column aisle, which shop.orders does not have"),
        (Latest("country", ("order",)), "shop.x counts with country, which is no number"),
        (Latest("total", ()), "shop.x adds up the last values of nothing; name columns in “per”"),
        (
            Latest("total", ("country", "occurred_at")),
            ("shop.x tells apart by occurred_at what has one value each, which changes with every fact"),
        ),
        (
            Latest("total", ("tags",)),
            "shop.x tells apart by tags what has one value each, which is of type texts",
        ),
        (
            Change("shop.gifts"),
            "shop.x is the change of shop.gifts, which is no metric of shop.orders made with Latest",
        ),
        (
            Change("shop.seen"),
            (
                "shop.x is the change of shop.seen, which carries no value to the next period, so there is "
                "none to compare with"
            ),
        ),
        (
            Difference("shop.gifts", "shop.visits"),
            "shop.x is made of shop.visits, which is no plain metric of shop.orders",
        ),
        (
            Difference("shop.gifts", "shop.both"),
            "shop.x is made of shop.both, which is no plain metric of shop.orders",
        ),
        (Difference("shop.gifts", "shop.gifts"), "shop.x is made of shop.gifts twice"),
        (
            Difference("shop.gifts", "shop.basket"),
            "shop.x has the unit count, but shop.basket, which it is made of, has number",
        ),
        (Total(("shop.gifts",)), "shop.x is a total of fewer than two metrics"),
        (
            Total(("shop.gifts", "shop.rate")),
            "shop.x is made of shop.rate, which is no plain metric of shop.orders",
        ),
    ],
)
def test_a_metric_of_levels_or_of_metrics_is_made_of_what_fits(formula: Any, said: str) -> None:
    others = (
        metric("shop.seen", Latest("total", ("country",), carry=False)),
        metric("shop.both", Total(("shop.gifts", "shop.ordered"))),
        metric("shop.basket", Mean("total"), unit=Unit.NUMBER),
        metric("shop.rate", Ratio("shop.gifts", "shop.ordered"), unit=Unit.NUMBER),
    )
    answers = (ORDERED, GIFTS, STOCK, *others, metric("shop.x", formula))
    assert sentence(plugin(register_metrics=answers)) == said


@pytest.mark.requirement("GO-14")
def test_metrics_of_levels_and_of_metrics_that_fit_are_taken() -> None:
    made = (
        metric("shop.growth", Change("shop.stock")),
        metric("shop.net", Difference("shop.gifts", "shop.growth")),
        metric("shop.sum", Total(("shop.gifts", "shop.stock", "shop.growth"))),
        metric("shop.rate", Ratio("shop.sum", "shop.stock"), unit=Unit.NUMBER),
    )
    load([("shop", plugin(register_metrics=(ORDERED, GIFTS, STOCK, *made)))], installed=False)


@pytest.mark.requirement("GO-14")
def test_what_happens_once_is_not_told_by_days() -> None:
    days = tuple(
        replace(column, type=ColumnType.DATE) if column.name == "occurred_at" else column
        for column in ORDERS.columns
    )
    once = Once("gift", ((("country", "fr"),),), (DistinctKey(("order",)),))
    assert sentence(plugin(register_datasets=(orders(columns=days, once=once),))) == (
        "what happens only once is told by moments, and shop.orders is timed by a day"
    )


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (Count(Is("colour", "red")), "shop.x reads the column colour, which shop.orders does not have"),
        (Distinct(("order", "aisle")), "shop.x reads the column aisle, which shop.orders does not have"),
        (Mean("country"), "shop.x counts with country, which is no number"),
        (Quantile("total", 95), "the level of shop.x must lie between 0 and 1, not 95"),
        (
            Ratio("shop.gifts", "shop.visits"),
            "shop.x divides shop.gifts by shop.visits, but shop.visits is no plain metric of shop.orders",
        ),
        (
            Ratio("shop.x", "shop.ordered"),
            "shop.x divides shop.x by shop.ordered, but shop.x is no plain metric of shop.orders",
        ),
    ],
)
def test_a_metric_is_made_of_what_exists(formula: Any, said: str) -> None:
    assert sentence(plugin(register_metrics=(ORDERED, GIFTS, metric("shop.x", formula)))) == said


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            {"register_metrics": (metric("shop.x", Count(), dataset="shop.visits"),)},
            "shop.x speaks of the dataset shop.visits, which nobody declares",
        ),
        (
            {"register_filters": (replace(COUNTRY, datasets=("shop.visits",)),)},
            "shop.country speaks of the dataset shop.visits, which nobody declares",
        ),
        (
            {"register_filters": (replace(COUNTRY, column="region"),)},
            "shop.country reads the column region, which shop.orders does not have",
        ),
        (
            {"register_filters": (replace(COUNTRY, kind=FilterKind.TAGS),)},
            "shop.country is a filter of kind tags, which cannot narrow country of shop.orders",
        ),
        (
            {"register_reports": (replace(SALES, datasets=("shop.visits",)),)},
            "shop.sales speaks of the dataset shop.visits, which nobody declares",
        ),
    ],
)
def test_filters_reports_and_metrics_speak_of_datasets_that_exist(answers: dict[str, Any], said: str) -> None:
    assert sentence(plugin(**answers)) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"common": ("period", "zone")},
            "shop.sales uses the common parameter zone, which there is not; there are period, compare",
        ),
        ({"common": ("compare",)}, "shop.sales is compared with another period, but has no period itself"),
        ({"formats": ("docx",)}, "shop.sales is to be had as docx, which nobody renders; there are paper"),
        ({"page": _(" ")}, "the page of shop.sales has no name"),
    ],
    ids=["common", "compare alone", "format", "page"],
)
def test_a_report_kind_says_of_itself_what_can_be(changes: dict[str, Any], said: str) -> None:
    assert sentence(plugin(register_reports=(replace(SALES, **changes),))) == said


def test_two_pages_of_a_plugin_have_two_names() -> None:
    pages = (replace(SALES, page=_("Sales")), replace(SALES, key="shop.again", page=_("Sales")))

    said = "two of its reports have a page that is called “Sales”"
    assert sentence(plugin(register_reports=pages)) == said


def test_a_sample_is_of_a_kind_that_the_plugin_declares() -> None:
    said = sentence(plugin(register_sources=None))

    assert said == "the sample Monday is of the kind till, which it does not declare"


def test_a_parameter_cannot_depend_on_another_that_is_not_there() -> None:
    town = Parameter("town", _("Town"), ParameterKind.CHOICE, depends_on=("region",))

    said = sentence(plugin(register_reports=(replace(SALES, parameters=(town,)),)))

    assert said == "the parameter town of shop.sales depends on region, which does not exist"


def test_a_report_cannot_have_two_parameters_of_one_key() -> None:
    twice = replace(SALES, parameters=(*SALES.parameters, *SALES.parameters))

    assert sentence(plugin(register_reports=(twice,))) == "the key shop.sales.country is declared twice"


@pytest.mark.parametrize(("renderer", "what"), [(PAPER, "paper"), (RECEIPT, "html/shop.receipt")])
def test_the_second_plugin_that_renders_a_format_is_the_one_to_blame(renderer: Any, what: str) -> None:
    stock = replace(SHOP, name="stock", namespace="stock")
    other = SimpleNamespace(
        register_plugin=plugin(register_plugin=stock).register_plugin,
        register_renderers=plugin(register_renderers=(renderer,)).register_renderers,
    )

    with pytest.raises(Misdeclared) as refused:
        load([("shop", plugin()), ("stock", other)], installed=False)

    assert str(refused.value) == f"The plugin stock is not usable: the plugin shop already renders {what}"
