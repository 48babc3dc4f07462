"""Two addresses become one contact, by what a source tells or by hand, and two again when that is undone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from bilan.accounts import Permission, Principal, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.contacts.models import SameRow
from bilan.contacts.ties import tell as tell_same
from bilan.merges import MergeKind, Merges
from bilan.sdk.conditions import Is
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.query import Question
from bilan.sdk.sources import WebhookRequest
from bilan.sources import Source

pytestmark = pytest.mark.requirement("FX-06")

OLD, NEW, BEN, PHONE = "old@example.org", "new@example.org", "ben@example.org", "33612345678"
ACTIVITY = "contact.activity"


@pytest.fixture
async def audience(bilan: Bilan, owner_and_password: tuple[Principal, str]) -> Source:
    """A list of Mailchimp that Old and Ben are on."""
    made = await bilan.services.sources.add(
        owner_and_password[0],
        plugin="contacts",
        kind="mailchimp_audience",
        name="Letter",
        settings={"secret": "word"},
    )
    await tell(bilan, made, "subscribe", email=OLD)
    await tell(bilan, made, "subscribe", email=BEN)
    return made


@pytest.fixture
async def owner(owner_and_password: tuple[Principal, str], audience: Source) -> Principal:
    """The owner with the rights that they have since the list was added."""
    first, _password = owner_and_password
    assert first.person is not None
    actor = await principal_for(first.person)
    assert actor is not None
    return actor


async def tell(bilan: Bilan, source: Source, kind: str, **fields: str) -> None:
    """Post what happened in the audience."""
    form = {"type": kind, "fired_at": "2026-03-26 21:35:57", "data[list_id]": "a"}
    form |= {f"data[{name}]": value for name, value in fields.items()}
    request = WebhookRequest(urlencode(form).encode(), {}, {"secret": "word"}, "form", datetime.now(UTC))
    await bilan.services.inbox.accept(source.id, request)
    await bilan.appender.drain()


async def moves(bilan: Bilan, source: Source) -> None:
    """Old takes another address."""
    await tell(bilan, source, "upemail", old_email=OLD.upper(), new_email=NEW, new_id="1")


async def contacts(bilan: Bilan, source: Source, as_of: datetime | None = None) -> int:
    """How many contacts did something, as of a moment."""
    client = await bilan.services.query.session([source.id], as_of=as_of)
    answer = await asyncio.to_thread(client, Question(ACTIVITY, ("contact.contacts",)))
    return answer.totals["contact.contacts"]


async def history(bilan: Bilan, source: Source, contact: str) -> list[str]:
    """Who did what, as the contact's history tells it."""
    client = await bilan.services.query.session([source.id])
    rows = client.rows(ACTIVITY, ("contact", "action"), where=Is("contact", contact))
    return sorted(f"{row['contact']} {row['action']}" for row in await asyncio.to_thread(list, rows))


BOTH = [f"{NEW} address_changed", f"{OLD} added", f"{OLD} address_changed"]


async def test_an_address_that_changes_keeps_one_history_and_one_count(
    bilan: Bilan, audience: Source
) -> None:
    assert await contacts(bilan, audience) == 2
    before = (await bilan.services.query.session([audience.id])).as_of
    await moves(bilan, audience)

    assert await contacts(bilan, audience) == 2
    assert await contacts(bilan, audience, before) == 2
    assert await history(bilan, audience, OLD) == await history(bilan, audience, NEW) == BOTH
    (row,) = await SameRow.all()
    assert (row.one, row.other, row.since) == (NEW, OLD, datetime(2026, 3, 26, 21, 35, 57, tzinfo=UTC))
    await moves(bilan, audience)
    assert await SameRow.all().count() == 1


async def test_what_was_read_before_an_erasure_ties_nobody_to_who_was_erased(
    bilan: Bilan, owner: Principal, audience: Source
) -> None:
    form = {"type": "upemail", "fired_at": "2026-03-26 21:35:57", "data[list_id]": "a",
            "data[old_email]": OLD, "data[new_email]": NEW}  # fmt: skip
    post = WebhookRequest(urlencode(form).encode(), {}, {"secret": "word"}, "form", datetime.now(UTC))
    await bilan.services.inbox.accept(audience.id, post)
    bilan.appender._ahead = await bilan.appender._next()
    await bilan.services.contact_erasures.erase(owner, OLD)

    await bilan.appender.drain()

    assert await SameRow.all().count() == 0


async def test_an_undone_change_of_address_stays_undone_when_it_is_told_again(
    bilan: Bilan, owner: Principal, audience: Source
) -> None:
    await moves(bilan, audience)
    merges = bilan.services.contact_merges
    (told,) = (await merges.of(owner, OLD)).merges
    assert (told.kind, told.by_name, told.holds) == (MergeKind.TOLD, "Letter", True)

    apart = await merges.undo(owner, told.id, "a mistake of the shop")

    assert (apart.kind, apart.reason, apart.by_name) == (MergeKind.APART, "a mistake of the shop", "Olga")
    assert await contacts(bilan, audience) == 3
    assert await history(bilan, audience, NEW) == [f"{NEW} address_changed"]
    await moves(bilan, audience)
    await tell(bilan, audience, "upemail", old_email=NEW, new_email=OLD, new_id="2")
    assert await contacts(bilan, audience) == 3
    found = await merges.of(owner, OLD)
    assert [(one.kind, one.holds) for one in found.merges] == [
        (MergeKind.APART, True), (MergeKind.TOLD, False),
    ]  # fmt: skip
    await merges.undo(owner, apart.id)
    assert await contacts(bilan, audience) == 2


