"""The tables of the page about files say what is read, value by value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bilan.sdk import Unreadable, read_count, read_instant

PAGE = (Path(__file__).parents[2] / "docs" / "files.md").read_text()
PARIS = ZoneInfo("Europe/Paris")


def rows(header: str, under: str) -> list[tuple[str, str]]:
    """The rows of the table with this second heading in the section of this title."""
    section = PAGE.partition(f"\n## {under}\n")[2].partition("\n## ")[0]
    table = section.partition(f"| written | {header} |\n")[2].partition("\n\n")[0]
    found = re.findall(r"^\| `(.+?)` \| (.+) \|$", table, re.MULTILINE)
    assert found
    return found


def refusal(read: Callable[..., Any], *given: Any) -> str:
    with pytest.raises(Unreadable) as refused:
        read(*given)
    return str(refused.value)


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(("written", "meaning"), rows("is, in UTC", "Dates and times"))
def test_a_moment_is_read_as_the_page_says(written: str, meaning: str) -> None:
    expected = None if meaning == "empty" else datetime.fromisoformat(_padded(meaning)).replace(tzinfo=UTC)
    assert read_instant(written, PARIS) == expected


def _padded(meaning: str) -> str:
    whole, point, fraction = meaning.partition(".")
    return whole + point + (fraction.ljust(6, "0") if fraction else "")


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(("written", "said"), rows("said", "Dates and times"))
def test_what_is_no_moment_is_refused_as_the_page_says(written: str, said: str) -> None:
    assert said in refusal(read_instant, written, PARIS)


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(("written", "meaning"), rows("is the count", "Numbers"))
def test_a_count_is_read_as_the_page_says(written: str, meaning: str) -> None:
    assert read_count(written) == (None if meaning == "empty" else int(meaning))


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(("written", "said"), rows("said", "Numbers"))
def test_what_is_no_count_is_refused_as_the_page_says(written: str, said: str) -> None:
    assert said in refusal(read_count, written)
