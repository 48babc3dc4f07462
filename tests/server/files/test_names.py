"""Names of files: what every system takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.files.names import safe_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Été: opens / clicks?", "Été opens clicks"),
        ("..\\..\\etc/passwd", "etc passwd"),
        (" July\r\n2026. ", "July 2026"),
        ("<>", ""),
        ("x" * 200, "x" * 120),
    ],
)
def test_a_title_becomes_a_name_that_every_system_takes(title: str, name: str) -> None:
    assert safe_name(title) == name


@given(st.text())
def test_no_name_holds_what_a_system_refuses_or_ends_in_a_dot(title: str) -> None:
    name = safe_name(title)
    assert not set(name) & set('<>:"/\\|?*\x00\n\r\x7f')
    assert name == name.strip(" .")
    assert len(name) <= 120
