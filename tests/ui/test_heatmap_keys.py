"""A heat map is stepped through by keys: across a day, and down from day to day."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from bilan.rendering.svg import draw_chart
from bilan.sdk.document import Chart, ChartKind, Series
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from fixtures.documents import Contexts

pytestmark = [pytest.mark.integration, pytest.mark.requirement("GO-09")]

_ = messages("bilan")[0]


@pytest.fixture
def page(contexts: Contexts, chromium_browser: Browser) -> Page:
    """A page with a heat map of two days of three hours, which has the focus."""
    week = Chart(
        key="week", kind=ChartKind.HEATMAP, title="Week", description=_("Mornings."),
        categories=["9", "10", "11"], category_unit=Unit.HOUR,
        series=(
            Series("1", _("{day:weekday}", day=1), [1, 2, 3]),
            Series("2", _("{day:weekday}", day=2), [4, 5, None]),
        ),
    )  # fmt: skip
    picture = draw_chart(week, contexts().formatter)
    script = files("bilan_ui").joinpath("static/charts.js").read_text("utf-8")
    page = chromium_browser.new_page()
    room = f'<div class="chart-room" tabindex="0" role="group">{picture}</div>'
    page.set_content(f'{room}<script type="module">{script}</script>')
    page.locator(".chart-room").focus()
    return page


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("ArrowRight", "Monday, 9\N{NO-BREAK SPACE}AM, 1"),
        ("ArrowRight ArrowRight", "Monday, 10\N{NO-BREAK SPACE}AM, 2"),
        ("ArrowRight ArrowRight ArrowDown", "Tuesday, 10\N{NO-BREAK SPACE}AM, 5"),
        # From the last day down, and from the first one up, leads nowhere.
        ("ArrowRight ArrowDown ArrowDown", "Tuesday, 9\N{NO-BREAK SPACE}AM, 4"),
        ("ArrowRight ArrowRight ArrowUp", "Monday, 10\N{NO-BREAK SPACE}AM, 2"),
        ("End", "Tuesday, 11\N{NO-BREAK SPACE}AM, –"),
        ("End Home", "Monday, 9\N{NO-BREAK SPACE}AM, 1"),
    ],
)
def test_keys_go_from_cell_to_cell_and_say_what_stands_there(page: Page, keys: str, said: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)

    assert page.locator("[aria-live]").text_content() == said
    page.close()
