"""What an answer that is kept rests on: also what was told before its days, where values are carried."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import pytest

from bilan.manifest import Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.kept import Ingredients
from bilan.query.names import Names
from bilan.query.recount import carries
from bilan.query.session import QuerySession
from bilan.sdk.periods import Span

from .levels import DAYS, NOW, REGISTRY
from .post import PARIS

MARCH = Span(date(2026, 3, 1), date(2026, 4, 1), "America/Los_Angeles")


def state(*days: date) -> ManifestState:
    """A manifest in which these days were written to, each a microsecond after the one before."""
    touched = {day.toordinal(): number for number, day in enumerate(days, start=1)}
    return ManifestState(0, {(DAYS.key, PARIS): touched}, {})


def holds(later: date, *, carried: bool) -> bool:
    """Whether an answer about March holds after a day was written to besides the tenth."""
    tenth = date(2026, 3, 10)
    client = QuerySession(cast("Any", None), REGISTRY, frozenset([PARIS]), Snapshot(NOW, state(tenth)))
    found = Ingredients()
    found.add(client, DAYS.key, [MARCH], NOW + timedelta(days=1), carried=carried)
    return all(part.holds(state(tenth, later)) for part in found.parts)


@pytest.mark.requirement("GO-17")
@pytest.mark.parametrize(
    ("later", "carried", "kept"),
    [
        (date(2026, 2, 28), False, True),
        (date(2026, 2, 28), True, False),
        (date(2026, 3, 1), False, False),
        (date(2026, 3, 31), False, False),
        # In Los Angeles the first hours of 1 April in UTC are those of 31 March; a source's own days are not.
        (date(2026, 4, 1), False, True),
        (date(2026, 4, 1), True, True),
    ],
)
def test_it_holds_until_a_day_is_written_to_that_it_rests_on(later: date, carried: bool, kept: bool):
    assert holds(later, carried=carried) is kept


@pytest.mark.parametrize(
    ("metric", "carried"),
    [("engagement", False), ("seen_followers", False), ("followers", True), ("moved", True), ("rate", True)],
)
def test_metrics_that_rest_on_what_was_told_before_are_known(metric: str, carried: bool):
    assert carries(Names.of(REGISTRY, DAYS.key), [f"{DAYS.key}_{metric}"]) is carried
