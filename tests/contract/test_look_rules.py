"""Looks that a page cannot show as they are, and pictures that are none, are caught by the rules."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bilan.drilldown.drilldown import drill_down
from bilan.drilldown.figures import find
from bilan.registry.declared import Declared
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.reports.parts import rows_of
from bilan.sdk.answers import answer_table
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.document import Custom, Gallery, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.query import Question
from bilan.sdk.rendering import BlockRenderer
from bilan.sdk.reports import Building, Report, ReportRequest
from bilan.testing import drilldown_rules, look_rules
from bilan.testing.harness import PluginHarness, open_harness
from fixtures.declarations import ORDERED, ORDERS, SALES, plugin
from support.rules import order

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]

Open = Callable[..., tuple[PluginHarness, Declared]]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
GOOD = '<ul class="shop-receipt shop-wide"><li>Tea<br>2.50</li><li><img src="data:," alt=""></li></ul>'
MARKUP = {
    "<p><script>alert(1)</script></p>": "has a <script>, which no look may have",
    '<p style="top:0">Tea</p>': "has the attribute style, which pages do not heed",
    '<p onclick="x()">Tea</p>': "has the attribute onclick, which pages do not heed",
    '<p id="tea">Tea</p>': "has an id, which may stand on the page twice",
    '<p class="shop-a grid">Tea</p>': "has the class grid, which does not begin with shop-",
    "<p>Tea": "leaves <p> open",
    "<p>Tea</div>": "closes <div> where it is not open",
}


@pytest.fixture
def opened(bilan_warehouse_folder: Path, tmp_path: Path) -> Generator[Open]:
    """Opens a harness with a shop that answers so."""
    with ExitStack() as stack:

        def open_harness_with(**answers: Any) -> tuple[PluginHarness, Declared]:
            registry = load([("rendering", RENDERING), ("shop", plugin(**answers))], installed=False)
            found = stack.enter_context(open_harness(registry, bilan_warehouse_folder, tmp_path))
            return found, registry.declared[-1]

        yield open_harness_with


def looks(**made: str | None) -> dict[str, Any]:
    """A report with one block, and what each format makes of it; nothing fails."""

    def build(request: ReportRequest, building: Building) -> Report:
        table = Table(key="r", title=_("Receipt"), columns=(TableColumn(key="t", label=_("Tea")),))
        return Report(_("Sales"), (Custom(kind="shop.receipt", key="r", data={}, table=table),))

    def renderer(name: str, said: str | None) -> BlockRenderer:
        def render(block: Custom, context: object) -> str:
            if said is None:
                raise ZeroDivisionError
            return said

        return BlockRenderer(name, "shop.receipt", render)

    return {
        "register_reports": (replace(SALES, build=build),),
        "register_renderers": tuple(renderer(name, said) for name, said in made.items()),
    }


def test_a_look_that_keeps_to_itself_breaks_no_rule(opened: Open) -> None:
    assert list(look_rules.check_looks(*opened(**looks(html=GOOD, pdf=SVG, pptx=SVG)))) == []


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_that_does_not_keep_to_itself_is_caught(opened: Open, markup: str) -> None:
    said = {*look_rules.check_looks(*opened(**looks(html=markup)))}

    assert f"shop.receipt of shop.sales {MARKUP[markup]}" in said


def test_a_look_that_fails_behind_its_table_is_caught(opened: Open) -> None:
    assert {*look_rules.check_looks(*opened(**looks(html=None, pdf="<p>Tea</p>", pptx=SVG)))} == {
        "shop.receipt of shop.sales cannot be rendered as html: ZeroDivisionError()",
        "shop.receipt of shop.sales gives no SVG that can be set for pdf",
    }


@pytest.mark.parametrize("value", ["", "a" * 64, "https://example.org/1.jpg"])
def test_a_picture_that_is_no_key_is_caught(opened: Open, value: str) -> None:
    column = Column("picture", ColumnType.TEXT, _("Picture"), picture=True)
    shop, one = opened(register_datasets=(replace(ORDERS, columns=(*ORDERS.columns, column)),))
    assert shop.load([order(1, country="FR", tags=[], gift=True, total=1.0, picture=value)]) == []

    said = list(look_rules.check_pictures(shop, one))

    sentence = (
        "picture of shop.orders holds 'https://example.org/1.jpg', which is no key of a picture: "
        "it comes from PullContext.picture or ImportFile.picture"
    )
    assert said == ([sentence] if value.startswith("https") else [])


def test_the_figures_of_a_gallery_lead_to_their_rows_without_keys_of_pictures(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        answer = building(Question(ORDERS.key, (ORDERED.key,), building.span, by=("country",)))
        table = answer_table("best", _("Best"), answer, [ORDERED], ORDERS)
        return Report(_("Sales"), (Gallery(table=table, text="country", figures=(ORDERED.key,)),))

    column = Column("picture", ColumnType.TEXT, _("Picture"), picture=True)
    shop, one = opened(
        register_datasets=(replace(ORDERS, columns=(*ORDERS.columns, column)),),
        register_reports=(replace(SALES, build=build),),
    )
    orders = [order(n, country=country, tags=[], gift=False) for n, country in enumerate(("FR", "FR", "BE"))]
    assert shop.load(orders) == []
    document = shop.build("shop.sales", {"period": "since_oldest"})
    rows = rows_of(shop.files)

    found = [address for _block, address in drilldown_rules.addresses(document, rows)]
    assert found == ["0:r0c1", "0:r1c1", "0:sc1"]
    assert list(drilldown_rules.check_drilldown(shop, one)) == []
    drilled = drill_down(shop.registry, shop.client, document, find(document, rows, found[0]), names={})
    assert "picture" not in [one.key for one in drilled.columns]
    assert "order" in [one.key for one in drilled.columns]
