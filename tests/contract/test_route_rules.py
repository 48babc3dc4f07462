"""Open routes that go wrong are caught by the contract's rule, in a sentence; a visit needs no server."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bilan.registry.declared import Declared
from bilan.registry.gather import load
from bilan.sdk import NotFound, PluginRoute, RouteContext, RouteReply, RouteRequest
from bilan.testing import route_rules
from bilan.testing.harness import PluginHarness, open_harness
from bilan.testing.visits import Visit
from fixtures.declarations import ORDERED, STALL, plugin
from support.rules import order

pytestmark = pytest.mark.requirement("GO-14")

Open = Callable[..., tuple[PluginHarness, Declared]]


@pytest.fixture
def opened(bilan_warehouse_folder: Path, tmp_path: Path) -> Generator[Open]:
    """Opens a harness with a shop that has these routes."""
    with ExitStack() as stack:

        def open_with(*routes: Any) -> tuple[PluginHarness, Declared]:
            registry = load([("shop", plugin(register_routes=routes))], installed=False)
            return stack.enter_context(
                open_harness(registry, bilan_warehouse_folder, tmp_path)
            ), registry.declared[-1]

        yield open_with


async def onwards(request: RouteRequest, context: RouteContext) -> RouteReply:
    """Wherever the request says."""
    return RouteReply.to(request.query.get("next", "/"), 302)


async def careless(request: RouteRequest, context: RouteContext) -> RouteReply:
    """Nothing without its query."""
    return RouteReply(request.query["said"])


async def sell(request: RouteRequest, context: RouteContext) -> RouteReply:
    """One order more."""
    (source,) = await context.sources()
    await context.record(source.id, [order(int(request.form["number"]))])
    return RouteReply(context.actor.name if context.actor else "")


def test_routes_that_answer_and_lead_to_their_own_places_are_fine(opened: Open) -> None:
    harness, shop = opened(STALL, PluginRoute("/careless", careless))

    assert list(route_rules.check_open_routes(harness, shop)) == []


def test_an_open_redirect_and_one_that_fails_are_caught(opened: Open) -> None:
    harness, shop = opened(
        PluginRoute("/on", onwards, open=True), PluginRoute("/careless/{name}", careless, open=True)
    )

    onward, failing = route_rules.check_open_routes(harness, shop)
    assert onward == "the open route /on leads wherever the request says"
    assert failing == (
        "the open route /careless/{name} fails when it is asked for /careless/nothing: KeyError('said') "
        "in place of an answer or a sentence"
    )


def test_a_visit_records_and_is_answered_as_on_a_server(opened: Open) -> None:
    harness, _shop = opened(PluginRoute("/sell", sell, methods=("POST",)))
    visit = Visit(harness, "shop")

    answer = visit("/sell", form={"number": "7"})

    assert isinstance(answer, RouteReply)
    assert answer.content == "Ada"
    assert harness.totals(ORDERED.key) == {ORDERED.key: 1}
    with pytest.raises(NotFound):
        visit("/sell")
