"""``bilan verify``: what a file is and whether the ledger is whole, without a server, on either database."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from bilan.catalog import Catalog
from bilan.catalog.statements import change
from bilan.cli import application
from bilan.clock import FrozenClock
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow, LedgerEntryRow, LetterRow
from bilan.delivery.values import DeliveryState
from bilan.runs.models import ArtifactRow, ReportRunRow
from bilan.runs.values import RenderSpec
from bilan.work.models import JobRow
from fixtures.catalog import EMPTY
from support.ledger_rows import NOON, new_deliveries, new_workspace

pytestmark = pytest.mark.requirement("GO-08")

CONTENT = b"%PDF-1.7 the figures of March"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
RUN = UUID(int=7)


@dataclass
class Held:
    """A catalog in which a report was sent to two people, and a file that one of them holds."""

    url: str
    folder: Path
    file: Path

    def verify(self, *arguments: str) -> Result:
        environment = {"BILAN_DATABASE_URL": self.url, "BILAN_DATA_DIR": str(self.folder)}
        return CliRunner().invoke(application, ["verify", *arguments], env=environment)

    def do(self, work: Callable[[Catalog], Awaitable[None]]) -> None:
        """Something else in the catalog, as nobody should."""

        async def opened() -> None:
            catalog = Catalog(self.url)
            await catalog.open()
            with catalog.activate():
                await work(catalog)
            await catalog.close()

        asyncio.run(opened())

    def change(self, statement: str) -> None:
        async def changed(_catalog: Catalog) -> None:
            assert await change(statement) > 0

        self.do(changed)


async def fill(catalog: Catalog) -> None:
    """A run with a file, sent to Zoe and refused by Bob's server."""
    workspace = await new_workspace()
    job = await JobRow.create(
        id=RUN, workspace=workspace, kind="report", subject="email.engagement", title="Figures of March",
        arguments={}, zone="UTC", state="succeeded", actor_name="Olga", created_at=NOON,
    )  # fmt: skip
    run = await ReportRunRow.create(id=RUN, job=job, formats=(), as_of=NOON)
    artifact = await ArtifactRow.create(
        run=run, key="k", render_spec=RenderSpec("pdf", "fr"), file_name="figures.pdf",
        media_type="application/pdf", sha256=SHA256, size=len(CONTENT), created_at=NOON,
    )  # fmt: skip
    zoe, bob = await new_deliveries(workspace, 2)
    await DeliveryRow.filter(id=bob).update(address="bob@example.org")
    row = await DeliveryRow.get(id=zoe).select_related("sending")
    row.sending.run = RUN
    await row.sending.save()
    await LetterRow.create(
        sending=row.sending, channel="email", language="en", sha256="1" * 64, artifacts=[str(artifact.id)]
    )
    ledger = Ledger(catalog, FrozenClock(NOON))
    await ledger.settle(zoe, 1, DeliveryState.ACCEPTED, answer="250 taken", attached=True)
    await ledger.settle(bob, 1, DeliveryState.REFUSED, answer="550 no")


@pytest.fixture
def held(catalog_url: str, tmp_path: Path) -> Generator[Held]:
    file = tmp_path / "figures.pdf"
    file.write_bytes(CONTENT)
    made = Held(catalog_url, tmp_path, file)
    made.do(fill)
    yield made

    async def empty(catalog: Catalog) -> None:
        await catalog.connection.execute_script(EMPTY)

    if catalog_url.startswith("postgres"):
        made.do(empty)


def test_a_file_is_told_with_its_run_and_those_whom_it_was_delivered_to(held: Held) -> None:
    said = held.verify(str(held.file))
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        f"{held.file}: made here, and not changed since.",
        f"  Made 2026-03-10 12:00 UTC by run {RUN}: Figures of March (email.engagement)",
        "  As figures.pdf (pdf, fr), facts as of 2026-03-10 12:00 UTC",
        "  2026-03-10 12:00 UTC email accepted attached: zoe@example.org",
        "  2026-03-10 12:00 UTC email refused by link: bob@example.org",
    ]


