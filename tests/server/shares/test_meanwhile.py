"""Sharing while things change: e-mails that have not left, a form sent twice, rights that are lost."""

from __future__ import annotations

import anyio
import pytest
from argon2 import PasswordHasher

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.accounts.models import Membership
from bilan.accounts.passwords import Passwords
from bilan.clock import FrozenClock
from bilan.delivery.models import DeliveryRow
from bilan.reports.models import ReportRow
from bilan.reports.values import Draft
from bilan.runs.values import Run
from bilan.sdk.errors import Conflict, Forbidden, Invalid
from bilan.shares import NewShare, ShareDraft, ShareEventKind
from bilan.shares.models import ShareGrantRow, ShareRow
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import MARCH, worked
from support.sharing import PAUL, VERA, body, opened, posted, refused, seen, shared, token_in


async def test_what_has_not_left_yet_is_not_sent_to_who_is_revoked_nor_once_sharing_is_stopped(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, VERA, PAUL, separately=True)
    shares = mailing.bilan.services.shares
    viewer = next(one.id for one in made.share.viewers if one.address == VERA)
    await shares.revoke(mailing.owner, made.share.id, viewer)
    states = [(one.address, one.state) for one in await DeliveryRow.all().order_by("address")]
    assert states == [(PAUL, "planned"), (PAUL, "planned"), (VERA, "cancelled"), (VERA, "cancelled")]
    await shares.stop(mailing.owner, made.share.id)
    assert await DeliveryRow.exclude(state="cancelled").count() == 0
    await posted(mailing)
    assert sink.taken == []


async def test_the_password_of_a_share_that_is_over_is_erased_though_an_e_mail_is_pending(
    mailing: Mailing, run: Run
):
    made = await shared(mailing, run)
    mailing.bilan.services.share_mails._clock = FrozenClock(made.share.expires_at)
    assert await mailing.bilan.services.share_mails.sweep() == 1
    assert (await ShareRow.get()).sealed == ""
    assert (await DeliveryRow.get()).state == "cancelled"


