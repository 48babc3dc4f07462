"""A route that nobody could ask, or that another one answers, stops the start with a sentence."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bilan.registry.gather import load
from bilan.sdk import Misdeclared, PluginRoute, RouteContext, RouteReply, RouteRequest, messages
from fixtures.declarations import INTERFACE, SHOP, STALL, plugin, stall

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]


def at_once(request: RouteRequest, context: RouteContext) -> RouteReply:
    return RouteReply()


async def without_context(request: RouteRequest) -> RouteReply:
    return RouteReply()


def said(*routes: Any) -> str:
    with pytest.raises(Misdeclared) as refused:
        load([("shop", plugin(register_routes=routes))], installed=False)
    return str(refused.value).removeprefix("The plugin shop is not usable: ")


@pytest.mark.parametrize("path", ["stall", "/a/../b", "/{rest:path}", "/stall/", ""])
def test_a_path_that_is_none_is_named(path: str) -> None:
    assert said(PluginRoute(path, stall)) == (
        f"its route {path} must begin with a slash and be made of lower-case words and {{names}}"
    )


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (PluginRoute("/stall", stall, methods=("DELETE",)), "takes GET, POST or both, not DELETE"),
        (PluginRoute("/stall", stall, methods=()), "takes GET, POST or both, not "),
        (
            PluginRoute("/stall/{name}", stall, label=_("Stall")),
            "has a label, but is no page that can be listed",
        ),
    ],
)
def test_a_route_that_cannot_be_asked_is_named(route: PluginRoute, reason: str) -> None:
    assert said(route) == f"its route {route.path} {reason}"


def test_an_open_route_takes_nothing_that_changes_anything() -> None:
    route = PluginRoute("/stall", stall, methods=("GET", "POST"), open=True)

    assert said(route) == "its open route /stall takes GET alone"


def test_what_is_no_route_or_cannot_wait_is_named() -> None:
    assert said("/stall") == "register_routes must give PluginRoute, not str"
    assert said(PluginRoute("/stall", at_once)) == (  # type: ignore[arg-type]
        "the handler of its route /stall is not asynchronous"
    )


def test_a_handler_that_takes_something_else_is_named() -> None:
    route = PluginRoute("/stall", without_context)  # type: ignore[arg-type]

    assert said(route).startswith("the handler of its route /stall cannot be called: ")


@pytest.mark.parametrize("path", ["/stall/{name}", "/stall/{other}", "/stall/mine"])
def test_a_route_behind_one_that_answers_first_is_named(path: str) -> None:
    assert (
        said(STALL, PluginRoute(path, stall)) == f"its route {path} stands where another one answers already"
    )


def test_routes_of_other_paths_or_methods_stand_side_by_side() -> None:
    routes = (
        PluginRoute("/stall/mine", stall), STALL, PluginRoute("/stall/{name}", stall, methods=("POST",)),
        PluginRoute("/", partial(stall)),
    )  # fmt: skip

    assert load([("shop", plugin(register_routes=routes))], installed=False).declared[-1].routes == routes


def test_a_second_interface_is_named() -> None:
    other = replace(SHOP, name="kiosk", namespace="kiosk", interface=INTERFACE)

    with pytest.raises(Misdeclared) as refused:
        load([("shop", plugin()), ("kiosk", other)], installed=False)

    assert str(refused.value) == "The plugin kiosk is not usable: the plugin shop is the interface already"
