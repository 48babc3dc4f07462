"""What a reading statement may do and take, and what is said when it may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from bilan.sdk.errors import TooLarge, Unavailable
from bilan.settings import Settings
from bilan.warehouse import Warehouse

from .declared import EVENTS, append, event, facts

pytestmark = pytest.mark.requirement("GO-17")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO post__events (event_id) VALUES ('x')",
        "DROP TABLE post__events",
        "SET readonly = 0",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
        "SELECT 1 SETTINGS max_memory_usage = 0",
        "SELECT 1 SETTINGS readonly = 0",
    ],
)
def test_a_reading_statement_cannot_write_nor_reach_files_nor_lift_its_limits(
    any_warehouse: Warehouse, statement: str
):
    any_warehouse.ensure([EVENTS])
    append(any_warehouse, EVENTS, [event(1)])
    with pytest.raises(DatabaseError):
        any_warehouse.query(statement)
    assert facts(any_warehouse, EVENTS, "event_id") == [("e1",)]


def test_a_question_that_takes_too_long_is_stopped_and_says_so(any_warehouse_settings: Settings):
    warehouse = Warehouse.open(any_warehouse_settings.model_copy(update={"query_seconds": 1}))
    with pytest.raises(TooLarge, match="took too long"):
        warehouse.query("SELECT sum(sipHash64(number, 1)) FROM numbers(100000000000)")
    assert warehouse.ping()
    warehouse.close()


def test_a_question_that_needs_too_much_memory_is_stopped_and_says_so(any_warehouse_settings: Settings):
    warehouse = Warehouse.open(any_warehouse_settings.model_copy(update={"query_memory_bytes": 64 * 1024**2}))
    with pytest.raises(TooLarge, match="more memory"):
        warehouse.query("SELECT groupArray(number) FROM numbers(100000000)")
    assert warehouse.ping()
    warehouse.close()


@pytest.mark.integration
def test_a_server_that_is_not_there_is_unavailable_and_its_password_is_not_in_the_sentence(tmp_path: Path):
    url = "clickhouse://bilan:secret@127.0.0.1:9/facts"
    with pytest.raises(Unavailable) as refusal:
        Warehouse.open(Settings(data_dir=tmp_path, warehouse_url=url))
    assert "clickhouse://127.0.0.1:9/facts does not answer" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_questions_from_many_threads_do_not_mix(any_warehouse: Warehouse):
    def ask(number: int) -> object:
        return any_warehouse.query("SELECT {n:Int64}, sleep(0.01)", {"n": number}).rows[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(64))) == list(range(64))


def test_a_stream_and_questions_beside_it_do_not_mix(any_warehouse: Warehouse):
    seen = 0
    with any_warehouse.stream("SELECT number FROM numbers(50000)") as blocks:
        for block in blocks:
            assert any_warehouse.query("SELECT 7").rows == [(7,)]
            seen += len(block)
    assert seen == 50000


def test_a_stream_left_early_leaves_the_warehouse_usable(any_warehouse: Warehouse):
    with any_warehouse.stream("SELECT number FROM numbers(1000000)") as blocks:
        next(blocks)
    assert any_warehouse.ping()


def test_a_closed_warehouse_can_be_closed_again(any_warehouse_settings: Settings):
    warehouse = Warehouse.open(any_warehouse_settings)
    assert warehouse.ping()
    warehouse.close()
    warehouse.close()
