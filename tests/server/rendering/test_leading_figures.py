"""What a report's page says first: the finding above a block, and the figures that lead."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from bilan.rendering.blocks import render_blocks
from bilan.rendering.sparkline import draw_sparkline
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Kpi, Kpis, Mark, Section, Series
from bilan.sdk.messages import messages
from bilan.sdk.origins import Origin
from bilan.sdk.periods import Span
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from fixtures.pages import Markup

_ = messages("bilan")[0]

JULY = Origin(dataset="email.events", span=Span(date(2026, 7, 1), date(2026, 8, 1), "UTC"))
WEEK = Origin(dataset="email.events", span=Span(date(2026, 7, 25), date(2026, 8, 1), "UTC"))


def tile(key: str, **changes: Any) -> Kpi:
    return Kpi(key=key, label=key.title(), value=7, metric=key, **changes)


def rendered(contexts: Contexts, *blocks: Any) -> Markup:
    return Markup(render_blocks(report(blocks=blocks), contexts(), rows_within))


def by_day(origin: Origin = JULY) -> Any:
    return line_chart(origin=origin, series=(Series("opens", _("Opens"), [1, 3, None, 2], "opens"),))


def test_leading_figures_come_first_and_large_and_the_others_are_a_list(contexts: Contexts) -> None:
    page = rendered(
        contexts, Kpis(key="all", tiles=(tile("sends"), tile("opens", lead=True), tile("clicks")))
    )
    assert page.texts("dl", class_="kpi-leading") == ["Opens 7"]
    assert page.texts("dl", class_="kpi-list") == ["Sends 7 Clicks 7"]


@pytest.mark.parametrize(("count", "shown"), [(6, "kpi-tiles"), (7, "kpi-list")])
def test_without_a_lead_a_few_figures_are_tiles_and_many_are_a_list(
    contexts: Contexts, count: int, shown: str
) -> None:
    page = rendered(contexts, Kpis(key="all", tiles=tuple(tile(f"t{number}") for number in range(count))))
    assert [one.attributes["class"] for one in page.all("dl")] == [shown]
    assert len(page.all("div", class_="kpi")) == count


def test_a_figure_in_the_list_keeps_its_change_its_alert_and_its_remarks(contexts: Contexts) -> None:
    bad = tile(
        "complaints", previous=5, compared=True, higher_is_better=False, mark=Mark.RED_FLAG,
        note=_("Complaint rate above 0.10%."),
    )  # fmt: skip
    page = rendered(contexts, Kpis(key="all", tiles=(tile("opens", lead=True), bad)))
    assert page.texts("dl", class_="kpi-list") == [
        "Complaints 7 up +40.0% previously 5 needs attention Complaint rate above 0.10%."
    ]
    assert len(page.all("div", class_="kpi-alert")) == len(page.all("span", class_="change-bad")) == 1


def test_what_a_block_says_stands_above_it(contexts: Contexts) -> None:
    blocks = (
        Kpis(key="all", tiles=(tile("opens"),), headline=_("{count:count} were opened.", count=7)),
        line_chart(headline=_("Opens rose.")),
        campaigns_table(headline=_("The sale did best.")),
        campaigns_table(key="more"),
    )
    page = rendered(contexts, Section(key="all", title=_("Overview"), blocks=blocks))
    assert page.texts("p", class_="headline") == ["7 were opened.", "Opens rose.", "The sale did best."]
    places = [
        one.attributes["class"] for one in page.elements
        if one.attributes.get("class") in ("headline", "kpis", "chart-block", "table-block")
    ]  # fmt: skip
    assert places == [
        "headline", "kpis", "headline", "chart-block", "headline", "table-block", "table-block",
    ]  # fmt: skip


def test_a_leading_figure_has_its_course_where_a_chart_tells_it(contexts: Contexts) -> None:
    tiles = (tile("opens", lead=True), tile("clicks", lead=True), tile("sends"))
    page = rendered(contexts, Kpis(key="all", tiles=tiles, origin=JULY), by_day())
    assert page.texts("dl", class_="kpi-leading") == ["Opens 7 Clicks 7"]
    order = [one for one in page.elements if one.tag == "dt" or one.has("class", "kpi-spark")]
    assert [one.said or one.tag for one in order] == ["Opens", "dd", "Clicks", "Sends"]


def test_a_chart_of_other_days_is_not_a_figures_course(contexts: Contexts) -> None:
    page = rendered(contexts, Kpis(key="all", tiles=(tile("opens", lead=True),), origin=JULY), by_day(WEEK))
    assert page.all("svg", class_="spark") == []


def test_a_course_is_rendered_from_zero_and_keeps_its_gaps() -> None:
    spark = draw_sparkline([0, 4, None, 2])
    # 120 wide and 32 high with 2 free above and below: 4 is at the top, 2 in the middle, 0 at the bottom.
    assert re.findall(r' d="([^"]*)"', spark) == [
        "M0 30L40 2V30H0ZM120 16L120 16V30H120Z",
        "M0 30L40 2M120 16L120 16",
    ]
    assert 'aria-hidden="true"' in spark
    assert "style" not in spark


def test_one_value_has_no_course() -> None:
    assert draw_sparkline([None, 3, None]) == ""
