"""Charts for languages that are written from right to left."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from bilan.rendering.html_format import HTML
from bilan.rendering.svg import draw_chart
from bilan.rendering.tables import rows_within
from bilan.rendering.text_width import width
from bilan.sdk.document import Chart, ChartKind, Series
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Formatter
from fixtures.documents import Contexts, line_chart, report

_ = messages("bilan")[0]
SVG = "{http://www.w3.org/2000/svg}"


def picture(chart: Chart, contexts: Contexts, language: str = "ar") -> ET.Element:
    return ET.fromstring(draw_chart(chart, contexts(language).formatter))


def bars(kind: ChartKind, categories: tuple[str, ...] = ("a", "b", "c")) -> Chart:
    series = (Series("n", "N", [30, 20, -10]), Series("m", "M", [3, None, 1]))
    return Chart(
        key="bars", kind=kind, title="Bars", description=_("Some bars."),
        categories=list(categories), series=series,
    )  # fmt: skip


class Directed:
    """A reader's formatter whose language runs in another direction."""

    def __init__(self, formatter: Formatter, direction: str) -> None:
        self._formatter, self.direction = formatter, direction

    def __getattr__(self, name: str) -> Any:
        return getattr(self._formatter, name)


def texts(rendered: ET.Element) -> list[tuple[str, float, str]]:
    return [
        ((e.text or "").strip("\u200f"), float(e.get("x", "")), e.get("text-anchor", "start"))
        for e in rendered.iter(f"{SVG}text")
    ]


def spans(rendered: ET.Element) -> list[tuple[float, float]]:
    """From where to where each text reaches, as the picture's own measure has it."""
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}
    wide = [(x, anchor, width(content)) for content, x, anchor in texts(rendered)]
    return [(x - one * shift[anchor], x + one * (1 - shift[anchor])) for x, anchor, one in wide]


def test_time_runs_from_right_to_left_and_the_axis_stands_at_the_right(contexts: Contexts) -> None:
    rendered = picture(line_chart(), contexts)
    days = [x for _content, x, anchor in texts(rendered) if anchor == "middle"]
    assert len(days) > 3
    assert all(one > other for one, other in pairwise(days))
    zero = next((x, anchor) for content, x, anchor in texts(rendered) if content == "0")
    assert zero[0] > 780
    assert zero[1] == "start"
    names = [(x, anchor) for content, x, anchor in texts(rendered) if content in ("Opens", "Clicks")]
    assert all(x < 100 and anchor == "end" for x, anchor in names)


@pytest.mark.parametrize("kind", list(ChartKind))
@pytest.mark.parametrize("categories", [("a", "b", "c"), ("x" * 60, "y" * 70, "z" * 80)])
def test_every_picture_is_the_mirror_of_the_other(
    contexts: Contexts, kind: ChartKind, categories: tuple[str, ...]
) -> None:
    # English in both, so that texts are of one width; only the direction differs.
    formatter = contexts("en").formatter
    plain, turned = (
        ET.fromstring(draw_chart(bars(kind, categories), Directed(formatter, direction)))  # type: ignore[arg-type]
        for direction in ("ltr", "rtl")
    )
    for one, other in zip(spans(plain), spans(turned), strict=True):
        assert other == pytest.approx((840 - one[1], 840 - one[0]), abs=0.15)
    assert turned.attrib == plain.attrib
    for one, other in zip(plain.iter(f"{SVG}rect"), turned.iter(f"{SVG}rect"), strict=True):
        if one.get("x"):
            left, wide = float(one.get("x", "")), float(one.get("width", ""))
            assert float(other.get("x", "")) == pytest.approx(840 - left - wide, abs=0.15)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_every_label_lies_inside_the_mirrored_picture(contexts: Contexts, kind: ChartKind) -> None:
    for start, end in spans(picture(bars(kind), contexts)):
        assert start >= -0.5
        assert end <= 840.5


def test_arcs_turn_the_other_way(contexts: Contexts) -> None:
    formatter = contexts("en").formatter
    halves = bars(ChartKind.DONUT, ("a", "b"))
    chart = replace(halves, series=(Series("n", "N", [1, 1]),))
    plain, turned = (
        ET.fromstring(draw_chart(chart, Directed(formatter, direction))).findall(f"{SVG}path")[0]  # type: ignore[arg-type]
        for direction in ("ltr", "rtl")
    )
    # From the top to the bottom of the ring by its outer edge, and back by its inner one.
    assert plain.get("d") == "M110 10A104 104 0 0 1 110 218L110 182A68 68 0 0 0 110 46Z"
    assert turned.get("d") == "M730 10A104 104 0 0 0 730 218L730 182A68 68 0 0 1 730 46Z"


def test_letters_are_not_touched_and_arabic_is_kept_together(contexts: Contexts) -> None:
    rendered = picture(bars(ChartKind.BAR, ('x="5" 7', "4 يوليو")), contexts)
    words = [element.text for element in rendered.iter(f"{SVG}text")]
    assert 'x="5" 7' in words
    assert "\u200f4 يوليو\u200f" in words


def test_the_file_shows_the_mirrored_picture(contexts: Contexts) -> None:
    import io

    out = io.BytesIO()
    HTML.render(report(), contexts("ar"), rows_within, out)
    assert draw_chart(line_chart(), contexts("ar").formatter, name="2-0-by_day") in out.getvalue().decode()
