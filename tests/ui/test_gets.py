"""Looking changes nothing: no page, opened by anybody, renders a file or has one rendered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest
from starlette.routing import Route

from bilan.accounts import Permission, SourceRole, WorkspaceRole
from bilan.delivery import Mode
from bilan.delivery.models import SendingRow
from bilan.recipients import RecipientDraft, TargetDraft
from bilan.reports.values import Draft
from bilan.runs.models import ArtifactRow
from bilan.schedules import weekly
from bilan.schedules.values import ScheduleDraft
from bilan.shares import ShareDraft
from bilan.work.models import StepRow
from bilan_ui.routes import INTERFACE
from fixtures.mailing import Mailing
from fixtures.pages import Reader
from support.posting import MARCH, built, sent, to

SignsIn = Callable[[str, str], Awaitable[Reader]]
ASKS_A_WORKER = {"/runs/{id}/files/{format}"}
"""The address of a file is no page: it asks a worker for the file, and that is what is tested of it."""
WITHOUT = {
    "/occurrences/{id}/letters/{number}", "/occurrences/{id}/letters/{number}/html",
    "/sources/{id}/rejects.{format}", "/imports/{id}", "/sources/profiles/{id}",
    "/links/{token}", "/shared/{token}", "/shared/{token}/files/{signature}",
    "/shared/{token}/pictures/{key}", "/reports/{id}/share",
    "/welcome/{token}", "/confirm/{token}", "/unsubscribe/{token}", "/contacts/{contact}/fact",
}  # fmt: skip
"""Addresses that need an import, a report that was run, a fact that one told, profiles that were found, a
letter that waits, or a signed token; what they answer without is looked at too."""


@pytest.fixture
async def ola(mailing: Mailing, signs_in: SignsIn) -> Reader:
    """Somebody who may see everything, at the pages."""
    every = (Permission.EXPORT_CONTACT_DATA,)
    await mailing.person(
        "Ola", shop=SourceRole.ADMIN, lab=SourceRole.ADMIN, permissions=every, role=WorkspaceRole.OWNER
    )
    return await signs_in("ola@example.org", "correct horse battery")


def forbid_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever renders a file or a picture in this process fails."""

    def rendered(*_given: object, **_named: object) -> None:
        raise AssertionError("something was rendered")

    for place in (
        "bilan.runs.artifacts.ArtifactRenderer._write",
        "bilan.rendering.pictures.picture",
        "bilan.delivery.email.message.chart_png",
    ):
        monkeypatch.setattr(place, rendered)


async def scheduled(mailing: Mailing, report: UUID) -> tuple[UUID, UUID]:
    """A schedule of the report, and the occurrence that is planned."""
    draft = ScheduleDraft(report, weekly(date(2026, 3, 2), "Europe/Paris"))
    schedule = await mailing.bilan.services.schedules.create(mailing.owner, draft)
    page = await mailing.bilan.services.occurrences.list(mailing.owner, schedule.id)
    return schedule.id, page.occurrences[0].id


