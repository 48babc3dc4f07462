"""The pages behind a recipient's own links: confirming, what comes, and its end, without a sign-in."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from httpx2 import AsyncClient

from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.recipients import RecipientDraft, RecipientInfo, RecipientState
from bilan.recipients.models import RecipientRow, UnsubscriptionRow
from bilan.reports.values import Draft
from bilan.schedules import weekly
from bilan.schedules.values import Schedule, ScheduleDraft
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.smtp import Sink, read_mail
from support.posting import MARCH, built, sent, to, worked

ZOE = "zoe@client.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink, and is reached where the tests reach it."""
    return warehouse_settings.model_copy(update={"mail_url": sink.url, "base_url": "http://bilan.test"})


@pytest.fixture
async def zoe(mailing: Mailing) -> RecipientInfo:
    draft = RecipientDraft(ZOE, "Zoé", "Überfall", "en")
    return await mailing.bilan.services.address_book.add(mailing.owner, draft)


@pytest.fixture
async def schedule(mailing: Mailing, zoe: RecipientInfo) -> Schedule:
    """Comes to Zoé each Monday."""
    services = mailing.bilan.services
    report = await services.reports.create(mailing.owner, Draft("Weekly figures", "email.campaign", MARCH))
    draft = ScheduleDraft(report.id, weekly(date(2026, 3, 10), "Europe/Paris"), to=(ZOE,))
    return await services.schedules.create(mailing.owner, draft)


async def scheduled(mailing: Mailing, sink: Sink, schedule: Schedule, key: str = "one") -> str:
    """The path of Zoé's own link in an e-mail of the schedule that has just come."""
    await RecipientRow.all().update(confirmed_at=mailing.bilan.services.clock.now())
    run = await built(mailing)
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(ZOE, key=key))
    await SendingRow.filter(job=sending.run.id).update(schedule=schedule.id)
    await worked(mailing.bilan, sending.run.id)
    mail = read_mail(sink.taken[-1][2])
    header, body = mail["List-Unsubscribe"], mail.get_body(("plain",))
    assert body is not None
    path = header.removeprefix("<http://bilan.test").removesuffix(">")
    assert path in body.get_content()
    return path


async def ended() -> list[str]:
    """What was ended, by its scope."""
    return [str(row.scope) for row in await UnsubscriptionRow.all().order_by("id")]


@pytest.mark.requirement("GO-11", "AP-27", "DC-06")
@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
async def test_a_plain_post_of_a_mail_program_ends_the_schedule_for_this_recipient_alone(
    mailing: Mailing, sink: Sink, schedule: Schedule, browser: AsyncClient, form: str
):
    path = await scheduled(mailing, sink, schedule)
    # As RFC 8058 has it: no cookie, no origin, in either encoding.
    sent_as: dict[str, Any] = (
        {"data": ONE_CLICK} if form == "urlencoded" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    )
    for _click in range(2):
        answer = await browser.post(path, **sent_as)
        assert (answer.status_code, "You will get no more of it." in answer.text) == (200, True)
    assert await ended() == [str(schedule.id)]
    run = await built(mailing)
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(ZOE, key="two"))
    await SendingRow.filter(job=sending.run.id).update(schedule=schedule.id)
    before = len(sink.taken)
    await worked(mailing.bilan, sending.run.id)
    assert len(sink.taken) == before
    row = await DeliveryRow.get(sending__job=sending.run.id)
    assert str(row.reason) == "zoe@client.example wants no more of this report."
    preview = await mailing.bilan.services.schedules.preview_saved(mailing.owner, schedule.id)
    assert [str(one.reason) for one in preview.recipients] == [str(row.reason)]
    # What comes by hand, or by another schedule, goes on.
    await sent(mailing, run, to(ZOE, key="three"))
    assert len(sink.taken) == before + 1


@pytest.mark.requirement("GO-11")
async def test_looking_at_the_pages_changes_nothing(
    mailing: Mailing, sink: Sink, schedule: Schedule, browser: AsyncClient
):
    path = await scheduled(mailing, sink, schedule)
    before = await DeliveryRow.all().values(), await RecipientRow.all().values()
    for method in ("GET", "HEAD"):
        for _scanner in range(2):
            answer = await browser.request(method, path)
            assert answer.status_code == 200
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["x-robots-tag"] == "noindex"
            assert "no-store" in answer.headers["cache-control"]
    assert await ended() == []
    assert (await DeliveryRow.all().values(), await RecipientRow.all().values()) == before


