"""The address book: whom somebody writes down, once each, and who may look at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bilan.accounts.values import PersonPrincipal, WorkspaceRole
from bilan.recipients import RecipientDraft, RecipientKind, RecipientState
from bilan.recipients.models import RecipientRow
from bilan.sdk.errors import BilanError, Conflict, Forbidden, Invalid, NotFound
from support.correspondence import NOON, Correspondence

ZOE = RecipientDraft("Zoe@Client.example", "Zoé", "Überfall", "fr", "Asia/Tokyo")


async def refused(error: type[BilanError], attempt: Awaitable[object]) -> tuple[str, tuple[object, ...]]:
    """The sentence of a refusal and its path; nothing is written down."""
    before = await RecipientRow.all().order_by("id").values()
    with pytest.raises(error) as caught:
        await attempt
    assert await RecipientRow.all().order_by("id").values() == before
    return str(caught.value), tuple(caught.value.path)


@pytest.mark.requirement("AP-18", "AP-41")
async def test_an_external_recipient_has_an_address_and_both_names(
    letters: Correspondence, olga: PersonPrincipal
):
    zoe = await letters.book.add(olga, ZOE)
    assert (zoe.kind, zoe.address, zoe.name) == (
        RecipientKind.EXTERNAL, "zoe@client.example", "Zoé Überfall",
    )  # fmt: skip
    assert (zoe.first_name, zoe.last_name, zoe.language, zoe.zone) == ("Zoé", "Überfall", "fr", "Asia/Tokyo")
    assert (zoe.state, zoe.added_by_name, zoe.created_at) == (RecipientState.NEW, "Olga", NOON)
    assert await letters.book.get(olga, zoe.id) == zoe
    nameless = await letters.book.add(olga, RecipientDraft("info@client.example"))
    assert nameless.name == "info@client.example"


@pytest.mark.parametrize(
    "address",
    [
        "zoe@client.example\r\nBcc: eve@evil.example",
        "zoe@client.example,eve@evil.example",
        "Zoe <zoe@client.example>",
        "zoe@client.example\0",
        "zoe@[192.0.2.1",
        "zoe",
        "@client.example",
        "zoe@client..example",
        f"zoe@{'client.' * 40}example",
        "",
    ],
)
async def test_what_is_no_address_is_refused_with_a_sentence(
    letters: Correspondence, olga: PersonPrincipal, address: str
):
    sentence, path = await refused(Invalid, letters.book.add(olga, replace(ZOE, address=address)))
    assert sentence == f"{address} is no e-mail address; write one like name@example.org."
    assert path == ("address",)


@pytest.mark.parametrize(
    ("change", "sentence", "path"),
    [
        ({"first_name": "x" * 101}, "A name has at most 100 characters.", "first_name"),
        ({"last_name": "Zoe\x07"}, "This holds a character that cannot be kept.", "last_name"),
        ({"language": "klingon!"}, "klingon! is no language; write one like en, fr or pt_BR.", "language"),
        (
            {"zone": "Mars/Olympus"},
            "Mars/Olympus is no time zone; write one like Europe/Paris or UTC.",
            "zone",
        ),
    ],
)
async def test_names_language_and_zone_are_checked(
    letters: Correspondence, olga: PersonPrincipal, change: dict[str, str], sentence: str, path: str
):
    found = await refused(Invalid, letters.book.add(olga, replace(ZOE, **change)))
    assert found == (sentence, (path,))


async def test_an_address_is_written_down_once_in_whatever_capitals(
    letters: Correspondence, olga: PersonPrincipal
):
    await letters.book.add(olga, ZOE)
    again = replace(ZOE, address=" ZOE@client.EXAMPLE ")
    assert await refused(Conflict, letters.book.add(olga, again)) == (
        "zoe@client.example is in the address book already.", ("address",),
    )  # fmt: skip
    ben = await letters.book.add(olga, RecipientDraft("ben@client.example"))
    assert (await refused(Conflict, letters.book.edit(olga, ben.id, again)))[1] == ("address",)


async def test_who_belongs_to_the_workspace_is_chosen_as_such(letters: Correspondence, olga: PersonPrincipal):
    assert await refused(Conflict, letters.book.add(olga, RecipientDraft("OLGA@acme.example"))) == (
        "olga@acme.example is a person of this workspace; choose them as such.", ("address",),
    )  # fmt: skip


@pytest.mark.requirement("AP-25", "DC-01")
async def test_another_address_has_to_be_confirmed_anew_and_another_name_does_not(
    letters: Correspondence, olga: PersonPrincipal
):
    zoe = await letters.book.add(olga, ZOE)
    await RecipientRow.filter(id=zoe.id).update(confirmed_at=NOON, asked=1, asked_at=NOON, asked_until=NOON)
    renamed = await letters.book.edit(olga, zoe.id, replace(ZOE, first_name="Zoe"))
    assert (renamed.name, renamed.state) == ("Zoe Überfall", RecipientState.CONFIRMED)
    moved = await letters.book.edit(olga, zoe.id, replace(ZOE, address="zoe@other.example"))
    assert (moved.address, moved.state, moved.confirmed_at) == ("zoe@other.example", RecipientState.NEW, None)
    assert (await RecipientRow.get(id=zoe.id)).asked == 0


async def test_the_state_says_who_was_asked_and_who_answered(letters: Correspondence, olga: PersonPrincipal):
    zoe = await letters.book.add(olga, ZOE)

    async def state(**columns: object) -> RecipientState:
        await RecipientRow.filter(id=zoe.id).update(**columns)
        return (await letters.book.get(olga, zoe.id)).state

    assert await state(asked_at=NOON, asked_until=NOON + timedelta(seconds=1)) is RecipientState.WAITING
    assert await state(asked_until=NOON) is RecipientState.LAPSED
    assert await state(confirmed_at=NOON) is RecipientState.CONFIRMED


@pytest.mark.requirement("AP-24")
async def test_any_number_is_listed_in_pages_and_found_by_words(
    letters: Correspondence, olga: PersonPrincipal
):
    for number in range(120):
        await letters.book.add(olga, RecipientDraft(f"r{number:03}@client.example", f"R{number:03}"))
    page = await letters.book.list(olga, offset=50, limit=50)
    assert (page.total, len(page.recipients)) == (120, 50)
    assert page.recipients[0].name == "R050"
    found = await letters.book.list(olga, words="CLIENT r11")
    assert [one.first_name for one in found.recipients] == [f"R{number}" for number in range(110, 120)]
    assert (await letters.book.list(olga, words="100%")).total == 0


@pytest.mark.requirement("AP-24")
async def test_names_are_found_and_ordered_whatever_their_capitals_and_accents(
    letters: Correspondence, olga: PersonPrincipal
):
    for number, name in enumerate(("Zoé", "Élodie", "eva", "Ärmel", "anna")):
        await letters.book.add(olga, RecipientDraft(f"{number}@client.example", name, "Straße"))
    everybody = (await letters.book.list(olga, words="STRASSE")).recipients
    assert [one.first_name for one in everybody] == ["anna", "Ärmel", "Élodie", "eva", "Zoé"]
    assert (await letters.book.list(olga, words="ZOE")).total == 1


@pytest.mark.requirement("AP-23", "DC-02")
async def test_members_neither_see_nor_change_the_address_book(
    letters: Correspondence, olga: PersonPrincipal
):
    mia, zoe = await letters.person("Mia"), await letters.book.add(olga, ZOE)
    book = letters.book
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: book.list(mia),
        lambda: book.get(mia, zoe.id),
        lambda: book.add(mia, RecipientDraft("new@client.example")),
        lambda: book.edit(mia, zoe.id, ZOE),
    ]
    for attempt in attempts:
        assert (await refused(Forbidden, attempt()))[0] == (
            "Managing recipients takes one of these roles in the workspace: owner, admin."
        )


async def test_nobody_sees_or_changes_the_recipients_of_another_workspace(
    letters: Correspondence, olga: PersonPrincipal
):
    zoe = await letters.book.add(olga, ZOE)
    await letters.begin("Other")
    eva = await letters.person("Eva", WorkspaceRole.OWNER)
    assert (await letters.book.list(eva)).total == 0
    assert (await refused(NotFound, letters.book.get(eva, zoe.id)))[0] == "There is no such recipient."
    await refused(NotFound, letters.book.edit(eva, zoe.id, ZOE))
    # The same address may stand in both.
    assert (await letters.book.add(eva, ZOE)).id != zoe.id
