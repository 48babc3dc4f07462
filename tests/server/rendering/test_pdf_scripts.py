"""PDF files in scripts other than Latin, read by poppler."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.pdf.texts import clean, writing
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Document, Kpi, Kpis, Table, TableColumn
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, line_chart, report
from support.pdf import Pdf

pytestmark = pytest.mark.integration

Read = Callable[[bytes], str]


def rendered(document: Document, context: RenderContext) -> bytes:
    out = io.BytesIO()
    PDF.render(document, context, rows_within, out)
    return out.getvalue()


def names(title: str, *rows: str) -> Document:
    columns = (TableColumn(key="a", label=title), TableColumn(key="n", label="n", unit=Unit.COUNT))
    body: list[Any] = [[row, 1234567] for row in rows]
    return report(title=title, blocks=(line_chart(), Table(key="t", title=title, columns=columns, rows=body)))


@pytest.mark.requirement("GO-09")
def test_arabic_is_joined_mirrored_and_read_in_order(contexts: Contexts, pdftotext: Read) -> None:
    # Words without ligatures: poppler turns the letters of one round.
    data = rendered(names("تقرير شهري", "حملة الصيف 2026", "Summer (sale)!"), contexts("ar"))
    text = pdftotext(data)
    assert "تقرير شهري" in text
    assert "حملة الصيف" in text
    assert "Summer (sale)!" in text
    assert "1,234,567" in text
    file = Pdf(data)
    assert file.root["/Lang"] == "ar"
    assert file.figures == ["Opens and clicks by day. Opens rise through the month; clicks stay level."]
    # The first column stands at the right, with the title; its text ends at the margin.
    places = _places(file, "1,234,567")
    assert places
    assert max(places) < 300


def test_japanese_is_set_in_japanese_characters(
    contexts: Contexts, pdftotext: Read, system_fonts: None
) -> None:
    data = rendered(names("キャンペーン報告", "夏のセール 直", "骨"), contexts("ja"))
    text = pdftotext(data)
    for one in ("キャンペーン報告", "夏のセール", "直", "骨"):
        assert one in text
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in Pdf(data).reader.pages
        for font in dict(page["/Resources"]["/Font"]).values()  # type: ignore[index]
    }
    assert any("NotoSansCJKjp" in font for font in fonts)
    assert all("+" in font for font in fonts), "every font is an embedded subset"


def test_an_emoji_in_a_name_costs_nothing_where_the_system_has_its_font(
    contexts: Contexts, system_fonts: None
) -> None:
    file = Pdf(rendered(names("Soldes 🎉", "❄️ Winter 👩‍💻"), contexts()))
    assert "<pdfuaid:part>1</pdfuaid:part>" in file.xmp
    assert "No font of the server" not in file.words
    assert file.reader.metadata is not None
    assert file.reader.metadata.title == "Soldes 🎉"


def test_french_figures_have_their_narrow_spaces(contexts: Contexts, pdftotext: Read) -> None:
    tiles = Kpis("k", (Kpi(key="a", label="A", value=1234567, previous=1000000, compared=True),))
    text = pdftotext(rendered(report(blocks=(tiles,)), contexts("fr")))
    assert "1 234 567" in text.replace("\u202f", " ")
    assert "+23,5 %" in text.replace("\u202f", " ").replace("\xa0", " ")


def test_a_text_of_a_page_from_right_to_left_is_kept_in_its_own_direction(contexts: Contexts) -> None:
    assert writing(contexts("ar").formatter)("Sale!") == "\u2068Sale!\u2069"
    assert writing(contexts("ar").formatter)("") == ""
    assert writing(contexts("en").formatter)("Sale!") == "Sale!"


def test_long_words_may_be_broken_at_their_joints_first() -> None:
    assert clean("https://example.org/a/b").split("\u200b") == [
        "https:",
        "/",
        "/",
        "example.",
        "org/",
        "a/",
        "b",
    ]
    assert clean("x" * 40).split("\u200b") == ["x" * 18, "x" * 18, "x" * 4]
    assert clean("short words stay as they are") == "short words stay as they are"


def _places(file: Pdf, wanted: str) -> list[float]:
    """How far from the left the texts stand that are this."""
    found: list[float] = []

    def visit(text: str, _cm: Any, tm: Any, _font: Any, _size: Any) -> None:
        if wanted in text:
            found.append(float(tm[4]))

    for page in file.reader.pages:
        page.extract_text(visitor_text=visit)
    return found
