"""The order of a deck: cover, agenda, what is to know, parts, and what closes it."""

from __future__ import annotations

import pytest
from pptx.oxml.ns import qn
from pptx.util import Inches

from bilan.rendering.deck.grid import PAGE
from bilan.sdk.document import Definition, Notice, Paragraph, Section
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from support.decks import deck, numbers, rendered, slides
from support.slides import presentation, read

_ = messages("bilan")[0]


@pytest.mark.requirement("AP-16", "AD-08")
def test_the_cover_says_whose_report_it_is_what_about_of_when(contexts: Contexts) -> None:
    (cover, *_rest) = read(rendered(report(subtitle="All campaigns"), contexts()))
    formatter = contexts().formatter
    assert cover.texts == [
        "All campaigns",
        "Acme",
        f"Period\n{formatter.period('2026-07-01', '2026-07-31')}",
        f"Compared with\n{formatter.period('2026-06-01', '2026-06-30')}",
        f"Figures as of\n{formatter.value('2026-08-01T06:00:00+00:00', Unit.INSTANT)}",
        "Time zone\nEurope/Paris",
    ]


def four(*more: Section) -> list[Section]:
    """As many parts as it takes to have an agenda."""
    found = _("Row {n} is the largest.", n=2)
    return [
        Section("a", "Overview", (numbers(2, headline=found),)),
        Section("b", "By day", (line_chart(), numbers(1, title="Days"))),
        Section("c", "Nothing", (campaigns_table(hidden=True),)),
        Section("d", "Campaigns", (campaigns_table(),)),
        *more,
    ]


@pytest.mark.requirement("AP-16")
def test_more_than_three_parts_have_an_agenda_with_their_findings_that_leads_to_them(
    contexts: Contexts,
) -> None:
    data = deck(contexts(), *four())
    agenda = read(data)[1]
    assert agenda.title == "In this report"
    assert agenda.tables == [
        [
            ["Part", "Finding", "Slide"],
            ["Overview", "Row 2 is the largest.", "3"],
            ["By day", "", "4"],
            ["Campaigns", "", "6"],
        ]
    ]
    shown = presentation(data)
    page = shown.slides[1]
    links = [one.get(qn("r:id")) for one in page._element.iter(qn("a:hlinkClick"))]
    targets = [page.part.related_part(link) for link in links]
    assert targets == [shown.slides[number - 1].part for number in (3, 4, 6)]


def test_a_long_name_of_a_part_has_a_line_of_its_own(contexts: Contexts) -> None:
    long = "Beside the average of the whole workspace"
    shown = presentation(deck(contexts("fr"), *four(Section("e", long, (numbers(1),)))))
    (grid,) = (shape.table for shape in shown.slides[1].shapes if shape.has_table)
    first, finding, number = (column.width / Inches(1) for column in grid.columns)
    # At 16 points the name takes some 4.4 inches, and "Diapositive" at 12 points nearly one.
    assert 4.6 < first <= 5.6
    assert 1.0 < number < 1.6
    assert first + finding + number == pytest.approx(PAGE.width, abs=0.01)


def test_three_parts_need_no_agenda(contexts: Contexts) -> None:
    assert slides(contexts(), *four()[:3])[0].title == "Row 2 is the largest."


def test_what_is_to_know_stands_at_the_foot_of_the_agenda_or_on_a_slide_of_its_own(
    contexts: Contexts,
) -> None:
    late = Notice(_("Late."), "warning")
    (agenda, *_rest) = slides(contexts(), late, *four(), notes=(_("Tests are left out."),))
    assert (agenda.title, agenda.texts) == ("In this report", ["Tests are left out.\nLate."])
    (own, *_rest) = slides(contexts(), late, numbers(1), notes=(_("Tests are left out."),))
    assert (own.title, own.texts) == ("Please note", ["Tests are left out.\nLate."])


