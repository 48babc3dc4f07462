"""A section fails alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bilan.sdk.document import Block, Notice, Paragraph, Section
from bilan.sdk.errors import Cancelled, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.sections import section


def test_a_section_holds_the_blocks_it_was_given() -> None:
    made = section("links", "Links", lambda: [Paragraph("one"), Paragraph("two")])

    assert made == Section("links", "Links", (Paragraph("one"), Paragraph("two")))


@pytest.mark.requirement("GO-14")
def test_a_section_that_raises_says_so_in_its_place(caplog: pytest.LogCaptureFixture) -> None:
    def fails_half_way() -> Iterator[Block]:
        yield Paragraph("never shown")
        raise ZeroDivisionError("oops")

    with caplog.at_level(logging.ERROR):
        made = section("links", "Links", fails_half_way)

    (notice,) = made.blocks
    assert isinstance(notice, Notice)
    assert notice.level == "error"
    assert "oops" not in str(notice.text), "the program's own words stay in the log"
    assert "ZeroDivisionError: oops" in caplog.text


def test_an_expected_failure_is_told_in_its_own_words() -> None:
    def refuses() -> list[Block]:
        raise Invalid(Message("There is no column colour; choose name or size."))

    (notice,) = section("links", "Links", refuses).blocks

    assert notice == Notice(Message("There is no column colour; choose name or size."), "error")


@pytest.mark.parametrize("error", [Cancelled(Message("Stopped.")), Unavailable(Message("Gone."))])
def test_a_cancelled_run_and_an_absent_warehouse_stop_the_whole_report(
    error: Cancelled | Unavailable,
) -> None:
    def stops() -> list[Block]:
        raise error

    with pytest.raises(type(error)):
        section("links", "Links", stops)
