"""Changing how a share opens, and all shares of a workspace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.accounts.values import Scope
from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.runs.models import ReportRunRow
from bilan.runs.values import Run
from bilan.sdk.errors import Conflict, Forbidden, Invalid
from bilan.shares import ShareOptions
from bilan.shares.models import ShareEventRow
from fixtures.mailing import Mailing, by_token
from fixtures.smtp import Sink
from support.posting import MARCH, OLGA, sent, to, worked
from support.sharing import PAUL, VERA, at, mails_to, opened, posted, refused, seen, shared, token_in

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.requirement("GO-11")
async def test_options_are_changed_and_hold_from_the_next_request_on(mailing: Mailing, run: Run, sink: Sink):
    made = await shared(mailing, run)
    await posted(mailing)
    token = token_in(mails_to(sink, VERA)[0])
    visit = await opened(mailing, token, made.password)
    options = ShareOptions(3, 1, downloads=False, language="fr", origins=("https://www.example.org/",))
    share = await mailing.bilan.services.shares.edit(mailing.owner, made.share.id, options)
    assert (share.most_views, share.downloads, share.language, share.origins) == (
        1, False, "fr", ("https://www.example.org",),
    )  # fmt: skip
    assert share.expires_at < made.share.expires_at
    viewing = await seen(mailing, token, visit)
    assert viewing is not None
    assert (viewing.downloads, viewing.viewer.language, viewing.origins) == (
        False, "fr", ("https://www.example.org",),
    )  # fmt: skip
    row = await ShareEventRow.filter(share_id=share.id).order_by("-id").first()
    assert row is not None
    assert (row.kind, row.by_name) == ("changed", "Olga")


async def test_a_share_that_is_made_to_end_sooner_ends_sooner(mailing: Mailing, run: Run, sink: Sink):
    clock = FrozenClock(NOON)
    at(mailing, clock)
    made = await shared(mailing, run, days=30)
    await posted(mailing)
    shares, token = mailing.bilan.services.shares, token_in(mails_to(sink, VERA)[0])
    changed = await shares.edit(mailing.owner, made.share.id, ShareOptions(2))
    assert changed.expires_at == NOON + timedelta(days=2)
    # Without a number of days, that stays as it is.
    assert (await shares.edit(mailing.owner, made.share.id, ShareOptions())).expires_at == changed.expires_at
    clock.move(timedelta(days=2))
    assert await refused(mailing, token, made.password) == "unauthenticated"
    with pytest.raises(Conflict, match="This share is over"):
        await shares.edit(mailing.owner, made.share.id, ShareOptions(9))


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (ShareOptions(0), "days"),
        (ShareOptions(367), "days"),
        (ShareOptions(views=0), "views"),
        (ShareOptions(language="xx"), "language"),
        (ShareOptions(origins=("example",)), "origins"),
    ],
)
async def test_what_a_share_may_not_have_is_said_with_its_field(
    mailing: Mailing, run: Run, options: ShareOptions, path: str
):
    made = await shared(mailing, run)
    with pytest.raises(Invalid) as raised:
        await mailing.bilan.services.shares.edit(mailing.owner, made.share.id, options)
    assert raised.value.path == (path,)


async def test_figures_are_held_as_long_as_anything_leads_to_them_and_no_longer(mailing: Mailing, run: Run):
    clock = FrozenClock(NOON)
    at(mailing, clock)
    shares = mailing.bilan.services.shares

    async def held() -> datetime | None:
        return (await ReportRunRow.get(job_id=run.id)).hold_until

    one = await shared(mailing, run, days=30)
    two = await shared(mailing, run, PAUL, key="form-2", days=20)
    assert await held() == NOON + timedelta(days=30)
    await shares.stop(mailing.owner, one.share.id)
    assert await held() == NOON + timedelta(days=20)
    await shares.edit(mailing.owner, two.share.id, ShareOptions(10))
    assert await held() == NOON + timedelta(days=10)
    await sent(mailing, run, to(OLGA, key="links", days=5))
    # An e-mail without a link, and one that never came.
    await sent(mailing, run, to(OLGA, key="figures", days=80, formats=()))
    await sent(mailing, run, to(OLGA, key="cancelled", days=90))
    await DeliveryRow.filter(sending__days=90).update(state=DeliveryState.CANCELLED)
    await shares.stop(mailing.owner, two.share.id)
    mailed = await SendingRow.get(run=run.id, days=5)
    assert await held() == mailed.created_at + timedelta(days=5)


@pytest.mark.requirement("GO-11", "MC-16")
async def test_all_shares_of_a_workspace_are_listed_for_those_who_may_share_their_reports(
    mailing: Mailing, run: Run
):
    shares, sources = mailing.bilan.services.shares, frozenset({mailing.lab.id})
    started = await mailing.bilan.services.runs.start(mailing.owner, "email.campaign", MARCH, sources=sources)
    lab = await worked(mailing.bilan, started.id)
    first, second = await shared(mailing, run), await shared(mailing, run, PAUL, key="form-2")
    third = await shared(mailing, lab, key="form-3")
    await shares.stop(mailing.owner, second.share.id)
    page = await shares.of_workspace(mailing.owner)
    assert ([one.id for one in page.shares], page.total) == (
        [third.share.id, second.share.id, first.share.id], 3,
    )  # fmt: skip
    running = await shares.of_workspace(mailing.owner, running=True, offset=1, limit=1)
    assert ([one.id for one in running.shares], running.total) == ([first.share.id], 2)
    labs = await mailing.person("Lara", lab=SourceRole.GUEST, role=WorkspaceRole.ADMIN)
    assert [one.id for one in (await shares.of_workspace(labs)).shares] == [third.share.id]
    with pytest.raises(Forbidden):
        await shares.edit(labs, first.share.id, ShareOptions())
    member = await mailing.person("Max", shop=SourceRole.ADMIN, lab=SourceRole.ADMIN)
    for refused_one in (member, by_token(mailing.owner, Scope.READ, Scope.WRITE)):
        with pytest.raises(Forbidden):
            await shares.of_workspace(refused_one)
        with pytest.raises(Forbidden):
            await shares.edit(refused_one, first.share.id, ShareOptions())
