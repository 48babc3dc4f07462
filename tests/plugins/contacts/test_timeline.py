"""The timeline of a contact in GraphQL's own words: newest first, a page at a time, by category."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bilan.registry.declared import Registry
from bilan.sdk import Fact, Invalid
from bilan.testing.harness import PluginHarness, open_harness

ANN = "ann@example.org"
START = datetime(2026, 4, 1, tzinfo=UTC)


def fact(number: int, area: str = "profile") -> Fact:
    """Three facts an hour share a moment."""
    row = {
        "occurred_at": START + timedelta(hours=number // 3), "contact": ANN, "action": "profile_updated",
        "area": area, "object": "Form", "fact_id": f"{number:03}",
    }  # fmt: skip
    return Fact("contacts.actions", row)


@pytest.fixture(scope="module")
def known(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    """Twenty actions of Ann, one of them in an inbox. Only the last test loads more."""
    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("known")) as opened:
        opened.load([*(fact(number) for number in range(19)), fact(19, "inbox")])
        yield opened


def contact(known: PluginHarness, address: str = ANN, **given: Any) -> Any:
    (declared,) = (one for one in known.registry.declared if one.plugin.namespace == "contacts")
    (field,) = (one for one in declared.query_fields if one.name == "contact")
    assert field.personal
    arguments = {"categories": None, "first": None, "after": None, **given}
    return field.resolve(known.client, address=address, **arguments)


def told(found: Any) -> list[str]:
    return [one.fact for one in found.timeline.nodes]


def test_the_newest_comes_first_and_those_of_one_moment_by_their_names(known: PluginHarness) -> None:
    found = contact(known, first=5)
    assert told(found) == ["018", "019", "015", "016", "017"]
    assert (found.address, found.known, found.timeline.has_next_page) == (ANN, True, True)
    assert found.timeline.nodes[0].occurred_at == START + timedelta(hours=6)


@pytest.mark.parametrize("length", [1, 2, 7, 20])
def test_pages_of_any_length_tell_everything_once(known: PluginHarness, length: int) -> None:
    seen, after, more = list[str](), None, True
    while more:
        found = contact(known, first=length, after=after)
        seen += told(found)
        after, more = found.timeline.end_cursor, found.timeline.has_next_page
    assert sorted(seen) == [f"{number:03}" for number in range(20)]


def test_it_is_narrowed_to_categories(known: PluginHarness) -> None:
    assert told(contact(known, categories=["inbox"])) == ["019"]


def test_a_contact_whom_nobody_knows_did_nothing(known: PluginHarness) -> None:
    found = contact(known, "nobody@example.org")
    assert (found.known, told(found), found.timeline.end_cursor) == (False, [], None)


@pytest.mark.requirement("DC-09")
def test_an_address_a_length_and_a_cursor_that_are_none_are_refused(known: PluginHarness) -> None:
    with pytest.raises(Invalid, match="ann is no contact"):
        contact(known, "ann")
    with pytest.raises(Invalid, match="A page holds from 1 to 500 items"):
        contact(known, first=501)
    with pytest.raises(Invalid, match="This is no cursor of a timeline"):
        contact(known, after="WyJhbm4iXQ==")


def test_what_arrives_meanwhile_shifts_no_page(known: PluginHarness) -> None:
    first = contact(known, first=4)
    known.load([fact(60), fact(61)], sequence=2)
    assert told(contact(known, first=3, after=first.timeline.end_cursor)) == ["017", "012", "013"]
