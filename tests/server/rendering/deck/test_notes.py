"""The notes of slides: what the presenter has before them."""

from __future__ import annotations

import re

import pytest

from bilan.sdk.document import ChartKind, Series
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from support.decks import rendered, slides
from support.slides import read


@pytest.mark.requirement("AP-16", "GO-09")
def test_the_notes_of_every_slide_define_its_figures(contexts: Contexts) -> None:
    found = read(rendered(report(), contexts()))
    assert all(slide.notes for slide in found)
    definition = "Open rate: Who opened. Formula: unique opens divided by delivered."
    assert [slide.title for slide in found if definition in slide.notes] == [
        "Key figures", "Campaigns", "What the figures mean",
    ]  # fmt: skip
    assert all("Figures as of Aug 1, 2026" in slide.notes for slide in found)


def test_the_notes_say_the_tiles_in_words(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), report().blocks[1])
    assert slide.notes.split("\n")[:4] == [
        "Key figures",
        "Against the period before: 2 figures up, 1 figure down.",
        "Sends: 16,530, +10.2%, up from 15,000.",
        "Open rate: 34.2%, −1.9\u00a0pt, down from 36.1%.",
    ]


def test_the_notes_say_where_lines_begin_end_and_are_highest(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), line_chart())
    assert "Opens: highest 439 (Jul 30, 2026); 240 at the beginning, 439 at the end." in slide.notes
    few = line_chart(
        kind=ChartKind.BAR, categories=["a", "b"], category_unit=Unit.TEXT,
        series=(Series("s", "Clicks", [5, 1250]),),
    )  # fmt: skip
    (slide,) = slides(contexts(), few)
    assert "Clicks: a 5, b 1,250" in slide.notes


def test_the_notes_say_the_first_rows_of_a_table(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), campaigns_table())
    assert slide.notes.split("\n")[1].startswith("Summer sale: Sends 12,450, Open rate 42.3%, Sent at")


def test_in_french_a_space_stands_before_every_colon_of_the_notes(contexts: Contexts) -> None:
    notes = "\n".join(slide.notes for slide in read(rendered(report(), contexts("fr"))))
    assert re.findall(r".{9}(?<!\xa0):(?!\d)", notes) == []
    assert "Sends\xa0: 16\u202f530" in notes
