"""A report sent to a hundred people in two languages, files behind links and files attached.

The mail server is a process of its own that counts connections. Beside the
seconds stands what one recipient costs among a hundred against one alone: what
a recipient shares with the others should not be paid again for each.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from bilan.accounts.models import Membership, Person, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import Permission, Principal
from bilan.app import Bilan
from bilan.app.sample import load_sample
from bilan.delivery import Mode, NewSending
from bilan.delivery.email import message
from bilan.delivery.email.channel import CONNECTIONS
from bilan.delivery.models import DeliveryRow
from bilan.settings import Settings
from bilan.work.models import JobRow

PEOPLE = 100
SAMPLES = 50
"""So many messages are kept where somebody asks for them."""
LANGUAGES = 2
"""That many letters are composed, whatever the number of people."""


async def run(folder: Path, rounds: int) -> None:
    """Send, and print what it took."""
    with mail_server() as (port, counts):
        settings = Settings(data_dir=folder / "sending", mail_url=f"smtp://127.0.0.1:{port}?tls=never")
        async with Bilan.open(settings, local=True) as bilan, bilan.working():
            room = await _begin(bilan)
            for mode in (Mode.LINK, Mode.ATTACH):
                alone = min([await room.send(1, mode, f"{mode}-{number}") for number in range(rounds)])
                before = counts()
                with counting() as compositions:
                    many = await room.send(PEOPLE, mode, f"{mode}-all")
                taken, connections = (after - first for after, first in zip(counts(), before, strict=True))
                assert taken == PEOPLE, f"{taken} of {PEOPLE} arrived"
                ratio = many / PEOPLE / alone
                print(
                    f"Sent to {PEOPLE}, files by {mode}: {many:.2f} s, one alone {alone:.2f} s,"
                    f" {compositions.call_count} compositions, {connections} connections:"
                    f" each takes {ratio:.3f} of one alone"
                )
                assert compositions.call_count <= LANGUAGES, f"{compositions.call_count} compositions"
                assert connections <= CONNECTIONS, f"{connections} connections"


@dataclass(frozen=True)
class Room:
    """Who sends which run to whom."""

    bilan: Bilan
    actor: Principal
    people: tuple[str, ...]
    report: UUID

    async def send(self, count: int, mode: Mode, key: str) -> float:
        """Seconds until the mail server has answered for so many people."""
        new = NewSending(self.people[:count], key, mode, ("pdf", "csv"))
        started = time.perf_counter()
        sent = await self.bilan.services.deliveries.send_run(self.actor, self.report, new)
        idents = [one.id for one in sent.deliveries]
        open_rows = DeliveryRow.filter(id__in=idents, settled_at__isnull=True)
        while await open_rows.exists():  # noqa: ASYNC110 - the rows are all there is to look at
            await asyncio.sleep(0.02)
        return time.perf_counter() - started


async def _begin(bilan: Bilan) -> Room:
    await load_sample(bilan)
    workspace = await Workspace.get()
    people = ["demo@example.com"]
    for number in range(1, PEOPLE):
        people.append(f"p{number}@example.com")
        person = await Person.create(
            email=people[-1],
            name=f"Person {number}",
            password_hash="",
            language="fr" if number % 2 else "en",
            created_at=bilan.services.clock.now(),
        )
        await Membership.create(
            workspace=workspace, person=person, role="member", permissions=[Permission.EXPORT_CONTACT_DATA]
        )
    owner = await principal_for((await Person.get(email=people[0])).id)
    assert owner is not None
    report = (
        await JobRow.filter(
            workspace=workspace.id, subject="email.engagement", report_run__document_sha256__isnull=False
        )
        .order_by("created_at", "title")
        .first()
    )
    assert report is not None
    return Room(bilan, owner, tuple(people), report.id)


@contextlib.contextmanager
def counting() -> Generator[mock.Mock]:
    """How often a letter is composed."""
    with mock.patch.object(message, "write_letter", wraps=message.write_letter) as counted:
        yield counted


@contextlib.contextmanager
def mail_server(samples: Path | None = None) -> Generator[Any]:
    """A mail server in a process of its own, and how many messages and connections it has taken.

    It keeps the first messages in the folder of ``samples``.
    """
    command = [sys.executable, "-m", "benchmarks.sending", *([str(samples)] if samples else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        reading, writing = server.stdout, server.stdin

        def counts() -> tuple[int, int]:
            writing.write("\n")
            writing.flush()
            taken, connections = reading.readline().split()
            return int(taken), int(connections)

        yield int(reading.readline()), counts
        writing.close()


class Counter(Controller):
    """A mail server that takes everything and counts."""

    taken = connections = 0

    def factory(self) -> SMTP:
        """A connection's server."""
        type(self).connections += 1
        return super().factory()


class Taker:
    """Takes every message."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's
        """The answer to a message."""
        if len(sys.argv) > 1 and Counter.taken < SAMPLES:
            (Path(sys.argv[1]) / str(Counter.taken)).write_bytes(envelope.content)
        Counter.taken += 1
        return "250 taken"


def _serve() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    counter = Counter(Taker(), hostname="127.0.0.1", port=port)
    counter.start()
    first = Counter.connections  # the controller looks whether it answers
    print(port, flush=True)
    for _line in sys.stdin:
        print(Counter.taken, Counter.connections - first, flush=True)
    counter.stop()


def main(folder: Path, rounds: int) -> None:
    """Measure."""
    asyncio.run(run(folder, min(rounds, 3)))


if __name__ == "__main__":
    _serve()
