"""A real mail server delivers the e-mail; its HTML and its text hold the same figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
from httpx2 import AsyncClient

from bilan.accounts import SourceRole
from bilan.delivery import DeliveryState, Mode
from bilan.delivery.models import SendingRow
from bilan.recipients import RecipientDraft, RecipientState
from bilan.recipients.models import UnsubscriptionRow
from bilan.reports.values import Draft
from bilan.schedules import weekly
from bilan.schedules.values import ScheduleDraft
from bilan.sdk.document import Block, Kpis, Section
from bilan.sdk.periods import Period
from bilan.settings import Settings
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.smtp import Postfix
from server.delivery.test_email import Words, figures
from support.posting import built, ledger, sent, to, worked


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, postfix: Postfix) -> Settings:
    """A server that mails through Postfix."""
    return warehouse_settings.model_copy(
        update={"mail_url": postfix.url, "base_url": "https://bilan.example.org"}
    )


def kpis_of(blocks: Iterable[Block]) -> Iterator[Kpis]:
    """The tiles of a document, those in sections too."""
    for block in blocks:
        if isinstance(block, Kpis):
            yield block
        elif isinstance(block, Section):
            yield from kpis_of(block.blocks)


def with_the_same_figures(mail: EmailMessage) -> tuple[str, str]:
    """What HTML and text of an e-mail say, which hold the same figures."""
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    markup = re.sub(r"<div style=\"display:\s*none.*?</div>", "", html.get_content(), flags=re.DOTALL)
    said, written = Words(markup).text, text.get_content()
    plain = re.sub(r"https://\S+", "", written)
    # The figures of a long chart stand at the end of the HTML, under its title once more.
    assert set(figures(said)) == set(figures(plain))
    assert Counter(figures(plain)) - Counter(figures(said)) == Counter()
    return said, written


@pytest.mark.requirement("GO-12", "AP-01", "AP-17", "AP-27")
async def test_postfix_delivers_what_a_schedule_sends_and_a_plain_post_ends_that_schedule_alone(
    mailing: Mailing, postfix: Postfix, browser: AsyncClient
):
    services, olga = mailing.bilan.services, mailing.owner
    saved = await services.reports.create(olga, Draft("March", "email.campaign", {}, ("csv",)))
    days = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))
    timetable = replace(weekly(date(2026, 3, 2), "Europe/Paris"), period=days)
    schedule = await services.schedules.create(olga, ScheduleDraft(saved.id, timetable))
    occurrence = (await services.resends.send_now(olga, schedule.id, "now")).id
    while steps := await StepRow.filter(state=State.WAITING, due_at__lte=datetime.now(UTC)):
        for step in steps:
            await mailing.bilan.engine.work(step.id)
    (mail,) = postfix.delivered(1)
    said, _written = with_the_same_figures(mail)
    found = await services.occurrences.get(olga, occurrence)
    assert found.run is not None
    document = await services.runs.document(olga, found.run)
    tiles = [tile for block in kpis_of(document.blocks) for tile in block.tiles]
    assert len(tiles) > 3
    assert all(str(tile.label) in said for tile in tiles)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    end = mail["List-Unsubscribe"].removeprefix("<https://bilan.example.org").removesuffix(">")
    assert (await browser.post(end, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    (ended,) = await UnsubscriptionRow.all()
    assert (ended.recipient, ended.scope) == (olga.person, schedule.id)


@pytest.mark.requirement("GO-12", "AP-01", "AP-18")
async def test_postfix_delivers_and_both_texts_hold_the_same_figures(mailing: Mailing, postfix: Postfix):
    await mailing.person("Zoe", shop=SourceRole.GUEST)
    run = await built(mailing, campaign="sale")
    await sent(mailing, run, to("olga@example.org", "zoe@example.org", mode=Mode.ATTACH, formats=("csv",)))
    rows = await ledger(mailing, run)
    assert {one.state for one in rows.values()} == {DeliveryState.ACCEPTED}
    assert all("queued as" in (one.answer or "") for one in rows.values())
    for mail in postfix.delivered(2):
        said, written = with_the_same_figures(mail)
        document = await mailing.bilan.services.runs.document(mailing.owner, run.id)
        tiles = [tile for block in kpis_of(document.blocks) for tile in block.tiles]
        assert len(tiles) > 3
        for tile in tiles:
            assert str(tile.label) in said
            assert str(tile.label) in written
        (attached,) = mail.iter_attachments()
        assert attached.get_content()[:2] == b"PK"


@pytest.mark.requirement("BZ-21")
async def test_an_address_that_postfix_does_not_know_is_refused_for_this_recipient(
    mailing: Mailing, postfix: Postfix
):
    services = mailing.bilan.services
    zoe = await mailing.person("Zoe")
    assert zoe.person is not None
    await services.accounts.edit(mailing.owner, zoe.person, name="Zoe", email="zoe@elsewhere.example")
    run = await built(mailing)
    await sent(mailing, run, to("olga@example.org", "zoe@elsewhere.example"))
    rows = await ledger(mailing, run)
    assert rows["olga@example.org"].state is DeliveryState.ACCEPTED
    refused = rows["zoe@elsewhere.example"]
    assert refused.state is DeliveryState.REFUSED
    assert "elsewhere.example" in str(refused.reason)
    assert len(postfix.delivered(1)) == 1


@pytest.mark.requirement("DC-01", "DC-06", "AP-27")
async def test_an_external_recipient_confirms_gets_the_report_and_ends_it_by_what_postfix_handed_over(
    mailing: Mailing, postfix: Postfix, browser: AsyncClient
):
    services = mailing.bilan.services
    await services.address_book.add(mailing.owner, RecipientDraft("guest@example.org", "Gail", "Guest"))
    run = await built(mailing)
    report_job = (await sent(mailing, run, to("guest@example.org"))).run.id
    await worked(mailing.bilan, (await SendingRow.get(run=None)).job)
    (question,) = postfix.delivered(1)
    body = question.get_body(("plain",))
    assert body is not None
    link = re.search(r"https://bilan\.example\.org(/confirm/\S+)", body.get_content())
    assert link is not None
    answer = await browser.post(link[1], headers={"origin": "https://bilan.example.org"})
    assert answer.status_code == 200
    await worked(mailing.bilan, report_job)
    (report,) = (mail for mail in postfix.delivered(2) if mail["Subject"] != question["Subject"])
    assert report["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    end = report["List-Unsubscribe"].removeprefix("<https://bilan.example.org").removesuffix(">")
    assert (await browser.post(end, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    (gail,) = (await services.address_book.list(mailing.owner)).recipients
    assert gail.state is RecipientState.UNSUBSCRIBED
