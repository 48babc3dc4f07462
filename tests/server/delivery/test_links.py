"""Links of e-mails: signed, for one file, until a moment; a fresh one goes to the same address alone."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from hmac import compare_digest
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import anyio
import pytest
from httpx2 import AsyncClient
from itsdangerous.encoding import base64_encode

from bilan.accounts import Permission, SourceRole
from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState, DownloadLinks
from bilan.delivery.links import LinkSigner, LinkTarget
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.runs.models import ArtifactRow, ReportRunRow
from bilan.runs.retention import Retention
from bilan.sdk.errors import Conflict, NotFound, TooMany
from bilan.settings import Settings
from bilan.work.models import JobRow
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import OLGA, built, sent, to, worked


@pytest.fixture
def browser(browser: AsyncClient) -> AsyncClient:
    """Says where its forms come from, as browsers do."""
    browser.headers["origin"] = "http://bilan.test"
    return browser


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
    services = mailing.bilan.services
    services.download_links._clock = services.download_links._sendings._clock = clock
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
        with ZipFile(BytesIO(answer.content)) as archive:
            assert archive.namelist() == ["campaigns.csv"]
            lines = archive.read("campaigns.csv").decode("utf-8-sig").splitlines()
        rows = list(csv.DictReader(lines))
        assert [(one["Source"], one["Campaign"], one["Unique clicks"]) for one in rows[:1]] == [
            ("Shop", "sale", "1")
        ]
        assert "trial" in [one["Campaign"] for one in rows]
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
    row = await DeliveryRow.get(reissue_of__isnull=False).select_related("sending")
    await worked(mailing.bilan, row.sending.job)
    assert [one for _from, one, _content in sink.taken] == [OLGA, OLGA]
    again = await browser.post(f"{path}/fresh")
    assert (again.status_code, "within the last hour" in again.text) == (429, True)
    assert (await browser.get(link_in(sink))).status_code == 200
    assert (await DeliveryRow.get(id=row.id)).state == DeliveryState.ACCEPTED


async def renewed(mailing: Mailing, sink: Sink, browser: AsyncClient, path: str) -> str:
    """The fresh link that follows this one."""
    answer = await browser.post(f"{path}/fresh")
    assert answer.status_code == 200, answer.text
    row = await DeliveryRow.filter(reissue_of__isnull=False).order_by("-created_at").first()
    assert row is not None
    await worked(mailing.bilan, (await SendingRow.get(id=row.sending_id)).job)
    return link_in(sink)


@pytest.mark.requirement("DC-14")
async def test_fresh_links_end_after_some_and_then_whoever_sent_it_is_named(
    mailing: Mailing, browser: AsyncClient, sink: Sink, path: str
):
    for number in range(5):
        at(mailing, timedelta(hours=2 * number))
        # Whichever link of the e-mail is asked with, they count together.
        path = await renewed(mailing, sink, browser, path)
    at(mailing, timedelta(days=8))
    sixth = await browser.post(f"{path}/fresh")
    assert sixth.status_code == 429
    assert "A fresh link was sent 5 times already; ask Olga to send you the report again." in unescape(
        sixth.text
    )
    assert len(sink.taken) == 6


@pytest.mark.requirement("DC-14", "DC-17")
async def test_a_fresh_link_lasts_no_longer_than_the_report_is_kept(
    mailing: Mailing, browser: AsyncClient, sink: Sink
):
    await mailing.bilan.services.retention.change(mailing.owner, 10)
    await sent(mailing, await built(mailing), to(OLGA))
    at(mailing, timedelta(days=7, minutes=5))
    path = await renewed(mailing, sink, browser, link_in(sink))
    assert (await SendingRow.all().order_by("-created_at").first()).days == 2  # type: ignore[union-attr]
    at(mailing, timedelta(days=9, minutes=1))
    assert (await browser.get(path)).status_code == 200
    at(mailing, timedelta(days=9, minutes=6))
    assert (await browser.get(path)).status_code == 410
    refused = await browser.post(f"{path}/fresh")
    assert refused.status_code == 410
    assert "is about to be erased; ask Olga to make it anew." in refused.text
    held = (await ReportRunRow.get()).hold_until
    assert held is not None
    assert held < mailing.bilan.services.clock.now() + timedelta(days=10)


async def test_clicks_at_once_are_one_fresh_link_whatever_process_they_reach(
    mailing: Mailing, browser: AsyncClient, path: str
):
    answers: list[int] = []

    async def click() -> None:
        answers.append((await browser.post(f"{path}/fresh")).status_code)

    async with anyio.create_task_group() as tasks:
        for _click in range(6):
            tasks.start_soon(click)
    assert set(answers) <= {200, 429}
    assert await DeliveryRow.filter(reissue_of__isnull=False).count() == 1


async def test_a_mailbox_gets_so_many_fresh_links_a_day_from_all_of_its_emails(
    mailing: Mailing, browser: AsyncClient, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.delivery.download_links.A_DAY", 2)
    run, paths = await built(mailing), list[str]()
    for key in ("first", "second", "third"):
        await sent(mailing, run, to(OLGA, key=key))
        paths.append(link_in(sink))
    assert [(await browser.post(f"{one}/fresh")).status_code for one in paths] == [200, 200, 429]
    at(mailing, timedelta(days=1, minutes=1))
    assert (await browser.post(f"{paths[2]}/fresh")).status_code == 200


async def test_who_asks_for_fresh_links_again_and_again_has_to_wait(
    mailing: Mailing, browser: AsyncClient, path: str
):
    rate_limit = mailing.bilan.services.download_links._rate_limit._counted
    rate_limit._clock = FrozenClock(mailing.bilan.services.clock.now())
    answers = [(await browser.post("/links/none/fresh")).status_code for _try in range(31)]
    assert answers == [404] * 30 + [429]
    refused = await browser.post(f"{path}/fresh")
    assert (refused.status_code, "wait 15 minutes" in refused.text) == (429, True)
    # Another process counts on, for it is the catalog that counts.
    services = mailing.bilan.services
    other = DownloadLinks(
        services.catalog,
        rate_limit._clock,
        services.files,
        services.download_links._links,
        services.download_links._sendings,
        services.runs,
    )
    with pytest.raises(TooMany):
        await other.reissue_link("none", "127.0.0.1")
    with pytest.raises(NotFound):
        await other.reissue_link("none", "127.0.0.2")


async def test_pages_of_links_tell_no_other_address_where_they_are(browser: AsyncClient, path: str):
    for answer in (await browser.get(path), await browser.post(f"{path}/fresh")):
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


async def test_without_the_signature_nothing_is_looked_up(
    mailing: Mailing, browser: AsyncClient, path: str, monkeypatch: pytest.MonkeyPatch
):
    compared: list[bool] = []

    def compares(first: bytes, second: bytes) -> bool:
        compared.append(True)
        return compare_digest(first, second)

    monkeypatch.setattr("itsdangerous.signer.constant_time_compare", compares, raising=False)
    monkeypatch.setattr("itsdangerous.signer.hmac.compare_digest", compares)

    def asked(**_what: object) -> None:
        raise AssertionError("a delivery was looked up")

    token = path.removeprefix("/links/")
    payload, _dot, signature = token.partition(".")
    other = base64_encode(bytes(40)).decode()
    with monkeypatch.context() as patched:
        patched.setattr(DeliveryRow, "get_or_none", asked)
        answers = {
            (await browser.get(f"/links/{wrong}")).text.replace(wrong, "")
            for wrong in (f"{other}.{signature}", f"{payload}.{signature[::-1]}", f"{payload}.", "none")
        }
    assert len(answers) == 1, "a link that was changed and one that never was look the same"
    assert compared


@pytest.mark.requirement("DC-17")
async def test_an_erased_report_is_gone_although_another_has_a_file_of_the_same_bytes(
    mailing: Mailing, browser: AsyncClient, path: str
):
    assert (await browser.get(path)).status_code == 200
    await ReportRunRow.all().update(erased_at=mailing.bilan.services.clock.now())
    answer = await browser.get(path)
    assert (answer.status_code, "is no longer kept" in answer.text) == (410, True)


async def test_a_link_that_was_changed_or_signed_for_something_else_is_refused(
    mailing: Mailing, browser: AsyncClient, path: str
):
    token = path.removeprefix("/links/")
    row, artifact = await DeliveryRow.get(), await ArtifactRow.get()
    later = mailing.bilan.services.clock.now() + timedelta(days=99)
    forged = LinkSigner(b"another key", "").token(LinkTarget(row.id, artifact.id, later))
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
    await JobRow.filter(id=run.id).update(personal=True)
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
