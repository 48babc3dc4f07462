"""Facts of an erased contact, rewritten in every table, and the generations made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import anyio.to_thread

from bilan.catalog import Catalog
from bilan.catalog.statements import change
from bilan.clock import Clock
from bilan.contacts.models import ErasureRow
from bilan.contacts.ties import SEEN, forget, stand_in
from bilan.erasure.person import Person, note, person_of
from bilan.manifest import Moments
from bilan.manifest.models import GenerationRow
from bilan.query.settling import KEPT, derived
from bilan.sdk.datasets import Dataset
from bilan.sdk.textdomain import _
from bilan.seal import Seal
from bilan.warehouse import Warehouse, microseconds, quote
from bilan.warehouse.erasing import Days, days_of, leads_of, left_behind, others_of, rewrite
from bilan.warehouse.tables import parts_of, table_of
from bilan.work import PutOff, StepContext

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from bilan.registry.declared import Registry

LOOKING_AGAIN = timedelta(minutes=1)
"""How long the engine is given to remove parts of tables that others have replaced."""
DAY = timedelta(days=1)


class FactErasure:
    """Rewrites facts so that they name nobody, and drops what was counted from them before."""

    def __init__(
        self,
        catalog: Catalog,
        warehouse: Warehouse,
        registry: Registry,
        moments: Moments,
        clock: Clock,
        seal: Seal,
    ) -> None:
        self._catalog, self._warehouse, self._moments, self._clock = catalog, warehouse, moments, clock
        self._datasets = tuple(registry.datasets.values())
        self._seal = seal

    async def rewrite(self, row: ErasureRow, context: StepContext) -> None:
        """Rewrite every fact that names them; safe to begin any number of times.

        The days are noted before the first is changed, so that whoever goes on
        after a crash marks those, too, on which nothing is left to be changed. While
        some facts hold the address and others the pseudonym, the two are one person.
        """
        person = await person_of(self._seal, row)
        address = person.forms.addresses[0].text
        async with self._catalog.transaction():
            await stand_in(row.workspace, address, person.pseudonym, self._clock.now())
        person = await self._found(row, person)
        days = await anyio.to_thread.run_sync(self._warehouse.work, partial(self._days, person=person))
        await self._note(row, days)
        context.progress(0.1, _("Facts are rewritten."))
        async with self._moments.turn(f"erasure {row.id}") as turn:
            rows = 0
            parts = list(_parts(self._datasets))
            for number, (_dataset, part) in enumerate(parts):
                turn.check()
                context.check()
                rewritten = partial(rewrite, part=part, whom=person.forgotten)
                rows += await anyio.to_thread.run_sync(self._warehouse.work, rewritten)
                context.progress(0.1 + 0.9 * number / len(parts))
            known = (await ErasureRow.get(id=row.id)).days
            async with self._catalog.transaction():
                await turn.close(_dates(known))
                await self._supersede(known)
                await forget(row.workspace, person.sources, address, person.pseudonym)
                counts = {**row.counts, "facts": row.counts.get("facts", 0) + rows}
                await ErasureRow.filter(id=row.id).update(
                    rewritten_to=microseconds(turn.moment), counts=counts
                )

    async def names_somebody(self, row: ErasureRow) -> bool:
        """Whether a fact names them still, as one that was under way meanwhile."""
        person = await person_of(self._seal, row)
        return bool(await anyio.to_thread.run_sync(self._warehouse.work, partial(self._days, person=person)))

    async def drop_generations(self, row: ErasureRow) -> None:
        """Drop what was counted from facts that named them. Raises ``PutOff`` while questions may read it."""
        now, months = self._clock.now(), _months(row.days)
        waits = timedelta(0)
        for key, table in self._derived(row.days):
            made = GenerationRow.filter(rollup=table, month__in=months[key])
            for one in [
                *await made.filter(moment__lt=row.rewritten_to),
                *await made.filter(moment__isnull=True),
            ]:
                if one.superseded_at is None and one.moment is not None:
                    await self._supersede(row.days)
                    raise PutOff(KEPT)
                since = one.superseded_at or one.created_at
                if now - since < KEPT:
                    waits = max(waits, KEPT - (now - since))
                    continue
                gone = f"ALTER TABLE {quote(table)} DROP PARTITION ({one.month}, {one.id})"
                await anyio.to_thread.run_sync(self._warehouse.write, gone)
                await one.delete()
        if waits:
            raise PutOff(waits)

    async def wait_for_removal(self, row: ErasureRow) -> None:
        """Raises ``PutOff`` while the engine keeps files that others have replaced."""
        tables = [table_of(part) for _dataset, part in _parts(self._datasets)]
        tables += [table for _key, table in self._derived(row.days)]
        if await anyio.to_thread.run_sync(self._warehouse.work, partial(left_behind, tables=tables)):
            raise PutOff(LOOKING_AGAIN)

    async def _found(self, row: ErasureRow, person: Person) -> Person:
        """The person with what leads to them; looked for while their facts are as they were."""
        if person.sealed.found:
            return person

        def look(client: Client) -> tuple[set[str], set[str]]:
            parts = [part for _dataset, part in _parts(self._datasets)]
            leads = {text for part in parts for text in leads_of(client, part, person.forgotten)}
            others = {text for part in parts for text in others_of(client, part, person.forgotten)}
            return leads, others

        leads, others = await anyio.to_thread.run_sync(self._warehouse.work, look)
        return await note(self._seal, row, person, leads, others)

    def _days(self, client: Client, person: Person) -> Days:
        found: Days = {}
        for dataset, part in _parts(self._datasets):
            for key, days in days_of(client, dataset, part, person.forgotten).items():
                found.setdefault(key, set()).update(days)
        return found

    async def _note(self, row: ErasureRow, days: Days) -> None:
        known = {key: {source: set(each) for source, each in one.items()} for key, one in row.days.items()}
        for (dataset, source), each in days.items():
            known.setdefault(dataset, {}).setdefault(str(source), set()).update(
                day.toordinal() for day in each
            )
        row.days = {key: {source: sorted(each) for source, each in one.items()} for key, one in known.items()}
        await ErasureRow.filter(id=row.id).update(days=row.days)

    async def _supersede(self, known: dict[str, dict[str, list[int]]]) -> None:
        """Take the generations of these months out of the catalog's list; they are made anew."""
        months = _months(known)
        for key, table in self._derived(known):
            named = GenerationRow.filter(rollup=table, month__in=months[key], superseded_at__isnull=True)
            await named.filter(moment__not_isnull=True).update(superseded_at=self._clock.now())
        await change(SEEN)

    def _derived(self, known: dict[str, dict[str, list[int]]]) -> Iterator[tuple[str, str]]:
        for dataset in self._datasets:
            if dataset.key in known:
                yield from {(dataset.key, table) for table, _zone in derived(dataset, [""])}


def _parts(datasets: tuple[Dataset, ...]) -> Iterator[tuple[Dataset, Dataset]]:
    return ((dataset, part) for dataset in datasets for part in parts_of(dataset))


def _dates(known: dict[str, dict[str, list[int]]]) -> dict[tuple[str, UUID], list[date]]:
    return {
        (key, UUID(source)): [date.fromordinal(day) for day in days]
        for key, one in known.items()
        for source, days in one.items()
    }


def _months(known: dict[str, dict[str, list[int]]]) -> dict[str, list[int]]:
    """The months of each dataset in which one of its days may lie, in whatever zone."""
    found: dict[str, list[int]] = {}
    for (key, _source), days in _dates(known).items():
        around = {day + shift for day in days for shift in (-DAY, timedelta(0), DAY)}
        found[key] = sorted({*found.get(key, []), *(day.year * 100 + day.month for day in around)})
    return found
