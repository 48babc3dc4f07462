"""Links of e-mails: signed, for one file, until a moment; a fresh one goes to the same address alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from bilan.accounts import Permission, SourceRole
from bilan.clock import FrozenClock
from bilan.delivery import Delivered
from bilan.delivery.links import Linked, Links
from bilan.delivery.models import DeliveryRow
from bilan.runs.models import ArtifactRow, RunRow
from bilan.runs.retention import Retention
from bilan.sdk.errors import Conflict
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import built, sent, to, worked

OLGA = "olga@example.org"


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink, and is reached where the tests reach it."""
    return warehouse_settings.model_copy(update={"mail_url": sink.url, "base_url": "http://bilan.test"})


def link_in(sink: Sink, place: int = -1) -> str:
    """The path of the link in the last e-mail."""
    from fixtures.smtp import read_mail

    body = read_mail(sink.taken[place][2]).get_body(("plain",))
    assert body is not None
    found = re.search(r"http://bilan\.test(/links/\S+)", body.get_content())
    assert found is not None
    return found[1]


@pytest.fixture
async def path(mailing: Mailing, sink: Sink) -> str:
    """The link in an e-mail that has just been sent."""
    await sent(mailing, await built(mailing), to(OLGA))
    return link_in(sink)


def at(mailing: Mailing, after: timedelta) -> FrozenClock:
    """The server's clock, so long from now."""
    clock = FrozenClock(mailing.bilan.services.clock.now() + after)
    mailing.bilan.services.deliveries._clock = clock
    return clock


@pytest.mark.requirement("BZ-33", "DC-13")
async def test_the_link_downloads_a_zip_of_csv_files_at_once_and_changes_nothing(
    mailing: Mailing, browser: AsyncClient, path: str
):
    before = await DeliveryRow.all().values()
    answer = await browser.get(path)
    for _scanner in range(2):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert answer.content[:2] == b"PK"
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["x-robots-tag"] == "noindex"
    head = await browser.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(answer.content))
    assert await DeliveryRow.all().values() == before


@pytest.mark.requirement("DC-14")
async def test_an_expired_link_offers_a_fresh_one_to_the_same_address(
    mailing: Mailing, browser: AsyncClient, sink: Sink, path: str
):
    at(mailing, timedelta(days=6, hours=23))
    assert (await browser.get(path)).status_code == 200
    at(mailing, timedelta(days=7, minutes=1))
    answer = await browser.get(path)
    assert answer.status_code == 410
    assert "This link has expired." in answer.text
    assert "Send me a fresh link" in answer.text
    assert len(sink.taken) == 1
    fresh = await browser.post(f"{path}/fresh")
    assert fresh.status_code == 200
    assert "A fresh link is on its way to o…@example.org." in fresh.text
    row = await DeliveryRow.get(renews__isnull=False).select_related("sending")
    await worked(mailing.bilan, row.sending.work)
    assert [one for _from, one, _content in sink.taken] == [OLGA, OLGA]
    again = await browser.post(f"{path}/fresh")
    assert (again.status_code, "within the last hour" in again.text) == (429, True)
    assert (await browser.get(link_in(sink))).status_code == 200
    assert (await DeliveryRow.get(id=row.id)).state == Delivered.ACCEPTED


async def test_a_link_that_was_changed_or_signed_for_something_else_is_refused(
    mailing: Mailing, browser: AsyncClient, path: str
):
    token = path.removeprefix("/links/")
    row, artifact = await DeliveryRow.get(), await ArtifactRow.get()
    later = mailing.bilan.services.clock.now() + timedelta(days=99)
    forged = Links(b"another key", "").token(Linked(row.id, artifact.id, later))
    for wrong in (token[:-1], f"A{token[1:]}", token.replace(".", ""), forged, "x", "ü.ü"):
        answer = await browser.get(f"/links/{wrong}")
        assert answer.status_code == 404, wrong
        assert "This link is not complete, or not from here" in answer.text
        assert (await browser.post(f"/links/{wrong}/fresh")).status_code == 404
    assert await DeliveryRow.all().count() == 1


async def test_a_file_that_is_gone_and_an_account_that_is_closed_are_said(
    mailing: Mailing, browser: AsyncClient, sink: Sink
):
    zoe = await mailing.person("Zoe")
    await sent(mailing, await built(mailing), to("zoe@example.org"))
    path = link_in(sink)
    assert zoe.person is not None
    await mailing.bilan.services.accounts.deactivate(mailing.owner, zoe.person)
    answer = await browser.get(path)
    assert (answer.status_code, "The account this link was sent to is closed" in answer.text) == (410, True)
    assert (await browser.post(f"{path}/fresh")).status_code == 410
    await mailing.bilan.services.accounts.reactivate(mailing.owner, zoe.person)
    kept = await ArtifactRow.get()
    await mailing.bilan.services.files.delete(kept.sha256)
    answer = await browser.get(path)
    assert (answer.status_code, "is no longer kept" in answer.text) == (410, True)


async def test_a_link_lasts_as_many_days_as_was_asked(mailing: Mailing, browser: AsyncClient, sink: Sink):
    await sent(mailing, await built(mailing), to(OLGA, days=1))
    at(mailing, timedelta(hours=25))
    assert (await browser.get(link_in(sink))).status_code == 410


async def test_a_link_to_rows_about_persons_ends_with_the_permission_to_see_them(
    mailing: Mailing, browser: AsyncClient, sink: Sink
):
    zoe = await mailing.person("Zoe", permissions=(Permission.EXPORT_CONTACT_DATA,))
    run = await built(mailing)
    await RunRow.filter(id=run.id).update(personal=True)
    await sent(mailing, run, to("zoe@example.org"))
    path, accounts = link_in(sink), mailing.bilan.services.accounts
    assert (await browser.get(path)).status_code == 200
    assert zoe.person is not None
    await accounts.set_permissions(await accounts.operator(), zoe.person, ())
    answer = await browser.get(path)
    assert (answer.status_code, "takes the permission export_contact_data" in answer.text) == (403, True)
    assert (await browser.post(f"{path}/fresh")).status_code == 403


async def test_no_fresh_link_is_promised_where_none_can_be_sent(
    mailing: Mailing, browser: AsyncClient, sink: Sink
):
    yan = await mailing.person("Yan", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    assert yan.person is not None
    run, deliveries = await built(mailing), mailing.bilan.services.deliveries
    sending = await deliveries.send_run(yan, run.id, to("yan@example.org"))
    await worked(mailing.bilan, sending.run.id)
    path = link_in(sink)
    await mailing.bilan.services.sources.grant(mailing.owner, mailing.lab.id, yan.person, None)
    refused = await browser.post(f"{path}/fresh")
    assert (refused.status_code, "one of these roles on every source" in refused.text) == (410, True)
    await mailing.bilan.services.sources.grant(mailing.owner, mailing.lab.id, yan.person, SourceRole.GUEST)
    await mailing.bilan.services.retention.change(mailing.owner, 1)
    clock = at(mailing, timedelta(days=9))
    await Retention(mailing.bilan.services.catalog, mailing.bilan.services.files, clock).sweep()
    gone = await browser.post(f"{path}/fresh")
    assert (gone.status_code, "is no longer kept" in gone.text) == (410, True)
    with pytest.raises(Conflict, match="were erased on"):
        await deliveries.send_run(mailing.owner, run.id, to(OLGA))
    assert len(sink.taken) == 1
