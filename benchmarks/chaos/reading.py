"""Holds an occurrence against what was expected of it: its rows, and what its mailboxes and webhooks hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.findings import Audit, Delivered, Wrong
from benchmarks.chaos.mail_server import Mailboxes, Taken
from benchmarks.chaos.messages import Said, read
from benchmarks.chaos.population import Expected, Fate, Planned, language_of
from benchmarks.chaos.shop import COUNTRIES
from bilan.delivery import DownloadLinks, Mode
from bilan.i18n import Translator, formatter_for
from bilan.schedules.values import OccurrenceState
from bilan.sdk.errors import BilanError

BY_STATE = {
    Fate.WITHHELD: (OccurrenceState.WITHHELD,),
    Fate.REFUSED: (OccurrenceState.WITHHELD,),
    Fate.LEFT_OUT: (OccurrenceState.LEFT_OUT,),
    Fate.SENT: (OccurrenceState.SENT, OccurrenceState.INCOMPLETE, OccurrenceState.FAILED),
}


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part as it is written down."""

    values: tuple[str, ...]
    run: str
    state: OccurrenceState


@dataclass
class Reading:
    """Reads messages, and says of each mailbox what is wrong with it. ``parts`` are by occurrence."""

    audit: Audit
    mailboxes: Mailboxes
    links: DownloadLinks
    translator: Translator
    parts: Mapping[str, Sequence[KeptPart]]
    by_ident: Mapping[str, list[Taken]] = field(init=False)

    def __post_init__(self) -> None:
        found = defaultdict[str, list[Taken]](list)
        for one in self.mailboxes.taken:
            found[one.ident].append(one)
        self.by_ident = found
        self.audit.posted = sum(one.posted for one in self.mailboxes.taken)

    async def compare(
        self, schedule: Planned, expected: Expected, row: Mapping[str, Any], sent: Sequence[Delivered]
    ) -> None:
        """Hold an occurrence against what was expected of it, and the mailboxes against both."""
        where, state = f"{schedule.title} of {expected.day}", OccurrenceState(row["state"])
        parts = self.parts.get(str(row["id"]), ())
        refused = expected.fate is Fate.REFUSED
        whole = concluded(sent) if schedule.parts is None else together(parts, sent)
        as_sent = {one.state for one in sent} == {"cancelled"} if refused else state is whole
        if state not in BY_STATE[expected.fate] or (sent and not as_sent):
            for address in schedule.recipients:
                states = sorted(one.state for one in sent)
                self._say(address, f"{where} was to be {expected.fate}, and is {state} with {states}")
        wanted = self._wanted(schedule, expected, parts, sent)
        if sorted(one.address for one in sent) != wanted:
            self._say(",".join(wanted), f"{where} has rows for {[one.address for one in sent]}")
        figures = dict[tuple[str, ...], int]()
        for one in sent:
            there = self.by_ident.get(one.id, [])
            most = 1 if one.state in ("accepted", "unknown") else 0
            if len(there) > most or (one.state == "accepted" and not there):
                self._say(one.address, f"{where} is there {len(there)} times, and is {one.state}")
            self.audit.arrived_unknown += one.state == "unknown" and bool(there)
            share = None if schedule.parts is None else schedule.parts.get(one.address, ())
            runs = [str(row["run"])] if share is None else [two.run for two in parts if two.values == share]
            if one.run not in runs:
                self._say(one.address, f"{where} holds another run than its own")
            for taken in there:
                said = read(self.mailboxes, taken)
                if share is not None and said.figures:
                    figures[share] = int(said.figures[0])
                for sentence in [found async for found in self._wrong(schedule, expected, one, taken, said)]:
                    self._say(one.address, f"{where}: {sentence}")
        self._add_up(where, expected, figures)

    def _wanted(
        self,
        schedule: Planned,
        expected: Expected,
        parts: Sequence[KeptPart],
        sent: Sequence[Delivered],
    ) -> list[str]:
        """Whose rows there are to be. Where a report could not be built there is none, and that is said."""
        if expected.fate not in (Fate.SENT, Fate.REFUSED) or not sent:
            return []
        failed = {one.values for one in parts if one.state is OccurrenceState.FAILED}
        failed -= {one.values for one in parts if one.run in {row.run for row in sent}}
        shares = schedule.parts or {}
        return sorted(one for one in expected.figures if shares.get(one) not in failed)

    def _add_up(self, where: str, expected: Expected, figures: Mapping[tuple[str, ...], int]) -> None:
        """Where all parts of one country arrived, what they say makes up the whole."""
        self.audit.parts += len(figures)
        apart = [figures.get((country,)) for country in COUNTRIES]
        counts = [one for one in apart if one is not None]
        if len(counts) < len(COUNTRIES):
            return
        self.audit.summed += 1
        if sum(counts) != expected.figure:
            self._say(where, f"its parts say {counts}, which is not {expected.figure} together")

    async def _wrong(
        self, schedule: Planned, expected: Expected, one: Delivered, taken: Taken, said: Said
    ) -> AsyncGenerator[str]:
        """What is wrong with a message."""
        covers = expected.covers.isoformat()
        title = schedule.title
        if taken.posted:
            if said.days != (covers, covers):
                yield f"it is about {said.days} in place of {covers}"
        else:
            formatter = formatter_for(self.translator, language_of(one.address), "UTC")
            title = f"{title} · {formatter.period(covers, covers)}"
        if said.title != title:
            yield f"its subject is {said.title!r} in place of {title!r}"
        if taken.recipient != one.address or one.address not in said.to:
            yield f"it is to {said.to} and went to {taken.recipient}"
        figure = expected.figures.get(one.address)
        if said.figures != (str(figure),) * said.stated:
            yield f"it says {said.figures} in place of {figure}"
        linked = [await self._file(token) for token in said.links]
        held = said.files if schedule.mode is Mode.ATTACH and not taken.posted else linked
        count = len(said.files) + len(linked)
        if count != len(schedule.formats) or set(held) != set(one.artifacts):
            yield f"it holds {len(said.files)} files and {len(linked)} links, not {len(schedule.formats)}"

    async def _file(self, token: str) -> str:
        """The hash of the file behind a link."""
        try:
            return (await self.links.open(token)).sha256
        except BilanError as error:
            return str(error.message)

    def _say(self, address: str, sentence: str) -> None:
        self.audit.say(Wrong.MAILBOX, address, sentence)


def concluded(sent: Sequence[Delivered]) -> OccurrenceState:
    """How an occurrence ends, or a part of one, whose rows ended so."""
    accepted = sum(one.state == "accepted" for one in sent)
    if accepted == len(sent):
        return OccurrenceState.SENT
    unknown = any(one.state == "unknown" for one in sent)
    return OccurrenceState.INCOMPLETE if accepted or unknown else OccurrenceState.FAILED


def together(parts: Iterable[KeptPart], sent: Sequence[Delivered]) -> OccurrenceState:
    """How an occurrence ends whose parts ended so; of what could not be built there is no row."""
    states = set[OccurrenceState]()
    for part in parts:
        theirs = [one for one in sent if one.run == part.run]
        states.add(concluded(theirs) if theirs else part.state)
    if OccurrenceState.INCOMPLETE in states or {OccurrenceState.SENT, OccurrenceState.FAILED} <= states:
        return OccurrenceState.INCOMPLETE
    best = (OccurrenceState.SENT, OccurrenceState.FAILED, OccurrenceState.WITHHELD)
    return next((one for one in best if one in states), OccurrenceState.FAILED)
