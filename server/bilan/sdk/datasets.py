"""Tables of facts, as a plugin declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bilan.sdk.messages import Message

Row = dict[str, Any]

UNDATED = datetime(1990, 1, 1, tzinfo=UTC)
"""Where a fact stands whose sender gave no time: outside every period, one for all copies, shown as none."""


class ColumnType(StrEnum):
    """What a column holds. Every type but TEXTS may be empty (``None``) where ``nullable`` is set."""

    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    """A moment in UTC, to the microsecond (``datetime`` with a zone)."""
    DATE = "date"


class Keep(StrEnum):
    """Which copy of a fact stays when the same one arrives again."""

    FIRST = "first"
    """Facts that never change: the first copy stays, later ones are dropped."""
    LAST = "last"
    """Things that change: the last copy stays, wherever it moves to, until it is retracted."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset.

    ``dimension`` marks a column that people group and filter by; its values
    are few enough to be listed. ``personal`` marks one that holds or leads to
    a single person, guarded by the permission ``export_contact_data``.

    ``due`` marks what only holds from a time on, which is written before and
    reads as empty until then: ``True`` in a column of type INSTANT that holds
    this time, or the name of such a column of the same dataset. A TEXT column
    that is due reads as ``until`` meanwhile. So nothing has to happen when the
    time comes, and a question as of an earlier moment finds what was so then.
    Only in a dataset that changes, without a rollup.

    ``picture`` marks a column of type TEXT that holds the key of a picture in
    the file store, as a pull or a file handed it over, or nothing. The core
    keeps a picture as long as a fact of the source names it.
    """

    name: str
    type: ColumnType
    label: Message
    description: Message | None = None
    dimension: bool = False
    nullable: bool = False
    personal: bool = False
    due: bool | str = False
    until: str = ""
    picture: bool = False


class Activity(NamedTuple):
    """What a contact did, as a row of the shared dataset ``contact.activity``."""

    contact: str
    """The contact's address as the source knows it, usually an e-mail address."""
    category: str
    """``email``, ``campaign``, ``inbox`` or ``profile``."""
    action: str
    subject: str = ""
    detail: str = ""
    archived: bool = False
    at: datetime | None = None
    """When, in UTC; without it at the time of the fact."""
    key: str = ""
    """What tells several activities of one fact apart, and stays as long as it is the same one."""
    subject_key: str = ""
    """The key of the subject in its source, such as a campaign's, by which its archive is looked up."""


@dataclass(frozen=True, slots=True)
class Same:
    """That two addresses of contacts are one person, since a moment in UTC.

    Only e-mail addresses and phone numbers with their country's code name somebody in every source; of other
    names nothing is kept. What was told stays, whatever is told later; people may undo it.
    """

    a: str
    b: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SameIf:
    """Which rows tell that addresses are one person, and which these are.

    Rows whose ``column``, a TEXT, holds one of ``values`` are given to ``tell``, a pure function.
    """

    column: str
    values: tuple[str, ...]
    tell: Callable[[Row], Same | Iterable[Same] | None]


@dataclass(frozen=True, slots=True)
class DistinctKey:
    """Columns whose different combinations a metric counts, kept as one number a row.

    A metric ``Distinct(columns, …)`` counts by it; rows in which a column of
    ``present`` is empty have no key, so in a rollup its condition must ask for
    those columns (``Present``). The number is a hash of 64 bits: among ten
    million different combinations a count is off by one once in 370,000.
    Keys that differ in dimensions of the rollup alone take the place of one.

    ``unless`` are pairs of columns, of which the first tells combinations
    apart only where the second, a text, is empty.
    """

    columns: tuple[str, ...]
    present: tuple[str, ...] = ()
    unless: tuple[tuple[str, str], ...] = ()

    def guards(self, column: str) -> tuple[str, ...]:
        """The columns that must be empty for a column to count."""
        return tuple(other for name, other in self.unless if name == column)


@dataclass(frozen=True, slots=True)
class Once:
    """What can happen to a thing only once, however often and under whatever ids its sender tells of it.

    Each of ``outcomes`` says by pairs of a column and its text which facts
    tell of one. ``keys`` say what it happened to: for a fact the first of them
    counts of which all columns in ``present`` hold something; a fact for which
    none does repeats nothing. Of a source's facts with the same key and outcome
    the earliest counts, then that of the smallest identity. In the others
    ``column``, a BOOLEAN which the core fills, is true from the moment at which
    an earlier one was there: metrics leave them out by a condition on it.
    ``undated`` names a BOOLEAN that is true in facts without a time of their
    own, which come behind all others.
    """

    column: str
    outcomes: tuple[tuple[tuple[str, str], ...], ...]
    keys: tuple[DistinctKey, ...]
    undated: str = ""


