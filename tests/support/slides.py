"""A deck as somebody gets it who hears it rather than sees it: titles, texts, tables, charts and notes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pptx import Presentation
from pptx.oxml.ns import qn

_MARKS = re.compile("[\u2066-\u2069]")


@dataclass(frozen=True)
class Drawn:
    """A chart: its categories, and its series by name."""

    kind: str
    categories: list[Any]
    series: list[tuple[str, list[float | None]]]


@dataclass
class Slide:
    """What one slide holds, in reading order."""

    title: str
    layout: str
    texts: list[str] = field(default_factory=list[str])
    tables: list[list[list[str]]] = field(default_factory=list[list[list[str]]])
    charts: list[Drawn] = field(default_factory=list[Drawn])
    described: dict[str, str] = field(default_factory=dict[str, str])
    """Alternative texts by the names of shapes."""
    undescribed: list[str] = field(default_factory=list[str])
    """Names of charts, tables, pictures and tiles without an alternative text."""
    notes: str = ""


def presentation(data: bytes) -> Any:
    """The deck for python-pptx."""
    return Presentation(io.BytesIO(data))


def read(data: bytes) -> list[Slide]:
    """The slides in order."""
    return [_slide(one) for one in presentation(data).slides]


def _slide(one: Any) -> Slide:
    title = one.shapes.title
    assert title is not None, "a slide without a title"
    slide = Slide(plain(title.text_frame.text), one.slide_layout.name)
    for shape in one.shapes:
        if shape.shape_id == title.shape_id:
            continue
        description = shape._element.xpath(".//p:cNvPr")[0].get("descr")
        if shape._element.xpath(".//*[local-name()='decorative']"):
            pass
        elif description:
            slide.described[shape.name] = description
        elif shape.has_chart or shape.has_table or shape.shape_type in (1, 13):
            slide.undescribed.append(shape.name)
        if shape.has_table:
            slide.tables.append(
                [[plain(cell.text_frame.text) for cell in row.cells] for row in shape.table.rows]
            )
        elif shape.has_chart:
            slide.charts.append(_chart(shape.chart))
        elif shape.has_text_frame:
            slide.texts.append(plain(shape.text_frame.text))
    slide.notes = plain(one.notes_slide.notes_text_frame.text)
    return slide


def _chart(chart: Any) -> Drawn:
    plot = chart.plots[0]
    return Drawn(
        str(plot._element.tag).rpartition("}")[2],
        [
            _category(one, dated=chart._chartSpace.find(f".//{qn('c:dateAx')}") is not None)
            for one in plot.categories
        ],
        [(plain(series.name), list(series.values)) for series in plot.series],
    )


def _category(label: str, *, dated: bool) -> Any:
    return date(1899, 12, 30) + timedelta(days=float(label)) if dated else plain(label)


def plain(text: str) -> str:
    """The text without the marks that keep its direction."""
    return _MARKS.sub("", text)


def runs(data: bytes) -> list[Any]:
    """The properties of all runs of text on slides."""
    return [
        run.find(qn("a:rPr")) for one in presentation(data).slides for run in one._element.iter(qn("a:r"))
    ]
