"""Addresses to which nothing goes, and recipients who want nothing more."""

from __future__ import annotations

import pytest

from bilan.accounts.values import PersonPrincipal, WorkspaceRole
from bilan.recipients import RecipientDraft, RecipientState
from bilan.recipients.models import SuppressionRow, UnsubscriptionRow
from bilan.recipients.suppressions import put_aside
from bilan.sdk.errors import Forbidden, NotFound
from support.correspondence import NOON, Correspondence


@pytest.mark.requirement("GO-11")
async def test_a_suppressed_address_is_listed_with_the_servers_words_and_can_be_lifted(
    letters: Correspondence, olga: PersonPrincipal
):
    zoe = await letters.book.add(olga, RecipientDraft("zoe@client.example"))
    for answer in ("550 no such mailbox", "551 still none"):
        await letters.suppressions.add(olga.workspace, zoe.address, answer)
    (found,) = (await letters.suppressions.list(olga)).suppressions
    assert (found.address, found.answer, found.since) == (zoe.address, "550 no such mailbox", NOON)
    shown = await letters.book.get(olga, zoe.id)
    assert (shown.state, shown.answer) == (RecipientState.SUPPRESSED, "550 no such mailbox")
    mia = await letters.person("Mia", WorkspaceRole.MEMBER)
    for attempt in (letters.suppressions.list(mia), letters.suppressions.lift(mia, found.id)):
        with pytest.raises(Forbidden):
            await attempt
    await letters.suppressions.lift(olga, found.id)
    assert (await letters.book.get(olga, zoe.id)).state is RecipientState.NEW
    with pytest.raises(NotFound):
        await letters.suppressions.lift(olga, found.id)


async def test_a_suppression_concerns_one_workspace(letters: Correspondence, olga: PersonPrincipal):
    await letters.suppressions.add(olga.workspace, "zoe@client.example", "550 no")
    (found,) = (await letters.suppressions.list(olga)).suppressions
    await letters.begin("Other")
    eva = await letters.person("Eva", WorkspaceRole.OWNER)
    assert (await letters.suppressions.list(eva)).suppressions == ()
    with pytest.raises(NotFound):
        await letters.suppressions.lift(eva, found.id)
    zoe = await letters.book.add(eva, RecipientDraft("zoe@client.example"))
    assert zoe.state is RecipientState.NEW


async def test_what_is_put_aside_keeps_no_address_and_holds_for_whoever_is_added_with_it(
    letters: Correspondence, olga: PersonPrincipal
):
    await put_aside(olga.workspace, "zoe@client.example", letters.clock)
    row = await SuppressionRow.get()
    assert (row.address, row.answer) == (None, "")
    zoe = await letters.book.add(olga, RecipientDraft("zoe@client.example"))
    assert zoe.state is RecipientState.UNSUBSCRIBED


@pytest.mark.requirement("AP-27", "DC-06")
async def test_an_end_concerns_one_recipient_and_one_schedule_or_everything_and_is_written_once(
    letters: Correspondence, olga: PersonPrincipal
):
    zoe = await letters.book.add(olga, RecipientDraft("zoe@client.example"))
    ben = await letters.book.add(olga, RecipientDraft("ben@client.example"))
    ended, workspace, schedule = letters.unsubscriptions, olga.workspace, ben.id
    for _click in range(2):
        await ended.end(workspace, zoe.id, schedule)
        await ended.end(workspace, zoe.id)
    assert await ended.scopes(workspace, zoe.id) == {schedule, workspace}
    assert await ended.scopes(workspace, ben.id) == frozenset()
    assert await UnsubscriptionRow.all().count() == 2
    assert (await letters.book.get(olga, zoe.id)).state is RecipientState.UNSUBSCRIBED
    await ended.resume(workspace, zoe.id)
    assert await ended.scopes(workspace, zoe.id) == {schedule}
    assert (await letters.book.get(olga, zoe.id)).state is RecipientState.NEW
    await ended.resume(workspace, zoe.id, schedule)
    assert await ended.scopes(workspace, zoe.id) == frozenset()
