"""Projections onto ``contact.activity`` whose values each follow from a few columns.

See docs/decisions/082.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bilan.sdk.columns import DictionaryColumn, constant
from bilan.sdk.datasets import Activity, Row
from bilan.sdk.reading import each


class From(NamedTuple):
    """A text that follows from some columns of a fact: a pure function, and what it is called with.

    The texts may not depend on anything else, as the function is called once for equal values.
    """

    read: Callable[..., str]
    columns: tuple[str, ...]


NOTHING = From(str, ())
"""The empty text, from nothing."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A projection of facts that tell of one activity at most, with the time of the fact.

    ``contact`` is the column of the contact; a fact in which it is empty tells
    of none, and neither does one whose ``action`` is empty. Called with a row
    it is what ``Dataset.activity`` asks for; many facts at once are read column
    by column, which is far quicker.
    """

    contact: str
    category: From
    action: From
    subject: From = NOTHING
    detail: From = NOTHING
    subject_key: From = NOTHING

    def __call__(self, row: Row) -> Activity | None:
        """What a contact did by one fact."""
        if not row[self.contact]:
            return None
        action = _text(row, self.action)
        if not action:
            return None
        return Activity(
            row[self.contact],
            _text(row, self.category),
            action,
            _text(row, self.subject),
            _text(row, self.detail),
            subject_key=_text(row, self.subject_key),
        )

    def columns(
        self, facts: Mapping[str, DictionaryColumn]
    ) -> tuple[Sequence[int], dict[str, DictionaryColumn]]:
        """The positions of the facts that tell of an activity, and the columns of what they tell."""
        rows = facts[self.contact].filled()
        action = _texts(self.action, facts, rows)
        acted = action.filled()
        rows = rows if acted == range(len(rows)) else [rows[place] for place in acted]
        others = {
            "category": self.category,
            "subject": self.subject,
            "detail": self.detail,
            "subject_key": self.subject_key,
        }
        found = {name: _texts(one, facts, rows) for name, one in others.items()}
        return rows, {"contact": facts[self.contact].pick(rows), "action": action.pick(acted), **found}


def _texts(one: From, facts: Mapping[str, DictionaryColumn], rows: Sequence[int]) -> DictionaryColumn:
    picked = [facts[column].pick(rows) for column in one.columns]
    return each(one.read, *picked) if picked else constant(one.read(), len(rows))


def _text(row: Row, one: From) -> str:
    return one.read(*(row[column] for column in one.columns))
