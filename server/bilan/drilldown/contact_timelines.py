"""Contact timelines on pages: by an address that does not say whose. See docs/decisions/122."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import msgspec

from bilan.accounts.policy import Action, allowed, require
from bilan.contacts.addresses import PREFIX
from bilan.drilldown.drilldown import fact_columns
from bilan.drilldown.paging import type_of
from bilan.sdk.activity_categories import ActivityCategory
from bilan.sdk.conditions import AllOf, Condition, Is
from bilan.sdk.contact_timeline import ACTIVITY, TimelinePage, contact_timeline
from bilan.sdk.document import TableColumn, plain_value
from bilan.sdk.errors import NotFound
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.seal import Seal, Sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bilan.accounts.values import Principal
    from bilan.query.query import Query
    from bilan.query.session import QuerySession
    from bilan.registry.declared import Registry
    from bilan.sdk.datasets import Dataset

PAGE = 50


class ReadableSource(Protocol):
    """A source whose facts somebody may see."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


class ReadableSources(Protocol):
    """Knows the sources whose facts somebody may see."""

    async def readable(self, actor: Principal) -> Sequence[ReadableSource]: ...


@dataclass(frozen=True)
class ShownTimeline:
    """A page of a contact's timeline; ``categories`` are those that the contact has anything in."""

    contact: str
    page: TimelinePage
    categories: tuple[str, ...]
    activities: Mapping[str, ActivityCategory]
    sources: Mapping[str, str]
    """Their names by their ids."""


@dataclass(frozen=True)
class ShownFact:
    """The fact behind an entry of a timeline, with a value for each column."""

    contact: str
    label: Message
    columns: tuple[TableColumn, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class FactAddress:
    """Which fact of which source."""

    source: str
    dataset: str
    fact: str


class ContactTimelines:
    """What single contacts did, for those who may see rows about single persons."""

    def __init__(self, registry: Registry, query: Query, sources: ReadableSources, seal: Seal) -> None:
        self._registry, self._query, self._sources, self._seal = registry, query, sources, seal

    def address(self, actor: Principal, contact: str) -> str:
        """What a contact's pages are asked for by; empty for whoever may not see them, and for the erased."""
        if not contact or contact.startswith(PREFIX) or not allowed(actor, Action.EXPORT_CONTACT_DATA):
            return ""
        return self._seal.close(f"{actor.workspace} {contact}")

    def closed(self, text: str) -> str:
        """A place on a timeline, or a fact's name, for an address: either may hold the contact's own."""
        return self._seal.close(text) if text else ""

    def _opened(self, closed: str) -> str:
        try:
            return self._seal.open(closed) if closed else ""
        except Sealed:
            raise NotFound(_("This address leads to no entry any more; go back to the contact.")) from None

    async def page(self, actor: Principal, address: str, *, category: str, after: str) -> ShownTimeline:
        """What the contact did, the newest first; ``after`` is :meth:`closed`.

        Raises ``Forbidden``, ``NotFound``, ``Invalid``.
        """
        contact, after = self._contact(actor, address), self._opened(after)
        readable = await self._sources.readable(actor)
        client = await self._query.session([one.id for one in readable])

        def look(client: QuerySession) -> ShownTimeline:
            chosen = (category,) if category else ()
            return ShownTimeline(
                contact,
                contact_timeline(client, contact, categories=chosen, after=after, limit=PAGE),
                client.values(ACTIVITY, "category", where=Is("contact", contact)),
                client.activities,
                {str(one.id): one.name for one in readable},
            )

        return await self._query.ask(actor.person, client, look)

    async def fact(self, actor: Principal, address: str, wanted: FactAddress) -> ShownFact:
        """The fact that tells what the contact did; its name is :meth:`closed`.

        Raises ``Forbidden``, ``NotFound``.
        """
        contact = self._contact(actor, address)
        wanted = replace(wanted, fact=self._opened(wanted.fact))
        readable = await self._sources.readable(actor)
        dataset = self._registry.datasets.get(wanted.dataset)
        # Another address of a fact than that of something the contact did leads nowhere.
        told = AllOf(
            (Is("contact", contact), Is("dataset", wanted.dataset), Is("fact", wanted.fact),
             Is("source", wanted.source))
        )  # fmt: skip
        if dataset is None or wanted.source not in {str(one.id) for one in readable}:
            raise _no_fact()
        where = AllOf((Is("source", wanted.source), _identified(dataset, wanted.fact)))
        columns = tuple(fact_columns(dataset))
        client = await self._query.session([UUID(wanted.source)])

        def look(client: QuerySession) -> ShownFact:
            names = tuple(one.key for one in columns)
            mentioned = next(client.rows(ACTIVITY, ("fact",), where=told, limit=1), None)
            row = next(client.rows(dataset.key, names, where=where, limit=1), None) if mentioned else None
            if row is None:
                raise _no_fact()
            return ShownFact(contact, dataset.label, columns, tuple(plain_value(row[name]) for name in names))

        return await self._query.ask(actor.person, client, look)

    def _contact(self, actor: Principal, address: str) -> str:
        require(actor, Action.EXPORT_CONTACT_DATA)
        try:
            workspace, _blank, contact = self._seal.open(address).partition(" ")
        except Sealed:
            workspace, contact = "", ""
        if workspace != str(actor.workspace):
            raise NotFound(
                _("This address leads to no contact any more; go back to the rows that name them.")
            )
        return contact


def _identified(dataset: Dataset, fact: str) -> Condition:
    """The fact whose identity an activity names."""
    columns = [dataset.by_name[name] for name in dataset.identity]
    if len(columns) == 1 and type_of(columns[0]) is str:
        return Is(columns[0].name, fact)
    try:
        values = msgspec.json.decode(fact, type=list[Any])
        pairs = zip(columns, values, strict=True)
        parts = [Is(one.name, msgspec.convert(value, type_of(one))) for one, value in pairs]
    except (ValueError, msgspec.MsgspecError) as error:
        raise _no_fact() from error
    return AllOf(tuple(parts))


def _no_fact() -> NotFound:
    return NotFound(_("There is no such fact about this contact."))
