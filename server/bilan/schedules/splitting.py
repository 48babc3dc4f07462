"""Splitting an occurrence: who gets which part as things are, written down when it begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import anyio.to_thread

from bilan.accounts.addresses import lower
from bilan.delivery.values import Addressee
from bilan.parameters.kinds import texts
from bilan.parameters.validation import validate
from bilan.recipients.attributes import read_attribute
from bilan.reports.common import Locality, parameters_of
from bilan.reports.models import ReportRow
from bilan.schedules.models import OccurrencePartRow, PartRecipientRow, ScheduleRecipientRow, ScheduleRow
from bilan.schedules.split import AssignedPart, Assignment, assign, part_key, splittable
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.schedules.values import OccurrenceState
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choices, Values
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.query.query import Query
    from bilan.query.session import QuerySession
    from bilan.registry.declared import Registry

MOST_KNOWN = 1000
"""So many values of a column are listed."""
ANYWHERE = Locality("UTC", 0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a schedule goes to, and the table that was written for them, by recipient."""

    people: tuple[Addressee, ...]
    table: Mapping[UUID, RecipientValues] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class StartedPart:
    """A part whose run was created, or could not be, for the reason."""

    part: AssignedPart
    ident: UUID = field(default_factory=uuid4)
    run: UUID | None = None
    reason: Message | None = None


async def kept_table(schedule: UUID) -> dict[UUID, RecipientValues]:
    """The table of a schedule as it was written, by recipient."""
    rows = ScheduleRecipientRow.filter(schedule_id=schedule, values__isnull=False)
    return {row.recipient: RecipientValues(row.values_for or "", row.values or ()) for row in await rows}


async def assignment_of(
    row: ScheduleRow, split: SplitRule, report: ReportRow, people: tuple[Addressee, ...]
) -> Assignment:
    """Who gets which part of a schedule as it is saved. Raises ``Invalid`` for too many parts."""
    return await assigned(row, split, report, Chosen(people, await kept_table(row.id)))


async def assigned(row: ScheduleRow, split: SplitRule, report: ReportRow, chosen: Chosen) -> Assignment:
    """Who of those chosen gets which part.

    What was written beside an address goes to nobody once its recipient has
    another one: whether it is still meant for them only people know.
    """
    own, people = own_values(report, split), chosen.people
    if split.attribute:
        values = await read_attribute(row.workspace_id, [one.id for one in people], split.attribute)
        return assign(people, values, own, {})
    moved = {
        one.id: _moved(written.address)
        for one in people
        if (written := chosen.table.get(one.id)) is not None and written.address != lower(one.address)
    }
    return assign(people, {one: line.values for one, line in chosen.table.items()}, own, moved)


def own_values(report: ReportRow, split: SplitRule) -> tuple[str, ...]:
    """The values that the report itself is narrowed to; none where it shows all."""
    given = report.parameters.get(split.parameter)
    return texts(given) if given else ()


async def save_parts(
    occurrence: UUID,
    split: SplitRule,
    parts: Sequence[StartedPart],
    without: Iterable[tuple[Addressee, Message]],
) -> None:
    """Write down the parts of an occurrence, and whose they are. Its row is there."""
    for position, one in enumerate(parts):
        await OccurrencePartRow.create(
            id=one.ident,
            occurrence_id=occurrence,
            position=position,
            parameter=split.parameter,
            values=one.part.values,
            key=part_key(split.parameter, one.part.values),
            run=one.run,
            state=OccurrenceState.BEGUN if one.run is not None else OccurrenceState.FAILED,
            reason=one.reason,
            by_address=not split.attribute,
        )
    theirs = [(one, started.ident, None) for started in parts for one in started.part.people]
    none = [(one, None, reason) for one, reason in without]
    await PartRecipientRow.bulk_create(
        [
            PartRecipientRow(
                occurrence_id=occurrence,
                part_id=part,
                recipient=one.id,
                address=lower(one.address),
                name=one.name[:200],
                reason=reason,
            )
            for one, part, reason in [*theirs, *none]
        ]
    )


async def whose_part(part: OccurrencePartRow, chosen: Iterable[Addressee]) -> tuple[Addressee, ...]:
    """Those whose part it was when the occurrence began, and to whom its schedule still goes.

    What was meant for an address goes to no other, whoever has it by now.
    """
    kept, now = await PartRecipientRow.filter(part_id=part.id), {one.id: one for one in chosen}
    found = list[Addressee]()
    for row in kept:
        one = now.get(row.recipient)
        if one is None:
            row.reason = _("The schedule does not go to them any more.")
        elif part.by_address and lower(one.address) != row.address:
            row.reason = _moved(row.address)
        else:
            found.append(one)
            continue
        await row.save(update_fields=["reason"])
    return tuple(found)


class KnownValues:
    """Knows which values of a report's filter stand in the facts of its sources."""

    def __init__(self, registry: Registry, query: Query) -> None:
        self._registry, self._query = registry, query

    async def unknown(
        self, report: ReportRow, parameter: str, values: Collection[str], person: UUID | None = None
    ) -> tuple[str, ...]:
        """Those of the values that no source knows. A ``person`` who waits for it asks as people do."""
        kind = self._registry.report_kind(report.kind)
        declared = next((one for one in splittable(kind) if one.key == parameter), None)
        if declared is None or not values:
            return ()
        if not callable(declared.choices):
            known = frozenset(one.value for one in declared.choices)
        else:
            filled = validate(parameters_of(kind, ANYWHERE), report.parameters, client=None)
            asked = partial(_values_of, declared.choices, filled)
            client = await self._query.session(report.sources)
            if person is not None:
                known = await self._query.ask(person, client, asked)
            else:
                known = await anyio.to_thread.run_sync(asked, client)
        if len(known) >= MOST_KNOWN:
            return ()  # there may be more than these
        return tuple(one for one in values if one not in known)


def unknown_values(values: Collection[str]) -> Message:
    """What is said of values that no source knows."""
    return _("No source knows {values}.", values=", ".join(values))


def _values_of(choices: Choices, filled: Values, client: QuerySession) -> frozenset[str]:
    return frozenset(one.value for one in choices(client, filled))


def _moved(address: str) -> Message:
    return _(
        "Their values were written for {address}, which is not their address any more; "
        "look at the table and save it again.",
        address=address,
    )
