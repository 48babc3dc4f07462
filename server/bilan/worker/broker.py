"""The broker behind a URL: within the process, RabbitMQ or Redis."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.worker.middleware import LogContext

RABBITMQ = {"socket_timeout": "5", "blocked_connection_timeout": "30", "connection_attempts": "1"}
REDIS = {"socket_timeout": "15", "socket_connect_timeout": "5", "health_check_interval": "30"}
"""Time-outs in seconds, for what the URL itself does not say."""


class LocalBroker(StubBroker):
    """Queues within the process. A wake-up that fails is dropped: the step's row is the truth."""

    def __init__(self, middleware: list[Middleware]) -> None:
        super().__init__(middleware)
        nowhere: Any = defaultdict(lambda: deque[Any](maxlen=0))
        self.dead_letters_by_queue = nowhere


def open_broker(url: str) -> Broker:
    """The broker at ``amqp://…`` or ``redis://…``; without a URL one within this process.

    Nothing is connected yet. Retries are not among its middleware: the engine
    decides what is tried again, and a lost wake-up is made up by the
    ticker. Raises ``Invalid`` for another URL.
    """
    middleware: list[Middleware] = [LogContext()]
    scheme = urlsplit(url).scheme
    if not url:
        return LocalBroker(middleware)
    # Both clients are large, and a server by itself needs neither.
    if scheme in ("amqp", "amqps"):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415

        return RabbitmqBroker(url=_with(url, RABBITMQ), middleware=middleware, confirm_delivery=True)
    if scheme in ("redis", "rediss"):
        from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415

        return RedisBroker(url=_with(url, REDIS), middleware=middleware)
    raise Invalid(
        _(
            "{scheme}:// is no queue that is known. Use amqp://… or redis://…, or leave it empty.",
            scheme=scheme,
        ),
        ("BILAN_BROKER_URL",),
    )


def _with(url: str, defaults: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(defaults | dict(parse_qsl(parts.query)))))
