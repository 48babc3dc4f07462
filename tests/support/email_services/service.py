"""What the tests' e-mail services share: faults, calls, and a source that is pulled from one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bilan.outbound.samples import SampleClient, SampleContext
from bilan.sdk import (
    BilanError,
    Checkpoint,
    Dataset,
    Fact,
    Pull,
    PullNote,
    PullRange,
    Reject,
    SampleReply,
    SampleRequest,
    SourceKind,
)
from bilan_email_campaigns.datasets import DATASETS

BY_KEY: Mapping[str, Dataset] = {dataset.key: dataset for dataset in DATASETS}
ORDER = ("recipient", "kind", "campaign")
Place = tuple[str, tuple[Any, ...]]


@dataclass
class Service:
    """A service. ``before`` is called with each request, and may change the world or answer in its place."""

    calls: list[SampleRequest] = field(default_factory=list[SampleRequest])
    before: Callable[[SampleRequest, int], SampleReply | None] = lambda _request, _number: None

    def answer(self, request: SampleRequest) -> SampleReply:
        """The answer to a request."""
        self.calls.append(request)
        return self.before(request, len(self.calls)) or self.reply(request)

    def reply(self, request: SampleRequest) -> SampleReply:
        """What the service says in the present state of its world."""
        raise NotImplementedError

    def asked(self, ending: str) -> int:
        """How often addresses with this end were asked."""
        return sum(call.url.endswith(ending) for call in self.calls)


class Killed(Exception):
    """The process ended here."""


@dataclass
class PulledSource:
    """A source of a kind, with what it holds and where its pulls have got."""

    service: Service
    kind: SourceKind
    settings: dict[str, Any]
    now: datetime
    table: dict[Place, dict[str, Any]] = field(default_factory=dict[Place, dict[str, Any]])
    state: Mapping[str, Any] | None = None
    rejects: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])

    @property
    def pulls(self) -> Pull:
        """How its kind is pulled."""
        assert self.kind.pull is not None
        return self.kind.pull

    def context(self, days: PullRange | None = None, state: Mapping[str, Any] | None = None) -> SampleContext:
        """What a check or a pull is given."""
        defaults = {one.key: one.default for one in self.kind.settings if one.default is not None}
        settings = {**defaults, **self.settings}
        client = SampleClient(self.service.answer, self.pulls.hosts(settings))
        return SampleContext(settings, client, self.now, days, state)

    def pull(self, days: PullRange | None = None, kill_at: frozenset[int] = frozenset()) -> int:
        """Pull to the end, killed behind these checkpoints; how many checkpoints there were."""
        state, number, self.notes = None if days else self.state, 0, []
        while True:
            try:
                for item in self.pulls.pull(self.context(days, state)):
                    if isinstance(item, Checkpoint):
                        state = json.loads(json.dumps(dict(item.state)))
                        assert len(json.dumps(state)) < 16 * 1024
                        number += 1
                        if number in kill_at:
                            raise Killed
                    else:
                        self._take(item)
            except Killed:
                continue
            break
        if days is None:
            self.state = state
        return number

    def failing(self) -> BilanError:
        """What the pull fails with."""
        try:
            self.pull()
        except BilanError as error:
            return error
        raise AssertionError("the pull went well")

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """The rows of a dataset, by time."""
        found = [row for (key, _identity), row in self.table.items() if key == dataset]
        return sorted(
            found, key=lambda row: (row["occurred_at"], str(row.get("recipient")), str(row.get("kind")))
        )

    def told(self, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of the events."""
        return [tuple(row[column] for column in columns) for row in self.rows("email.events")]

    def _take(self, item: object) -> None:
        match item:
            case Fact():
                dataset = BY_KEY[item.dataset]
                place = item.dataset, tuple(item.row.get(column, "") for column in dataset.identity)
                # Events never change: the first copy stays.
                if dataset.key != "email.events" or place not in self.table:
                    self.table[place] = dict(item.row)
            case Reject():
                self.rejects.append(str(item.reason))
            case PullNote():
                self.notes.append(str(item.message))
            case _:
                raise AssertionError(item)
