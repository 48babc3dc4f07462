"""Handles on the warehouse. One runs one query at a time. See docs/decisions/014."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client

from bilan.warehouse.address import Address
from bilan.warehouse.errors import in_sentences
from bilan.warehouse.types import quote

IDLE = 32
"""How many unused handles are kept open. Where more are in use at once, some are opened again and again."""

Settings = dict[str, Any]


class Pool:
    """Lends handles that all have the same settings.

    There are as many as are in use at once: a report that reads a stream and
    asks another question meanwhile holds two, and must never wait for itself.
    With ``read_only`` a handle is closed for writing, for files and for other
    settings when it is made, and nothing in a statement can open it again.
    """

    def __init__(self, address: Address, settings: Settings, *, read_only: bool) -> None:
        self._address = address
        self._settings = settings
        self._read_only = read_only
        self._guard = threading.Lock()
        self._idle: list[Client] = []
        self._closed = False

    @contextmanager
    def handle(self) -> Generator[Client]:
        """Borrow a handle. What ClickHouse raises meanwhile becomes a sentence."""
        with in_sentences(str(self._address)):
            client = self._take()
            try:
                yield client
            except BaseException:
                # What state it is in is unknown; the next borrower gets a fresh one.
                client.close()
                raise
            self._give_back(client)

    def close(self) -> None:
        """Close the handles that are not in use, and the others when they come back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    def _take(self) -> Client:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        client = connect(self._address, self._settings)
        if self._read_only:
            # The database is chosen before the handle is closed for changes.
            client.command("SELECT 1")
            client.set_client_setting("readonly", "1")
        return client

    def _give_back(self, client: Client) -> None:
        with self._guard:
            if not self._closed and len(self._idle) < IDLE:
                self._idle.append(client)
                return
        client.close()


def connect(address: Address, settings: Settings, *, database: bool = True) -> Client:
    """Open one handle."""
    chosen = address.database if database else None
    if address.server is None:
        return get_client(
            interface="chdb", path=str(address.path), database=chosen, settings=settings, tz_mode="aware"
        )
    return get_client(
        **address.server,
        database=chosen,
        settings=settings,
        tz_mode="aware",
        autogenerate_session_id=False,
        # Long lists of values do not fit into a URL.
        form_encode_query_params=True,
    )


def create_database(address: Address) -> None:
    """Make the database where it is missing."""
    with in_sentences(str(address)):
        client = connect(address, {}, database=False)
        try:
            found = client.query(
                "SELECT 1 FROM system.databases WHERE name = {name:String}", {"name": address.database}
            )
            if not found.result_rows:
                client.command(f"CREATE DATABASE IF NOT EXISTS {quote(address.database)}")
        finally:
            client.close()
