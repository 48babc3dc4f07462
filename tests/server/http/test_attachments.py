"""The names of downloads in their header."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.http.attachments import attachment

HEADER = re.compile(r"""attachment; filename="([^"\\%]+)"; filename\*=UTF-8''([A-Za-z0-9%._~-]+)""")


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("Livrés · 27 août 2026.csv", "Livres - 27 aout 2026.csv"),
        ("Cœur – “été”.pdf", "Coeur - 'ete'.pdf"),
        ("Straße №1.xlsx", "Strasse No1.xlsx"),
        ('50 % "off" a\\b/c.csv', "50 off a b c.csv"),
        ("a\r\nx-header: 1.csv", "a x-header: 1.csv"),
        ("開封率.pptx", "file.pptx"),
        ("開封率 · ٣.csv", "file.csv"),
        ("開封率", "file"),
        ("report.tar.gz", "report.tar.gz"),
    ],
)
def test_what_knows_only_ascii_gets_the_nearest_letters(name: str, fallback: str) -> None:
    found = HEADER.fullmatch(attachment(name))
    assert found
    assert (found[1], unquote(found[2])) == (fallback, name)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_name_is_in_the_header_whole_and_cannot_leave_it(name: str) -> None:
    found = HEADER.fullmatch(attachment(name))
    assert found
    assert found[1].isascii()
    assert found[1].isprintable()
    assert unquote(found[2]) == name
