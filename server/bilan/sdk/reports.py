"""Report kinds, as a plugin declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bilan.sdk.document import Block, Table, Text
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Choices, Parameter, Values
from bilan.sdk.periods import Compare, Period, Preset, Span
from bilan.sdk.query import QueryClient


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is built from: everything validated, nothing to look up.

    ``values`` holds the kind's own parameters. The common ones have fields:
    the period as it was asked for, the comparison, the zone that cuts days,
    the first weekday (Monday = 0) and the as-of moment of the run (UTC).
    """

    kind: str
    title: str | None
    values: Values
    period: Period
    compare: Compare
    zone: str
    first_weekday: int
    as_of: datetime
    blocks: tuple[str, ...] = ()
    """The parts that are to be shown, in order; without any, all. The document holds all the same."""
    today: datetime | None = None
    """The moment in whose day relative periods end, where that is not the as-of moment."""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def span(self, oldest: datetime | None = None) -> Span:
        """The days of the report; ``oldest`` is the first selected fact's moment, for "since the oldest"."""
        zone = ZoneInfo(self.zone)
        return self.period.resolve(
            (self.today or self.as_of).astimezone(zone).date(),
            self.zone,
            first_weekday=self.first_weekday,
            oldest=oldest.astimezone(zone).date() if oldest else None,
        )


class Building(QueryClient, Protocol):
    """What a report is built with: it answers questions and takes long tables off the plugin's hands."""

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the sources that are read, by their ids."""
        ...

    @property
    def span(self) -> Span:
        """The days of the report; "since the oldest" begins with the oldest fact of the kind's datasets."""
        ...

    def keep(self, table: Table, rows: Iterable[list[Any]]) -> Table:
        """The table with these rows, read once and in order.

        Up to 1,000 of them stay in the document; more are written to the file
        store while they are read, so that they are never in memory together.
        """
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """A report as its kind builds it: a title and blocks. The core makes the document of it.

    ``notes`` are what a reader must know before comparing figures. ``span``
    are the days it covers where they are not those of ``building.span``.
    """

    title: Text
    blocks: tuple[Block, ...]
    subtitle: Text | None = None
    notes: tuple[Message, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A report of a kind that many want: somewhere to start from, and what the demo shows.

    ``values`` are parameters, common ones too, as they would be filled in;
    what is missing has its default.
    """

    key: str
    label: Message
    description: Message
    values: Mapping[str, Any]


COMMON = ("period", "compare")
"""The common parameters that a kind may leave out."""


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report.

    The core adds the common parameters ``period``, ``compare``, ``zone`` and
    ``first_weekday`` to ``parameters``; of the first two, those in ``common``.
    ``build`` turns a request into a :class:`Report`; it runs in a worker's
    thread and may block. ``personal`` marks a kind whose output holds rows
    about single persons: it needs the permission ``export_contact_data``.
    """

    key: str
    label: Message
    description: Message
    parameters: tuple[Parameter, ...]
    build: Callable[[ReportRequest, Building], Report]
    datasets: tuple[str, ...]
    """The datasets it reads; their sources are the report's sources."""
    default_period: Preset = Preset.LAST_30_DAYS
    personal: bool = False
    blocks: tuple[Choice, ...] | Choices = ()
    """The keys of the document's outermost blocks, with their names: what people pick and put in order.

    They may depend on the kind's own parameters, as the choices of a parameter do.
    """
    examples: tuple[Example, ...] = ()
    """Reports of this kind to start from, the most wanted first."""
    common: tuple[str, ...] = COMMON
    """Which of ``period`` and ``compare`` it uses; the others are asked of nobody and printed nowhere.

    Without a period it looks at all time, and without a comparison ``request.compare`` is none.
    """
    formats: tuple[str, ...] = ()
    """The file formats that make sense for it beside its page (``html``), such as ``("csv", "xlsx")``.

    Without any, all there are.
    """
    named_by: str = ""
    """The key of the parameter whose value names a saved report, such as the contact that it is about.

    The page of such a kind lists the reports that were saved, and saving one begins to build it.
    """
    one_at_a_time: bool = False
    """Whether a workspace has one run of it in progress at most.

    Another one that somebody asks for meanwhile is refused with the name of the one in progress; that of
    a schedule waits until it is over. See docs/decisions/112.
    """
    page: Message | None = None
    """What it is called in the navigation, below its plugin's label, where it is a page of its own."""
