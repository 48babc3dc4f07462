"""Clients that ask again and again, each over one connection that is kept, with little work of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import uvloop

from benchmarks.measuring import percentile


@dataclass(frozen=True, slots=True)
class Address:
    """Where posts go, and the headers that go along."""

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def request(self, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """A post as it goes over the connection."""
        lines = [f"POST {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **(headers or {})}.items()]
        return "\r\n".join((*lines, "", "")).encode() + body


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


Sent = Callable[[int, int, float], None]
"""Told of each answer: its status, the number of the request, and when it came (``time.monotonic``)."""


def run(
    port: int,
    requests: Iterator[bytes],
    *,
    clients: int,
    seconds: float,
    told: Sent | None = None,
) -> Traffic:
    """What comes back to so many clients that ask for so long, or until there is no further request."""
    return uvloop.run(_run(port, enumerate(requests), clients, seconds, told))


async def _run(
    port: int, requests: Iterator[tuple[int, bytes]], clients: int, seconds: float, told: Sent | None
) -> Traffic:
    traffic, began = Traffic(), time.perf_counter()
    await asyncio.gather(
        *(_client(port, requests, began + seconds, traffic, told) for _client_ in range(clients))
    )
    traffic.seconds = time.perf_counter() - began
    return traffic


async def _client(
    port: int, requests: Iterator[tuple[int, bytes]], until: float, traffic: Traffic, told: Sent | None
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number, request in requests:
        began = time.perf_counter()
        writer.write(request)
        status, answer = await _answer(reader)
        took = time.perf_counter() - began
        if told is not None:
            told(status, number, time.monotonic())
        if status == 200 and b'"errors"' not in answer[:200]:
            traffic.answered.append(took)
            traffic.sizes.add(len(answer))
        elif status in (429, 503):
            traffic.refused.append(took)
            await asyncio.sleep(0.05)
        else:
            raise RuntimeError(f"answered with {status}: {answer[:500].decode()}")
        if time.perf_counter() >= until:
            break
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of an answer that says its length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head.split(maxsplit=2)[1]), await reader.readexactly(length)