@pytest.mark.requirement("AP-27")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("What you receive", "Weekly figures", "End it", "End everything")),
        ("fr", ("Ce que vous recevez", "Weekly figures", "L’arrêter", "Tout arrêter")),
    ],
)
async def test_the_page_lists_what_comes_and_its_buttons_end_and_resume_it(
    mailing: Mailing, sink: Sink, schedule: Schedule, browser: AsyncClient, language: str,
    words: tuple[str, ...],
):  # fmt: skip
    path, headers = await scheduled(mailing, sink, schedule), {"accept-language": language}
    page = unescape((await browser.get(path, headers=headers)).text)
    for word in words:
        assert word in page
    assert ZOE not in page
    one = {"schedule": str(schedule.id)}
    await browser.post(path, data={"then": "end", **one})
    assert await ended() == [str(schedule.id)]
    await browser.post(path, data={"then": "resume", **one})
    assert await ended() == []
    await browser.post(path, data={"then": "end", "schedule": ""})
    assert await ended() == [str(mailing.owner.workspace)]
    found = await mailing.bilan.services.address_book.list(mailing.owner)
    assert found.recipients[0].state is RecipientState.UNSUBSCRIBED
    assert "aucun rapport n’arrive plus" in unescape(
        (await browser.get(path, headers={"accept-language": "fr"})).text
    )
    await browser.post(path, data={"then": "resume", "schedule": ""})
    assert await ended() == []


async def test_nobody_ends_what_is_not_theirs(
    mailing: Mailing, sink: Sink, schedule: Schedule, browser: AsyncClient
):
    path = await scheduled(mailing, sink, schedule)
    for scope in (str(mailing.shop.id), "x", "0" * 32):
        for then in ("end", "resume"):
            answer = await browser.post(path, data={"then": then, "schedule": scope})
            assert answer.status_code == 404
    for broken in (f"{path}x", "/unsubscribe/x", path.replace("/unsubscribe/", "/confirm/")):
        for answer in (await browser.get(broken), await browser.post(broken, data=ONE_CLICK)):
            assert answer.status_code == 404
    assert await ended() == []


@pytest.mark.requirement("AD-10")
async def test_the_links_of_a_test_change_nothing(
    mailing: Mailing, sink: Sink, schedule: Schedule, browser: AsyncClient
):
    path = await scheduled(mailing, sink, schedule)
    await SendingRow.all().update(test=True)
    for data in (ONE_CLICK, {"then": "end", "schedule": ""}, {"then": "end", "schedule": str(schedule.id)}):
        answer = await browser.post(path, data=data)
        assert (answer.status_code, "This e-mail was a test" in answer.text) == (200, True)
    assert await ended() == []


@pytest.mark.requirement("DC-01", "AP-25", "AP-26")
async def test_the_confirmation_is_a_button_on_a_page(
    mailing: Mailing, sink: Sink, zoe: RecipientInfo, browser: AsyncClient
):
    services = mailing.bilan.services
    await services.confirmations.ask(mailing.owner, zoe.id)
    await worked(mailing.bilan, (await SendingRow.get()).job)
    body = read_mail(sink.taken[-1][2]).get_body(("plain",))
    assert body is not None
    found = re.search(r"http://bilan\.test(/confirm/\S+)", body.get_content())
    assert found is not None
    for _scanner in range(2):
        page = await browser.get(found[1])
        assert "Olga of Bilan wants to send reports to z…@client.example." in page.text
    assert (await RecipientRow.get()).confirmed_at is None
    answer = await browser.post(found[1])
    assert "z…@client.example is confirmed." in answer.text
    assert (await RecipientRow.get()).confirmed_at is not None
    await RecipientRow.all().update(confirmed_at=None, asked_until=services.clock.now())
    page = await browser.get(found[1])
    assert "Send me a new e-mail" in page.text
    assert (await browser.post(found[1])).status_code == 409
    assert (await browser.post(f"{found[1]}/again")).status_code == 429
    await RecipientRow.all().update(asked_at=services.clock.now() - timedelta(hours=2))
    again = await browser.post(f"{found[1]}/again")
    assert "A new e-mail is on its way to z…@client.example." in again.text
    assert await SendingRow.all().count() == 2


async def test_who_was_erased_has_no_pages_any_more(
    mailing: Mailing, sink: Sink, schedule: Schedule, zoe: RecipientInfo, browser: AsyncClient
):
    path = await scheduled(mailing, sink, schedule)
    await mailing.bilan.services.recipient_erasure.erase(mailing.owner, zoe.id)
    for answer in (await browser.get(path), await browser.post(path, data=ONE_CLICK)):
        assert answer.status_code == 410
    assert await ended() == []
