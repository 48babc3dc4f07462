"""The texts of a deck: their language, their direction, what is heard instead of seen, odd ones."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from pptx.oxml.ns import qn

from bilan.sdk.document import Kpi, Kpis, Section, Series
from bilan.sdk.rendering import Brand
from fixtures.documents import Contexts, line_chart, report
from support.decks import numbers, rendered
from support.slides import presentation, read, runs


@pytest.mark.requirement("GO-09")
@pytest.mark.parametrize(
    ("language", "tag", "rtl", "side"),
    [("en", "en-US", "0", "l"), ("fr", "fr-FR", "0", "l"), ("ar", "ar-SA", "1", "r")],
)
def test_texts_say_their_language_and_run_in_its_direction(
    contexts: Contexts, language: str, tag: str, rtl: str, side: str
) -> None:
    data = rendered(report(), contexts(language))
    assert {properties.get("lang") for properties in runs(data)} == {tag}
    deck = presentation(data)
    paragraphs = [
        paragraph.find(qn("a:pPr")) for slide in deck.slides for paragraph in slide._element.iter(qn("a:p"))
    ]
    assert {one.get("rtl") for one in paragraphs} == {rtl}
    titles = [slide.shapes.title._element.find(f".//{qn('a:pPr')}").get("algn") for slide in deck.slides]
    assert set(titles) == {side}
    tables = [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert {table._element.find(f".//{qn('a:tblPr')}").get("rtl", "0") for table in tables} == {rtl}


def test_an_arabic_deck_is_mirrored(contexts: Contexts) -> None:
    document = report(blocks=(report().blocks[1],))
    left, right = (presentation(rendered(document, contexts(language))) for language in ("en", "ar"))
    for one, other in zip(left.slides, right.slides, strict=True):
        for shape, mirrored in zip(one.shapes, other.shapes, strict=True):
            # What has no place of its own has its layout's.
            assert abs(shape.left + shape.width + mirrored.left - left.slide_width) <= 2, shape.name
    charts = presentation(rendered(report(blocks=(line_chart(),)), contexts("ar"))).slides[2].shapes
    assert [shape.chart.category_axis.reverse_order for shape in charts if shape.has_chart] == [True]


@pytest.mark.requirement("GO-09")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_charts_tables_tiles_and_logos_are_described(contexts: Contexts, language: str) -> None:
    logo = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(logo, "PNG")
    context = replace(contexts(language), brand=Brand("#7a1fa2", logo.getvalue(), "image/png"))
    found = read(rendered(report(), context))
    assert [slide.undescribed for slide in found] == [[]] * len(found)
    assert found[0].described == {"Logo": "Acme"}


@pytest.mark.requirement("GO-09")
def test_what_is_described_says_what_is_seen(contexts: Contexts) -> None:
    found = {slide.title: slide.described for slide in read(rendered(report(), contexts()))}
    assert found["Opens and clicks by day"] == {
        "Opens and clicks by day": "Opens and clicks by day. Opens rise through the month; clicks stay level."
    }
    assert found["Campaigns"] == {
        "Campaigns": "Campaigns. Columns: Campaign, Sends, Open rate, Sent at, Tags."
    }
    assert found["Key figures"] == {
        "Sends": "Sends: 16,530, +10.2%, up from 15,000",
        "Open rate": "Open rate: 34.2%, −1.9\u00a0pt, down from 36.1%",
        "Bounces": "Bounces: 120, +20.0%, up from 100, as reported",
        "First reply": "First reply: –, no earlier figure",
    }


@pytest.mark.parametrize("text", ["\x00\x1b", "\ufffe", "<b>&amp;</b>", "_x0041_", "🙂 مرحبا", "x" * 5000])
def test_odd_texts_stay_texts(contexts: Contexts, text: str) -> None:
    document = report(
        title=text, subtitle=text, blocks=(
            Section("s", text, (numbers(1), line_chart(title=text, series=(Series("a", text, [1.0] * 30),)))),
            Kpis("k", (Kpi(key="k", label=text, value=text),)),
        ),
    )  # fmt: skip
    context = replace(contexts(), workspace=text)
    assert len(read(rendered(document, context))) > 5
