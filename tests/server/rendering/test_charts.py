from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.rendering.svg import draw_chart
from bilan.rendering.svg.axes import spread
from bilan.rendering.svg.paint import COLOURS
from bilan.rendering.svg.scale import scale_for
from bilan.rendering.text_width import width
from bilan.sdk.document import Chart, ChartKind, Series
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from fixtures.documents import DAYS, Contexts, line_chart

_ = messages("bilan")[0]
SVG = "{http://www.w3.org/2000/svg}"


def picture(chart: Chart, contexts: Contexts, language: str = "en") -> ET.Element:
    return ET.fromstring(draw_chart(chart, contexts(language).formatter))


def bars(kind: ChartKind = ChartKind.BAR, **changes: Any) -> Chart:
    fields: dict[str, Any] = {
        "key": "bars",
        "kind": kind,
        "title": "Bars",
        "description": _("Some bars."),
        "categories": ["Camille", "Lou", "Sacha"],
        "series": (Series("n", "Messages", [30, 20, 10]),),
    }
    return Chart(**{**fields, **changes})


def texts(drawn: ET.Element) -> list[str]:
    return [element.text or "" for element in drawn.iter(f"{SVG}text")]


def boxes(drawn: ET.Element) -> list[dict[str, float]]:
    found = [e for e in drawn.iter(f"{SVG}rect") if e.get("rx") and e.get("class") != "hit"]
    return [{name: float(e.get(name, "")) for name in ("x", "y", "width", "height")} for e in found]


def test_a_picture_says_what_it_shows(contexts: Contexts) -> None:
    drawn = picture(line_chart(), contexts)
    named = {e.get("id"): e.text for e in drawn if e.get("id")}
    assert drawn.get("role") == "img"
    assert [named[one] for one in drawn.get("aria-labelledby", "").split()] == [
        "Opens and clicks by day",
        "Opens rise through the month; clicks stay level.",
    ]


def test_a_picture_needs_no_style_attribute_and_draws_without_a_stylesheet(contexts: Contexts) -> None:
    for kind in ChartKind:
        for element in picture(bars(kind), contexts).iter():
            assert "style" not in element.attrib
            if re.fullmatch(r"[fl]\d", element.get("class", "")):
                colour = COLOURS[int(element.get("class", "")[1]) - 1]
                assert colour in (element.get("fill"), element.get("stroke"))


def test_lines_are_told_apart_by_dashes_and_by_names_at_their_ends(contexts: Contexts) -> None:
    drawn = picture(line_chart(), contexts)
    lines = [e for e in drawn.iter(f"{SVG}path") if e.get("fill") == "none"]
    assert [e.get("stroke-dasharray") for e in lines] == [None, "7 4"]
    assert texts(drawn)[-2:] == ["Opens", "Clicks"]
    before_names = list(drawn.iter(f"{SVG}line"))[-2:]
    assert [e.get("stroke-dasharray") for e in before_names] == [None, "7 4"]


def test_a_gap_in_the_figures_is_a_gap_in_the_line(contexts: Contexts) -> None:
    drawn = picture(line_chart(), contexts)
    paths = [e.get("d", "") for e in drawn.iter(f"{SVG}path") if e.get("fill") == "none"]
    assert [path.count("M") for path in paths] == [1, 2]


def test_stacked_pieces_have_textures_besides_colours(contexts: Contexts) -> None:
    series = tuple(Series(f"s{n}", f"S{n}", [3, 2, 1]) for n in range(3))
    drawn = picture(bars(ChartKind.STACKED, series=series), contexts)
    fills = {e.get("fill") for e in drawn.iter(f"{SVG}rect")}
    assert {"url(#chart-bars-p2)", "url(#chart-bars-p3)"} <= fills
    assert {e.get("id") for e in drawn.iter(f"{SVG}pattern")} == {"chart-bars-p2", "chart-bars-p3"}


def test_every_label_lies_inside_the_picture(contexts: Contexts) -> None:
    long = tuple(Series(f"s{n}", "A series with quite a name " * (n + 1), [1.0] * 30) for n in range(3))
    for chart in (line_chart(), line_chart(series=long), bars(categories=["x" * 90, "y", "z"])):
        for element in picture(chart, contexts, "fr").iter(f"{SVG}text"):
            wide = width(element.text or "")
            x = float(element.get("x", ""))
            start = x - wide * {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0)
            assert start >= -0.5
            assert start + wide <= 840.5


def test_labels_below_the_axis_never_touch(contexts: Contexts) -> None:
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 4) for day in range(1, 29)]
    drawn = picture(line_chart(categories=days, series=(Series("a", "A", [1.0] * 84),)), contexts, "fr")
    below = [e for e in drawn.iter(f"{SVG}text") if e.get("text-anchor") == "middle"]
    spans = [(float(e.get("x", "")) - width(e.text or "") / 2, width(e.text or "")) for e in below]
    assert len(spans) > 5
    assert all(a + wide + 8 <= b for (a, wide), (b, _w) in itertools.pairwise(spans))


@pytest.mark.parametrize("kind", list(ChartKind))
@pytest.mark.parametrize("values", [[], [None, None, None]])
def test_nothing_to_draw_is_said_in_words(contexts: Contexts, kind: ChartKind, values: list[Any]) -> None:
    drawn = picture(bars(kind, series=(Series("n", "N", values),)), contexts)
    assert texts(drawn) == ["No figures in this period"]


def test_a_single_figure_is_a_dot(contexts: Contexts) -> None:
    drawn = picture(line_chart(categories=DAYS[:1], series=(Series("a", "A", [5]),)), contexts)
    assert [e.get("r") for e in drawn.iter(f"{SVG}circle")] == ["3"]


