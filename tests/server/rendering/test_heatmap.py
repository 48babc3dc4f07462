"""A heat map: the darker, the more; every figure is said, and read on its colour in either scheme."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from importlib.resources import files
from typing import Any

import pytest

from bilan.rendering.colours import contrast, tint
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.svg import draw_chart
from bilan.rendering.svg.heatmap import DARKEST
from bilan.rendering.tables import rows_within
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.document import Chart, ChartKind, Series
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, report
from support.slides import presentation, read

_ = messages("bilan")[0]
SVG = "{http://www.w3.org/2000/svg}"
HOURS = [str(hour) for hour in range(24)]


def week(**days: list[Any]) -> Chart:
    """Messages by weekday and hour; all of Monday and of Tuesday unless days are given."""
    found: dict[str, list[Any]] = days or {"1": [0, 6, 12, *[0] * 21], "2": [None, 3, *[0] * 22]}
    return Chart(
        key="week", kind=ChartKind.HEATMAP, title=_("Messages by weekday and hour"), unit=Unit.COUNT,
        description=_("Mornings."), categories=HOURS, category_unit=Unit.HOUR,
        series=tuple(Series(day, _("{day:weekday}", day=int(day)), one) for day, one in found.items()),
    )  # fmt: skip


def picture(chart: Chart, contexts: Contexts, language: str = "en") -> ET.Element:
    return ET.fromstring(draw_chart(chart, contexts(language).formatter))


def test_the_more_the_darker_and_what_is_unknown_has_no_cell(contexts: Contexts) -> None:
    drawn = picture(week(), contexts)
    cells = [
        one for one in drawn.iter(f"{SVG}rect") if one.get("class") == "f1" and one.get("height") == "28"
    ]

    # 3, 6 and 12 of 12: a quarter, a half and all of the way from 0.08 to 0.6.
    assert [one.get("fill-opacity") for one in cells] == ["0.34", "0.6", "0.21"]
    noughts = [one for one in drawn.iter(f"{SVG}rect") if one.get("class") == "nought"]
    assert len([one for one in noughts if one.get("height") == "28"]) == 22 + 22


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Monday, 2\N{NO-BREAK SPACE}AM\n12"), ("fr", "lundi, 02\N{NO-BREAK SPACE}h\n12")],
)
def test_each_cell_says_its_row_its_column_and_its_figure(
    contexts: Contexts, language: str, said: str
) -> None:
    drawn = picture(week(), contexts, language)
    titles = [one.findtext(f"{SVG}title") for one in drawn.iter(f"{SVG}rect") if one.get("class") == "hit"]

    # From row to row, so that keys go through a day, and with a step of 24 from day to day.
    assert (len(titles), titles[2], drawn.get("data-columns")) == (48, said, "24")
    assert [one.text for one in drawn.iter(f"{SVG}text") if one.get("font-size") == "11"] == ["6", "12", "3"]


def test_figures_that_find_no_room_in_their_cells_are_left_to_the_table(contexts: Contexts) -> None:
    drawn = picture(week(**{"1": [123_456, *[1] * 23]}), contexts)

    assert [one for one in drawn.iter(f"{SVG}text") if one.get("font-size") == "11"] == []


def test_figures_are_read_on_the_darkest_cell_in_either_scheme() -> None:
    tokens = files("bilan.rendering").joinpath("static/tokens.css").read_text("utf-8")
    for scheme in tokens.split("prefers-color-scheme: dark")[:2]:
        colours = dict(re.findall(r"--(paper|ink|series-1): (#[0-9a-f]{6})", scheme))
        ground = tint(colours["series-1"], DARKEST, colours["paper"])
        assert contrast(colours["ink"], ground) >= 4.5, colours


def test_a_slide_has_the_figures_in_a_table_with_shaded_cells(contexts: Contexts) -> None:
    out = io.BytesIO()
    PPTX.render(report(blocks=(week(),)), contexts(), rows_within, out)
    (slide,) = [one for one in read(out.getvalue()) if one.tables and one.tables[0][0][0] == "Hour"]
    (shape,) = [s for p in presentation(out.getvalue()).slides for s in p.shapes if s.has_table and
                len(s.table.columns) == 25]  # fmt: skip

    assert slide.tables[0][1][:5] == ["Monday", "", "6", "12", ""]
    assert "Mornings." in slide.described["Messages by weekday and hour"]
    fills = [cell.fill.fore_color.rgb if cell.fill.type == 1 else None for cell in shape.table.rows[1].cells]
    # The colour of the workspace, a little of it and more.
    assert [str(one) for one in fills[1:4]] == [
        "None",
        *(tint("#0e6377", s)[1:].upper() for s in (0.34, 0.6)),
    ]
    assert slide.charts == []


def test_a_workbook_shades_the_figures_themselves(contexts: Contexts) -> None:
    out = io.BytesIO()
    XLSX.render(report(blocks=(week(),)), contexts(), rows_within, out)
    with zipfile.ZipFile(out) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()

    assert 'sqref="B2:C25"' in sheet
    assert "<colorScale>" in sheet


def test_a_heat_map_that_is_too_large_for_a_slide_says_so(contexts: Contexts) -> None:
    many = Chart(
        key="many", kind=ChartKind.HEATMAP, title="Many", description=_("Much."),
        categories=[f"c{n}" for n in range(30)],
        series=tuple(Series(f"s{n}", f"s{n}", [*range(30)]) for n in range(16)),
    )  # fmt: skip
    out = io.BytesIO()
    PPTX.render(report(blocks=(many,)), contexts(), rows_within, out)

    (slide,) = [one for one in read(out.getvalue()) if one.tables and one.tables[0][0][0] == "Category"]
    assert (len(slide.tables[0]), len(slide.tables[0][0])) == (15, 25)
    # Six columns and two rows.
    assert any("8 more categories are not drawn" in text for text in slide.texts)
