"""Which parts of a document are rendered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from bilan.rendering.csv_format import CSV
from bilan.rendering.html_format import HTML
from bilan.rendering.selection import chosen, key_of, selected
from bilan.sdk.document import Block, Document, Kpi, Kpis, Notice, Paragraph, ParameterValue, Section
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext, Renderer

_ = messages("bilan")[0]

TILES = Kpis("tiles", (Kpi(key="a", label="A", value=1),))
ONE, TWO = Section("one", "One", ()), Section("two", "Two", ())
CAUTION = Notice(_("Figures are late."), "warning")


def document(*blocks: Block, chose: Sequence[str] = ()) -> Document:
    parameters = (ParameterValue("blocks", _("Parts"), list(chose)),) if chose else ()
    return Document(
        kind="x.y", title="T", as_of="2026-01-01T00:00:00Z", zone="UTC", blocks=blocks, parameters=parameters
    )


def rendered(found: Document, renderer: Renderer, **options: Any) -> list[str]:
    context = RenderContext(formatter=None, workspace="", options=options)  # type: ignore[arg-type]
    return [key_of(block) for block in selected(found, context, renderer).blocks]


def test_without_a_choice_everything_is_rendered() -> None:
    found = document(TILES, ONE, TWO)
    assert selected(found, RenderContext(formatter=None, workspace=""), HTML) is found  # type: ignore[arg-type]


@pytest.mark.requirement("AP-13")
def test_chosen_parts_are_rendered_in_the_order_of_the_choice() -> None:
    assert rendered(document(TILES, ONE, TWO, chose=["two", "tiles"]), HTML) == ["two", "tiles"]


def test_a_part_that_the_document_has_not_is_passed_over() -> None:
    assert rendered(document(TILES, ONE, chose=["gone", "one"]), HTML) == ["one"]


def test_what_a_reader_must_know_stays_ahead_of_the_chosen_parts() -> None:
    between = Paragraph("In short.")
    found = chosen(document(TILES, CAUTION, ONE, between), ["one"])
    assert found.blocks == (CAUTION, between, ONE)


@pytest.mark.requirement("AP-14")
def test_a_file_for_programs_holds_everything_whatever_the_report_chose() -> None:
    assert rendered(document(TILES, ONE, TWO, chose=["one"]), CSV) == ["tiles", "one", "two"]


def test_a_file_for_programs_holds_the_chosen_parts_where_that_is_asked() -> None:
    assert rendered(document(TILES, ONE, TWO, chose=["one"]), CSV, content="custom") == ["one"]
    assert rendered(document(TILES, ONE, TWO, chose=["one"]), CSV, blocks=["two"]) == ["two"]


@pytest.mark.requirement("AP-12")
def test_everything_is_rendered_where_that_is_asked_whatever_the_report_chose() -> None:
    assert rendered(document(TILES, ONE, TWO, chose=["one"]), HTML, content="global") == [
        "tiles",
        "one",
        "two",
    ]


def test_a_choice_for_one_file_stands_above_the_reports() -> None:
    assert rendered(document(TILES, ONE, TWO, chose=["one"]), HTML, blocks=["two", "one"]) == ["two", "one"]


def test_the_data_of_the_document_stays_what_it_is() -> None:
    found = document(TILES, ONE, TWO)
    assert chosen(found, ["one"]) == replace(found, blocks=(ONE,))
    assert len(found.blocks) == 3
