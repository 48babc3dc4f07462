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
    of none. Called with a row it is what ``Dataset.activity`` asks for; many
    facts at once are read column by column, which is far quicker.
    """

    contact: str
    category: From
    action: From
    subject: From = NOTHING
    detail: From = NOTHING

    def __call__(self, row: Row) -> Activity | None:
        """What a contact did by one fact."""
        if not row[self.contact]:
            return None
        texts = (_text(row, one) for one in (self.category, self.action, self.subject, self.detail))
        category, action, subject, detail = texts
        return Activity(row[self.contact], category, action, subject, detail)

    def columns(
        self, facts: Mapping[str, DictionaryColumn]
    ) -> tuple[Sequence[int], dict[str, DictionaryColumn]]:
        """The positions of the facts that tell of an activity, and the columns of what they tell."""
        rows = facts[self.contact].filled()
        texts = {
            "category": self.category, "action": self.action, "subject": self.subject, "detail": self.detail
        }  # fmt: skip
        wanted = {self.contact, *(column for one in texts.values() for column in one.columns)}
        picked = {name: facts[name].pick(rows) for name in wanted}
        found = {"contact": picked[self.contact]}
        for name, one in texts.items():
            given = [picked[column] for column in one.columns]
            found[name] = each(one.read, *given) if given else constant(one.read(), len(rows))
        return rows, found


def _text(row: Row, one: From) -> str:
    return one.read(*(row[column] for column in one.columns))
