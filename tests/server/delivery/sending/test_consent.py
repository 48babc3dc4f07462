"""External recipients confirm their address before figures go there; the first report waits for that."""

from __future__ import annotations

import re
from datetime import timedelta

import anyio
import pytest

from bilan.accounts import SourceRole
from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState, Mode
from bilan.delivery.confirmations import UNANSWERED, ConfirmationState
from bilan.delivery.consent import LASTS
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.recipients import FirstEmail, RecipientDraft, RecipientInfo, RecipientState
from bilan.recipients.models import RecipientRow
from bilan.sdk.errors import Conflict, Forbidden, Gone, Invalid, NotFound, TooMany
from fixtures.mailing import Mailing
from fixtures.smtp import Sink, read_mail
from support.posting import OLGA, built, ledger, sent, to, worked

ZOE = "zoe@client.example"
FIGURE = "Unique clicks"


@pytest.fixture
async def zoe(mailing: Mailing) -> RecipientInfo:
    """Somebody of a client's, whom nobody has asked yet."""
    draft = RecipientDraft(ZOE, "Zoé", "Überfall", "fr")
    return await mailing.bilan.services.address_book.add(mailing.owner, draft)


def mails(sink: Sink, address: str = ZOE) -> list[tuple[str, str]]:
    """Subject and text of what came to an address, in order."""
    found = [read_mail(content) for _from, one, content in sink.taken if one == address]
    bodies = [mail.get_body(("plain",)) for mail in found]
    return [(mail["Subject"], body.get_content()) for mail, body in zip(found, bodies, strict=True) if body]


def link(text: str, purpose: str = "confirm") -> str:
    """The token of a link in a text."""
    found = re.search(rf"https://bilan\.example\.org/{purpose}/(\S+)", text)
    assert found is not None, text
    return found[1]


async def mailed(mailing: Mailing) -> None:
    """Do the steps of every e-mail that waits for nothing."""
    for sending in await SendingRow.all().order_by("created_at"):
        await worked(mailing.bilan, sending.job)


def later(mailing: Mailing, after: timedelta) -> None:
    """Let so much time pass for questions and answers."""
    services = mailing.bilan.services
    clock = FrozenClock(services.clock.now() + after)
    services.confirmations._clock = services.address_book._clock = clock
    services.deliveries._clock = services.deliveries._sendings._clock = clock
    services.confirmations._mails._clock = clock


@pytest.mark.requirement("DC-01", "AP-25", "AP-26", "GO-11")
async def test_the_first_email_asks_without_figures_and_the_report_follows_the_answer(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, ZOE))
    await mailed(mailing)
    rows = await ledger(mailing, run)
    assert {one: row.state for one, row in rows.items()} == {
        OLGA: DeliveryState.ACCEPTED, ZOE: DeliveryState.WITHHELD,
    }  # fmt: skip
    ((subject, text),) = mails(sink)
    assert subject == "Bilan : veuillez confirmer votre adresse e-mail"
    assert "Olga souhaite vous envoyer par e-mail, à cette adresse, des rapports de Bilan." in " ".join(
        text.split()
    )
    for told in ("March", FIGURE, "sale", "Shop"):
        assert told not in sink.taken[-1][2].decode()
    confirmations = mailing.bilan.services.confirmations
    token = link(text)
    looked = await confirmations.look(token)
    assert (looked.state, looked.workspace, looked.sender, looked.address) == (
        ConfirmationState.OPEN, "Bilan", "Olga", "z…@client.example",
    )  # fmt: skip
    assert (await confirmations.confirm(token)).state is ConfirmationState.CONFIRMED
    await mailed(mailing)
    row = (await ledger(mailing, run))[ZOE]
    assert row.state is DeliveryState.ACCEPTED
    (_asked, (subject, text)) = mails(sink)
    assert "Figures of March" in subject
    assert "https://bilan.example.org/links/" in text
    # Once more changes nothing, and what is sent from now on waits for nothing.
    await confirmations.confirm(token)
    await sent(mailing, run, to(ZOE, key="second"))
    await mailed(mailing)
    assert len(mails(sink)) == 3


@pytest.mark.requirement("GO-11", "DC-01")
async def test_whoever_fetches_every_link_confirms_nothing(mailing: Mailing, sink: Sink, zoe: RecipientInfo):
    await sent(mailing, await built(mailing), to(ZOE))
    await mailed(mailing)
    ((_subject, text),) = mails(sink)
    before = await RecipientRow.all().values(), await DeliveryRow.all().values()
    for _scanner in range(3):
        await mailing.bilan.services.confirmations.look(link(text))
    assert (await RecipientRow.all().values(), await DeliveryRow.all().values()) == before


