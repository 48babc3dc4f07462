"""The product as people run it: a process of its own on a data folder, asked over HTTP with a token."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

BILAN = str(Path(sys.executable).with_name("bilan"))
OWNER = "bench@example.org"
IDLE = 20
"""Percent of a core that a server with nothing to do takes at most, also on a slow machine."""
PATIENCE = 120.0
KEPT = 2.0
"""Seconds without a request after which a server may have closed a connection."""


@dataclass
class Product:
    """A data folder, and the commands on it."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    files: int = 0
    """How many files its server may open (``ulimit -n``), where that is said."""
    program: Sequence[str] = (BILAN,)
    """What its server is started by."""

    def environment(self) -> dict[str, str]:
        """Variables of a process: these settings, and none of the shell's, such as one against bytecode."""
        shells = ("BILAN_", "PYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(shells)}
        return {**kept, "BILAN_DATA_DIR": str(self.folder), **self.settings}

    def command(self, *arguments: str) -> str:
        """What a command prints, which ends well."""
        done = subprocess.run(
            [BILAN, *arguments], env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"bilan {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def token(self) -> str:
        """A new token of the owner's."""
        return self.command("tokens", "create", "--email", OWNER).strip().splitlines()[-1]

    def add_source(self, kind: str, name: str, *settings: str, plugin: str = "email_campaigns") -> str:
        """A new source's webhook address, or a sentence."""
        pairs = [part for pair in settings for part in ("--setting", pair)]
        return self.command(
            "sources", "add", "--plugin", plugin, "--kind", kind, "--name", name, *pairs
        ).strip()  # fmt: skip

    @contextmanager
    def serving(self, token: str, **settings: str) -> Generator[Served]:
        """A server until the end of the block."""
        limited = ("sh", "-c", f'ulimit -n {self.files} && exec "$0" "$@"') if self.files else ()
        began = time.perf_counter()
        with self.folder.with_suffix(".log").open("ab") as log:
            process = subprocess.Popen(
                [*limited, *self.program, "serve", "--port", "0"],
                env={**self.environment(), **settings}, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "answers at" in line:
                    port = int(line.rstrip().rstrip(".").rpartition(":")[2].rstrip("/"))
                    yield Served(port, token, psutil.Process(process.pid), time.perf_counter() - began)
                    break
            else:
                raise RuntimeError(f"the server ended; see {self.folder.with_suffix('.log')}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


class BrokenOff(Exception):
    """A download that ended before its end."""


class Served:
    """A running server."""

    def __init__(self, port: int, token: str, process: psutil.Process, started: float) -> None:
        self.port, self.process, self.started = port, process, started
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._used = 0.0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def post(self, body: bytes) -> bytes:
        """What ``/graphql`` answers, over one connection that is kept while it is used."""
        if time.monotonic() - self._used > KEPT:
            self._connection.close()  # it opens by itself
        self._connection.request("POST", "/graphql", body, self.headers)
        with self._connection.getresponse() as response:
            answer = response.read()
            self._used = time.monotonic()
            if response.status != 200:
                raise RuntimeError(f"{response.status}: {answer[:500].decode()}")
        return answer

    def ask(self, document: str, **variables: Any) -> Any:
        """The data of a question. Raises where it has errors."""
        answer = json.loads(self.post(body(document, variables)))
        if "errors" in answer:
            raise RuntimeError(answer["errors"][0]["message"])
        return answer["data"]

    def fields(self, type_: str) -> set[str]:
        """The names of a GraphQL type's fields; none where it is not there."""
        known = self.ask("query ($name: String!) { __type(name: $name) { fields { name } } }", name=type_)
        return {field["name"] for field in (known["__type"] or {"fields": []})["fields"]}

    def memory(self) -> float:
        """Megabytes of the process and of those it started."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_info().rss for one in family) / 1e6

    def download(self, url: str, out: Path) -> None:
        """Write a file of the server's. Raises ``BrokenOff`` where it does not come whole."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        began = time.perf_counter()
        connection.request("GET", url[url.index("/", 8) :] if "://" in url else url, headers=self.headers)
        try:
            with connection.getresponse() as response, out.open("wb") as file:
                if response.status != 200:
                    raise RuntimeError(f"{response.status}: {response.read(500).decode()}")
                while piece := response.read(1 << 18):
                    file.write(piece)
        except (http.client.IncompleteRead, ConnectionError) as error:
            taken = time.perf_counter() - began
            raise BrokenOff(
                f"{out.stat().st_size / 1e6:.0f} MB came in {taken:.0f} s, then no more"
            ) from error
        finally:
            connection.close()

    @contextmanager
    def watching(self) -> Generator[list[float]]:
        """The memory in megabytes, looked at ten times a second during the block."""
        seen, over = [self.memory()], threading.Event()

        def watch() -> None:
            while not over.wait(0.1):
                seen.append(self.memory())

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()

    def until_quiet(self, seconds: float = 40, at_most: float = 1800) -> None:
        """Wait until the server has done next to nothing for so long: months settle after an import."""
        deadline, quiet = time.monotonic() + at_most, 0.0
        self.process.cpu_percent()
        while quiet < seconds and time.monotonic() < deadline:
            time.sleep(1)
            quiet = quiet + 1 if self.process.cpu_percent() < IDLE else 0


def body(document: str, variables: Mapping[str, Any]) -> bytes:
    """A question as it is posted."""
    return json.dumps({"query": document, "variables": variables}).encode()