def test_figures_below_zero_hang_below_the_axis(contexts: Contexts) -> None:
    up, down = boxes(picture(bars(categories=["a", "b"], series=(Series("n", "N", [10, -10]),)), contexts))
    assert math.isclose(up["y"] + up["height"], down["y"], abs_tol=0.2)
    assert math.isclose(up["height"], down["height"], abs_tol=0.2)


def test_bars_are_as_long_as_their_figures(contexts: Contexts) -> None:
    heights = [box["height"] for box in boxes(picture(bars(), contexts))]
    assert [round(height / heights[2], 1) for height in heights] == [3.0, 2.0, 1.0]


def test_long_names_lay_the_bars_down_and_many_are_cut_with_a_word(contexts: Contexts) -> None:
    names = [f"A campaign with a long name, number {n}" for n in range(30)]
    drawn = picture(bars(categories=names, series=(Series("n", "N", list(range(1, 31))),)), contexts)
    assert len(boxes(drawn)) == 24
    assert texts(drawn)[-1] == "and 6 more in the table"


def test_a_ring_adds_up_and_gathers_what_is_small(contexts: Contexts) -> None:
    values = [float(2**n) for n in range(12)]
    names = [f"t{n}" for n in range(12)]
    chart = bars(ChartKind.DONUT, categories=names, series=(Series("n", "N", [*values]),))
    words = texts(picture(chart, contexts))
    assert words[:2] == ["4,095", "Total"]
    assert words[2:5] == ["t11", "2,048", "50.0%"]
    assert words[-3:] == ["Other", "31", "0.76%"]
    shares = [float(word.rstrip("%")) for word in words if word.endswith("%")]
    assert sum(shares) == pytest.approx(100, abs=0.4)


def test_a_share_below_nothing_is_drawn_as_bars(contexts: Contexts) -> None:
    drawn = picture(bars(ChartKind.DONUT, series=(Series("n", "N", [3, -1, 2]),)), contexts)
    assert len(boxes(drawn)) == 3


def test_each_category_can_be_pointed_at(contexts: Contexts) -> None:
    drawn = picture(line_chart(previous=(Series("o", "Opens", [1.0] * 30),)), contexts, "fr")
    hits = [e for e in drawn.iter(f"{SVG}rect") if e.get("class") == "hit"]
    assert len(hits) == 30
    title = hits[11].find(f"{SVG}title")
    assert title is not None
    lines = (title.text or "").split("\n")
    assert lines[0] == "12 juil. 2026"
    assert lines[2] == "Clicks\u00a0: –"
    assert len(lines) == 4


def test_names_are_escaped_and_never_break_the_picture(contexts: Contexts) -> None:
    nasty = '</svg><script>alert("x")</script>&amp;'
    for kind in ChartKind:
        chart = bars(kind, title=nasty, categories=[nasty, "b", "c"], series=(Series("n", nasty, [1, 2, 3]),))
        markup = draw_chart(chart, contexts().formatter, name=nasty)
        assert "<script" not in markup
        ET.fromstring(markup)


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), min_size=1, max_size=40),
    st.sampled_from(list(ChartKind)),
    st.sampled_from([Unit.COUNT, Unit.PROPORTION, Unit.SECONDS, Unit.BYTES, Unit.NUMBER]),
)
def test_any_figures_make_a_picture_of_finite_coordinates(
    contexts: Contexts, values: list[float | None], kind: ChartKind, unit: Unit
) -> None:
    days = [f"2026-01-{n % 28 + 1:02}" for n in range(len(values))]
    series = (Series("n", "N", values),)
    chart = bars(kind, categories=days, category_unit=Unit.DATE, unit=unit, series=series)
    markup = draw_chart(chart, contexts().formatter)
    ET.fromstring(markup)
    assert not re.search(r'"(?:nan|inf|-inf)', markup)
    assert not re.search(r'(?:width|height)="-', markup)


@given(st.lists(st.floats(-1e15, 1e15), min_size=1), st.sampled_from(list(Unit)))
def test_a_scale_holds_every_value_and_zero_in_few_round_steps(values: list[float], unit: Unit) -> None:
    scale = scale_for(values, unit)
    slack = 1e-6 * (scale.high - scale.low)
    assert scale.low - slack <= min(0, *values, 0)
    assert scale.high + slack >= max(0, *values, 0)
    assert 2 <= len(scale.ticks) <= 9
    assert any(math.isclose(tick, 0, abs_tol=1e-9) for tick in scale.ticks)


def test_steps_are_the_ones_that_people_count_in() -> None:
    assert scale_for([437], Unit.COUNT).ticks == [0, 100, 200, 300, 400, 500]
    assert scale_for([3], Unit.COUNT).ticks == [0, 1, 2, 3]
    assert scale_for([0.43], Unit.PROPORTION).ticks == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert scale_for([700], Unit.SECONDS).ticks == [0, 300, 600, 900]
    assert scale_for([0], Unit.COUNT).ticks == [0, 1]


def test_names_that_would_overlap_are_moved_apart_and_stay_in_the_plot() -> None:
    assert spread([10, 12, 100], 15, 250) == [10, 25, 100]
    assert spread([245, 248, 250], 15, 250) == [220, 235, 250]


def test_in_french_a_space_stands_before_the_colon_of_what_a_slice_says(contexts: Contexts) -> None:
    drawn = picture(bars(ChartKind.DONUT), contexts, "fr")
    titles = [element.text for element in drawn.iter(f"{SVG}title") if element.get("id") is None]
    assert titles == ["Camille\xa0: 30", "Lou\xa0: 20", "Sacha\xa0: 10"]
