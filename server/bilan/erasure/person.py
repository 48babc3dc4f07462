"""Whom an erasure is about, kept sealed until it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

import msgspec

from bilan.contacts import read_address
from bilan.contacts.addresses import pseudonym
from bilan.contacts.forms import Forms
from bilan.contacts.models import ErasureRow
from bilan.seal import Seal
from bilan.sources.models import SourceRow
from bilan.warehouse.erasing import Forgotten


class Sealed(msgspec.Struct, frozen=True):
    """What is sealed: the address, and what was found with it before anything was rewritten."""

    address: str
    key: str
    leads: tuple[str, ...] = ()
    """Texts that tell the contact's rows apart, such as the threads of conversations."""
    others: tuple[str, ...] = ()
    """Other personal texts that stand with nobody else, such as a name."""
    found: bool = False
    """Whether these were looked for."""


@dataclass(frozen=True)
class Person:
    """The person of one erasure."""

    sealed: Sealed
    sources: frozenset[UUID]

    @cached_property
    def forms(self) -> Forms:
        """How they stand in texts and files."""
        return Forms([read_address(self.sealed.address)], self.sealed.others)

    @property
    def pseudonym(self) -> str:
        """What takes the place of the address."""
        return pseudonym(self.sealed.key, self.forms.addresses[0].text)

    @property
    def forgotten(self) -> Forgotten:
        """How the warehouse is asked to forget them."""
        return Forgotten(
            sorted(self.sources),
            self.forms.whole,
            self.forms.pattern,
            self.pseudonym,
            self.sealed.key,
            self.sealed.leads,
        )


def close(seal: Seal, sealed: Sealed) -> str:
    """As it is kept in the catalog."""
    return seal.close(msgspec.json.encode(sealed).decode())


async def person_of(seal: Seal, row: ErasureRow) -> Person:
    """Whom an erasure is about that is not done."""
    sources = await SourceRow.filter(workspace_id=row.workspace).values_list("id", flat=True)
    sealed = msgspec.json.decode(seal.open(row.sealed), type=Sealed)
    return Person(sealed, frozenset(UUID(str(one)) for one in sources))


async def note(
    seal: Seal, row: ErasureRow, person: Person, leads: Iterable[str], others: Iterable[str]
) -> Person:
    """Keep what was found with the address."""
    sealed = replace_found(person.sealed, leads, others)
    await ErasureRow.filter(id=row.id).update(sealed=close(seal, sealed))
    return replace(person, sealed=sealed)


def replace_found(sealed: Sealed, leads: Iterable[str], others: Iterable[str]) -> Sealed:
    """The same with what was found."""
    known = {*sealed.leads, *leads}
    return msgspec.structs.replace(
        sealed,
        leads=tuple(sorted(known)),
        others=tuple(sorted({*sealed.others, *others} - known)),
        found=True,
    )
