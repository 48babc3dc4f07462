"""A schedule delivers by protected link: each recipient has a grant of their own, whatever is retried."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from bilan.accounts import SourceRole
from bilan.accounts.passwords import Passwords
from bilan.delivery import DeliveryState, Mode, NewSending
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import FileContent, ProtectedLink
from bilan.recipients import RecipientDraft
from bilan.recipients.models import RecipientRow
from bilan.recipients.values import TargetDraft
from bilan.reports.values import Draft
from bilan.runs.models import ReportRunRow
from bilan.runs.reading import read_run
from bilan.runs.values import Run
from bilan.schedules import at_once
from bilan.schedules.approval import ApprovalRule
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.values import DeliveryOptions, OccurrenceState, Schedule, ScheduleDraft
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Period
from bilan.shares.event_kinds import ShareEventKind
from bilan.shares.models import ShareEventRow, ShareGrantRow, ShareRow
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.smtp import Sink, read_mail
from support.posting import OLGA
from support.sharing import PAUL, VERA, body, mails_to, opened, refused, seen, shared, token_in

pytestmark = pytest.mark.usefixtures("run")


async def scheduled(
    mailing: Mailing,
    *to: str,
    options: ProtectedLink | None = None,
    name: str = "News",
    approval: ApprovalRule | None = None,
    **fields: Any,
) -> Schedule:
    """The campaign report, once, at once, by protected link."""
    services, olga = mailing.bilan.services, mailing.owner
    saved = await services.reports.create(olga, Draft(name, "email.campaign", {}, ("csv",)))
    days = Period(first=date(2026, 3, 1), last=date(2026, 3, 4))
    draft = ScheduleDraft(
        saved.id,
        at_once(services.clock.now(), "Europe/Paris", days),
        to=to or (OLGA, VERA),
        delivery=DeliveryOptions(("csv",), Mode.PROTECTED, protected=options or ProtectedLink(), **fields),
        approval=approval,
    )
    return await services.schedules.create(olga, draft)


async def known(mailing: Mailing, *addresses: str) -> None:
    """Have them stand in the address book, confirmed."""
    for address in addresses:
        await mailing.bilan.services.address_book.add(mailing.owner, RecipientDraft(address))
    await RecipientRow.all().update(confirmed_at=mailing.bilan.services.clock.now())


async def done(mailing: Mailing) -> None:
    """Begin what is due, and do every step there is."""
    bilan = mailing.bilan
    await bilan.due.tick()
    while steps := await StepRow.filter(state=State.WAITING, due_at__lte=bilan.services.clock.now()):
        for step in steps:
            await bilan.engine.work(step.id)


def password_in(text: str) -> str:
    (line,) = [one for one in text.splitlines() if one.startswith("Password: ")]
    return line.removeprefix("Password: ")


@pytest.mark.requirement("DC-10", "GO-11", "MC-06")
async def test_each_recipient_gets_a_link_and_a_grant_of_their_own_and_no_figure(
    mailing: Mailing, sink: Sink
):
    await known(mailing, VERA)
    await scheduled(mailing, message="As every week.", days=3)
    await done(mailing)
    assert sorted(taken[1] for taken in sink.taken) == [OLGA, VERA]
    (share,) = await ShareRow.all()
    grants = {one.address: one for one in await ShareGrantRow.filter(share_id=share.id)}
    assert grants.keys() == {OLGA, VERA}
    (occurrence,) = await OccurrenceRow.all()
    assert (share.run, share.title, share.message) == (occurrence.run, "News", "As every week.")
    for address in (OLGA, VERA):
        (text,) = mails_to(sink, address)
        visit = await opened(mailing, token_in(text), password_in(text))
        viewing = await seen(mailing, token_in(text), visit)
        assert viewing is not None
        assert (visit.grant, viewing.viewer.email, viewing.viewer.run) == (
            grants[address].id, address, occurrence.run,
        )  # fmt: skip
    mail = read_mail(sink.taken[0][2])
    assert not list(mail.iter_attachments())
    html = mail.get_body(("html",))
    assert html is not None
    for content in (body(sink, 0), html.get_content()):
        assert "As every week." in content
        # The first campaign's subject, which stands in each rendering of the report.
        assert "News of March" not in content


async def test_the_share_ends_when_links_of_the_schedule_do_and_its_figures_are_kept_until_then(
    mailing: Mailing, sink: Sink
):
    await scheduled(mailing, OLGA, days=3)
    await done(mailing)
    (share,) = await ShareRow.all()
    (delivery,) = await DeliveryRow.filter(sending__mode=Mode.PROTECTED).select_related("sending")
    assert share.expires_at == delivery.sending.created_at + timedelta(days=3)
    assert (await ReportRunRow.get(job_id=share.run)).hold_until == share.expires_at
    assert "it opens until" in " ".join(body(sink).split())


async def test_the_password_comes_by_itself_where_that_was_chosen(mailing: Mailing, sink: Sink):
    await scheduled(mailing, OLGA, options=ProtectedLink(separately=True, views=2, downloads=False))
    await done(mailing)
    link, password = mails_to(sink, OLGA)
    assert "Password:" not in link
    assert "The password comes in an e-mail of its own." in link
    assert "/shared/" not in password
    (share,) = await ShareRow.all()
    assert (share.most_views, share.downloads) == (2, False)
    visit = await opened(mailing, token_in(link), password_in(password))
    assert await seen(mailing, token_in(link), visit) is not None


@pytest.mark.requirement("DC-10")
async def test_the_password_is_kept_sealed_until_the_last_e_mail_is_settled(mailing: Mailing, sink: Sink):
    await known(mailing, VERA)
    await scheduled(mailing)
    await done(mailing)
    first, second = await DeliveryRow.filter(sending__mode=Mode.PROTECTED)
    await DeliveryRow.filter(id=second.id).update(state=DeliveryState.PLANNED)
    mails = mailing.bilan.services.share_mails
    assert await mails.sweep() == 0
    # Also where the one that is still to leave has no grant yet.
    await ShareGrantRow.filter(recipient=second.recipient).delete()
    assert await mails.sweep() == 0
    await DeliveryRow.filter(id=second.id).update(state=DeliveryState.ACCEPTED)
    assert await mails.sweep() == 1
    assert [one.sealed for one in await ShareRow.all()] == [""]
    assert first.state == DeliveryState.ACCEPTED


@pytest.mark.requirement("GO-01", "GO-11")
async def test_an_attempt_that_is_made_again_tells_the_same_link_and_password(mailing: Mailing, sink: Sink):
    await scheduled(mailing, OLGA, options=ProtectedLink(separately=True))
    await done(mailing)
    (delivery,) = await DeliveryRow.filter(sending__mode=Mode.PROTECTED).select_related("sending")
    deliver: Any = mailing.bilan.engine._handlers["deliver"]
    words_for = deliver._letters._granted
    # As by a worker that was killed when the row was claimed, and by the next one.
    told = [await words_for(delivery) for _again in range(2)]
    assert told[0] == told[1]
    assert len(await ShareRow.all()) == len(await ShareGrantRow.all()) == 1
    assert len(mails_to(sink, OLGA)) == 2
    kinds = [one.kind for one in await ShareEventRow.all().order_by("id")]
    assert kinds == [ShareEventKind.SHARED, ShareEventKind.ADDED]


@pytest.mark.requirement("GO-01", "GO-11")
async def test_who_missed_it_is_sent_it_again_by_the_same_grant_with_a_password_of_their_own(
    mailing: Mailing, sink: Sink
):
    await known(mailing, VERA)
    await scheduled(mailing)
    sink.answers[(VERA, "during")] = "550 no"
    await done(mailing)
    services = mailing.bilan.services
    await mailing.bilan.ledger.sweep()
    (occurrence,) = await OccurrenceRow.all()
    await OccurrenceRow.filter(id=occurrence.id).update(state=OccurrenceState.INCOMPLETE)
    (olgas,) = mails_to(sink, OLGA)
    await services.share_mails.sweep()
    before = {one.address: one.id for one in await ShareGrantRow.all()}
    sink.answers.clear()
    for _twice in range(2):
        await services.resends.resend_failed(mailing.owner, occurrence.id, "again")
    await done(mailing)
    (veras,) = mails_to(sink, VERA)
    assert {one.address: one.id for one in await ShareGrantRow.all()} == before
    assert len(await ShareRow.all()) == 1
    assert password_in(veras) != password_in(olgas)
    assert (await opened(mailing, token_in(veras), password_in(veras))).grant == before[VERA]
    # Whoever got the first one goes on with that, and neither password opens the other's link.
    assert (await opened(mailing, token_in(olgas), password_in(olgas))).grant == before[OLGA]
    assert await refused(mailing, token_in(veras), password_in(olgas)) == "unauthenticated"
    assert await refused(mailing, token_in(olgas), password_in(veras)) == "unauthenticated"
    # A new password for all is one for all.
    (share,) = await ShareRow.all()
    made = await services.shares.change_password(mailing.owner, share.id)
    assert (await opened(mailing, token_in(veras), made.password)).grant == before[VERA]
    assert await services.share_mails.sweep() == 0


@pytest.mark.requirement("GO-01", "GO-11")
async def test_a_password_of_their_own_is_told_separately_once_it_is_set(mailing: Mailing, sink: Sink):
    await scheduled(mailing, OLGA, options=ProtectedLink(separately=True))
    sink.answers[(OLGA, "during")] = "550 no"
    await done(mailing)
    sink.answers.clear()
    services = mailing.bilan.services
    await mailing.bilan.ledger.sweep()
    await services.share_mails.sweep()
    await OccurrenceRow.all().update(state=OccurrenceState.INCOMPLETE)
    await services.resends.resend_failed(mailing.owner, (await OccurrenceRow.get()).id, "again")
    deliver: Any = mailing.bilan.engine._handlers["deliver"]
    delivered, leaving = deliver._letters._granted.__self__, list[DeliveryRow]()

    class Meanwhile(Passwords):
        async def renew(self, password: str) -> str:
            # Another worker would send these at once.
            leaving.extend(await DeliveryRow.filter(state=DeliveryState.PLANNED))
            return await super().renew(password)

    delivered._passwords = Meanwhile(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    await done(mailing)
    assert leaving == []
    (link,) = [one for one in mails_to(sink, OLGA) if "/shared/" in one]
    (password,) = [one for one in mails_to(sink, OLGA) if "/shared/" not in one]
    visit = await opened(mailing, token_in(link), password_in(password))
    assert await seen(mailing, token_in(link), visit) is not None


@pytest.mark.requirement("MC-16", "GO-11")
async def test_a_copy_to_oneself_has_a_share_of_its_own_and_opens_nothing_again_for_the_others(
    mailing: Mailing, sink: Sink
):
    await known(mailing, VERA)
    await scheduled(mailing, VERA)
    await done(mailing)
    services, (ended,) = mailing.bilan.services, await ShareRow.all()
    over = services.clock.now() - timedelta(minutes=1)
    await ShareRow.filter(id=ended.id).update(expires_at=over)
    (occurrence,) = await OccurrenceRow.all()
    max_ = await mailing.person("Max", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    await services.resends.resend_to_me(max_, occurrence.id, "me")
    await done(mailing)
    (veras,), (own,) = mails_to(sink, VERA), mails_to(sink, max_.email)
    assert await refused(mailing, token_in(veras), password_in(veras)) == "unauthenticated"
    assert (await ShareRow.get(id=ended.id)).expires_at == over
    visit = await opened(mailing, token_in(own), password_in(own))
    copy = await ShareRow.get(grants__id=visit.grant)
    assert (copy.delivered, copy.run, copy.created_by_name) == (True, occurrence.run, "Max")


@pytest.mark.requirement("MC-15", "GO-11")
async def test_viewers_are_added_beside_however_many_recipients(
    mailing: Mailing, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    await known(mailing, VERA)
    await scheduled(mailing)
    await done(mailing)
    monkeypatch.setattr("bilan.shares.checking.MOST_VIEWERS", 1)
    (share,), (text,) = await ShareRow.all(), mails_to(sink, VERA)
    shares = mailing.bilan.services.shares
    found = await shares.add_viewers(mailing.owner, share.id, [PAUL], password_in(text))
    assert sorted(one.address for one in found.live_viewers) == sorted([OLGA, VERA, PAUL])


@pytest.mark.requirement("MC-16", "GO-11")
async def test_one_recipient_is_revoked_and_gets_nothing_more_of_it(mailing: Mailing, sink: Sink):
    await known(mailing, VERA)
    await scheduled(mailing)
    await done(mailing)
    (share,) = await ShareRow.all()
    vera = await ShareGrantRow.get(address=VERA)
    await mailing.bilan.services.shares.revoke(mailing.owner, share.id, vera.id)
    (text,), (olgas,) = mails_to(sink, VERA), mails_to(sink, OLGA)
    assert await refused(mailing, token_in(text), password_in(text)) == "unauthenticated"
    assert (await opened(mailing, token_in(olgas), password_in(olgas))).grant != vera.id
    row = await DeliveryRow.get(recipient=vera.recipient, sending__mode=Mode.PROTECTED)
    await DeliveryRow.filter(id=row.id).update(state=DeliveryState.PLANNED)
    await StepRow.filter(id=row.step).update(state=State.WAITING)
    await mailing.bilan.engine.work(_known(row.step))
    await mailing.bilan.ledger.sweep()
    await row.refresh_from_db()
    assert row.state == DeliveryState.CANCELLED
    assert len(mails_to(sink, VERA)) == 1


async def test_what_waits_for_a_yes_shows_its_letter_without_link_and_password_and_lasts_from_that_yes(
    mailing: Mailing, sink: Sink
):
    services, olga = mailing.bilan.services, mailing.owner
    assert olga.person is not None
    await scheduled(mailing, OLGA, days=3, approval=ApprovalRule(olga.person))
    await done(mailing)
    (occurrence,) = await OccurrenceRow.all()
    package = await services.approvals.package(olga, occurrence.id)
    letter = await services.approvals.letter(olga, occurrence.id, package.letters[0].id)
    assert "/links/preview" in letter.text
    assert "it opens for 3 days after this was sent" in " ".join(letter.text.split())
    assert await ShareRow.all().count() == 0
    await services.approvals.approve(olga, occurrence.id, package.digest)
    await done(mailing)
    (share,) = await ShareRow.all()
    delivery = await DeliveryRow.get(sending__mode=Mode.PROTECTED)
    assert share.expires_at == delivery.links_until
    # The question itself went to the same mailbox.
    text = next(one for one in mails_to(sink, OLGA) if "/shared/" in one)
    assert (await opened(mailing, token_in(text), password_in(text))).ends_at


async def test_figures_of_what_waits_for_a_yes_are_held_also_once_another_share_of_them_is_stopped(
    mailing: Mailing,
):
    services, olga = mailing.bilan.services, mailing.owner
    assert olga.person is not None
    await scheduled(mailing, OLGA, days=3, approval=ApprovalRule(olga.person))
    await done(mailing)
    waiting = await DeliveryRow.get(sending__mode=Mode.PROTECTED).select_related("sending")
    until, run = waiting.sending.created_at + timedelta(days=3), waiting.sending.report_run
    assert (await ReportRunRow.get(job_id=run)).hold_until == until
    other = await shared(mailing, await read_run(run))
    await services.shares.stop(olga, other.share.id)
    assert (await ReportRunRow.get(job_id=run)).hold_until == until


@pytest.mark.requirement("GO-11")
async def test_once_it_is_stopped_nothing_more_of_it_leaves_and_the_ledger_says_why(
    mailing: Mailing, sink: Sink
):
    await known(mailing, VERA)
    await scheduled(mailing)
    await done(mailing)
    (share,) = await ShareRow.all()
    await mailing.bilan.services.shares.stop(mailing.owner, share.id)
    vera = await ShareGrantRow.get(address=VERA)
    row = await DeliveryRow.get(recipient=vera.recipient, sending__mode=Mode.PROTECTED)
    await vera.delete()  # as if its e-mail had not been looked at yet
    await DeliveryRow.filter(id=row.id).update(state=DeliveryState.PLANNED, settled_at=None)
    await StepRow.filter(id=row.step).update(state=State.WAITING)
    await mailing.bilan.engine.work(_known(row.step))
    await mailing.bilan.ledger.sweep()
    await row.refresh_from_db()
    assert (row.state, str(row.reason)) == (
        DeliveryState.CANCELLED, "By then the report was no longer shared with this viewer.",
    )  # fmt: skip
    assert len(mails_to(sink, VERA)) == 1


async def test_somebody_who_gets_no_e_mail_gets_no_protected_link(mailing: Mailing):
    services = mailing.bilan.services
    draft = TargetDraft(
        "Chat", {"form": "json", "url": "https://93.184.216.34/hook", "secret": "a secret of the test"}
    )
    target = await services.targets.add(mailing.owner, "webhook", draft)
    with pytest.raises(Invalid, match="Chat gets no e-mail, so no protected link either"):
        await scheduled(mailing, OLGA, target.address)
    with pytest.raises(Invalid, match="from 1 to 10") as raised:
        await scheduled(mailing, OLGA, options=ProtectedLink(views=0), name="More news")
    assert raised.value.path == ("views",)
    with pytest.raises(Invalid, match="tables hold everything") as raised:
        await scheduled(mailing, OLGA, content=FileContent.CHOSEN, name="Yet more news")
    assert raised.value.path == ("content",)


async def test_only_schedules_send_by_protected_link(mailing: Mailing, run: Run):
    new = NewSending((OLGA,), "form-1", Mode.PROTECTED)
    with pytest.raises(Invalid, match="Share the report instead") as raised:
        await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, new)
    assert raised.value.path == ("mode",)


def _known(step: UUID | None) -> UUID:
    assert step is not None
    return step
