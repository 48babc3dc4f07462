"""Send only if: each condition at, below and above its edge, and why a report is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bilan.i18n import Translator, formatter_for
from bilan.schedules.condition import SendCondition, SendConditionKind, why_withheld
from bilan.sdk.document import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Document,
    Kpi,
    Kpis,
    Notice,
    Section,
    Series,
    Table,
    TableColumn,
)
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit

pytestmark = pytest.mark.requirement("GO-19")
NOT_EMPTY, ABOVE, BELOW, MOVED, CHANGED = SendConditionKind


def document(*blocks: Block, day: str = "2026-03-09") -> Document:
    return Document(
        kind="shop.sales", title="Takings", as_of=f"{day}T12:00:00Z", zone="UTC", blocks=blocks,
        period=(day, day),
    )  # fmt: skip


def orders(value: Any, unit: Unit = Unit.COUNT) -> Document:
    """A report of one figure, within a section."""
    tiles = Kpis("totals", (Kpi(key="orders", label="Orders", value=value, unit=unit),))
    return document(Section("all", "All", (tiles,)))


def table(*rows: list[Any], unit: Unit = Unit.COUNT) -> Table:
    columns = (
        TableColumn(key="day", label="Day", unit=Unit.DATE),
        TableColumn(key="sold", label="Sold", unit=unit),
    )
    return Table(key="days", title="Days", columns=columns, rows=[list(row) for row in rows])


def rows(of: Table) -> Iterator[list[Any]]:
    return iter(of.rows)


def why(condition: SendCondition, now: Document, last: Document | None = None) -> str | None:
    """The reason in English, as somebody in Ireland reads it."""
    reason = why_withheld(condition, now, last, rows)
    return formatter_for(Translator.of(), "en", "UTC").text(reason) if reason else None


@pytest.mark.parametrize(
    ("blocks", "sent"),
    [
        ((), False),
        ((Kpis("a", (Kpi(key="a", label="A", value=0), Kpi(key="b", label="B", value=None))),), False),
        ((Kpis("a", (Kpi(key="a", label="A", value=1),)),), True),
        ((table(["2026-03-08", 0], ["2026-03-09", 0]),), False),  # a day on which nothing happened
        ((table(["2026-03-08", 0], ["2026-03-09", Cell(1)]),), True),
        ((table(["2026-03-08", "an order"], unit=Unit.TEXT),), True),
        ((table(unit=Unit.TEXT),), False),
        ((Notice(Message("This part could not be built."), "error"),), True),
        ((Notice(Message("There is no data yet.")),), False),
    ],
)  # fmt: skip
def test_what_is_empty_is_not_sent(blocks: tuple[Block, ...], sent: bool) -> None:
    reason = why(SendCondition(NOT_EMPTY), document(*blocks))
    assert reason == (None if sent else "There is nothing in it.")


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (ABOVE, 1001, None),
        (ABOVE, 1000, "Orders is 1,000, which is not more than 1,000."),
        (ABOVE, 999, "Orders is 999, which is not more than 1,000."),
        (BELOW, 999, None),
        (BELOW, 1000, "Orders is 1,000, which is not less than 1,000."),
        (BELOW, 1001, "Orders is 1,001, which is not less than 1,000."),
        (ABOVE, None, "Orders has no value."),
    ],
)
def test_a_threshold_is_crossed_beyond_it(kind: SendConditionKind, value: Any, reason: str | None) -> None:
    assert why(SendCondition(kind, "orders", 1000), orders(value)) == reason


def test_a_threshold_is_in_the_unit_of_its_figure() -> None:
    reason = why(SendCondition(ABOVE, "orders", 0.05), orders(0.025, Unit.PROPORTION))
    assert reason == "Orders is 2.5%, which is not more than 5.0%."


@pytest.mark.parametrize(
    ("before", "now", "sent"),
    [
        (100, 111, True), (100, 110, False), (100, 109, False),
        (100, 89, True), (100, 90, False),
        (0, 1, True), (0, 0, False), (None, 0, True), (None, None, False), (5, None, True),
        (-100, -111, True), (-100, -110, False),
    ],
)  # fmt: skip
def test_a_figure_moves_by_more_than_a_share_of_the_last_copy(before: Any, now: Any, sent: bool) -> None:
    reason = why(SendCondition(MOVED, "orders", 0.1), orders(now), orders(before))
    assert (reason is None) == sent


@pytest.mark.parametrize(
    ("share", "before", "edge", "beyond"),
    [(0.29, 100, 129, 130), (0.29, 100, 71, 70), (0.07, 100, 107, 108), (0.1, 1.0, 1.1, 1.11)],
)
def test_a_figure_that_has_moved_by_exactly_the_share_has_not_moved_by_more(
    share: float, before: float, edge: float, beyond: float
) -> None:
    condition = SendCondition(MOVED, "orders", share)
    assert why(condition, orders(edge), orders(before)) is not None
    assert why(condition, orders(beyond), orders(before)) is None


def test_what_has_not_moved_is_said_with_both_figures() -> None:
    reason = why(SendCondition(MOVED, "orders", 0.1), orders(105), orders(100))
    assert reason == "Orders was 100 and is 105: it has not moved by more than 10.0%."


def test_without_a_last_copy_everything_has_moved_and_changed() -> None:
    assert why(SendCondition(MOVED, "orders", 0.1), orders(0)) is None
    assert why(SendCondition(CHANGED), document()) is None


@pytest.mark.parametrize(
    ("before", "now", "sent"),
    [
        (orders(5), orders(5), False),
        (orders(5), orders(6), True),
        # The same figures of other days are the same.
        (document(table(["2026-03-02", 4])), document(table(["2026-03-09", 4]), day="2026-03-10"), False),
        (document(table(["2026-03-02", 4])), document(table(["2026-03-02", 5])), True),
        (document(table(["2026-03-02", 4])), document(table(["2026-03-02", 4], ["2026-03-03", 4])), True),
    ],
)
def test_anything_that_changed_is_sent(before: Document, now: Document, sent: bool) -> None:
    reason = why(SendCondition(CHANGED), now, before)
    assert reason == (None if sent else "Nothing has changed since the last copy.")


def test_a_picture_that_changed_is_sent() -> None:
    def drawn(value: int) -> Document:
        chart = Chart(
            key="c", kind=ChartKind.BAR, title="C", description=Message("C"), categories=["a"],
            series=(Series("s", "S", [value]),),
        )  # fmt: skip
        return document(chart)

    assert why(SendCondition(CHANGED), drawn(1), drawn(1)) is not None
    assert why(SendCondition(CHANGED), drawn(1), drawn(2)) is None
    assert why(SendCondition(NOT_EMPTY), drawn(0)) is not None


def test_a_figure_that_is_gone_is_no_reason_to_send_nothing_in_silence() -> None:
    with pytest.raises(Conflict, match="The report has no figure visits"):
        why_withheld(SendCondition(ABOVE, "visits", 1), orders(5), None, rows)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ((ABOVE,), "kpi"), ((NOT_EMPTY, "orders"), "kpi"), ((CHANGED, "", 1.0), "kpi"),
        ((ABOVE, "orders", float("nan")), "value"), ((MOVED, "orders", -0.1), "value"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_is_refused(fields: tuple[Any, ...], path: str) -> None:
    with pytest.raises(Invalid) as error:
        SendCondition(*fields)
    assert error.value.path == (path,)