async def test_a_phone_number_and_an_address_are_merged_by_hand_and_every_figure_is_as_before_when_undone(
    bilan: Bilan, owner: Principal, audience: Source
) -> None:
    merges = bilan.services.contact_merges
    assert (await merges.of(owner, "+33 6 12 34 56 78")).addresses == (PHONE,)
    first = await merges.merge(owner, "+33 6 12 34 56 78", BEN, "said so")
    second = await merges.merge(owner, OLD, "0033612345678")
    assert (await merges.of(owner, OLD)).addresses == (PHONE, BEN, OLD)
    assert await contacts(bilan, audience) == 1
    merged = (await bilan.services.query.session([audience.id])).as_of
    assert (await merges.merge(owner, BEN, PHONE)).id == first.id
    with pytest.raises(Conflict, match=f"{BEN} and {OLD} are one contact already"):
        await merges.merge(owner, BEN, OLD)

    for one in (first, second, first):
        undone = await merges.undo(owner, one.id)
        assert (undone.undone_by_name, undone.holds) == ("Olga", False)

    assert await contacts(bilan, audience) == 2
    assert await contacts(bilan, audience, merged) == 1
    assert (await merges.of(owner, BEN)).addresses == (BEN,)
    assert [(one.id, one.reason) for one in (await merges.list(owner)).merges] == [
        (second.id, ""), (first.id, "said so"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "other", "field", "says"),
    [
        (OLD, OLD.upper(), "other", "These are the same address"),
        (OLD, "HS-51", "other", "HS-51 is no e-mail address and no phone number"),
        ("old@", BEN, "address", "old@ is no e-mail address"),
        (OLD, "\x00@example.org", "other", "."),
        (OLD, "erased-00000000000000000000000000000000", "other", "stands for a contact that was erased"),
    ],
)
async def test_what_names_no_two_contacts_is_refused_where_it_was_entered(
    bilan: Bilan, owner: Principal, address: str, other: str, field: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        await bilan.services.contact_merges.merge(owner, address, other)
    assert refused.value.path == (field,)
    with pytest.raises(NotFound, match="no such merge"):
        await bilan.services.contact_merges.undo(owner, UUID(int=1))


async def person(bilan: Bilan, name: str, role: WorkspaceRole) -> Principal:
    """Somebody who may see rows about single persons, and no source."""
    made = await bilan.services.accounts.add(
        await bilan.services.accounts.operator(), email=f"{name}@example.org", name=name,
        password="correct horse battery", role=role, permissions=[Permission.EXPORT_CONTACT_DATA],
    )  # fmt: skip
    actor = await principal_for(made.id)
    assert actor is not None
    return actor


async def test_what_sources_tell_is_shown_to_those_who_may_see_them(
    bilan: Bilan, owner: Principal, audience: Source
) -> None:
    await moves(bilan, audience)
    merges = bilan.services.contact_merges
    made = await merges.merge(owner, NEW, PHONE)
    (told,) = [one for one in (await merges.list(owner)).merges if one.kind is MergeKind.TOLD]
    admin = await person(bilan, "ada", WorkspaceRole.ADMIN)
    member = await person(bilan, "mia", WorkspaceRole.MEMBER)

    assert [one.id for one in (await merges.list(admin)).merges] == [made.id]
    assert (await merges.list(member)).merges == ()
    for reader in (admin, member):
        found = await merges.of(reader, NEW)
        assert (found.addresses, found.hidden) == ((PHONE, NEW), 1)
        assert [one.id for one in found.merges] == [made.id]
        found = await merges.of(reader, OLD)
        assert (found.addresses, found.hidden, found.merges) == ((OLD,), 2, ())
    with pytest.raises(NotFound, match="no such merge"):
        await merges.undo(admin, told.id)
    whole = await merges.of(owner, OLD)
    assert (whole.addresses, whole.hidden) == ((PHONE, NEW, OLD), 0)


async def test_what_was_merged_is_listed_page_by_page(
    bilan: Bilan, owner: Principal, audience: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.merges.service.LISTED", 2)
    told = {("a@example.org", f"b{number}@example.org"): datetime.now(UTC) for number in range(4)}
    await tell_same(audience.id, told, 7)
    merges = bilan.services.contact_merges
    made = await merges.merge(owner, BEN, PHONE)

    pages, before = list[Merges](), ""
    while not pages or before:
        pages.append(await merges.list(owner, before))
        before = pages[-1].older

    assert [len(page.merges) for page in pages] == [2, 2, 1]
    listed = [one for page in pages for one in page.merges]
    assert listed[0].id == made.id
    assert {(one.one, one.other) for one in listed[1:]} == set(told)
    for place in ("x", "7", "7.x", f"{2**70}.{made.id}", f"-1.{made.id}"):
        with pytest.raises(Invalid, match="no place in the list"):
            await merges.list(owner, place)


async def test_graphql_merges_lists_and_undoes(
    owner: Principal, asking: Callable[..., Awaitable[Any]]
) -> None:
    merge = f'mutation {{ mergeContacts(address: "{OLD}", other: "{BEN}", reason: "twins") {{ id kind }} }}'
    made = (await asking(merge, owner)).data["mergeContacts"]
    assert made["kind"] == "MERGED"
    listed = "{ contactMerges { addresses merges { one other reason undoneByName } } }"
    of_one = f'{{ contactMerges(address: "{BEN}") {{ addresses }} }}'
    assert (await asking(of_one, owner)).data == {"contactMerges": {"addresses": [BEN, OLD]}}

    await asking(f'mutation {{ undoContactMerge(id: "{made["id"]}") {{ id }} }}', owner)

    assert (await asking(of_one, owner)).data == {"contactMerges": {"addresses": [BEN]}}
    said = {"one": BEN, "other": OLD, "reason": "twins", "undoneByName": "Olga"}
    assert (await asking(listed, owner)).data == {"contactMerges": {"addresses": [], "merges": [said]}}
