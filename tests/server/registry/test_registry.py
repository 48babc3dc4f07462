"""What the registry holds once every plugin has spoken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.errors import Invalid
from bilan.sdk.hooks import CONTRACT, HOOKS
from bilan.sdk.metrics import Count
from fixtures.declarations import (
    COUNTRY,
    GIFT_RATE,
    INTERFACE,
    MONDAY,
    ORDERS,
    PAPER,
    RECEIPT,
    SALES,
    SHOP,
    STALL,
    TILL,
    TILLS,
    metric,
    plugin,
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load([("shop", plugin())], installed=False)


def test_hook_register_plugin_says_who_the_plugin_is(registry: Registry) -> None:
    assert registry.plugins["shop"] == SHOP
    assert SHOP.contract == CONTRACT == 1


def test_hook_register_datasets_adds_tables_beside_the_cores_own(registry: Registry) -> None:
    assert registry.datasets == {"contact.activity": ACTIVITY, "shop.orders": ORDERS}


def test_hook_register_metrics_adds_numbers_by_key(registry: Registry) -> None:
    assert registry.metrics["shop.gift_rate"] is GIFT_RATE
    assert {"shop.ordered", "shop.gifts", "shop.gift_rate", "shop.basket"} <= registry.metrics.keys()


def test_hook_register_filters_adds_ways_to_narrow(registry: Registry) -> None:
    assert registry.filters_of("shop.orders") == (COUNTRY,)
    assert COUNTRY not in registry.filters_of("contact.activity")


def test_hook_register_sources_adds_kinds_by_namespace_and_key(registry: Registry) -> None:
    assert registry.source_kinds == {("shop", "till"): TILL}


def test_hook_register_samples_keeps_them_with_their_plugin(registry: Registry) -> None:
    assert registry.declared[-1].samples == (MONDAY,)


def test_hook_register_reports_adds_kinds_of_report(registry: Registry) -> None:
    assert registry.reports == {"shop.sales": SALES}


def test_hook_register_renderers_tells_formats_from_looks_of_blocks(registry: Registry) -> None:
    assert registry.renderers == {"paper": PAPER}
    assert registry.block_renderers == {("html", "shop.receipt"): RECEIPT}


def test_hook_register_query_fields_keeps_them_with_their_plugin(registry: Registry) -> None:
    assert registry.declared[-1].query_fields == (TILLS,)


def test_hook_register_routes_keeps_them_with_their_plugin(registry: Registry) -> None:
    assert registry.declared[-1].routes == (STALL,)


def test_hook_register_interface_is_the_servers(registry: Registry) -> None:
    assert registry.interface is INTERFACE


def test_a_plugin_may_implement_register_plugin_alone() -> None:
    registry = load([("shop", plugin(**dict.fromkeys(set(HOOKS) - {"register_plugin"})))], installed=False)

    assert registry.plugins["shop"] == SHOP
    assert registry.metrics_of("shop.orders") == ()


def test_metrics_of_a_dataset_come_in_the_order_of_their_declaration(registry: Registry) -> None:
    keys = [one.key for one in registry.metrics_of("shop.orders")]

    assert keys == ["shop.ordered", "shop.gifts", "shop.gift_rate", "shop.basket"]


@pytest.mark.parametrize("name", ["email_campaigns", "email", "bilan-email-campaigns", "Email-Campaigns"])
def test_a_plugin_is_found_by_its_name_its_namespace_and_its_distribution(name: str) -> None:
    campaigns = replace(SHOP, name="email_campaigns", namespace="email")
    hooks = dict.fromkeys(set(HOOKS) - {"register_plugin"})
    registry = load([("campaigns", plugin(register_plugin=campaigns, **hooks))], installed=False)

    assert registry.plugin_called(name) == campaigns
    assert registry.plugin_called("letters") is None


def test_one_plugin_may_count_another_ones_facts(registry: Registry) -> None:
    stock = replace(SHOP, name="stock", namespace="stock")
    hooks = dict.fromkeys(set(HOOKS) - {"register_plugin"})
    other = plugin(**{**hooks, "register_plugin": stock, "register_metrics": (metric("stock.out", Count()),)})

    both = load([("shop", plugin()), ("stock", other)], installed=False)

    assert both.metrics["stock.out"] in both.metrics_of("shop.orders")


def test_the_installed_plugins_load_together() -> None:
    registry = load()

    assert {"contact", "email"} <= registry.plugins.keys()


def test_a_plugin_may_declare_everything_at_once(registry: Registry) -> None:
    whole = replace(
        SHOP,
        datasets=(ORDERS,),
        metrics=(metric("shop.ordered", Count()),),
        filters=(COUNTRY,),
        sources=(TILL,),
        samples=(MONDAY,),
        renderers=(PAPER,),
        routes=(STALL,),
    )

    (declared,) = load([("shop", whole)], installed=False).declared[1:]

    assert declared.datasets == (ORDERS,)
    assert [one.key for one in declared.metrics] == ["shop.ordered"]
    assert (declared.filters, declared.sources, declared.samples) == ((COUNTRY,), (TILL,), (MONDAY,))
    assert (declared.renderers, declared.routes) == ((PAPER,), (STALL,))


def test_what_a_hook_computes_joins_what_is_declared_at_once() -> None:
    ordered, gifts = metric("shop.ordered", Count()), metric("shop.gifts", Count())
    whole = replace(SHOP, metrics=(ordered,))

    (declared,) = load(
        [("shop", plugin(register_plugin=whole, register_metrics=(gifts,), register_samples=()))],
        installed=False,
    ).declared[1:]

    assert declared.metrics == (ordered, gifts)


def test_a_kind_of_report_is_found_by_its_key_and_an_unknown_one_is_refused_with_those_there_are(
    registry: Registry,
) -> None:
    assert registry.report_kind(SALES.key) is SALES
    assert registry.report_label(SALES.key) == SALES.label
    assert registry.report_label("shop.gone") == "shop.gone"

    with pytest.raises(Invalid) as refused:
        registry.report_kind("shop.gone")
    assert refused.value.path == ("kind",)
    assert str(refused.value.message) == (
        f"Nothing installed makes reports of the kind shop.gone. There are: {SALES.key}."
    )