@pytest.mark.requirement("DC-01", "AP-26")
async def test_where_the_workspace_wants_it_the_first_report_comes_along_with_the_question(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    services, run = mailing.bilan.services, await built(mailing)
    await services.recipient_rules.change(
        mailing.owner, domains=(), audiences={}, first_email=FirstEmail.WITH_REPORT
    )
    for key in ("first", "second"):
        await sent(mailing, run, to(ZOE, key=key))
    await mailed(mailing)
    states = [row.state for row in await DeliveryRow.all().order_by("created_at")]
    assert states == [DeliveryState.ACCEPTED, DeliveryState.WITHHELD]
    ((subject, text),) = mails(sink)
    assert "Figures of March" in subject
    assert "Confirmer mon adresse" in text
    await services.confirmations.confirm(link(text))
    await mailed(mailing)
    assert len(mails(sink)) == 2
    assert "Confirmer mon adresse" not in mails(sink)[1][1]


async def test_several_reports_at_once_ask_once_and_all_of_them_follow(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    run = await built(mailing)
    deliveries = mailing.bilan.services.deliveries

    async def send(key: str) -> None:
        await deliveries.send_run(mailing.owner, run.id, to(ZOE, key=key))

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(send, f"form {number}")
    await mailed(mailing)
    ((_subject, text),) = mails(sink)
    confirmations = mailing.bilan.services.confirmations
    async with anyio.create_task_group() as tasks:
        for _click in range(3):
            tasks.start_soon(confirmations.confirm, link(text))
    await mailed(mailing)
    assert [subject[:16] for subject, _text in mails(sink)[1:]] == ["Figures of March"] * 3
    assert await DeliveryRow.filter(state=DeliveryState.ACCEPTED).count() == 4


@pytest.mark.requirement("DC-01")
async def test_without_an_answer_nothing_more_is_sent_and_what_waits_is_given_up_with_the_reason(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    services, run = mailing.bilan.services, await built(mailing)
    await sent(mailing, run, to(ZOE))
    await mailed(mailing)
    later(mailing, LASTS - timedelta(minutes=1))
    assert await services.confirmations.sweep() == 0
    assert (await services.address_book.get(mailing.owner, zoe.id)).state is RecipientState.WAITING
    later(mailing, LASTS + timedelta(minutes=1))
    assert await services.confirmations.sweep() == 1
    row = (await ledger(mailing, run))[ZOE]
    assert (row.state, row.reason) == (DeliveryState.CANCELLED, UNANSWERED)
    assert (await services.address_book.get(mailing.owner, zoe.id)).state is RecipientState.LAPSED
    token = link(mails(sink)[0][1])
    assert (await services.confirmations.look(token)).state is ConfirmationState.LAPSED
    with pytest.raises(Conflict):
        await services.confirmations.confirm(token)
    with pytest.raises(Invalid) as refused:
        await services.deliveries.send_run(mailing.owner, run.id, to(ZOE, key="next"))
    assert str(refused.value).startswith("zoe@client.example was asked to confirm this address and did not")
    assert len(mails(sink)) == 1


@pytest.mark.requirement("DC-01", "GO-11")
async def test_the_question_is_sent_again_within_bounds_by_whoever_manages_and_by_whoever_has_the_link(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    confirmations = mailing.bilan.services.confirmations
    asked = await confirmations.ask(mailing.owner, zoe.id)
    assert asked.state is RecipientState.WAITING
    with pytest.raises(TooMany) as refused:
        await confirmations.ask(mailing.owner, zoe.id)
    assert str(refused.value) == "This address was asked within the last hour; look into the mailbox."
    await mailed(mailing)
    token = link(mails(sink)[0][1])
    for number in range(1, 5):
        later(mailing, number * timedelta(hours=1, seconds=1))
        assert await confirmations.ask_again(token, "192.0.2.1") == "z…@client.example"
    later(mailing, timedelta(hours=9))
    for attempt in (confirmations.ask_again(token, "192.0.2.1"), confirmations.ask(mailing.owner, zoe.id)):
        with pytest.raises(TooMany) as refused:
            await attempt
        assert "was asked 5 times without an answer" in str(refused.value)
    await mailed(mailing)
    assert len(mails(sink)) == 5
    # The earliest link is as good as the latest.
    await confirmations.confirm(token)
    with pytest.raises(Conflict):
        await confirmations.ask(mailing.owner, zoe.id)


async def test_who_asks_for_many_questions_has_to_wait(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.delivery.consent.ASKED_A_DAY", 1)
    services, run = mailing.bilan.services, await built(mailing)
    await services.address_book.add(mailing.owner, RecipientDraft("ben@client.example"))
    await sent(mailing, run, to(ZOE, "ben@client.example"))
    await mailed(mailing)
    assert [one for _from, one, _content in sink.taken] == [ZOE]
    row = (await ledger(mailing, run))["ben@client.example"]
    assert str(row.reason) == "ben@client.example has not confirmed this address yet."
    assert row.state is DeliveryState.REFUSED


async def test_members_ask_nobody_and_nobody_asks_in_another_workspace(mailing: Mailing, zoe: RecipientInfo):
    mia = await mailing.person("Mia", shop=SourceRole.ADMIN)
    with pytest.raises(Forbidden):
        await mailing.bilan.services.confirmations.ask(mia, zoe.id)
    with pytest.raises(NotFound):
        await mailing.bilan.services.confirmations.ask(mailing.owner, mailing.shop.id)


@pytest.mark.parametrize("token", ["", "x", "AAAAAAAAAAAAAAAAAAAAAA.BBBB", "a" * 4000, "é", "\x00"])
async def test_what_is_no_link_of_ours_opens_nothing(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch, token: str
):
    def looked_up(*_given: object, **_named: object) -> None:
        raise AssertionError("something was looked up")

    monkeypatch.setattr(DeliveryRow, "get_or_none", looked_up)
    confirmations = mailing.bilan.services.confirmations
    for attempt in (confirmations.look(token), confirmations.confirm(token)):
        with pytest.raises(NotFound):
            await attempt


async def test_a_link_for_one_purpose_is_none_for_another(mailing: Mailing, sink: Sink, zoe: RecipientInfo):
    services, run = mailing.bilan.services, await built(mailing)
    await RecipientRow.filter(id=zoe.id).update(confirmed_at=services.clock.now())
    await sent(mailing, run, to(ZOE))
    with pytest.raises(NotFound):
        await services.confirmations.confirm(link(mails(sink)[0][1], "unsubscribe"))


@pytest.mark.requirement("DC-01")
async def test_an_address_that_was_corrected_is_not_confirmed_by_the_old_link(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    services, run = mailing.bilan.services, await built(mailing)
    await sent(mailing, run, to(ZOE))
    await mailed(mailing)
    token = link(mails(sink)[0][1])
    await services.address_book.edit(mailing.owner, zoe.id, RecipientDraft("zoe@other.example"))
    with pytest.raises(Gone):
        await services.confirmations.confirm(token)
    # What waited for the old address waits for nothing any more.
    assert await services.confirmations.sweep() == 1
    assert (await ledger(mailing, run))[ZOE].state is DeliveryState.CANCELLED


async def test_what_is_released_late_has_links_that_last_as_long_as_the_others(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    run = await built(mailing)
    await sent(mailing, run, to(ZOE, days=3))
    await mailed(mailing)
    later(mailing, timedelta(days=10))
    services = mailing.bilan.services
    await services.confirmations.confirm(link(mails(sink)[0][1]))
    await mailed(mailing)
    row = await DeliveryRow.filter(sending__run=run.id).first()
    assert row is not None
    assert row.links_until == services.confirmations._clock.now() + timedelta(days=3)
    token = link(mails(sink)[1][1], "links")
    until = services.download_links._links.read(token).until
    assert row.links_until is not None
    assert until == row.links_until.replace(microsecond=0)


async def test_a_stopped_sending_releases_nothing(mailing: Mailing, sink: Sink, zoe: RecipientInfo):
    services, run = mailing.bilan.services, await built(mailing)
    sending = await services.deliveries.send_run(mailing.owner, run.id, to(ZOE))
    await services.runs.cancel(mailing.owner, sending.run.id)
    await mailed(mailing)
    await services.confirmations.confirm(link(mails(sink)[0][1]))
    row = (await ledger(mailing, run))[ZOE]
    assert (row.state, str(row.reason)) == (
        DeliveryState.CANCELLED, "The run was stopped before this was sent.",
    )  # fmt: skip
    await mailed(mailing)
    assert len(mails(sink)) == 1


@pytest.mark.requirement("GO-02")
async def test_what_is_released_holds_the_very_file_that_the_others_got(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo
):
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, ZOE, mode=Mode.ATTACH, language="en"))
    await mailed(mailing)
    await mailing.bilan.services.confirmations.confirm(link(mails(sink)[0][1]))
    await mailed(mailing)
    (first,), (second,) = (
        [part.get_content() for part in read_mail(content).iter_attachments()]
        for content in (sink.taken[0][2], sink.taken[-1][2])
    )
    assert first == second
