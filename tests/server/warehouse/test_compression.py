"""How columns are compressed, in new tables and in those of an earlier release."""

from __future__ import annotations

import msgspec

from bilan.warehouse import Warehouse
from bilan.warehouse.declarations import Declaration, declaration_of
from bilan.warehouse.tables import table_of

from .declared import EVENTS, append, command, event, facts

CODECS = """
SELECT name, compression_codec FROM system.columns
WHERE database = currentDatabase() AND table = 'post__events' ORDER BY name
"""


def codecs(warehouse: Warehouse) -> dict[str, str]:
    """The codec of each column."""
    return {row[0]: row[1] for row in warehouse.query(CODECS).rows}


def test_every_column_is_compressed_and_moments_are_packed_first(any_warehouse: Warehouse):
    any_warehouse.ensure([EVENTS])
    moments = {"occurred_at", "ingested_at"}
    assert codecs(any_warehouse) == {
        name: "CODEC(GCD, T64, ZSTD(1))" if name in moments else "CODEC(ZSTD(3))"
        for name in {column.name for column in EVENTS.columns} | {"source", "ingested_at", "_version"}
    }


def test_a_table_of_an_earlier_release_is_compressed_as_a_new_one_from_then_on(any_warehouse: Warehouse):
    any_warehouse.ensure([EVENTS])
    append(any_warehouse, EVENTS, [event(1, tags=["a"])])
    wanted = codecs(any_warehouse)
    for name in wanted:
        command(any_warehouse, f"ALTER TABLE {table_of(EVENTS)} MODIFY COLUMN {name} REMOVE CODEC")
    before = msgspec.structs.replace(declaration_of(EVENTS), compression=0)
    remember(any_warehouse, before)
    assert set(codecs(any_warehouse).values()) == {""}
    any_warehouse.ensure([EVENTS])
    assert codecs(any_warehouse) == wanted
    append(any_warehouse, EVENTS, [event(2, tags=["b"])], sequence=2)
    assert facts(any_warehouse, EVENTS, "event_id, tags") == [("e1", ["a"]), ("e2", ["b"])]


def remember(warehouse: Warehouse, declaration: Declaration) -> None:
    """Let the warehouse believe that its table was made from this declaration."""
    text = msgspec.json.encode(declaration).decode().replace("'", "\\'")
    command(warehouse, f"INSERT INTO _bilan_datasets VALUES ('{EVENTS.key}', '{text}', 2)")
