"""A stream may last as long as its reader does, but may not keep it waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from bilan.sdk.errors import TooLarge
from bilan.settings import Settings
from bilan.warehouse import Warehouse, patience
from bilan.warehouse.patience import Patience

ENDLESS = "SELECT sum(sipHash64(number, 1)) FROM numbers(100000000000)"


def test_only_the_time_that_the_reader_waits_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []

    class Timer:
        def __init__(self, seconds: float, give_up: Callable[[], None]) -> None:
            assert (seconds, give_up()) == (7.0, None)

        def start(self) -> None:
            events.append("waits")

        def cancel(self) -> None:
            events.append("has it")

    def source() -> Iterator[int]:
        for number in range(2):
            events.append("made")
            yield number

    monkeypatch.setattr(patience.threading, "Timer", Timer)
    for _number in Patience(7.0, lambda: None).items(source()):
        events.append("reads")  # noqa: PERF401 - the order is what is looked at
    assert events == ["waits", "made", "has it", "reads"] * 2 + ["waits", "has it"]


def test_who_waits_too_long_gives_up() -> None:
    given_up = threading.Event()

    def source() -> Iterator[bool]:
        yield given_up.wait()

    assert list(Patience(0.0, given_up.set).items(source())) == [True]


def test_a_stream_has_no_limit_of_time(any_warehouse: Warehouse) -> None:
    sql = "SELECT value FROM system.settings WHERE name = 'max_execution_time'"
    with any_warehouse.stream(sql) as blocks:
        assert [row for block in blocks for row in block] == [("0",)]
    assert any_warehouse.query(sql).rows == [("60",)]


def test_a_stream_that_does_not_flow_is_ended_and_says_so(any_warehouse_settings: Settings) -> None:
    warehouse = Warehouse.open(any_warehouse_settings.model_copy(update={"query_seconds": 1}))
    with pytest.raises(TooLarge, match="took too long"), warehouse.stream(ENDLESS) as blocks:
        list(blocks)
    with pytest.raises(TooLarge, match="took too long"), warehouse.text(ENDLESS, {}, "CSV") as file:
        file.read()
    assert warehouse.ping()
    warehouse.close()
