"""Leaving with the facts: each once, in order of time, in three formats."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from bilan.warehouse import Format, Warehouse
from bilan.warehouse.export import last_line

from .declared import EVENTS, NOON, OTHER, SOURCE, TALKS, append, command, event

NAMES = {SOURCE: "Newsletter, FR"}


@pytest.fixture
def warehouse(any_warehouse: Warehouse) -> Warehouse:
    any_warehouse.ensure([EVENTS, TALKS])
    append(
        any_warehouse, EVENTS, [event(2, kind="=1+1", tags=["a", 'b"'], score=0.5), event(1, country="fr")]
    )
    append(any_warehouse, EVENTS, [event(1, country="de")], sequence=2)
    any_warehouse.append(EVENTS, OTHER, [event(9)], moment=NOON)
    return any_warehouse


def test_json_lines_hold_each_fact_once_in_order_of_time_with_the_name_of_its_source(warehouse: Warehouse):
    lines = b"".join(warehouse.export(EVENTS, NAMES, format=Format.JSONL)).splitlines()
    first, second = map(json.loads, lines)
    assert first == {
        "source": "Newsletter, FR", "ingested_at": "2026-03-14T12:00:00.000001Z",
        "occurred_at": "2026-03-15T12:00:00.000000Z", "event_id": "e1", "kind": "open", "tags": [],
        "links": [], "opens": 0, "score": None, "archived": False, "country": "fr", "born": None,
    }  # fmt: skip
    assert (second["event_id"], second["tags"], second["kind"]) == ("e2", ["a", 'b"'], "=1+1")


def test_csv_has_a_header_and_nothing_that_a_spreadsheet_would_run(warehouse: Warehouse):
    text = b"".join(warehouse.export(EVENTS, NAMES, format=Format.CSV)).decode()
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["source"], first["event_id"], first["country"], first["born"]) == (
        "Newsletter, FR",
        "e1",
        "fr",
        "",
    )
    assert (second["kind"], second["tags"], second["score"]) == ("'=1+1", '["a","b\\""]', "0.5")


def test_parquet_has_typed_columns(warehouse: Warehouse):
    table = pq.read_table(io.BytesIO(b"".join(warehouse.export(EVENTS, NAMES, format=Format.PARQUET))))
    assert table.column("source").to_pylist() == ["Newsletter, FR"] * 2
    assert table.column("occurred_at").to_pylist() == [NOON + timedelta(days=1), NOON + timedelta(days=2)]
    assert table.column("tags").to_pylist() == [[], ["a", 'b"']]
    assert str(table.schema.field("opens").type) == "int64"


@pytest.mark.parametrize("format", Format)
def test_without_any_fact_there_is_a_valid_empty_file(warehouse: Warehouse, format: Format):  # noqa: A002
    data = b"".join(warehouse.export(TALKS, NAMES, format=format))
    match format:
        case Format.JSONL:
            assert data == b""
        case Format.CSV:
            assert len(list(csv.reader(io.StringIO(data.decode())))) == 1
        case Format.PARQUET:
            assert pq.read_table(io.BytesIO(data)).num_rows == 0


def test_a_period_leaves_out_what_happened_before_it_and_from_its_end_on(warehouse: Warehouse):
    since, until = NOON + timedelta(days=1), NOON + timedelta(days=2)
    data = b"".join(warehouse.export(EVENTS, NAMES, since=since, until=until, format=Format.JSONL))
    assert [json.loads(line)["event_id"] for line in data.splitlines()] == ["e1"]


MANY = """
INSERT INTO post__talks (occurred_at, event_id, kind, links, source, ingested_at, _version)
SELECT toDateTime64('2026-03-01 00:00:00', 6, 'UTC') + toIntervalSecond(number), toString(number), 'open',
    [repeat(toString(number), 20)], toUUID('{source}'), toDateTime64('2026-03-14 12:00:00', 6, 'UTC'), 1
FROM numbers(400000)
"""


@pytest.mark.parametrize("format", Format)
def test_memory_does_not_grow_with_the_number_of_facts(warehouse: Warehouse, format: Format):  # noqa: A002
    command(warehouse, MANY.format(source=SOURCE))
    tracemalloc.start()
    size = sum(map(len, warehouse.export(TALKS, NAMES, format=format)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if format is Format.PARQUET:
        assert peak < 70_000_000
    else:
        assert peak < 30_000_000 < 75_000_000 < size


def test_an_export_that_is_abandoned_leaves_the_warehouse_usable(warehouse: Warehouse):
    pieces = warehouse.export(EVENTS, NAMES, format=Format.PARQUET)
    next(pieces)
    del pieces
    assert warehouse.ping()


def test_only_the_named_columns_come_in_their_order(warehouse: Warehouse):
    names = ("kind", "source", "tags", "event_id")

    def exported(format: Format) -> bytes:  # noqa: A002 - the word people use
        return b"".join(warehouse.export(EVENTS, NAMES, format=format, columns=names))

    assert exported(Format.CSV).decode() == (
        'kind,source,tags,event_id\n"open","Newsletter, FR","[]","e1"\n'
        '"\'=1+1","Newsletter, FR","[""a"",""b\\""""]","e2"\n'
    )
    assert [json.loads(line) for line in exported(Format.JSONL).splitlines()] == [
        {"kind": "open", "source": "Newsletter, FR", "tags": [], "event_id": "e1"},
        {"kind": "=1+1", "source": "Newsletter, FR", "tags": ["a", 'b"'], "event_id": "e2"},
    ]
    table = pq.read_table(io.BytesIO(exported(Format.PARQUET)))
    assert table.column_names == list(names)
    assert table.column("kind").to_pylist() == ["open", "=1+1"]


def test_what_ends_early_says_so_in_its_own_form():
    assert last_line(Format.JSONL, "too_large", "It “ended”.") == (
        '{"error":{"code":"too_large","message":"It “ended”."}}\n'.encode()
    )
    assert last_line(Format.CSV, "too_large", "It ended, early.") == b'"It ended, early."\n'
    assert last_line(Format.PARQUET, "too_large", "It ended.") == b""
