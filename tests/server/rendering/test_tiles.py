"""What a tile says about its change."""

from __future__ import annotations

import pytest

from bilan.rendering.tiles import shown_kpis, welcome
from bilan.sdk.document import Kpi, Kpis
from bilan.sdk.units import Unit
from fixtures.documents import Contexts

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.mark.requirement("AD-01")
@pytest.mark.parametrize(
    ("value", "previous", "unit", "trend", "change", "good"),
    [
        # Less than half of a tenth of a point, or of a per cent, is written as nothing and is nothing.
        (0.4274, 0.42725, Unit.PROPORTION, "flat", f"±0.0{NO_BREAK}pt", None),
        (0.42725, 0.4274, Unit.PROPORTION, "flat", f"±0.0{NO_BREAK}pt", None),
        (0.428, 0.427, Unit.PROPORTION, "up", f"+0.1{NO_BREAK}pt", True),
        (0.426, 0.427, Unit.PROPORTION, "down", f"−0.1{NO_BREAK}pt", False),
        (20_009, 20_000, Unit.COUNT, "flat", "±0.0%", None),
        (20_011, 20_000, Unit.COUNT, "up", "+0.1%", True),
        (19_989, 20_000, Unit.COUNT, "down", "−0.1%", False),
        (7, 7, Unit.COUNT, "flat", "±0.0%", None),
        # From nought there is no per cent, but a direction.
        (0, 0, Unit.COUNT, "flat", "±0.0%", None),
        (1, 0, Unit.COUNT, "up", "", True),
        (0.001, 0, Unit.PROPORTION, "up", f"+0.1{NO_BREAK}pt", True),
    ],
)
def test_a_change_goes_where_it_is_written_to_go(
    value: float, previous: float, unit: Unit, trend: str, change: str, good: bool | None, contexts: Contexts
) -> None:
    tile = Kpi(
        key="rate", label="Rate", value=value, unit=unit, previous=previous, compared=True,
        higher_is_better=True,
    )  # fmt: skip
    (shown,) = shown_kpis(Kpis(key="rates", tiles=(tile,)), contexts())
    assert (shown.trend, shown.change, shown.good) == (trend, change, good)
    assert welcome(tile) is good
