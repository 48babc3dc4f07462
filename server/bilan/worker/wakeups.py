"""Publishing wake-ups, from a thread of their own so that nobody waits for the broker."""

from __future__ import annotations

import queue
import threading
import time
from uuid import UUID

import structlog
from dramatiq import Broker, Message

log = structlog.get_logger(__name__)

ACTOR = "step"
"""The actor of what people wait for. Its argument is the id of a step."""
BACKGROUND = "background"
"""The actor of what nobody waits for, and what the name of its queue ends with."""
QUEUE = "bilan"

WAITING = 10_000
"""So many wake-ups may wait for the broker; further ones are dropped."""
QUIET = 30.0
"""Seconds between two warnings that wake-ups are being dropped."""


def background_queue(name: str) -> str:
    """The queue beside the one of this name, for what nobody waits for."""
    return f"{name}.{BACKGROUND}"


class WakeupPublisher:
    """The :class:`bilan.work.Wakeups` over a broker.

    ``put`` neither blocks nor raises. While the broker is away wake-ups are
    dropped: the ticker puts another for every step that stays unclaimed.
    """

    def __init__(self, broker: Broker, *, queue_name: str = QUEUE) -> None:
        self._broker, self._queue_name = broker, queue_name
        for name in (queue_name, background_queue(queue_name)):
            broker.declare_queue(name)
        self._waiting: queue.Queue[tuple[UUID, bool] | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._warned = -QUIET

    def put(self, step: UUID, *, background: bool = False) -> None:
        """Wake a worker for this step, soon; in the background, once nothing else waits."""
        self._start()
        try:
            self._waiting.put_nowait((step, background))
        except queue.Full:
            self._warn("wake-ups are dropped, since too many wait for the broker")

    def close(self, seconds: float = 5.0) -> None:
        """Send what waits, as far as that is possible in this time. In threads."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(seconds)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._send, name="bilan-wakeups", daemon=True)
                self._thread.start()

    def _send(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            step, background = waiting
            try:
                self._broker.enqueue(
                    Message(
                        queue_name=background_queue(self._queue_name) if background else self._queue_name,
                        actor_name=BACKGROUND if background else ACTOR,
                        args=(str(step),),
                        kwargs={},
                        options={},
                    )
                )
            except Exception as error:
                self._warn(f"wake-ups are dropped, since the broker does not answer: {error!r}")
                if self._drop():
                    return

    def _drop(self) -> bool:
        """Forget what waits, since each would wait for the broker in turn. Whether this is the end."""
        try:
            while self._waiting.get_nowait() is not None:
                pass
        except queue.Empty:
            return False
        return True

    def _warn(self, sentence: str) -> None:
        if time.monotonic() - self._warned >= QUIET:
            self._warned = time.monotonic()
            log.warning(sentence)
