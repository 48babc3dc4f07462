"""Sharing: e-mails with link and password, viewers added and revoked, passwords changed, shares stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.accounts.models import Workspace
from bilan.accounts.values import Scope
from bilan.clock import FrozenClock
from bilan.delivery.models import SendingRow
from bilan.recipients.models import RecipientRow
from bilan.recipients.values import TargetDraft
from bilan.reports.values import Draft
from bilan.runs.models import ReportRunRow
from bilan.runs.values import Run
from bilan.sdk.errors import Conflict, Expired, Forbidden, Invalid, NotFound
from bilan.shares import ShareDraft
from bilan.shares.models import ShareGrantRow, ShareRow
from bilan.work.models import JobRow
from fixtures.mailing import Mailing, by_token
from fixtures.smtp import Sink
from support.posting import MARCH, built, worked
from support.sharing import PAUL, VERA, at, body, mails_to, opened, posted, refused, seen, shared, token_in


@pytest.mark.requirement("MC-01", "MC-03", "MC-04", "MC-06", "MC-14", "DC-10")
async def test_a_viewer_without_an_account_gets_link_and_generated_password_by_e_mail(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run)
    await posted(mailing)
    assert [taken[1] for taken in sink.taken] == [VERA]
    text = body(sink)
    assert f"Password: {made.password}" in text
    assert len(made.password) == 16
    visit = await opened(mailing, token_in(text), made.password)
    viewing = await seen(mailing, token_in(text), visit)
    assert viewing is not None
    assert (viewing.viewer.run, viewing.viewer.email) == (run.id, VERA)


@pytest.mark.requirement("MC-10", "MC-13")
async def test_each_viewer_gets_a_link_of_their_own_and_the_message(mailing: Mailing, run: Run, sink: Sink):
    await shared(mailing, run, VERA, PAUL, message="As we said.\n\nBest, Olga")
    await posted(mailing)
    vera, paul = mails_to(sink, VERA)[0], mails_to(sink, PAUL)[0]
    assert token_in(vera) != token_in(paul)
    assert all("As we said." in one and "Best, Olga" in one for one in (vera, paul))


@pytest.mark.requirement("DC-10")
async def test_the_password_is_sealed_until_each_e_mail_is_settled_and_then_erased(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, VERA, PAUL)
    mails = mailing.bilan.services.share_mails
    row = await ShareRow.get(id=made.share.id)
    # Who reads the e-mails in an outbox: whoever may read the report.
    for job in await JobRow.filter(kind="mail").prefetch_related("sources"):
        assert ({one.source for one in job.sources}, job.personal) == (run.sources, run.personal)
    assert made.password not in row.sealed + row.password_hash
    assert not [one for one in await SendingRow.all() if made.password in str(one.mail)]
    assert await mails.sweep() == 0
    await posted(mailing)
    assert await mails.sweep() == 1
    assert (await ShareRow.get(id=row.id)).sealed == ""


async def test_the_last_moment_is_told_in_the_workspaces_zone(mailing: Mailing, run: Run, sink: Sink):
    at(mailing, FrozenClock(datetime(2026, 3, 1, 23, 30, tzinfo=UTC)))
    await Workspace.filter(id=mailing.owner.workspace).update(zone="Europe/Paris")
    await shared(mailing, run, days=1)
    await posted(mailing)
    assert "it opens until Mar 3, 2026, 12:30 AM" in " ".join(body(sink).split())


@pytest.mark.requirement("DC-10", "MC-06")
async def test_link_and_password_go_in_two_e_mails_where_that_is_wished(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, separately=True)
    await posted(mailing)
    link, password = mails_to(sink, VERA)
    assert made.password not in link
    assert made.password in password
    assert "/shared/" in link
    assert "/shared/" not in password


@pytest.mark.requirement("MC-12")
async def test_a_password_of_ones_own_replaces_the_generated_one(mailing: Mailing, run: Run, sink: Sink):
    made = await shared(mailing, run, password="six blue herons at dawn")
    await posted(mailing)
    assert made.password == "six blue herons at dawn"
    assert await refused(mailing, token_in(body(sink)), "six blue herons at dawn") == "opened"
    with pytest.raises(Invalid, match="at least 10 characters"):
        await shared(mailing, run, key="other", password="short")


@pytest.mark.requirement("MC-15", "DC-10")
async def test_viewers_added_later_get_the_password_that_the_sharer_gives_if_it_is_the_right_one(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run)
    await posted(mailing)
    await mailing.bilan.services.share_mails.sweep()
    shares = mailing.bilan.services.shares
    with pytest.raises(Invalid, match="not the password of this share"):
        await shares.add_viewers(mailing.owner, made.share.id, [PAUL], "something else")
    found = await shares.add_viewers(mailing.owner, made.share.id, [PAUL], made.password)
    assert [one.address for one in found.viewers] == [VERA, PAUL]
    await posted(mailing)
    assert made.password in mails_to(sink, PAUL)[0]
    assert len(mails_to(sink, VERA)) == 1


@pytest.mark.requirement("MC-16", "DC-10")
async def test_who_is_revoked_is_out_at_the_next_request_and_the_others_stay(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, VERA, PAUL)
    await posted(mailing)
    vera, paul = (token_in(mails_to(sink, one)[0]) for one in (VERA, PAUL))
    visit = await opened(mailing, vera, made.password)
    viewer = next(one.id for one in made.share.viewers if one.address == VERA)
    await mailing.bilan.services.shares.revoke(mailing.owner, made.share.id, viewer)
    assert await seen(mailing, vera, visit) is None
    assert await refused(mailing, vera, made.password) == "unauthenticated"
    assert await refused(mailing, paul, made.password) == "opened"


@pytest.mark.requirement("GO-11")
async def test_who_is_added_again_gets_another_link_and_the_one_before_stays_dead(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run)
    await posted(mailing)
    shares, before = mailing.bilan.services.shares, token_in(body(sink))
    await shares.revoke(mailing.owner, made.share.id, made.share.viewers[0].id)
    await shares.add_viewers(mailing.owner, made.share.id, [VERA], made.password)
    await posted(mailing)
    assert await refused(mailing, before, made.password) == "unauthenticated"
    assert await refused(mailing, token_in(body(sink)), made.password) == "opened"


@pytest.mark.requirement("MC-17")
@pytest.mark.parametrize("tell", [False, True])
async def test_a_new_password_ends_visits_and_is_sent_to_viewers_where_the_sharer_says_so(
    mailing: Mailing, run: Run, sink: Sink, tell: bool
):
    made = await shared(mailing, run)
    await posted(mailing)
    token = token_in(body(sink))
    visit = await opened(mailing, token, made.password)
    changed = await mailing.bilan.services.shares.change_password(mailing.owner, made.share.id, tell=tell)
    await posted(mailing)
    assert await seen(mailing, token, visit) is None
    assert await refused(mailing, token, made.password) == "unauthenticated"
    assert await refused(mailing, token, changed.password) == "opened"
    told = mails_to(sink, VERA)[1:]
    assert [changed.password in one for one in told] == ([True] if tell else [])


async def test_a_share_that_is_stopped_opens_for_nobody_and_takes_no_more_viewers(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run)
    await posted(mailing)
    shares = mailing.bilan.services.shares
    assert (await shares.stop(mailing.owner, made.share.id)).over
    assert await refused(mailing, token_in(body(sink)), made.password) == "unauthenticated"
    with pytest.raises(Conflict, match="over"):
        await shares.add_viewers(mailing.owner, made.share.id, [PAUL], made.password)


@pytest.mark.requirement("GO-11")
async def test_an_expired_share_opens_for_nobody_and_its_run_is_kept_until_then(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, days=10)
    await posted(mailing)
    assert (await ReportRunRow.get(job_id=run.id)).hold_until == made.share.expires_at
    at(mailing, FrozenClock(made.share.expires_at - timedelta(seconds=1)))
    assert await refused(mailing, token_in(body(sink)), made.password) == "opened"
    at(mailing, FrozenClock(made.share.expires_at))
    assert await refused(mailing, token_in(body(sink)), made.password) == "unauthenticated"


@pytest.mark.requirement("GO-11")
async def test_each_viewer_opens_it_so_often_and_no_more(mailing: Mailing, run: Run, sink: Sink):
    made = await shared(mailing, run, VERA, PAUL, views=2)
    await posted(mailing)
    vera, paul = (token_in(mails_to(sink, one)[0]) for one in (VERA, PAUL))
    start, tried = mailing.bilan.services.clock.now(), list[str]()
    # A double click is one view.
    for second in (0, 1, 60, 120):
        at(mailing, FrozenClock(start + timedelta(seconds=second)))
        tried.append(await refused(mailing, vera, made.password))
    assert tried == ["opened", "opened", "opened", "unauthenticated"]
    assert [one.views for one in await ShareGrantRow.all().order_by("-address")] == [2, 0]
    assert await refused(mailing, paul, made.password) == "opened"


@pytest.mark.requirement("DC-11", "MC-07")
async def test_a_share_shows_its_run_alone_and_one_of_the_latest_follows_the_report(
    mailing: Mailing, sink: Sink, run: Run
):
    services, owner = mailing.bilan.services, mailing.owner
    saved = await services.reports.create(owner, Draft("Monthly", "email.campaign", MARCH, ("csv",)))

    async def again() -> Run:
        runs = services.runs
        started = await runs.start(owner, saved.kind, saved.parameters, title=saved.name, report=saved.id)
        return await worked(mailing.bilan, started.id)

    first = await again()
    frozen = await shared(mailing, first, key="frozen")
    latest = await shared(mailing, first, PAUL, key="latest", latest=True)
    await posted(mailing)
    reports, token = services.shared_reports, token_in(mails_to(sink, PAUL)[0])
    visit = await opened(mailing, token, latest.password)
    viewing = await seen(mailing, token, visit)
    assert viewing is not None
    signature = reports.file_address(viewing, "csv", "en").rsplit("/", 1)[-1]
    second = await again()
    viewing = await seen(mailing, token, visit)
    assert viewing is not None
    # The file of the run before is not passed off as one of the latest.
    with pytest.raises(Expired):
        await reports.file(viewing, signature, 0)
    shown = list[object]()
    for address, made in ((VERA, frozen), (PAUL, latest)):
        token = token_in(mails_to(sink, address)[0])
        viewing = await seen(mailing, token, await opened(mailing, token, made.password))
        assert viewing is not None
        shown.append(viewing.viewer.run)
    assert shown == [first.id, second.id]
    with pytest.raises(Invalid, match="Save the report first"):
        await shared(mailing, run, key="unsaved", latest=True)


@pytest.mark.requirement("MC-02", "DC-02")
async def test_a_share_takes_the_right_to_send_to_others_and_a_role_on_every_source(
    mailing: Mailing, run: Run
):
    shares, draft = mailing.bilan.services.shares, ShareDraft((VERA,), "k")
    member = await mailing.person("Max", shop=SourceRole.ADMIN, lab=SourceRole.ADMIN)
    with pytest.raises(Forbidden, match="Sharing a report"):
        await shares.create(member, run.id, draft)
    half = await mailing.person("Ann", shop=SourceRole.ADMIN, role=WorkspaceRole.ADMIN)
    with pytest.raises(NotFound):
        await shares.create(half, run.id, draft)
    made = await shared(mailing, run)
    for actor in (member, half):
        with pytest.raises(Forbidden):
            await shares.get(actor, made.share.id)
    assert await shares.list(member, run.id) == ()


async def test_a_token_shares_nothing(mailing: Mailing, run: Run):
    program = by_token(mailing.owner, Scope.READ, Scope.WRITE)
    with pytest.raises(Forbidden, match="not possible with a token"):
        await mailing.bilan.services.shares.create(program, run.id, ShareDraft((VERA,), "k"))


async def test_a_chat_is_neither_offered_as_a_viewer_nor_taken_as_one(mailing: Mailing, run: Run):
    services, url = mailing.bilan.services, "https://hooks.slack.com/services/T/B/X"
    draft = TargetDraft("Chat", {"url": url, "form": "slack"})
    chat = await services.targets.add(mailing.owner, "webhook", draft)
    offered = await services.shares.eligible(mailing.owner, run.id)
    assert [one.address for one in offered] == ["olga@example.org"]
    # As a plugin's chat may be named.
    await RecipientRow.filter(id=chat.id).update(address="team@chat.example.org")
    with pytest.raises(Invalid, match="gets no e-mail") as refusal:
        await shared(mailing, run, "team@chat.example.org")
    assert refusal.value.path == ("viewers",)


@pytest.mark.requirement("DC-12", "MC-09", "MC-11")
async def test_people_and_the_address_book_are_offered_and_who_is_new_is_written_down(
    mailing: Mailing, run: Run
):
    shares = mailing.bilan.services.shares
    await mailing.person("Max", shop=SourceRole.ADMIN)
    await shared(mailing, run, VERA, "max@example.org")
    offered = [one.address for one in await shares.eligible(mailing.owner, run.id)]
    assert offered == ["max@example.org", "olga@example.org", VERA]
    assert await RecipientRow.filter(address=VERA).count() == 1
    await shared(mailing, run, "Vera@CLIENT.org ", key="typed otherwise")
    assert await RecipientRow.filter(address=VERA).count() == 1
    for wrong in ("no address", "vera\0@client.org", ""):
        with pytest.raises(Invalid) as refusal:
            await shared(mailing, run, wrong, key="wrong")
        assert refusal.value.path == ("viewers",)


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.org/path",
        "a.org",
        "https://[intranet",
        "javascript:alert(1)",
        "https://a.org; script-src *",
        "https://*.org",
    ],
)
async def test_what_is_no_site_may_not_frame_a_report(mailing: Mailing, run: Run, origin: str):
    with pytest.raises(Invalid, match="is no site"):
        await shared(mailing, run, origins=(origin,))


async def test_a_run_that_was_erased_is_neither_shared_nor_shown(mailing: Mailing, run: Run, sink: Sink):
    made = await shared(mailing, run)
    await posted(mailing)
    other = await built(mailing)
    assert await refused(mailing, token_in(body(sink)), made.password) == "opened"
    await mailing.bilan.services.runs.delete(mailing.owner, run.id)
    assert await refused(mailing, token_in(body(sink)), made.password) == "unauthenticated"
    await ReportRunRow.filter(job_id=other.id).update(erased_at=mailing.bilan.services.clock.now())
    with pytest.raises(Conflict):
        await shared(mailing, other, key="erased")
