"""The titles of slides: one message each, its own, in two lines."""

from __future__ import annotations

import pytest

from bilan.rendering.deck.titles import ROOM, SIZES, fitted
from bilan.rendering.deck.words import lines_of
from bilan.sdk.document import Kpi, Kpis, Section
from bilan.sdk.messages import messages
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from support.decks import deck, numbers, rendered, slides
from support.slides import presentation, read

_ = messages("bilan")[0]


@pytest.mark.requirement("AP-16", "DC-22", "GO-09")
def test_every_slide_has_a_title_of_its_own_that_says_what_it_shows(contexts: Contexts) -> None:
    found = read(rendered(report(), contexts()))
    assert [slide.title for slide in found] == [
        "E-mail performance <July>",
        "Please note",
        "Key figures",
        "Opens and clicks by day",
        "Campaigns",
        "Posts",
        "Settings",
        "What the figures mean",
        "Where the figures come from",
    ]
    assert [slide.layout for slide in found[:3]] == ["Cover", "One message", "One message"]


@pytest.mark.requirement("AP-16")
def test_the_finding_of_a_block_is_the_title_of_its_slide(contexts: Contexts) -> None:
    tiles = Kpis("k", (Kpi(key="a", label="Opens", value=5),), headline=_("Five people opened."))
    chart = line_chart(headline=_("Opens doubled in July."))
    table = campaigns_table(headline=_("Summer sale went to the most people."))
    part = Section("s", "July", (chart, tiles, table))
    found = slides(contexts(), part)
    assert [slide.title for slide in found] == [
        "Opens doubled in July.", "Five people opened.", "Summer sale went to the most people.",
    ]  # fmt: skip
    assert [slide.texts[0] for slide in found] == ["July", "July", "July"]
    # What the block is stays there, below its finding.
    assert found[0].texts[1] == "Opens and clicks by day"
    assert found[2].texts[1] == "Campaigns"


def test_titles_are_title_placeholders_and_the_part_stands_above_them(contexts: Contexts) -> None:
    chart = line_chart(headline=_("Opens doubled."))
    shown = presentation(deck(contexts(), Section("s", "July", (chart,)))).slides[1]
    title, message, part = shown.placeholders
    assert [place.placeholder_format.type.name for place in (part, title, message)] == [
        "BODY",
        "TITLE",
        "BODY",
    ]
    assert (part.text_frame.text, title.text_frame.text) == ("July", "Opens doubled.")
    assert part.top + part.height <= title.top < message.top


def test_a_part_that_is_called_like_its_slide_is_not_said_twice(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), Section("s", "Campaigns", (campaigns_table(),)))
    assert (slide.title, "Campaigns" in slide.texts) == ("Campaigns", False)


def test_blocks_of_one_name_are_told_apart_by_their_parts(contexts: Contexts) -> None:
    parts = [Section(name, name, (numbers(1, key=name),)) for name in ("Push", "SMS")]
    assert [slide.title for slide in slides(contexts(), *parts)] == ["Push: Table", "SMS: Table"]
    alone = slides(contexts(), numbers(1), numbers(2))
    assert [slide.title for slide in alone] == ["Table", "Table (2)"]
    (inside,) = slides(contexts(), numbers(1), title="Table")
    assert inside.title == "Table in detail"


def test_blocks_of_one_name_in_parts_of_one_name_are_told_apart_by_the_parts_around_them(
    contexts: Contexts,
) -> None:
    parts = [
        Section(name, name, (
            Section(f"{name}_mail", "Mail", (numbers(20, 40, key=f"{name}_mail"),)),
            Section(f"{name}_table", "Table", (numbers(1, key=f"{name}_table"),)),
        ))
        for name in ("Ada", "Bob")
    ]  # fmt: skip
    found = slides(contexts(), *parts)
    for name in ("Ada", "Bob"):
        mail = [slide for slide in found if slide.title.startswith(f"{name} – Mail: Table")]
        assert [slide.title for slide in mail] == [
            f"{name} – Mail: Table",
            *(
                f"{name} – Mail: Table – continued ({number} of {len(mail)})"
                for number in range(2, len(mail) + 1)
            ),
        ]
        assert len(mail) > 2
        assert "more columns are in the Excel and CSV files" in mail[-1].texts[-1]
        (alone,) = (slide for slide in found if slide.title == f"{name} – Table")
        assert len(alone.tables) == 1


@pytest.mark.parametrize(("words", "size", "lines"), [(4, 26, 1), (12, 26, 2), (16, 20, 2), (18, 18, 2)])
def test_long_titles_take_two_lines_and_become_smaller(words: int, size: float, lines: int) -> None:
    title = fitted(" ".join(["finding"] * words))
    assert (title.size, title.lines, title.whole) == (size, lines, "")


def test_a_title_that_two_lines_cannot_hold_says_where_all_of_it_is(contexts: Contexts) -> None:
    sentence = " ".join(f"word{n}" for n in range(60))
    found = slides(
        contexts(), line_chart(headline=_("{x}", x=sentence)), numbers(1, headline=_("{x}", x=sentence))
    )
    for slide in found:
        assert slide.title.removesuffix(" (2)").endswith(" …")
        assert sentence.startswith(slide.title.removesuffix(" (2)").removesuffix(" …"))
        assert lines_of(slide.title, ROOM, SIZES[-1], strong=True) == 2
        assert "The whole title is in the notes." in slide.texts[0]
        assert slide.notes.startswith(sentence)
    assert found[0].title != found[1].title
