"""Values as types of the schema: fields of the same names, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
import strawberry

from bilan.graphql.presenting import as_type
from bilan.sdk.messages import Message, messages

_ = messages("bilan")[0]
ONE, TWO = UUID(int=1), UUID(int=2)
PARCEL, LATE = _("Parcel {n}", n=3), _("late")


@strawberry.type
class ParcelType:
    """A parcel as the schema has it."""

    id: strawberry.ID
    label: str
    sources: list[strawberry.ID]
    remarks: list[str]
    note: str | None
    weight: int

    @strawberry.field
    def heavy(self) -> bool:
        """What a resolver answers is no field of the value."""
        return self.weight > 10


@dataclass(frozen=True)
class Parcel:
    """A parcel as the house has it."""

    id: UUID = ONE
    label: Message = PARCEL
    sources: frozenset[UUID] = frozenset({TWO, ONE})
    remarks: tuple[Message | str, ...] = (LATE, "as is")
    note: Message | None = None


def test_a_field_is_the_values_of_the_same_name_unless_it_is_given() -> None:
    made = as_type(ParcelType, Parcel(), lambda message: str(message).upper(), weight=12)
    assert made == ParcelType(
        id=strawberry.ID(str(ONE)),
        label="PARCEL 3",
        sources=[strawberry.ID(str(ONE)), strawberry.ID(str(TWO))],
        remarks=["LATE", "as is"],
        note=None,
        weight=12,
    )


def test_a_field_that_the_value_lacks_is_a_mistake() -> None:
    with pytest.raises(AttributeError, match="weight"):
        as_type(ParcelType, Parcel())