def test_notes_that_have_no_room_on_the_agenda_stand_behind_the_parts_and_cautions_stay_there(
    contexts: Contexts,
) -> None:
    notes = tuple(_("{network} tells no reach.", network=f"Network {n}") for n in range(12))
    found = slides(contexts(), Notice(_("Late."), "warning"), *four(), notes=notes)
    assert found[0].texts == ["Late."]
    assert found[-1].title == "Please note"
    assert found[-1].texts == ["\n".join(f"Network {n} tells no reach." for n in range(12))]


def test_more_notes_than_a_slide_holds_stand_on_several(contexts: Contexts) -> None:
    notes = [f"Note {n} is about something that has to be known." for n in range(30)]
    own = slides(contexts(), *four(), notes=tuple(_("{note}", note=note) for note in notes))[-2:]
    assert [slide.title for slide in own] == ["Please note", "Please note – continued (2 of 2)"]
    assert "\n".join(text for slide in own for text in slide.texts).split("\n") == notes


@pytest.mark.parametrize(("words", "size"), [(2, 36), (5, 32), (8, 24), (60, 20)])
def test_the_name_of_a_part_ends_above_what_the_part_says(contexts: Contexts, words: int, size: int) -> None:
    data = deck(contexts(), Section("s", " ".join(["department"] * words), (Paragraph("Mind the gap."),)))
    (run,) = presentation(data).slides[1].shapes.title.text_frame.paragraphs[0].runs
    assert run.font.size.pt == size


def test_what_a_part_says_stands_at_the_foot_of_its_first_slide(contexts: Contexts) -> None:
    part = Section("s", "Mail", (Notice(_("Late."), "warning"), Paragraph("Mind the gap."), numbers(1)))
    (slide,) = slides(contexts(), part)
    assert (slide.title, slide.texts) == ("Table", ["Mail", "Late.\nMind the gap."])


def test_a_part_with_much_to_say_or_nothing_to_show_begins_with_a_slide_of_its_own(
    contexts: Contexts,
) -> None:
    long = "It is a long story. " * 20
    section, table = slides(contexts(), Section("s", "Mail", (Paragraph(long), numbers(1))))
    assert (section.layout, section.title, section.texts) == ("Section", "Mail", [long])
    assert table.title == "Table"
    (alone,) = slides(contexts(), Section("s", "Mail", (Paragraph("Mind the gap."),)))
    assert (alone.layout, alone.title, alone.texts) == ("Section", "Mail", ["Mind the gap."])


def test_parts_that_show_something_need_no_slide_that_only_names_them(contexts: Contexts) -> None:
    found = slides(contexts(), Section("s", "Mail", (numbers(1), line_chart())))
    assert [(slide.title, slide.texts[0]) for slide in found] == [
        ("Table", "Mail"), ("Opens and clicks by day", "Mail"),
    ]  # fmt: skip


def test_the_footnotes_of_a_slide_are_read_last(contexts: Contexts) -> None:
    shown = presentation(deck(contexts(), Section("s", "Mail", (Paragraph("Mind."), line_chart())))).slides[1]
    assert shown.shapes[-1].text_frame.text == "Mind."
    assert shown.shapes[-2].name == "In short"


@pytest.mark.requirement("AP-16")
def test_definitions_stand_in_two_tables_beside_each_other_with_their_formulas_in_the_notes(
    contexts: Contexts,
) -> None:
    meaning = _("How many people of the whole world opened an e-mail again and again.")
    many = tuple(
        Definition(
            key=f"d{n}", label=_("Figure {n}", n=n), description=meaning,
            formula=_("opens {n}", n=n), version=1, unit=Unit.COUNT,
        )
        for n in range(30)
    )  # fmt: skip
    found = slides(contexts(), definitions=many)
    assert [slide.title for slide in found] == [
        "What the figures mean", "What the figures mean – continued (2 of 2)",
    ]  # fmt: skip
    assert [len(slide.tables) for slide in found] == [2, 2]
    listed = [row[0] for slide in found for table in slide.tables for row in table[1:]]
    assert listed == [f"Figure {n}" for n in range(30)]
    assert all("The formulas are in the notes." in slide.texts for slide in found)
    assert all(("Formula: opens 0." in slide.notes) == (slide is found[0]) for slide in found)
