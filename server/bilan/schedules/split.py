"""Split: each recipient of a schedule gets the part of its report that is theirs.

A part is the report with some values of one of its filters. Whose values they
are is decided by an attribute of the recipient, or by a table of recipients
and values. See docs/decisions/114.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.delivery.values import Addressee
from bilan.parameters.kinds import texts
from bilan.recipients.book_import import lines_of
from bilan.schedules.split_rule import RecipientValues
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _
from bilan.work.idempotency import request_hash

SEVERAL = (ParameterKind.TAGS, ParameterKind.CHOICES)
"""The kinds of parameters that can hold several values."""
MOST_VALUES = 100
"""Values of one recipient."""
MOST_PARTS = 200
"""Different parts of one occurrence: each is a run of its own."""
LONGEST_VALUE = 200
NO_VALUE = _("No value is written down for them.")


@dataclass(frozen=True, slots=True)
class AssignedPart:
    """A part of a report: the values of its filter, and whose it is."""

    values: tuple[str, ...]
    people: tuple[Addressee, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who gets which part, and who gets none, with the reason."""

    parts: tuple[AssignedPart, ...]
    without: tuple[tuple[Addressee, Message], ...]


def splittable(kind: ReportKind) -> tuple[Parameter, ...]:
    """The parameters of a kind that a report can be split by."""
    return tuple(one for one in kind.parameters if one.kind in SEVERAL)


def part_key(parameter: str, values: Iterable[str]) -> str:
    """The same for the same values of the same parameter."""
    return request_hash(parameter, sorted(values))


def assign(
    people: Iterable[Addressee],
    values: Mapping[UUID, tuple[str, ...]],
    own: Sequence[str],
    refused: Mapping[UUID, Message],
) -> Assignment:
    """Who gets which part; those with the same values share one.

    ``values`` are those of each recipient by id. ``own`` are those of the
    report itself, which no part goes beyond; without any it shows all.
    ``refused`` says why somebody gets nothing whatever their values are.
    """
    parts, without = dict[tuple[str, ...], list[Addressee]](), list[tuple[Addressee, Message]]()
    for one in people:
        theirs = tuple(sorted(set(values.get(one.id, ()))))
        shown = tuple(value for value in theirs if not own or value in own)
        if one.id in refused:
            without.append((one, refused[one.id]))
        elif not theirs:
            without.append((one, NO_VALUE))
        elif not shown:
            without.append((one, _outside(theirs)))
        else:
            parts.setdefault(shown, []).append(one)
    found = tuple(AssignedPart(values, tuple(parts[values])) for values in sorted(parts))
    if len(found) > MOST_PARTS:
        raise Invalid(
            _("A report is split into at most {most} parts; these are {count}.",
              most=MOST_PARTS, count=len(found)),
            ("values",),
        )  # fmt: skip
    return Assignment(found, tuple(without))


def checked_values(given: Iterable[str]) -> tuple[str, ...]:
    """Values as they are kept: each once, in order. Raises ``Invalid`` at ``values``."""
    found = tuple(sorted(texts(tuple(given))))
    if len(found) > MOST_VALUES:
        raise Invalid(_("One recipient has at most {most} values.", most=MOST_VALUES), ("values",))
    for one in found:
        if len(one) > LONGEST_VALUE:
            raise Invalid(_("A value has at most {most} characters.", most=LONGEST_VALUE), ("values",))
    return found


def checked_table(given: Iterable[RecipientValues]) -> tuple[RecipientValues, ...]:
    """The table with each address once, in lower case, and all values that stand beside it.

    Raises ``Invalid`` at ``values``.
    """
    found = dict[str, list[str]]()
    for one in given:
        if not (address := lower(one.address)):
            said = _("{text} is no address; write one beside its values.", text=one.address[:80])
            raise Invalid(said, ("values",))
        found.setdefault(address, []).extend(one.values)
    return tuple(RecipientValues(address, checked_values(values)) for address, values in found.items())


def read_table(text: str) -> tuple[RecipientValues, ...]:
    """The table that CSV holds: an address, then its values, in columns or separated by semicolons.

    Columns are separated by commas, tabs or semicolons; a line without an
    address at the top is a heading. Raises ``Invalid`` at ``values`` with the number of the line.
    """
    lines = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()
    first = next((one for one in lines if one.strip()), "")
    delimiter = next((one for one in "\t," if one in first), ";")
    found, heading = list[RecipientValues](), True
    for number, cells in lines_of(StringIO("\n".join(lines)), delimiter, "values"):
        address, *others = [one.strip() for one in cells] or [""]
        if not address and not any(others):
            continue
        if not _is_address(address):
            if not heading:
                raise Invalid(
                    _("Line {number}: {text} is no address; write an address, a comma and its values.",
                      number=number, text=address[:80]),
                    ("values",),
                )  # fmt: skip
        else:
            values = [value for cell in others for value in cell.split(";")]
            found.append(RecipientValues(address, tuple(values)))
        heading = False
    return checked_table(found)


def written_table(table: Iterable[RecipientValues]) -> str:
    """The table as CSV that :func:`read_table` reads."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows((one.address, ";".join(one.values)) for one in table)
    return text.getvalue()


def _is_address(text: str) -> bool:
    return "@" in text or "://" in text


def _outside(values: Sequence[str]) -> Message:
    return _("The report does not show {values}.", values=", ".join(values))
