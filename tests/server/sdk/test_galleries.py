"""Galleries: the first rows of a table as cards, and what their columns must be."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from bilan.reports.blocks import every, with_tables
from bilan.sdk.document import Gallery, Section, decode, encode
from bilan.sdk.walk import leaves, tables_of
from fixtures.documents import report
from fixtures.galleries import ROLES, posts

MISTAKES = {
    "has no column likes": {"figures": ("engagement", "likes")},
    "must be for data files alone": {"picture": "url"},
    "holds no times": {"time": "text"},
    "figures that are none: profile": {"figures": ("profile",)},
}


@pytest.mark.parametrize("said", MISTAKES)
def test_a_gallery_of_columns_that_do_not_fit_is_refused_in_a_sentence(said: str) -> None:
    roles: dict[str, Any] = {**ROLES, **MISTAKES[said]}

    with pytest.raises(ValueError, match=said) as refused:
        Gallery(table=posts(), **roles)

    assert "the gallery best" in str(refused.value)


@pytest.mark.requirement("GO-03")
def test_a_gallery_is_stored_with_its_table_and_found_with_it() -> None:
    gallery = Gallery(table=posts(), **ROLES)
    document = decode(encode(report(blocks=(Section("best", "Best", (gallery,)),))))

    assert [block for _within, block in leaves(document.blocks)] == [gallery]
    assert list(tables_of(document.blocks)) == [gallery.table]
    assert list(every(document.blocks))[1:] == [gallery, gallery.table]
    (section,) = with_tables(document.blocks, lambda table: replace(table, title="Posts"))
    assert isinstance(section, Section)
    assert section.blocks == (Gallery(table=posts(title="Posts"), **ROLES),)
    assert gallery.key == "best"


def test_a_gallery_of_figures_alone_needs_nothing_else() -> None:
    assert Gallery(table=posts(), figures=("rate",)).picture == ""