def test_a_file_of_which_a_byte_was_flipped_is_none_that_was_made_here(held: Held) -> None:
    altered = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    held.file.write_bytes(altered)
    said = held.verify(str(held.file))
    assert said.exit_code == 1
    assert said.stdout.splitlines() == [
        f"{held.file}: not made here, or changed since. SHA-256 {hashlib.sha256(altered).hexdigest()}",
        f"  The file of this name that run {RUN} made 2026-03-10 12:00 UTC has another hash.",
    ]


def test_of_several_files_each_is_told_and_one_that_is_wrong_counts(held: Held, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.csv"
    stranger.write_bytes(b"a,b\r\n")
    said = held.verify(str(held.file), str(stranger))
    assert said.exit_code == 1
    assert f"{held.file}: made here, and not changed since." in said.stdout
    assert said.stdout.splitlines()[-1].startswith(f"{stranger}: not made here, or changed since. SHA-256 ")


def test_a_file_is_known_after_its_run_was_deleted(held: Held) -> None:
    held.change("DELETE FROM artifact")
    said = held.verify(str(held.file))
    assert (said.exit_code, said.stdout.splitlines()[1]) == (
        0,
        f"  Made by run {RUN}, which was deleted since.",
    )


def test_a_whole_ledger_is_told_with_the_hash_of_its_last_entry(held: Held) -> None:
    said = held.verify()
    heads: list[str] = []

    async def read(_catalog: Catalog) -> None:
        heads.extend([one.hash for one in await LedgerEntryRow.all().order_by("sequence")])

    held.do(read)
    assert (said.exit_code, said.stdout) == (0, f"Acme: 2 entries hold. The last has the hash {heads[1]}\n")
    # What was written down earlier still stands in a chain that has grown.
    assert held.verify("--head", heads[0]).exit_code == 0


def test_a_ledger_that_was_made_anew_lacks_the_hash_that_was_written_down(held: Held) -> None:
    said = held.verify("--head", "F" * 64)
    assert said.exit_code == 1
    assert said.stdout.splitlines()[-1] == (
        f"No entry has the hash {'f' * 64}: the chain is not the one that it was taken from."
    )


def test_the_first_broken_entry_of_the_ledger_is_named(held: Held) -> None:
    held.change("UPDATE delivery SET state = 'accepted' WHERE state = 'refused'")
    said = held.verify()
    assert said.exit_code == 1
    assert said.stdout.startswith("Acme: entry 2 is broken: its delivery ")
    assert said.stdout.endswith(" was changed since: state.\n")


def test_a_removed_row_leaves_a_gap(held: Held) -> None:
    held.change("DELETE FROM ledger_entry WHERE sequence = 1")
    said = held.verify()
    assert (said.exit_code, said.stdout) == (1, "Acme: entry 1 is broken: it is missing.\n")


@pytest.mark.parametrize("catalog_url", ["sqlite"], indirect=True)
def test_where_nothing_can_be_checked_the_command_says_why_and_writes_nothing(
    held: Held, tmp_path: Path
) -> None:
    missing = tmp_path / "missing" / "catalog.sqlite"
    held.url = f"sqlite://{missing}"
    said = held.verify()
    assert (said.exit_code, said.stderr) == (2, f"Error: There is no catalog at {missing}.\n")
    assert not missing.parent.exists()
    held.url = "sqlite://" + str(tmp_path / "catalog.sqlite3")
    said = held.verify(str(tmp_path / "nowhere.pdf"))
    assert (said.exit_code, said.stderr) == (
        2,
        f"Error: {tmp_path / 'nowhere.pdf'}: No such file or directory\n",
    )
    assert held.verify(str(held.file), "--head", "a").exit_code == 2


@pytest.mark.parametrize("catalog_url", ["sqlite"], indirect=True)
def test_an_older_catalog_is_not_upgraded_by_looking_at_it(held: Held) -> None:
    held.change("DELETE FROM tortoise_migrations WHERE name LIKE '0015%'")
    said = held.verify()
    assert said.exit_code == 2
    assert "The catalog is older than this server (0015" in said.stderr
