"""A kind that runs one at a time: the second is refused with the name of the first, whoever starts it how."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bilan.accounts.models import Workspace
from bilan.accounts.principals import principal_for_schedule
from bilan.accounts.values import Principal, SourceRole
from bilan.catalog import Catalog
from bilan.clock import SystemClock
from bilan.runs.reading import read_run
from bilan.sdk.errors import Conflict
from bilan.sources.models import SourceRow
from bilan.warehouse import Warehouse
from bilan.work import State
from bilan.work.models import StepRow
from support.alone import ALONE
from support.office import LEFT, RIGHT, Office

pytestmark = [pytest.mark.requirement("DC-07"), pytest.mark.requirement("FX-16")]

PROCESS = Path(__file__).parents[2] / "support" / "starting_process.py"
NOWHERE: Any = None
REFUSED = (
    "“{name}” is still in progress, and reports of this kind are built one at a time. "
    "Start another once it is finished."
)


async def office_of(catalog: Catalog, warehouse: Warehouse, folder: Path) -> Office:
    office = Office(catalog, warehouse, folder, ALONE)
    await office.open()
    return office


@pytest.fixture
async def office(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Office:
    return await office_of(sqlite_catalog, warehouse, tmp_path)


@pytest.fixture
async def ada(office: Office) -> Principal:
    return await office.person("Ada", {LEFT: "editor", RIGHT: "editor"})


async def test_a_second_one_is_refused_with_the_name_of_the_first_until_that_is_built(
    office: Office, ada: Principal
) -> None:
    first = await office.runs.start(ada, "shop.alone", {}, title="Ann")
    with pytest.raises(Conflict) as refused:
        await office.runs.start(ada, "shop.alone", {}, title="Ben")
    assert str(refused.value) == REFUSED.format(name="Ann")
    await office.finish(first)
    assert (await office.finish(await office.runs.start(ada, "shop.alone", {}))).state is State.SUCCEEDED


async def test_a_restart_is_refused_alike(office: Office, ada: Principal) -> None:
    before = await office.finish(await office.runs.start(ada, "shop.alone", {}, title="Ann"))
    await office.runs.restart(ada, before.id)
    with pytest.raises(Conflict, match="“Ann” is still in progress"):
        await office.runs.restart(ada, before.id)


async def test_the_same_asked_twice_is_the_same_run(office: Office, ada: Principal) -> None:
    first = await office.runs.start(ada, "shop.alone", {}, key="a form")
    assert (await office.runs.start(ada, "shop.alone", {}, key="a form")).id == first.id


async def test_one_that_was_cancelled_or_has_failed_is_in_nobodys_way(office: Office, ada: Principal) -> None:
    cancelled = await office.runs.start(ada, "shop.alone", {})
    await office.runs.cancel(ada, cancelled.id)
    failing = await office.runs.start(ada, "shop.alone", {})
    await StepRow.filter(job_id=failing.id).update(state=State.FAILED)
    assert (await office.runs.start(ada, "shop.alone", {})).state is State.WAITING


async def test_files_that_are_still_rendered_are_in_nobodys_way(office: Office, ada: Principal) -> None:
    first = await office.runs.start(ada, "shop.alone", {})
    await StepRow.filter(job_id=first.id, name="build").update(state=State.SUCCEEDED)
    assert (await read_run(first.id)).state is State.WAITING
    await office.runs.start(ada, "shop.alone", {})


async def test_who_may_not_know_of_the_first_is_not_told_its_name(office: Office, ada: Principal) -> None:
    await office.runs.start(ada, "shop.alone", {}, title="ann@example.org")
    ben = await office.person("Ben", {RIGHT: "editor"})
    with pytest.raises(Conflict) as refused:
        await office.runs.start(ben, "shop.alone", {})
    assert str(refused.value) == (
        "Another report of this kind is in progress. Start yours once it is finished."
    )


async def test_other_kinds_and_other_workspaces_go_on_beside_it(office: Office, ada: Principal) -> None:
    await office.runs.start(ada, "shop.alone", {})
    assert (await office.runs.start(ada, "shop.sales", {})).state is State.WAITING
    await office.runs.start(ada, "shop.sales", {})
    elsewhere = await Workspace.create(
        name="Elsewhere", zone="UTC", first_weekday=0, language="en", created_at=office.clock.now()
    )
    till = await SourceRow.create(
        workspace=elsewhere, plugin="shop", kind="till", name="Far", live_name="far", address="far",
        zone="UTC", created_at=office.clock.now(),
    )  # fmt: skip
    there = replace(ada, workspace=elsewhere.id, source_roles={till.id: SourceRole.EDITOR})
    await office.runs.start(there, "shop.alone", {})


async def test_what_a_schedule_begins_waits_for_its_turn_and_is_in_the_way_of_others(
    office: Office, ada: Principal
) -> None:
    assert ada.person is not None
    schedule = await principal_for_schedule(uuid4(), ada.person, ada.workspace)
    assert schedule is not None
    first = await office.runs.start(ada, "shop.alone", {}, title="Ann")
    second = await office.runs.start(schedule, "shop.alone", {}, title="Weekly")
    office.clock.move(timedelta(seconds=1))
    third = await office.runs.start(schedule, "shop.alone", {}, title="Monthly")

    assert (await office.finish(second)).state is State.RUNNING
    await office.finish(first)
    assert (await office.finish(third)).state is State.RUNNING
    with pytest.raises(Conflict, match="“Weekly” is still in progress"):
        await office.runs.start(ada, "shop.alone", {}, title="Ben")
    office.clock.move(timedelta(seconds=5))
    assert (await office.finish(second)).state is State.SUCCEEDED
    assert (await office.finish(third)).state is State.SUCCEEDED
    # Waiting used up none of its attempts.
    assert [step.attempt for step in (await read_run(third.id)).steps] == [1]


@contextmanager
def process(url: str, person: UUID, then: str) -> Generator[subprocess.Popen[str]]:
    """A process of its own that is ready to start a report."""
    command = [sys.executable, str(PROCESS), url, str(person), then]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert line(started) == "ready"
            yield started
        finally:
            started.kill()


def line(one: subprocess.Popen[str]) -> str:
    assert one.stdout is not None
    return one.stdout.readline().strip()


def go(*several: subprocess.Popen[str]) -> None:
    for one in several:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()


@pytest.mark.integration
async def test_of_two_processes_that_start_at_the_same_time_one_runs_and_the_other_is_told(
    catalog: Catalog, catalog_url: str, tmp_path: Path
) -> None:
    office = Office(catalog, NOWHERE, tmp_path, ALONE)
    await office.furnish()
    ada = await office.person("Ada", {LEFT: "editor", RIGHT: "editor"})
    assert ada.person is not None

    def both(person: UUID) -> list[str]:
        with process(catalog_url, person, "start") as one, process(catalog_url, person, "start") as other:
            go(one, other)
            return sorted((line(one), line(other)))

    refused, started = await asyncio.to_thread(both, ada.person)

    assert refused == "refused: " + REFUSED.format(name="By start")
    assert started.startswith("started ")
    assert await StepRow.filter(name="build").count() == 1


@pytest.mark.integration
@pytest.mark.chaos
async def test_a_worker_that_is_killed_in_the_middle_frees_the_way_once_another_has_built_it(
    catalog: Catalog, catalog_url: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    office = await office_of(catalog, warehouse, tmp_path)
    ada = await office.person("Ada", {LEFT: "editor", RIGHT: "editor"})
    assert ada.person is not None

    def killed(person: UUID) -> UUID:
        with process(catalog_url, person, "hang") as worker:
            go(worker)
            run = UUID(line(worker).removeprefix("started "))
            assert line(worker) == "building"
        return run

    run = await asyncio.to_thread(killed, ada.person)
    with pytest.raises(Conflict, match="“By hang” is still in progress"):
        await office.runs.start(ada, "shop.alone", {})
    # Once its lease is over, another worker begins the step anew.
    office.clock.move(SystemClock().now() - office.clock.now() + timedelta(seconds=2))
    assert (await office.finish(await read_run(run))).state is State.SUCCEEDED
    await office.runs.start(ada, "shop.alone", {})
