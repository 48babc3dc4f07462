"""Charts on slides: native, in their units, beside the figures of their series."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace
from pptx.enum.chart import XL_LEGEND_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn

from bilan.sdk.document import Chart, ChartKind, Kpi, Kpis, Section, Series
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import DAYS, Contexts, line_chart
from support.decks import deck, only_chart, slides
from support.sheets import read as read_sheets
from support.slides import presentation

_ = messages("bilan")[0]


@pytest.mark.requirement("AP-16", "GO-10")
def test_a_line_chart_is_native_with_the_documents_own_values(contexts: Contexts) -> None:
    before = (Series("opens", _("Opens"), [float(n) for n in range(29)]),)
    chart = line_chart(previous=before)
    (slide,) = slides(contexts(), chart)
    assert slide.texts == ["Opens rise through the month; clicks stay level.", "Dashed: the previous period."]
    (native,) = slide.charts
    assert native.kind == "lineChart"
    assert native.categories == [date.fromisoformat(day) for day in DAYS]
    assert native.series == [
        ("Opens", chart.series[0].values),
        ("Clicks", chart.series[1].values),
        ("Opens, previous period", [*before[0].values, None]),
    ]
    assert native.series[1][1][11] is None


@pytest.mark.requirement("AP-16", "GO-10")
def test_the_figures_of_a_chart_are_in_a_workbook_behind_it(contexts: Contexts) -> None:
    native = only_chart(contexts(), line_chart())
    sheet = next(iter(read_sheets(native.part.chart_workbook.xlsx_part.blob).values()))
    assert sheet.values[1][1:] == [240, 60]
    assert len(sheet.rows) == 31


def test_the_comparison_is_dashed_and_grey_and_not_in_the_legend(contexts: Contexts) -> None:
    before = (Series("opens", _("Opens"), [1.0] * 30),)
    native = only_chart(contexts(), line_chart(previous=before))
    now, _clicks, then = native.plots[0].series
    assert (str(then.format.line.color.rgb), then.format.line.dash_style) == ("98A1AF", MSO_LINE.DASH)
    assert now.format.line.dash_style is None
    hidden = native.legend._element.findall(qn("c:legendEntry"))
    assert [one.find(qn("c:idx")).get("val") for one in hidden] == ["2"]
    assert native.legend.position == XL_LEGEND_POSITION.TOP


@pytest.mark.parametrize(
    ("kind", "unit", "tag", "direction", "number_format"),
    [
        (ChartKind.BAR, Unit.COUNT, "barChart", "col", "#,##0"),
        (ChartKind.STACKED, Unit.PROPORTION, "barChart", "col", "0%"),
        (ChartKind.LINE, Unit.NUMBER, "lineChart", None, "#,##0.##"),
    ],
)
def test_every_kind_of_chart_has_its_axes_in_its_unit(
    contexts: Contexts, kind: ChartKind, unit: Unit, tag: str, direction: str | None, number_format: str
) -> None:
    native = only_chart(
        contexts(), line_chart(kind=kind, unit=unit, categories=["a", "b"], category_unit=Unit.TEXT)
    )
    plot = native.plots[0]._element
    found = plot.find(qn("c:barDir"))
    assert (str(plot.tag).rpartition("}")[2], None if found is None else found.get("val")) == (tag, direction)
    assert native.value_axis.tick_labels.number_format == number_format


@pytest.mark.parametrize(
    ("seconds", "shown", "written"),
    [
        ([30, 119], [30, 119], '#,##0" s"'),
        ([90, None, 7199], [1.5, None, 7199 / 60], '#,##0.0" min"'),
        ([0, 1800, 7200], [0, 0.5, 2], '#,##0.0" h"'),
    ],
)
def test_durations_are_written_in_the_largest_unit_of_which_there_are_two(
    contexts: Contexts, seconds: list[float | None], shown: list[float | None], written: str
) -> None:
    series = (Series("s", "S", seconds),)
    names = ["a", "b", "c"][: len(seconds)]
    native = only_chart(
        contexts(),
        line_chart(unit=Unit.SECONDS, categories=names, category_unit=Unit.TEXT, series=series),
    )
    assert native.value_axis.tick_labels.number_format == written
    assert list(native.plots[0].series[0].values) == shown


def test_bars_lie_where_their_names_are_long(contexts: Contexts) -> None:
    native = only_chart(
        contexts(), bars([f"A campaign with a rather long name, number {n}" for n in range(9)])
    )
    assert native.plots[0]._element.find(qn("c:barDir")).get("val") == "bar"
    assert native.category_axis.reverse_order


def test_bars_lie_where_their_names_are_too_long_for_the_room_beside_a_panel(contexts: Contexts) -> None:
    agents = bars([f"agent-{n}@shop.example" for n in range(5)])
    alone = replace(agents, headline=_("Agent {n} has most.", n=1))
    ways = [
        only_chart(contexts(), one).plots[0]._element.find(qn("c:barDir")).get("val")
        for one in (alone, agents)
    ]
    assert ways == ["col", "bar"]


def bars(names: list[str], values: list[float] | None = None) -> Chart:
    """A bar for each name."""
    found = values or [float(n) for n in range(len(names))]
    return line_chart(
        kind=ChartKind.BAR, categories=names, category_unit=Unit.TEXT, series=(Series("s", "S", [*found]),)
    )


def test_bars_that_say_their_figures_have_no_scale_beside_them(contexts: Contexts) -> None:
    native = only_chart(contexts(), bars(["a", "b"]))
    assert native.plots[0].has_data_labels
    assert (native.value_axis.visible, native.value_axis.has_major_gridlines) == (False, False)
    many = only_chart(contexts(), bars([f"c{n}" for n in range(15)]))
    assert (many.plots[0].has_data_labels, many.value_axis.visible) == (False, True)


@pytest.mark.requirement("AP-16")
def test_no_more_named_categories_are_drawn_than_can_be_read(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), bars([f"Campaign {n}" for n in range(20)]))
    assert slide.charts[0].categories == [f"Campaign {n}" for n in range(16)]
    assert slide.texts[-1] == ("4 more categories are not drawn; they are in the Excel file.")
    (slide,) = slides(contexts(), bars([f"Campaign {n}" for n in range(16)]))
    assert len(slide.charts[0].categories) == 16
    assert not any("not drawn" in text for text in slide.texts)


@pytest.mark.parametrize(
    ("kind", "days", "axis"),
    [
        (ChartKind.BAR, ["2026-07-06", "2026-07-13"], "c:catAx"),
        (ChartKind.BAR, ["2026-07-06", "2026-07-07"], "c:dateAx"),
        (ChartKind.LINE, ["2026-07-06", "2026-07-13"], "c:dateAx"),
    ],
    ids=["bars of weeks", "bars of days", "a line of weeks"],
)
def test_bars_of_weeks_are_as_wide_as_a_week(
    contexts: Contexts, kind: ChartKind, days: list[str], axis: str
) -> None:
    chart = replace(bars(days, [2.0, 3.0]), kind=kind, category_unit=Unit.DATE)
    native = only_chart(contexts(language="fr"), chart)
    assert len(native._chartSpace.findall(f".//{qn(axis)}")) == 1
    if axis == "c:catAx":
        assert list(native.plots[0].categories) == ["6 juil.", "13 juil."]


def test_hours_stand_below_the_days_they_fall_on_for_the_reader(contexts: Contexts) -> None:
    hours = [f"2026-07-03T{hour}:00:00+00:00" for hour in (20, 21, 22, 23)]
    chart = line_chart(
        kind=ChartKind.BAR, categories=hours, category_unit=Unit.INSTANT,
        series=(Series("s", "S", [4, 3, 2, 1]),),
    )  # fmt: skip
    native = only_chart(contexts("fr"), chart)
    _hours, days = native.plots[0].categories.levels
    assert [day.label for day in days] == ["3 juil.", "4 juil."]
    assert [str(one) for one in native.plots[0].categories] == ["22:00", "23:00", "00:00", "01:00"]
    # In UTC all four are of one day: that is no news at an axis.
    one_day = only_chart(contexts("fr", "UTC"), chart).plots[0].categories
    assert (one_day.depth, [str(one) for one in one_day]) == (1, ["20:00", "21:00", "22:00", "23:00"])


def test_a_ring_is_one_series_whether_its_parts_are_categories_or_series(contexts: Contexts) -> None:
    parts = Chart(
        key="d", kind=ChartKind.DONUT, title="Ring", description=_("Nothing."), categories=["a", "b"],
        series=(Series("s", "S", [3, 1]),),
    )  # fmt: skip
    several = Chart(
        key="d", kind=ChartKind.DONUT, title="Ring", description=_("Nothing."), categories=["all"],
        series=(Series("a", "a", [3]), Series("b", "b", [1])),
    )  # fmt: skip
    for chart in (parts, several):
        (slide,) = slides(contexts(), chart)
        assert slide.charts[0].kind == "doughnutChart"
        assert (slide.charts[0].categories, slide.charts[0].series[0][1]) == (["a", "b"], [3, 1])


def test_a_chart_without_figures_says_so(contexts: Contexts) -> None:
    for chart in (line_chart(categories=[], series=()), line_chart(series=(Series("s", "S", [None] * 30),))):
        (slide,) = slides(contexts(), chart)
        assert (slide.charts, slide.texts[-1]) == ([], "No figures in this period")


def chart_width(context: RenderContext, chart: Chart) -> int:
    """How wide the native chart stands, in the units of the file."""
    shown = presentation(deck(context, chart)).slides[1]
    return next(int(shape.width) for shape in shown.shapes if shape.has_chart)


def test_what_is_drawn_stands_beside_the_chart_or_below_its_finding(contexts: Contexts) -> None:
    (alone,) = slides(contexts(), line_chart())
    (told,) = slides(contexts(), line_chart(headline=_("Opens doubled.")))
    assert (alone.title, told.title) == ("Opens and clicks by day", "Opens doubled.")
    assert alone.texts == ["Opens rise through the month; clicks stay level."]
    assert told.texts == ["Opens and clicks by day"]
    assert "Opens rise through the month; clicks stay level." in told.notes
    assert chart_width(contexts(), line_chart()) < 8 * 914_400
    assert chart_width(contexts(), line_chart(headline=_("Opens doubled."))) > 12 * 914_400
    # Twenty bars need the slide for themselves.
    assert chart_width(contexts(), bars([f"c{n}" for n in range(13)])) > 12 * 914_400


def measured(*metrics: str) -> Chart:
    """Lines whose figures follow these metrics."""
    return line_chart(
        series=tuple(Series(one, one.title(), [float(n) for n in range(30)], one) for one in metrics)
    )


@pytest.mark.requirement("AP-16")
def test_the_figures_of_its_series_stand_beside_a_chart_in_their_colours(contexts: Contexts) -> None:
    tiles = Kpis(
        "k",
        (
            Kpi(key="b", label="Clicks", value=70, metric="clicks"),
            Kpi(key="a", label="Opens", value=900, previous=600, compared=True, metric="opens"),
        ),
    )
    part = Section("s", "July", (tiles, measured("opens", "clicks")))
    (slide,) = slides(contexts(), part)
    assert slide.tables == [
        [
            ["Figure", "Value", "Change", "Before"],
            ["■ Opens", "900", "▲\u00a0+50.0%", "600"],
            ["■ Clicks", "70", "", "–"],
        ]
    ]
    shown = presentation(deck(contexts(), part)).slides[1]
    table = next(shape.table for shape in shown.shapes if shape.has_table)
    native = next(shape.chart for shape in shown.shapes if shape.has_chart)
    squares = [table.cell(row, 0).text_frame.paragraphs[0].runs[0].font.color.theme_color for row in (1, 2)]
    assert squares == [series.format.line.color.theme_color for series in native.plots[0].series]
    # The squares are the legend.
    assert not native.has_legend


@pytest.mark.requirement("AP-16")
def test_a_few_figures_share_a_slide_with_the_chart_behind_them(contexts: Contexts) -> None:
    tiles = (
        Kpi(key="z", label="Bounces", value=3, metric="bounces"),
        Kpi(key="a", label="Opens", value=900, metric="opens"),
    )
    told = Kpis("k", tiles, headline=_("Opens doubled."))
    chart = measured("opens")
    (slide,) = slides(contexts(), Section("s", "July", (told, chart)))
    # The figures' finding is the title; what the chart draws stands beside it.
    assert (slide.title, slide.texts) == (
        "Opens doubled.",
        ["July", "Opens and clicks by day", "Opens rise through the month; clicks stay level."],
    )
    assert slide.tables == [[["Figure", "Value"], ["■ Opens", "900"], ["Bounces", "3"]]]
    found = replace(chart, headline=_("Opens peaked on a Friday."))
    (slide,) = slides(contexts(), Section("s", "July", (told, found)))
    assert (slide.title, slide.texts[-1]) == ("Opens doubled.", "Opens peaked on a Friday.")
    (slide,) = slides(contexts(), Section("s", "July", (Kpis("k", tiles), found)))
    assert (slide.title, len(slide.tables[0])) == ("Opens peaked on a Friday.", 3)


def test_a_chart_whose_lines_have_no_figures_beside_it_keeps_its_legend(contexts: Contexts) -> None:
    tiles = Kpis("k", (Kpi(key="z", label="Bounces", value=3, metric="bounces"),))
    data = deck(contexts(), Section("s", "July", (tiles, measured("opens", "clicks"))))
    shown = presentation(data).slides[1].shapes
    assert next(shape.chart for shape in shown if shape.has_chart).has_legend
    assert next(shape.table for shape in shown if shape.has_table).cell(1, 0).text_frame.text == "Bounces"


def test_many_figures_and_a_chart_have_slides_of_their_own(contexts: Contexts) -> None:
    tiles = tuple(Kpi(key=f"k{n}", label=f"Figure {n}", value=n, metric=f"m{n}") for n in range(9))
    found = slides(contexts(), Section("s", "July", (Kpis("k", tiles), measured("m5", "m3"))))
    assert [slide.title for slide in found] == ["July", "Opens and clicks by day"]
    assert [row[0] for row in found[1].tables[0]] == ["Figure", "■ Figure 5", "■ Figure 3"]
    found = slides(contexts(), Section("s", "July", (Kpis("k", tiles), line_chart(categories=[], series=()))))
    assert [slide.title for slide in found] == ["July", "Opens and clicks by day"]
