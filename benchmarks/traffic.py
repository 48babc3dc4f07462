"""Clients that post again and again: a thread and a connection each, by the library of Python itself."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from benchmarks.measuring import percentile

JSON = {"Content-Type": "application/json"}
PAUSE = 0.05
"""Seconds that a client waits after a refusal."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


@dataclass(slots=True)
class Traffic:
    """What came back."""

    seconds: float = 0.0
    """From the first request to the last answer."""
    answered: list[float] = field(default_factory=list[float])
    """Seconds of each answer with 200."""
    refused: list[float] = field(default_factory=list[float])
    """Seconds of each answer with 429 or 503."""
    sizes: set[int] = field(default_factory=set[int])

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answered) / self.seconds

    def median(self) -> float:
        """The median of the answers' seconds; infinite without any."""
        return percentile(self.answered, 50) if self.answered else float("inf")


Told = Callable[[int, float], None]
"""Hears of each answer: its status, and when it came (``time.monotonic``)."""


def run(
    port: int, posts: Iterator[Post], *, clients: int, seconds: float, told: Told | None = None
) -> Traffic:
    """What comes back to so many clients that post for so long, or until there is no further post."""
    traffic, guard, began = Traffic(), threading.Lock(), time.perf_counter()

    def client() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
            while time.perf_counter() < began + seconds:
                with guard:
                    post = next(posts, None)
                if post is None:
                    break
                status = _send(connection, post, traffic)
                if told is not None:
                    told(status, time.monotonic())

    with ThreadPoolExecutor(clients) as pool:
        for one in [pool.submit(client) for _client in range(clients)]:
            one.result()
    traffic.seconds = time.perf_counter() - began
    return traffic


def _send(connection: http.client.HTTPConnection, post: Post, traffic: Traffic) -> int:
    """The status of the answer. Raises for one that is neither given nor refused for now."""
    began = time.perf_counter()
    connection.request("POST", post.path, post.body, dict(post.headers))
    with connection.getresponse() as response:
        answer = response.read()
    took = time.perf_counter() - began
    if response.status == 200 and b'"errors"' not in answer[:200]:
        traffic.answered.append(took)
        traffic.sizes.add(len(answer))
    elif response.status in (429, 503):
        traffic.refused.append(took)
        time.sleep(PAUSE)
    else:
        raise RuntimeError(f"answered with {response.status}: {answer[:500].decode()}")
    return response.status
