"""The master of a deck: its size, its layouts, the brand in it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml

from bilan.rendering.deck.master import layout_of, open_master
from bilan.rendering.deck.palette import palette_of
from bilan.rendering.deck.words import Writer
from bilan.sdk.rendering import Brand
from fixtures.documents import Contexts, report
from support.decks import numbers, rendered
from support.slides import presentation, read


@pytest.mark.requirement("AP-16")
def test_slides_and_layouts_are_widescreen_and_nothing_hangs_off_them(contexts: Contexts) -> None:
    deck = presentation(rendered(report(blocks=(*report().blocks, numbers(30, 20))), contexts()))
    assert (deck.slide_width / deck.slide_height, deck.slide_width) == (16 / 9, 12_192_000)
    assert [layout.name for layout in deck.slide_layouts] == ["Cover", "Section", "One message"]
    for holder in (deck.slide_master, *deck.slide_layouts, *deck.slides):
        for shape in holder.shapes:
            assert shape.left >= 0, shape.name
            assert shape.top >= 0, shape.name
            assert shape.left + shape.width <= deck.slide_width + 2, shape.name
            assert shape.top + shape.height <= deck.slide_height, shape.name


def test_the_master_that_is_shipped_has_the_layouts_and_places_that_slides_are_filled_into() -> None:
    deck = open_master(palette_of(Brand(None)), Writer("en"), Brand(None), "Acme", "July")
    places = {
        layout.name: {place.placeholder_format.idx: place.name for place in layout.placeholders}
        for layout in deck.slide_layouts
    }
    assert places == {
        "Cover": {0: "Title", 1: "Subtitle"},
        "Section": {0: "Title", 13: "Text"},
        "One message": {14: "Part", 0: "Title", 13: "Message"},
    }
    assert len(deck.slides) == 0
    theme = parse_xml(deck.slide_master.part.part_related_by(RT.THEME).blob)
    assert theme.xpath(".//*[local-name()='latin']/@typeface") == ["Arial", "Arial"]


def test_from_right_to_left_whatever_the_layouts_hold_changes_sides() -> None:
    left, right = (
        open_master(palette_of(Brand(None)), Writer(*language), Brand(None), "Acme", "July")
        for language in (("en", "ltr"), ("ar", "rtl"))
    )
    for one, other in zip(left.slide_layouts, right.slide_layouts, strict=True):
        for here, there in zip(one.shapes, other.shapes, strict=True):
            assert there.left == left.slide_width - here.left - here.width
    foot = {shape.name: shape for shape in layout_of(right, "One message").shapes}
    properties = foot["Report"].text_frame.paragraphs[0]._p.pPr
    assert (properties.get("algn"), properties.get("rtl")) == ("r", "1")


@pytest.mark.requirement("GO-09")
def test_no_placeholder_stays_empty(contexts: Contexts) -> None:
    deck = presentation(rendered(report(), contexts()))
    for slide in deck.slides:
        for place in slide.placeholders:
            assert place.text_frame.text.strip(), (slide.shapes.title.text_frame.text, place.name)


@pytest.mark.requirement("AD-08")
def test_the_brand_is_in_the_master_and_the_theme(contexts: Contexts) -> None:
    logo = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(logo, "PNG")
    context = replace(contexts(), brand=Brand("#ffcc00", logo.getvalue(), "image/png"))
    deck = presentation(rendered(report(), context))
    content = next(layout for layout in deck.slide_layouts if layout.name == "One message")
    picture = next(shape for shape in content.shapes if shape.shape_type == 13)
    assert abs(picture.width / picture.height - 3) < 0.01
    title = next(shape for shape in content.placeholders if shape.name == "Title")
    assert title.left + title.width <= picture.left
    words = [shape.text_frame.text for shape in content.shapes if shape.has_text_frame]
    assert "Acme · E-mail performance <July>" in words
    cover = next(layout for layout in deck.slide_layouts if layout.name == "Cover")
    band = next(shape for shape in cover.shapes if shape.name == "Band")
    assert band.fill.fore_color.theme_color == MSO_THEME_COLOR.ACCENT_1
    theme = parse_xml(deck.slide_master.part.part_related_by(RT.THEME).blob)
    (first,) = theme.xpath(".//*[local-name()='accent1']/*/@val")
    # The yellow as it is could not be read on white.
    assert first == palette_of(context.brand).accent
    assert first not in ("FFCC00", "0E6377")


@pytest.mark.parametrize(
    ("brand", "first", "gone"),
    [(None, "0E6377", "00806A"), ("#c02f0a", "C02F0A", "C75B12"), ("#1f6fb5", "1F6FB5", "")],
)
def test_charts_begin_with_the_workspaces_colour_and_leave_out_its_like(
    brand: str | None, first: str, gone: str
) -> None:
    series = palette_of(Brand(brand)).series
    assert (series[0], len(series), len(set(series))) == (first, 8, 8)
    assert gone not in series


def test_the_second_colour_of_a_chart_is_the_one_least_like_the_first() -> None:
    # Dark teal and orange; a blue beside the teal would be told from it by nobody.
    assert palette_of(Brand(None)).series[:2] == ("0E6377", "C75B12")


def test_a_logo_that_slides_cannot_show_leaves_the_name(contexts: Contexts) -> None:
    context = replace(contexts(), brand=Brand(None, b"<svg/>", "image/svg+xml"))
    assert "Acme" in read(rendered(report(), context))[0].texts