@dataclass(frozen=True, slots=True)
class Rollup:
    """What the core counts in advance, day by day: so long periods cost little.

    ``dimensions`` are the columns that most questions group and filter by, of
    which a day has few different combinations; ``keys`` are what metrics
    count different ones of; ``sums`` are columns of whole numbers. A question
    about anything else reads the facts.
    """

    dimensions: tuple[str, ...]
    keys: tuple[DistinctKey, ...] = ()
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """Rows that the core makes of another dataset's rows, and keeps right whatever arrives.

    ``make`` is given rows of the dataset ``of``, the log: all of one source
    that have the same texts in the columns ``by``, in the order of their time,
    then of their identity, each with the ``columns`` of the log that it names
    and those of ``by``, or with every one. It gives the
    rows of the derived dataset that follow from them, whose columns ``by`` the
    core fills. Rows of the log in which one of ``by`` is empty are left out.

    ``make`` is pure: the same rows give the same, and it neither changes them
    nor reads a clock. An identity follows from the rows too (such as that of the
    first message) and is a source's only one. What it raises leaves the rows of
    these texts as they were, and is told on the source's page.

    ``settings`` names the settings of the source that ``make`` reads, and it is
    given no others; those that a kind of source does not have are missing.
    When one of them changes, or ``version`` does, all rows are made anew: raise
    it whenever ``make`` gives something else.
    """

    of: str
    by: tuple[str, ...]
    make: Callable[[Sequence[Row], Mapping[str, Any]], Iterable[Row]]
    version: int = 1
    settings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def given(self, log: Dataset) -> tuple[Column, ...]:
        """The columns of the log that ``make`` is given."""
        named = {*self.by, *self.columns}
        return tuple(one for one in log.columns if one.name in named or not self.columns)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table of facts.

    The core adds ``source`` (the id of the source), ``ingested_at`` (UTC) and
    its own bookkeeping. ``time`` names the column of type INSTANT that says
    when the fact happened; periods are cut on it. It may be of type DATE, where
    the source itself counts by days, as networks do: those days are taken as
    they are in every zone, the answer says so, and they have no hours.
    ``identity`` names the
    columns that, with the source, make two rows the same fact. ``sort`` names
    columns that stand before the identity in the table's order, for speed; a
    fact's values in them must not differ between its copies.

    ``activity`` is the projection onto ``contact.activity``: a pure function
    of a row, which gives what contacts did by it: one activity, several with
    keys of their own, or ``None``. Where the dataset changes, an activity that no longer follows from the
    row is withdrawn with it; where it does not, copies of a fact must agree about contact and time.
    ``contact`` names the column of type TEXT that holds the contact's address, as its activities do:
    the facts that name a contact there are that contact's, with all that is in columns
    marked ``personal``, and go with them when the contact is erased.
    ``same`` says which rows tell that addresses are one person, such as one that was changed. Only a
    dataset that names its contact and keeps the first copy has it: its facts stay.
    ``retention_days`` is how long facts are kept; ``None`` keeps them.
    ``rollup`` is what is counted in advance, where that is worth it. ``once``
    is what can happen only once, in a dataset that keeps the first copy.
    ``derived`` says of which other rows its rows are made; it takes no facts
    then, and keeps the last copy.
    """

    key: str
    label: Message
    description: Message
    columns: tuple[Column, ...]
    identity: tuple[str, ...]
    time: str = "occurred_at"
    sort: tuple[str, ...] = ("occurred_at",)
    keep: Keep = Keep.FIRST
    retention_days: int | None = None
    activity: Callable[[Row], Activity | Iterable[Activity] | None] | None = None
    rollup: Rollup | None = None
    once: Once | None = None
    derived: Derivation | None = None
    contact: str = ""
    same: SameIf | None = None

    @property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @property
    def timed_by_day(self) -> bool:
        """Whether its facts have a day of the source's own instead of a moment."""
        return any(one.name == self.time and one.type is ColumnType.DATE for one in self.columns)

    def moment(self, row: Row) -> datetime:
        """When a row happened; of a day, its first moment in UTC."""
        time = row[self.time]
        if isinstance(time, datetime):
            return time
        return datetime(time.year, time.month, time.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fact:
    """One row on its way into a dataset. Values have the column's Python type; missing ones are empty.

    ``number`` is the row's number in its file or batch, counted from 1, told
    to people where the fact cannot be used: the number of its line, where the
    file has lines. Without one, facts and rejects are counted as they come.
    """

    dataset: str
    row: Row = field(hash=False)
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Retract:
    """A fact that counts no more. As of earlier moments it still does.

    ``identity`` has the values of the identity's columns. Only facts of a
    dataset that keeps the last copy can be retracted, and they are in the
    order of arrival: a fact that comes after its retraction is there again.
    ``number`` is that of a ``Fact``.
    """

    dataset: str
    identity: Row = field(hash=False)
    number: int | None = None


@dataclass(frozen=True, slots=True)
class RowFacts:
    """The facts that one row of a file gives, which are taken together or not at all.

    They count as one row. ``raw`` is the row as it came, kept where one of them cannot be used.
    """

    number: int
    facts: tuple[Fact, ...]
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used, kept with its reason and listed to people.

    ``number`` is the row's number in its file or batch, counted from 1: that of
    its first line, where the file has lines.
    """

    number: int
    reason: Message
    raw: str
