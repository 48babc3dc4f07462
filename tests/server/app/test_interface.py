"""A page of the interface stands nowhere where another one answers."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bilan.app.interface import check_interface
from bilan.sdk import Misdeclared

pytestmark = pytest.mark.requirement("GO-14")


async def answer(_request: Request) -> Response:
    return Response()


CORE = (Route("/graphql", answer, methods=["POST"]), Route("/webhooks/{token}", answer, methods=["POST"]))


@pytest.mark.parametrize(
    ("routes", "path"),
    [
        ((Route("/graphql", answer, methods=["POST"]),), "/graphql"),
        ((Route("/webhooks/shop", answer, methods=["POST"]),), "/webhooks/shop"),
        ((Mount("/webhooks", routes=[Route("/shop", answer, methods=["POST"])]),), "/webhooks/shop"),
        ((Route("/shop/{id}", answer), Route("/shop/tills", answer)), "/shop/tills"),
    ],
)
def test_a_page_that_shadows_the_cores_or_another_one_is_named(routes: tuple[Any, ...], path: str) -> None:
    with pytest.raises(Misdeclared) as error:
        check_interface("shop", routes, CORE)

    assert str(error.value) == (
        f"The plugin shop is not usable: its page {path} stands where another one answers already"
    )


def test_a_page_of_another_method_or_path_passes() -> None:
    check_interface("shop", (Route("/graphql", answer), Route("/shop", answer)), CORE)


def test_what_is_no_route_is_named() -> None:
    with pytest.raises(Misdeclared, match="its pages must be routes of Starlette, not str"):
        check_interface("shop", ("/shop",), CORE)
