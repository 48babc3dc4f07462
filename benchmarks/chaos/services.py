"""What the processes share: a database of PostgreSQL, a queue of RabbitMQ, a warehouse server, files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from benchmarks.loaded import ROOT
from benchmarks.postgres import NotHere
from benchmarks.postgres import database as new_database
from bilan.worker import open_broker
from bilan.worker.wakeups import background_queue

RABBITMQ = os.environ.get("BILAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672")
ENDPOINT = ROOT / "tests" / "support" / "clickhouse_endpoint.py"
CONNECTIONS = 4
"""The most that one process holds to the database: eight processes share what a server allows."""
KEY = "of the fault run, which has no secrets"


@dataclass(frozen=True)
class Shared:
    """The addresses of what is shared."""

    folder: Path
    database: str
    warehouse: str
    queue: str

    def settings(self, mail_url: str, webhook_hosts: str) -> dict[str, Any]:
        """The settings of a process that mails and posts there."""
        return {
            "data_dir": self.folder,
            "database_url": f"{self.database}?maxsize={CONNECTIONS}",
            "warehouse_url": self.warehouse,
            "broker_url": RABBITMQ,
            "mail_url": mail_url,
            "webhook_private_hosts": webhook_hosts,
            "secret_key": KEY,
            "base_url": "https://bilan.example.org",
        }

    async def rows(self, statement: str, *values: Any) -> list[Any]:
        """Rows of the catalog, over a connection that nobody keeps."""
        connection = await asyncpg.connect(self.database)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()


@contextmanager
def shared(folder: Path, database: str = "", warehouse: str = "") -> Generator[Shared]:
    """Services of one's own for the block, new ones where none are named. Raises ``NotHere``."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"bilan_chaos_{uuid4().hex}"
    with (
        nullcontext(database) if database else new_database(name) as database,
        _warehouse(folder / "engine", warehouse) as warehouse,
        _queue(name),
    ):
        yield Shared(folder, database, f"{warehouse}/{name}", name)


@contextmanager
def _warehouse(folder: Path, named: str) -> Generator[str]:
    if given := named or os.environ.get("BILAN_TEST_CLICKHOUSE", ""):
        yield given.rstrip("/")
        return
    command = [sys.executable, str(ENDPOINT), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"clickhouse://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@contextmanager
def _queue(name: str) -> Generator[None]:
    queues = (name, background_queue(name))
    with closing(open_broker(RABBITMQ)) as broker:
        try:
            for one in queues:
                broker.declare_queue(one, ensure=True)  # pyright: ignore[reportCallIssue] - it is RabbitMQ's
        except Exception as error:
            raise NotHere(f"no RabbitMQ: {error!r}; BILAN_TEST_RABBITMQ names another place") from error
    try:
        yield
    finally:
        # Over a connection of its own: one that is silent for minutes is cut.
        with closing(open_broker(RABBITMQ)) as broker:
            assert isinstance(broker, RabbitmqBroker)
            for one in queues:
                for dead in (one, f"{one}.DQ", f"{one}.XQ"):
                    broker.channel.queue_delete(dead)