@pytest.mark.requirement("GO-11")
async def test_a_get_of_every_page_renders_nothing_and_asks_for_nothing(
    mailing: Mailing, ola: Reader, monkeypatch: pytest.MonkeyPatch
):
    services = mailing.bilan.services
    saved = await services.reports.create(mailing.owner, Draft("March", "email.campaign", MARCH, ("pdf",)))
    run = await built(mailing)
    other = await built(mailing)  # was sent, so that the outbox holds an e-mail
    await sent(mailing, other, to("olga@example.org", mode=Mode.ATTACH))
    (mail,) = (await services.outbox.list(mailing.owner)).mails
    assert mailing.owner.person is not None
    external = await services.address_book.add(mailing.owner, RecipientDraft("zoe@client.example"))
    schedule, occurrence = await scheduled(mailing, saved.id)
    hook = TargetDraft("Chat", {"form": "slack", "url": "https://hooks.slack.com/services/x"})
    webhook = await services.targets.add(mailing.owner, "webhook", hook)
    share = await services.shares.create(mailing.owner, run.id, ShareDraft(("vera@client.org",), "k"))
    idents = {
        "schedules": schedule, "occurrences": occurrence,
        "reports": saved.id, "runs": run.id, "sources": mailing.shop.id, "outbox": mail.id,
        "people": mailing.owner.person, "imports": saved.id, "tokens": saved.id, "recipients": external.id,
        "webhooks": webhook.id, "shares": share.share.id,
    }  # fmt: skip
    queries = {
        "/runs/{id}/send/preview": "?mode=attach&days=7&formats=csv&formats=pdf&formats=pptx&formats=xlsx",
        "/runs/{id}/rows": "?figure=none",
        "/runs/{id}/rows.csv": "?figure=none",
    }
    contact = services.contact_timelines.address(mailing.owner, "ann@a.org")
    forbid_rendering(monkeypatch)

    async def rows() -> tuple[int, int, int]:
        return await ArtifactRow.all().count(), await StepRow.all().count(), await SendingRow.all().count()

    before, opened = await rows(), set[str]()
    for route in INTERFACE.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()) or route.path in ASKS_A_WORKER:
            continue
        area = route.path.split("/")[1]
        path = route.path.format(
            id=idents.get(area), kind="email.campaign", plugin="email", number="0", token="x", format="csv",
            signature="x", key="x", page="whatsapp.by_tag", contact=contact,
        ) if area != "sources" else route.path.format(
            id=idents[area], kind="mailgun", plugin="email", format="csv"
        )  # fmt: skip
        answer = await ola.client.get(path + queries.get(route.path, ""))
        assert await rows() == before, path
        assert answer.status_code < 500, (path, answer.text)
        if answer.status_code < 400:
            opened.add(route.path)
    pages = {one.path for one in INTERFACE.routes if isinstance(one, Route) and "GET" in (one.methods or ())}
    assert pages - opened <= ASKS_A_WORKER | WITHOUT | {"/runs/{id}/rows", "/runs/{id}/rows.csv"}


async def test_the_address_of_a_file_asks_a_worker_and_renders_nothing_itself(
    mailing: Mailing, ola: Reader, monkeypatch: pytest.MonkeyPatch
):
    run = await built(mailing)
    forbid_rendering(monkeypatch)
    monkeypatch.setattr("bilan_ui.views.runs.RENDERING_SECONDS", 0.0)
    for _click in range(3):
        answer = await ola.client.get(f"/runs/{run.id}/files/pdf")
        assert answer.headers["location"] == f"/runs/{run.id}"
    assert await StepRow.filter(job_id=run.id, optional=True).count() == 1
    assert await ArtifactRow.all().count() == 0


async def test_the_preview_names_files_that_are_not_rendered_yet_and_shows_charts(
    mailing: Mailing, ola: Reader, monkeypatch: pytest.MonkeyPatch
):
    run = await built(mailing, "email.engagement")
    assert run.as_of is not None
    name = f"Figures of March {run.as_of.date().isoformat()}"
    address = f"/runs/{run.id}/send/preview?formats=csv&formats=pdf&days=7"
    with monkeypatch.context() as patched:
        forbid_rendering(patched)
        page = await ola.client.get(f"{address}&mode=link")
    said = plain(page.text)
    for extension in ("zip", "pdf"):
        assert f"{name}.{extension} (size known once it is rendered)" in said
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "cid:" not in page.text
    await sent(mailing, run, to("olga@example.org", formats=("csv",)))
    await ArtifactRow.all().update(size=12_000)
    said = plain((await ola.client.get(f"{address}&mode=attach")).text)
    assert f"{name}.zip (12 kB)" in said
    assert f"{name}.pdf (size known once it is rendered)" in said
    assert "The files are attached to this e-mail." in said


async def test_the_preview_says_when_files_that_are_known_do_not_fit(mailing: Mailing, ola: Reader):
    run = await built(mailing)
    await sent(mailing, run, to("olga@example.org", formats=("csv",)))
    await ArtifactRow.all().update(size=9_000_000)  # in a message of 10,000,000 bytes it takes a third more
    page = await ola.client.get(f"/runs/{run.id}/send/preview?formats=csv&days=7&mode=attach")
    assert "too large for an e-mail, so here is a link" in plain(page.text)


def plain(html: str) -> str:
    """The words without their marks."""
    return " ".join(re.sub(r"<[^>]+>|[\u2066-\u2069]", "", html).split())
