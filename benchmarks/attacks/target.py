"""A server that is attacked, what an attack may use, and how one is registered."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from benchmarks.served import Product

TIMEOUT = 120.0
"""Seconds after which an attacker gives up waiting for an answer."""


@dataclass
class Target:
    """The server under attack. An attack goes on while :meth:`going`; what it gets is counted in ``got``."""

    product: Product
    port: int
    """Where the server listens on this machine."""
    folder: Path
    """For files that an attack makes; emptied after all of them."""
    mailgun: str
    """The path of a webhook whose posts are forms; an attacker knows it, and no key."""
    loose: str
    """The path of a webhook whose posts are taken from anybody."""
    careless: str
    """The token of a person who may read, and who is not the owner."""
    over: Event
    """Set when the others have done their work."""
    disk: Path | None = None
    """A folder on the server's disk, where that is small."""
    clock: Path | None = None
    """Where the server's clock is put, as ``+3600``, where it can be."""
    cut: Event | None = None
    """Set while the catalog's database is away, where it can be."""
    got: Counter[str] = field(default_factory=Counter[str])

    def going(self) -> bool:
        """Whether the others are still at work."""
        return not self.over.is_set()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """The status of one request over a connection of its own; 0 where the server hangs up."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)) as connection:
                connection.request(method, path, body, dict(headers or {}))
                with connection.getresponse() as response:
                    response.read()
                    status = response.status
        except (OSError, http.client.HTTPException):
            status = 0
        self.got[str(status) if status else "hung up"] += 1
        return status

    def graphql(self, document: str, token: str = "") -> int:
        """The status of a question, of a stranger's without a token."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.ask("POST", "/graphql", json.dumps({"query": document}).encode(), headers)

    def told(self, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """The status and the JSON of what the careless person is answered; 0 where the server hangs up."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.careless}"}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)) as connection:
                connection.request("POST" if body else "GET", path, body, headers)
                with connection.getresponse() as response:
                    return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}

    def answered(self, document: str) -> Any:
        """What GraphQL answers the careless person, errors and all."""
        return self.told("/graphql", json.dumps({"query": document}).encode())[1]

    def wait(self, seconds: float) -> bool:
        """Wait for so long, unless the others are done before; whether they still work."""
        return not self.over.wait(seconds)

    def connect(self) -> socket.socket:
        """A connection over which nothing was said."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)

    @contextmanager
    def at_once(self, clients: int, attack: Callable[[], object]) -> Generator[None]:
        """So many threads that attack again and again until the end of the block."""
        ended = threading.Event()

        def again() -> None:
            while self.going() and not ended.is_set():
                attack()

        threads = [threading.Thread(target=again, daemon=True) for _client in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join(TIMEOUT)

    def until_over(self, clients: int, attack: Callable[[], object]) -> None:
        """Attack with so many threads until the others have done their work."""
        with self.at_once(clients, attack):
            self.over.wait()


Scenario = Callable[[Target], None]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: the part of the threat model it belongs to, what is tried, and how.

    ``where`` is the place of the server, see :mod:`benchmarks.attacks.places`;
    ``puts_off`` whether pages are right to answer 503 for a while.
    """

    key: str
    part: str
    tried: str
    run: Scenario
    where: str = ""
    puts_off: bool = False


ATTACKS: dict[str, Attack] = {}


def attack(
    part: str, tried: str, *, where: str = "", puts_off: bool = False
) -> Callable[[Scenario], Scenario]:
    """Register a function of ``benchmarks.attacks.scenarios``; its name is the attack's key.

    It is called once while others work, and returns when ``target.over`` is set.
    """

    def registered(scenario: Scenario) -> Scenario:
        key = scenario.__name__.replace("_", " ")
        if key in ATTACKS:
            raise ValueError(f"two attacks are called {key}")
        ATTACKS[key] = Attack(key, part, tried, scenario, where, puts_off)
        return scenario

    return registered
