"""One contact in GraphQL: what they did, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bilan.sdk import Argument, Is, QueryClient, QueryField, contact_timeline, read_contact
from bilan_contacts.vocabulary import ACTIVITY

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """Something that a contact did or went through."""

    occurred_at: datetime = field(metadata={"description": "When, in UTC."})
    category: str = field(metadata={"description": "The category, such as campaign."})
    action: str = field(metadata={"description": "What was done, such as opened."})
    subject: str = field(metadata={"description": "What it is about, such as a campaign."})
    detail: str = field(metadata={"description": "More about it, such as a link."})
    source: str = field(metadata={"description": "The id of the source that tells of it."})
    dataset: str = field(metadata={"description": "The dataset of the fact that tells of it."})
    fact: str = field(metadata={"description": "The identity of that fact."})


@dataclass(frozen=True)
class Timeline:
    """A page of a contact's timeline."""

    nodes: list[Entry] = field(metadata={"description": "What the contact did, the newest first."})
    end_cursor: str | None = field(
        metadata={"description": "The cursor of the last one; go on with it as after."}
    )
    has_next_page: bool = field(metadata={"description": "Whether there are older ones."})


@dataclass(frozen=True)
class Contact:
    """One contact."""

    address: str = field(metadata={"description": "The address as sources name it."})
    addresses: list[str] = field(
        metadata={"description": "All addresses of the same person, in order; the timeline tells of each."}
    )
    known: bool = field(metadata={"description": "Whether any source knows it."})
    timeline: Timeline = field(metadata={"description": "What the contact did, the newest first."})


def _contact(
    client: QueryClient,
    *,
    address: str | None,
    categories: list[str] | None,
    first: int | None,
    after: str | None,
) -> Contact:
    contact = read_contact(address or "")
    page = contact_timeline(
        client,
        contact,
        categories=tuple(categories or ()),
        after=after or "",
        limit=PAGE if first is None else first,
    )
    nodes = [
        Entry(
            one.occurred_at, one.category, one.action, one.subject, one.detail, one.source, one.dataset,
            one.fact,
        )
        for one in page.entries
    ]  # fmt: skip
    known = bool(nodes) or client.extent(ACTIVITY, where=Is("contact", contact)) is not None
    return Contact(
        contact, list(client.addresses(contact)), known, Timeline(nodes, page.end or None, page.more)
    )


QUERY_FIELDS = (
    QueryField(
        "contact",
        "One contact by their address, with what they did in any source. An unknown one did nothing.",
        Contact,
        _contact,
        {
            "address": Argument(str, "An e-mail address, a phone number, or a tool's own id."),
            "categories": Argument(list[str], "Only these categories; all without any."),
            "first": Argument(int, "How many entries of the timeline, up to 500; 50 without it."),
            "after": Argument(str, "The cursor after which the timeline goes on."),
        },
        personal=True,
    ),
)
