"""The server that the tests speak to takes every block as it was sent."""

from __future__ import annotations

from urllib.parse import urlsplit

import clickhouse_connect
import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("columns", [1, 9, 10, 13])
def test_blocks_of_any_size_arrive_whole(clickhouse_url: str, columns: int) -> None:
    address = urlsplit(clickhouse_url)
    client = clickhouse_connect.get_client(host=address.hostname, port=address.port)
    names = [f"c{n}" for n in range(columns)]
    table = f"default.blocks_{columns}"
    client.command(f"DROP TABLE IF EXISTS {table}")
    definitions = ", ".join(f"{name} UInt16" for name in names)
    client.command(f"CREATE TABLE {table} ({definitions}) ENGINE = Memory")
    for rows in range(1, 101):
        client.insert(table, [[rows] * columns for _row in range(rows)], column_names=names)
    found = client.query(f"SELECT c0, count() FROM {table} GROUP BY c0 ORDER BY c0").result_rows
    assert found == [(rows, rows) for rows in range(1, 101)]
    client.command(f"DROP TABLE {table}")
    client.close()
