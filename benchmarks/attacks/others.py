"""What others do while a server is attacked: open pages, ask, post a large webhook, import a large file."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import percentile
from benchmarks.served import Product, Served
from benchmarks.traffic import Post

READERS = 16
LOOK = 0.05
"""Seconds between two looks at an address."""
ANSWERED = 30.0
"""Seconds after which a look has failed."""
QUESTION = "{ email { events { totals { sends delivered opens clicks } } } }"
PATIENCE = 420.0
PUT_OFF = re.compile("No space left|does not answer|[Tt]ry again|[Tt]ried again|broke off")
"""Sentences after which whoever imports a file starts once more."""


@dataclass
class Seen:
    """What the others saw."""

    health: list[float] = field(default_factory=list[float])
    page: list[float] = field(default_factory=list[float])
    """Seconds of each answer with 200; a look that failed counts as long as it lasted."""
    failed: list[str] = field(default_factory=list[str])
    answers: list[int] = field(default_factory=lambda: [0] * READERS)
    """How many answers each reader got."""
    webhook: str = ""
    imported: str = ""
    memory: float = 0.0
    """Megabytes at most."""
    put_off: int = 0
    """Looks that were answered with 503, where that was right."""

    def p99(self) -> tuple[float, float]:
        """Milliseconds of ``/healthz`` and of the page."""
        health, page = (
            percentile(one, 99) * 1000 if one else float("inf") for one in (self.health, self.page)
        )
        return health, page

    @property
    def went_through(self) -> bool:
        """Whether everybody had what they came for."""
        return (
            self.webhook.startswith("200")
            and self.imported.startswith("done")
            and min(self.answers) > 0
            and not self.failed
        )


@dataclass(frozen=True)
class Others:
    """Those who only use the server. ``webhook`` is posted once, ``file`` is imported once."""

    product: Product
    served: Served
    token: str
    webhook: Post
    file: Path
    source: str
    may_put_off: bool = False
    """Whether 503 is what a page should answer for a while."""

    def idle(self, seconds: float) -> Seen:
        """Look for so long at a server that has nothing else to do."""
        self.served.until_quiet()
        seen, over = Seen(), threading.Event()
        looks = self._lookers(seen, over)
        with self.served.watching() as memory:
            for look in looks:
                look.start()
            time.sleep(seconds)
            over.set()
            for look in looks:
                look.join()
        seen.memory = max(memory)
        return seen

    def work(self) -> Seen:
        """Do all of it once; returns when it is done or patience ends."""
        seen, over = Seen(), threading.Event()
        threads = [
            *self._lookers(seen, over),
            *(
                threading.Thread(target=self._read, args=(number, seen, over), daemon=True)
                for number in range(READERS)
            ),
        ]
        tasks = [
            threading.Thread(target=self._post, args=(seen,), daemon=True),
            threading.Thread(target=self._import, args=(seen,), daemon=True),
        ]
        with self.served.watching() as memory:
            for thread in [*threads, *tasks]:
                thread.start()
            for task in tasks:
                task.join()
            self._until_each_was_answered(seen)
            over.set()
            for thread in threads:
                thread.join()
        seen.memory = max(memory)
        return seen

    def _lookers(self, seen: Seen, over: threading.Event) -> list[threading.Thread]:
        looked = ("/healthz", seen.health), ("/sign-in", seen.page)
        return [
            threading.Thread(target=self._look, args=(path, taken, seen, over), daemon=True)
            for path, taken in looked
        ]

    def _until_each_was_answered(self, seen: Seen) -> None:
        deadline = time.monotonic() + 60
        while min(seen.answers) == 0 and time.monotonic() < deadline:
            time.sleep(0.1)

    def _look(self, path: str, taken: list[float], seen: Seen, over: threading.Event) -> None:
        while not over.wait(LOOK):
            began = time.perf_counter()
            status = _status(self.served.port, "GET", path)
            taken.append(time.perf_counter() - began)
            if status == 503 and self.may_put_off and path != "/healthz":
                seen.put_off += 1
            elif status != 200:
                seen.failed.append(f"{path} {status or 'hung up'}")

    def _read(self, number: int, seen: Seen, over: threading.Event) -> None:
        body = json.dumps({"query": QUESTION}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        while not over.is_set():
            if _status(self.served.port, "POST", "/graphql", body, headers) == 200:
                seen.answers[number] += 1
            over.wait(0.2)  # also where it was told to wait

    def _post(self, seen: Seen) -> None:
        began = time.perf_counter()
        status = _patient(
            lambda: _status(
                self.served.port, "POST", self.webhook.path, self.webhook.body, dict(self.webhook.headers)
            )
        )
        seen.webhook = f"{status}, {time.perf_counter() - began:.1f} s"

    def _import(self, seen: Seen) -> None:
        began, starts = time.perf_counter(), 0
        while True:
            starts += 1
            try:
                self.product.command("import", "--source", self.source, str(self.file))
            except RuntimeError as error:
                seen.imported = str(error)[-200:]
                if not PUT_OFF.search(str(error)) or time.perf_counter() - began > PATIENCE:
                    return
                time.sleep(1)
            else:
                again = f", started {starts} times" if starts > 1 else ""
                seen.imported = f"done, {time.perf_counter() - began:.0f} s{again}"
                return


def _patient(ask: Callable[[], int]) -> int:
    """The status, asked again as senders do while the server says that it should be."""
    deadline = time.monotonic() + PATIENCE
    while True:
        status = ask()
        if status not in (0, 429, 503) or time.monotonic() > deadline:
            return status
        time.sleep(1)


def _status(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> int:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERED)) as connection:
            connection.request(method, path, body, headers or {})
            with connection.getresponse() as response:
                response.read()
                return response.status
    except (OSError, http.client.HTTPException):
        return 0