async def test_a_password_that_is_changed_while_viewers_are_added_is_not_told_as_the_old_one(
    mailing: Mailing, run: Run
):
    made, shares = await shared(mailing, run), mailing.bilan.services.shares

    class Meanwhile(Passwords):
        async def matches(self, hashed: str | None, password: str, *, stranger: str | None = None) -> bool:
            found = await super().matches(hashed, password, stranger=stranger)
            await shares.change_password(mailing.owner, made.share.id)
            return found

    shares._passwords = Meanwhile(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with pytest.raises(Conflict, match="has just been changed"):
        await shares.add_viewers(mailing.owner, made.share.id, [PAUL], made.password)
    assert (await ShareRow.get()).sealed == ""
    assert await ShareGrantRow.filter(address=PAUL).count() == 0


@pytest.mark.requirement("MC-02", "DC-11")
async def test_always_the_latest_takes_a_role_on_what_the_report_has_by_now_and_ends_with_its_sharers(
    mailing: Mailing, sink: Sink, run: Run
):
    services, owner = mailing.bilan.services, mailing.owner
    draft = Draft("Monthly", "email.campaign", MARCH, ("csv",), frozenset({mailing.shop.id}))
    saved = await services.reports.create(owner, draft)
    started = await services.runs.start(
        owner, saved.kind, saved.parameters, report=saved.id, sources=saved.sources
    )
    first = await worked(mailing.bilan, started.id)
    made = await shared(mailing, first, latest=True)
    await posted(mailing)
    half = await mailing.person("Ann", shop=SourceRole.ADMIN, role=WorkspaceRole.ADMIN)
    assert (await services.shares.get(half, made.share.id)).id == made.share.id
    await ReportRow.filter(id=saved.id).update(sources=frozenset({mailing.shop.id, mailing.lab.id}))
    with pytest.raises(Forbidden):
        await services.shares.get(half, made.share.id)
    assert await services.shares.list(half, first.id) == ()
    token = token_in(body(sink))
    assert await refused(mailing, token, made.password) == "opened"
    await Membership.filter(person_id=owner.person).update(role=WorkspaceRole.MEMBER)
    assert await refused(mailing, token, made.password) == "unauthenticated"


async def test_a_share_asked_for_twice_is_one_and_tells_its_password_once(mailing: Mailing, run: Run):
    first, again = await shared(mailing, run), await shared(mailing, run)
    assert (again.share.id, again.password) == (first.share.id, "")
    assert await ShareGrantRow.all().count() == 1
    with pytest.raises(Conflict, match="Something else was asked for") as refusal:
        await shared(mailing, run, PAUL)
    assert refusal.value.path == ("key",)
    # The key is that of whoever asked.
    other = await mailing.person("Ola", shop=SourceRole.ADMIN, lab=SourceRole.ADMIN, role=WorkspaceRole.ADMIN)
    theirs = await mailing.bilan.services.shares.create(other, run.id, ShareDraft((VERA,), "form-1"))
    assert theirs.share.id != first.share.id


async def test_adding_and_changing_the_password_asked_for_twice_is_done_once(mailing: Mailing, run: Run):
    made, shares, owner = await shared(mailing, run), mailing.bilan.services.shares, mailing.owner
    for _click in range(2):
        await shares.add_viewers(owner, made.share.id, [PAUL], made.password, key="page-1")
    assert await DeliveryRow.filter(address=PAUL).count() == 1
    new = "six blue herons at dawn"
    told = [
        (await shares.change_password(owner, made.share.id, new, tell=True, key="page-1")).password
        for _click in range(2)
    ]
    assert told == [new, new]
    with pytest.raises(Conflict, match="Something else was asked for"):
        await shares.change_password(owner, made.share.id, "six other herons", tell=True, key="page-1")
    assert await DeliveryRow.filter(address=PAUL).count() == 2
    kinds = [one.kind for one in (await shares.get(owner, made.share.id)).events]
    assert kinds.count(ShareEventKind.NEW_PASSWORD) == 1


async def test_what_was_done_and_opened_is_told_with_who_and_when(mailing: Mailing, run: Run, sink: Sink):
    made = await shared(mailing, run)
    await posted(mailing)
    token = token_in(body(sink))
    visit = await opened(mailing, token, made.password)
    viewing = await seen(mailing, token, visit)
    assert viewing is not None
    for _click in range(2):
        await mailing.bilan.services.shared_reports._downloaded(viewing, "march.pdf")
    found = await mailing.bilan.services.shares.get(mailing.owner, made.share.id)
    assert [(one.kind, one.who, one.viewer, one.detail) for one in reversed(found.events)] == [
        (ShareEventKind.SHARED, "Olga", "", ""),
        (ShareEventKind.ADDED, "Olga", VERA, ""),
        (ShareEventKind.OPENED, "", VERA, ""),
        (ShareEventKind.DOWNLOADED, "", VERA, "march.pdf"),
    ]
    assert found.viewers[0].views == 1


async def test_of_one_form_sent_twice_at_once_one_share_comes_and_one_e_mail(mailing: Mailing, run: Run):
    made = list[NewShare]()

    async def click() -> None:
        made.append(await shared(mailing, run, password="six blue herons at dawn"))

    async with anyio.create_task_group() as clicks:
        clicks.start_soon(click)
        clicks.start_soon(click)
    assert len({one.share.id for one in made}) == 1
    # Whichever answer the browser shows, it has the password.
    assert [one.password for one in made] == ["six blue herons at dawn"] * 2
    assert await DeliveryRow.all().count() == 1


async def test_who_is_revoked_leaves_room_for_another_viewer(
    mailing: Mailing, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.shares.checking.MOST_VIEWERS", 1)
    made, shares = await shared(mailing, run), mailing.bilan.services.shares
    with pytest.raises(Invalid, match="at most 1 viewers"):
        await shares.add_viewers(mailing.owner, made.share.id, [PAUL], made.password)
    await shares.revoke(mailing.owner, made.share.id, made.share.viewers[0].id)
    found = await shares.add_viewers(mailing.owner, made.share.id, [PAUL], made.password)
    assert [one.address for one in found.live_viewers] == [PAUL]
