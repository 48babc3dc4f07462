"""An erased contact is nowhere in the data folder, whatever held them; the figures are what they were."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import shutil
from collections.abc import AsyncGenerator, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zipfile import ZipFile, is_zipfile

import anyio.from_thread
import pytest
from clickhouse_connect.driver.client import Client

from bilan.accounts import Permission, Principal, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.contacts import Erasure, Reimport
from bilan.contacts.models import MergeRow
from bilan.files.models import StoredFileRow
from bilan.ingest.imports import NewUpload
from bilan.manifest.models import GenerationRow, TouchedDayRow
from bilan.manifest.moments import Touched, Turn
from bilan.reports.values import Draft
from bilan.runs.values import RenderSpec
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import Conflict, Forbidden, Invalid, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.query import Question
from bilan.settings import Settings
from bilan.sources import Source
from bilan.warehouse import microseconds
from bilan.warehouse.erasing import Forgotten, rewrite
from bilan.work import State
from bilan.work.engine import Timing
from bilan.work.models import JobRow, StepRow
from support.killing import Kill, Killed, killed_at
from support.people import add_person

pytestmark = [pytest.mark.requirement("DC-17"), pytest.mark.requirement("FX-06")]

ANN, BEN, AGENT = "zq.annalise@persona-probe.org", "ben@other.example", "ProbeBrowser/7.3-annalise"
HEADING = "event,email,timestamp,campaign_id,url,useragent\n"
START = datetime(2026, 3, 20, 8, tzinfo=UTC)


def row(event: str, who: str, day: int, url: str = "", agent: str = "") -> str:
    return f"{event},{who},2026-03-{day:02}T10:00:00Z,spring,{url},{agent}\n"


TABLE = HEADING + "".join(
    (
        row("delivered", ANN, 2, agent=AGENT),
        row("click", ANN.upper(), 3, f"https://x.example/?u={quote(ANN, safe='')}", AGENT),
        row("delivered", BEN, 2),
        row("click", BEN, 4, f"https://x.example/?friend={ANN}&n=1"),
        row("nonsense of " + ANN, ANN, 99),
    )
)
FORMS = (
    ANN,
    quote(ANN, safe=""),
    quote(quote(ANN, safe=""), safe=""),
    ANN.replace("@", "=40"),
    ANN.replace("@", "\\u0040"),
    ANN.encode().hex(),
    *(
        hashlib.new(name, ANN.encode(), usedforsecurity=False).hexdigest()
        for name in ("md5", "sha1", "sha256")
    ),
    AGENT,
)
BYTES = [
    *(one.lower().encode() for one in FORMS),
    ANN.encode("utf-16-le"),
    ANN.encode("utf-16-be"),
]
ENCODED = base64.b64encode(ANN.encode())[:-4]


def look_again(client: Client) -> None:
    """Have the engine look now at what it may remove."""
    resting = "SELECT DISTINCT table FROM system.parts WHERE database = currentDatabase() AND NOT active"
    for (table,) in client.query(resting).result_rows:
        client.command(f"SYSTEM START CLEANUP `{table}`")


@dataclass
class Place:
    """A server of its own, with somebody who may erase."""

    bilan: Bilan
    clock: FrozenClock
    owner: Principal
    mail: Source
    folders: tuple[Path, ...]

    async def work(self, job: UUID | None, hours: int = 3) -> JobRow:
        """Do the job to its end; time passes while it waits."""
        for look in range(hours * 60):
            row = await JobRow.get(id=job)
            if row.state not in (State.WAITING, State.RUNNING):
                return row
            due = await StepRow.filter(job_id=job, state=State.WAITING, due_at__lte=self.clock.now())
            for step in due:
                await self.bilan.engine.work(step.id)
            if not due:
                self.clock.move(timedelta(minutes=1))
                # The engine removes its files by the machine's own clock, and looks at a table that rests
                # ever less often, where it holds those of many other tests: after up to ten minutes.
                await asyncio.to_thread(self.bilan.services.warehouse.work, look_again)
                await asyncio.sleep(0.05 if look < hours * 30 else 1)
        raise AssertionError(await StepRow.filter(job_id=job).values("name", "state", "error", "detail"))

    async def again(self) -> Principal:
        """The owner with the rights they have now."""
        assert self.owner.person is not None
        actor = await principal_for(self.owner.person)
        assert actor is not None
        return actor

    async def read(self, name: str, content: bytes) -> UUID:
        """Import a file, and do the work."""
        services = self.bilan.services
        upload = await services.imports.upload(self.owner, self.mail.id, NewUpload(name, content))
        started = await services.imports.start(self.owner, upload.id)
        await self.work(started.job)
        return upload.id

    async def erase(self, address: str = ANN, together: Collection[str] = ()) -> Erasure:
        """Erase a contact, and do the work."""
        erasures = self.bilan.services.contact_erasures
        asked = await erasures.erase(self.owner, address, together)
        assert (await self.work(asked.job)).state == State.SUCCEEDED
        return await erasures.get(self.owner, asked.id)

    async def figures(self) -> dict[str, Any]:
        """What is asked of all mail."""
        client = await self.bilan.services.query.session([self.mail.id])
        mail = ("email.delivered", "email.clicks", "email.unique_clicks", "email.distinct_contacts")
        contacts = ("contact.actions", "contact.contacts")
        answers = [
            await asyncio.to_thread(client, question)
            for question in (Question("email.events", mail), Question("contact.activity", contacts))
        ]
        return {key: value for answer in answers for key, value in answer.totals.items()}

    def traces(self) -> list[str]:
        """What in the folders holds them, in whatever form."""
        return sorted(
            f"{path.name}: {form!r}"
            for folder in self.folders
            for path in folder.rglob("*")
            if path.is_file()
            for data in _opened(path.read_bytes())
            for form in _found(data)
        )


def _found(data: bytes) -> Iterator[bytes]:
    small = data.lower()
    yield from (form for form in BYTES if form in small)
    if ENCODED in data:
        yield ENCODED


def _opened(data: bytes) -> Iterator[bytes]:
    yield data
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    if is_zipfile(BytesIO(data)):
        with ZipFile(BytesIO(data)) as archive:
            yield from map(archive.read, archive.namelist())


@pytest.fixture
async def place(
    warehouse_settings: Settings,
    warehouse_folder: Path,
    _migrated_sqlite: Path,
    tmp_path: Path,
    thrifty: None,
) -> AsyncGenerator[Place]:
    shutil.copy(_migrated_sqlite, tmp_path / "catalog.sqlite")
    clock = FrozenClock(START)
    async with Bilan.open(warehouse_settings, local=True, clock=clock) as bilan:
        services = bilan.services
        for (table,) in services.warehouse.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
        ).rows:
            services.warehouse.write(f"ALTER TABLE `{table}` MODIFY SETTING old_parts_lifetime = 1")
        member, _password = await add_person(services, "olga@example.org", "Olga", WorkspaceRole.OWNER)
        owner = await principal_for(member.id)
        assert owner is not None
        mail = await services.sources.add(owner, plugin="email", kind="file", name="Mail", settings={})
        made = Place(bilan, clock, owner, mail, (tmp_path, warehouse_folder))
        made.owner = await made.again()
        yield made


async def test_nothing_in_the_data_folder_names_an_erased_contact_and_every_figure_stays(
    place: Place,
) -> None:
    services = place.bilan.services
    upload = await place.read("march.csv", TABLE.encode())
    packed = await place.read("march-again.csv.gz", gzip.compress(TABLE.encode()))
    place.clock.move(timedelta(minutes=5))
    await place.bilan.settling.sweep()
    about = Draft(name=f"About {ANN}", kind="email.engagement", parameters={"period": "since_oldest"})
    report = await services.reports.create(place.owner, about)
    run = await services.runs.start(
        place.owner, report.kind, report.parameters, [RenderSpec("csv"), RenderSpec("xlsx")],
        title=report.name, report=report.id,
    )  # fmt: skip
    assert (await place.work(run.id)).state == State.SUCCEEDED
    before, generations = await place.figures(), await GenerationRow.all().count()
    assert generations
    assert place.traces() != []
    files = await StoredFileRow.all().count()

    erasure = await place.erase()

    assert erasure.completed_at is not None
    assert place.traces() == []
    assert await place.figures() == before
    assert erasure.counts["facts"] >= 3
    assert erasure.counts["reports"] == 1
    assert erasure.counts["files"] == 2
    assert await StoredFileRow.all().count() < files
    found = await services.runs.get(place.owner, run.id)
    assert str(found.erasure).startswith("The figures of this run were erased on ")
    assert "because it named a contact who was erased" in str(found.erasure)
    assert found.document_sha256 is not None
    renamed = await services.reports.get(place.owner, report.id)
    assert renamed.name == f"About {erasure.pseudonym}"
    for one in (upload, packed):
        assert (await services.imports.get(place.owner, one)).mapping is None


async def test_an_erasure_that_ends_in_the_middle_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.read("march.csv", TABLE.encode())
    place.clock.move(timedelta(minutes=5))
    await place.bilan.settling.sweep()
    before, close = await place.figures(), Turn.close
    failed: list[datetime] = []

    async def fails_once(turn: Turn, touched: Touched) -> None:
        if not failed:
            failed.append(turn.moment)
            raise Unavailable(Message("killed"))
        await close(turn, touched)

    monkeypatch.setattr(Turn, "close", fails_once)
    erasure = await place.erase()

    assert len(failed) == 1
    assert place.traces() == []
    assert await place.figures() == before
    later = {"moment__gt": microseconds(failed[0])}
    touched = TouchedDayRow.filter(dataset="email.events", source=place.mail.id, **later)
    assert sorted(str(one.day) for one in await touched) == ["2026-03-02", "2026-03-03", "2026-03-04"]
    stale = GenerationRow.filter(moment__lte=microseconds(failed[0]), rollup__startswith="email__events")
    assert not await stale.exists()
    assert erasure.completed_at is not None


async def test_whoever_is_being_erased_is_counted_once_at_every_moment(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.read("march.csv", TABLE.encode())
    merges = place.bilan.services.contact_merges
    await merges.merge(place.owner, ANN, "cleo@example.org")
    before, seen = await place.figures(), list[tuple[int, int]]()
    real = rewrite

    def looked_at(client: Client, part: Dataset, whom: Forgotten) -> int:
        """Looks at the figures while a table holds rows of the address and of the pseudonym."""

        class Looking:
            def __getattr__(self, name: str) -> Any:
                return getattr(client, name)

            def command(self, sql: str, *args: Any, **options: Any) -> Any:
                if sql.startswith("ALTER TABLE"):
                    found = anyio.from_thread.run(place.figures)
                    seen.append((found["contact.contacts"], found["email.distinct_contacts"]))
                return client.command(sql, *args, **options)

        return real(Looking(), part, whom)  # type: ignore[arg-type]

    monkeypatch.setattr("bilan.erasure.facts.rewrite", looked_at)
    await place.erase(ANN, (ANN, "cleo@example.org"))

    assert before["contact.contacts"] == before["email.distinct_contacts"] == 2
    assert len(seen) >= 2
    assert set(seen) == {(2, 2)}
    assert await place.figures() == before
    assert not await MergeRow.filter(moment=0).exists()


async def test_an_erasure_killed_between_any_two_statements_goes_on_and_ends_complete(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.read("march.csv", TABLE.encode())
    place.clock.move(timedelta(minutes=5))
    await place.bilan.settling.sweep()
    before = await place.figures()
    asked = await place.bilan.services.contact_erasures.erase(place.owner, ANN)
    monkeypatch.setattr(place.bilan.engine, "_timing", replace(Timing(), attempts=1_000))
    killed = 0
    for step in await StepRow.filter(job_id=asked.job).order_by("position"):
        at = 0
        while (await StepRow.get(id=step.id)).state != State.SUCCEEDED:
            kill = Kill(at)
            with killed_at(kill), suppress(BaseExceptionGroup, Killed):
                await place.bilan.engine.work(step.id)
            if kill.asked > at:
                at, killed = at + 9, killed + 1
            await place.bilan.moments.recover()  # as a process does that starts
            place.clock.move(timedelta(minutes=1))
            await place.bilan.engine.requeue_stale()
            await asyncio.to_thread(place.bilan.services.warehouse.work, look_again)

    done = await place.bilan.services.contact_erasures.get(place.owner, asked.id)
    assert killed > 12
    assert done.completed_at is not None
    assert place.traces() == []
    assert await place.figures() == before


async def test_what_comes_later_is_counted_under_the_same_pseudonym_or_refused(place: Place) -> None:
    await place.read("march.csv", TABLE.encode())
    before = await place.figures()
    erasure = await place.erase()
    again = HEADING + row("open", ANN, 5) + row("delivered", ANN, 2, agent=AGENT)

    await place.read("later.csv", again.encode())
    figures = await place.figures()
    assert figures["contact.contacts"] == before["contact.contacts"]
    assert figures["email.distinct_contacts"] == before["email.distinct_contacts"]
    found = place.bilan.services.warehouse.query("SELECT DISTINCT recipient FROM email__events").rows
    assert sorted(who for (who,) in found) == [BEN, erasure.pseudonym]

    erasures = place.bilan.services.contact_erasures
    assert await erasures.change_reimport(place.owner, Reimport.REFUSE) is Reimport.REFUSE
    await place.read("refused.csv", (HEADING + row("open", ANN, 6)).encode())
    assert await place.figures() == figures
    rejects = await place.bilan.services.rejects.list(place.owner, place.mail.id)
    assert str(rejects.rows[0].reason) == "The row is about a contact who was erased."
    assert rejects.rows[0].raw == ""


async def test_it_takes_who_manages_the_workspace_and_may_see_single_persons(place: Place) -> None:
    erasures, services = place.bilan.services.contact_erasures, place.bilan.services
    operator = await services.accounts.operator()
    for role, permissions in (
        (WorkspaceRole.ADMIN, []),
        (WorkspaceRole.MEMBER, [Permission.EXPORT_CONTACT_DATA]),
    ):
        member = await services.accounts.add(
            operator, email=f"{role}@example.org", name=role, password="correct horse battery", role=role,
            permissions=permissions,
        )  # fmt: skip
        actor = await principal_for(member.id)
        assert actor is not None
        with pytest.raises(Forbidden):
            await erasures.erase(actor, ANN)
        with pytest.raises(Forbidden):
            await erasures.list(actor)
    first = await erasures.erase(place.owner, ANN)
    assert await erasures.erase(operator, ANN.upper()) == first
    with pytest.raises(Invalid, match="is no e-mail address"):
        await erasures.erase(place.owner, "ann@")
    assert first.job is not None
    with pytest.raises(Conflict, match="give their address again"):
        await services.runs.restart(place.owner, first.job)
    said = await erasures.same_people(place.owner, "olga@example.org")
    assert [str(one) for one in said] == [
        "Somebody with this address can sign in to this workspace; that stays as it is."
    ]


async def test_all_addresses_of_a_person_are_erased_and_still_count_as_one(place: Place) -> None:
    await place.read("march.csv", TABLE.encode())
    merges = place.bilan.services.contact_merges
    await merges.merge(place.owner, ANN, BEN, f"{ANN} said so")
    before = await place.figures()
    assert before["contact.contacts"] == before["email.distinct_contacts"] == 1

    erasures = place.bilan.services.contact_erasures
    assert await erasures.addresses(place.owner, BEN.upper()) == (BEN, ANN)
    for seen in ((), (BEN,), (BEN, ANN, "cleo@example.org")):
        with pytest.raises(Conflict, match=f"confirm all of them: {BEN}, {ANN}"):
            await erasures.erase(place.owner, BEN, seen)
    erasure = await place.erase(BEN, (ANN.upper(), BEN))

    (other,) = [
        one for one in await place.bilan.services.contact_erasures.list(place.owner) if one != erasure
    ]
    assert (await place.work(other.job)).state == State.SUCCEEDED
    assert (erasure.also, other.also) == ((other.pseudonym,), (erasure.pseudonym,))
    assert place.traces() == []
    assert await place.figures() == before
    (merge,) = (await merges.list(place.owner)).merges
    assert {merge.one, merge.other} == {erasure.pseudonym, other.pseudonym}
    assert ANN not in merge.reason
    await merges.undo(place.owner, merge.id)
    assert (await place.figures())["contact.contacts"] == 2
    with pytest.raises(Invalid, match="One of these contacts was erased"):
        await merges.merge(place.owner, ANN, "cleo@example.org")
