"""Sending on the pages: the form with its preview, what became of it, and the outbox, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.delivery import Mode
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Conflict
from bilan.sdk.messages import Message
from bilan.work.models import JobRow
from fixtures.mailing import Mailing
from fixtures.pages import Markup, Reader
from support.posting import MARCH, built, sent, to, worked

SignsIn = Callable[[str, str], Awaitable[Reader]]


@pytest.fixture
async def olga(mailing: Mailing, signs_in: SignsIn) -> Reader:
    """The owner of the mail room at the pages."""
    services = mailing.bilan.services
    member = await services.accounts.add(
        await services.accounts.operator(), email="ola@example.org", name="Ola",
        password="correct horse battery", role=WorkspaceRole.ADMIN,
    )  # fmt: skip
    for source in (mailing.shop, mailing.lab):
        await services.sources.grant(mailing.owner, source.id, member.id, SourceRole.EDITOR)
    return await signs_in(member.email, "correct horse battery")


@pytest.mark.requirement("BZ-21", "BZ-02")
async def test_a_run_is_sent_from_its_page_and_the_page_says_what_became_of_it(
    mailing: Mailing, olga: Reader
):
    run = await built(mailing)
    page = await olga.get(f"/runs/{run.id}")
    assert f"/runs/{run.id}/send" in [one.attributes["href"] for one in page.all("a")]
    form = await olga.get(f"/runs/{run.id}/send")
    assert "Ola <ola@example.org>" in form.texts("label")
    offered = form.all("input", name="formats")
    assert [one.attributes["value"] for one in offered] == ["pdf", "pptx", "xlsx", "csv", "html"]
    assert ["checked" in one.attributes for one in offered] == [True, False, False, False, False]
    key = form.one("input", name="key").attributes["value"]
    frame = form.one("iframe")
    assert frame.attributes["sandbox"] == ""
    shown = await olga.client.get(frame.attributes["src"])
    assert shown.status_code == 200
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "Figures of March" in shown.text
    given = {"key": key, "to": "ola@example.org", "formats": "csv", "mode": "link", "days": "7"}
    assert await olga.goes(f"/runs/{run.id}/send", given) == f"/runs/{run.id}#deliveries"
    assert await olga.goes(f"/runs/{run.id}/send", given) == f"/runs/{run.id}#deliveries"
    waiting = (await olga.get(f"/runs/{run.id}")).one("section", id="deliveries")
    assert waiting.attributes["hx-get"] == f"/runs/{run.id}"  # the page asks until it is settled
    sending = await SendingRow.get()
    await worked(mailing.bilan, sending.job)
    page = await olga.get(f"/runs/{run.id}")
    assert "accepted" in page.texts("span", class_="badge")
    assert "hx-get" not in page.one("section", id="deliveries").attributes
    await olga.get(f"/runs/{sending.job}")
    outbox = await olga.get("/outbox")
    (link,) = [one for one in outbox.all("a") if one.attributes.get("href", "").startswith("/outbox/")]
    assert link.said.startswith("Figures of March")
    mail = await olga.get(link.attributes["href"])
    assert "ola@example.org" in mail.texts("p", class_="lead")[0]
    assert "Figures of March" in mail.one("pre").text
    rendered = await olga.client.get(mail.one("iframe").attributes["src"])
    assert "frame-ancestors 'self'" in rendered.headers["content-security-policy"]
    found = re.search(r"/links/[^\"]+", rendered.text)
    assert found is not None
    assert (await olga.client.get(found[0])).content[:2] == b"PK"


async def test_what_is_wrong_is_said_and_what_was_typed_stays(mailing: Mailing, olga: Reader):
    run = await built(mailing)
    given = {"key": "k", "to": "eve@elsewhere.example", "formats": "csv", "days": "7", "message": "Hello <b>"}
    page = await olga.refused(f"/runs/{run.id}/send", given)
    assert (
        "eve@elsewhere.example is neither a person of this workspace nor in its address book"
        in page.one("div", id="errors").said
    )
    assert page.one("textarea").text == "Hello <b>"
    assert page.one("input", name="key").attributes["value"] == "k"
    page = await olga.refused(f"/runs/{run.id}/send", {**given, "to": "ola@example.org", "days": "x"})
    assert "Links last from 1 to 90 days." in page.one("div", id="errors").said
    assert await SendingRow.all().count() == 0
    answer = await olga.sends(f"/runs/{run.id}/send", {**given, "then": "preview"})
    assert answer.status_code == 200


def decisions(page: Markup) -> list[str]:
    """Where the buttons lead that decide about e-mails."""
    actions = [one.attributes.get("action", "") for one in page.all("form")]
    return [one for one in actions if one.startswith("/deliveries/")]


@pytest.mark.requirement("GO-01")
async def test_what_nobody_knows_the_end_of_is_decided_on_the_page(mailing: Mailing, olga: Reader):
    run = await built(mailing)
    await sent(mailing, run, to("ola@example.org"))
    for answer, said in (("again", "sent again"), ("arrived", "arrived")):
        row = await DeliveryRow.all().order_by("-created_at").first()
        assert row is not None
        await DeliveryRow.filter(id=row.id).update(state="unknown", reason=None)
        page = await olga.get(f"/runs/{run.id}")
        assert decisions(page) == [f"/deliveries/{row.id}/arrived", f"/deliveries/{row.id}/again"]
        assert "Ask Ola first: sent again, it may be there twice." in page.texts("p")
        assert await olga.goes(f"/deliveries/{row.id}/{answer}", {}) == f"/runs/{run.id}#deliveries"
        page = await olga.get(f"/runs/{run.id}")
        assert said in page.texts("span", class_="badge")
        assert decisions(page) == []
    assert await DeliveryRow.all().count() == 2
    await olga.refused(f"/deliveries/{run.id}/again", {}, 404)


async def test_attached_files_can_be_had_from_the_outbox(mailing: Mailing, olga: Reader):
    run = await built(mailing)
    attaching = replace(to("ola@example.org"), mode=Mode.ATTACH)
    await sent(mailing, run, attaching)
    (path,) = [
        one.attributes["href"]
        for one in (await olga.get("/outbox")).all("a")
        if one.attributes.get("href", "").startswith("/outbox/")
    ]
    assert (await olga.client.get(f"{path}/files/0")).content[:2] == b"PK"
    for wrong in ("7", "²", "9" * 5000):
        await olga.get(f"{path}/files/{wrong}", 404)
    await olga.get("/outbox/nothing", 404)


def linked(page: Markup) -> list[str]:
    """Where the links to newer and older ones lead."""
    return [one.attributes["href"] for one in page.all("a") if "rel" in one.attributes]


async def test_the_outbox_shows_a_mail_to_its_recipient_and_to_readers_of_its_report(
    mailing: Mailing, olga: Reader, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch
):
    await mailing.person("Zoe")
    await mailing.person("Yan")
    run = await built(mailing)
    await sent(mailing, run, to("zoe@example.org"))
    (mail,) = (await mailing.bilan.services.outbox.list(mailing.owner)).mails
    zoe = await signs_in("zoe@example.org", "correct horse battery")
    yan = await signs_in("yan@example.org", "correct horse battery")
    await zoe.get(f"/outbox/{mail.id}")
    await olga.get(f"/outbox/{mail.id}")
    await yan.get(f"/outbox/{mail.id}", 404)
    assert "Nothing has been sent yet." in " ".join((await yan.get("/outbox")).texts("p"))
    monkeypatch.setattr("bilan_ui.views.outbox.PAGE", 1)
    await sent(mailing, run, to("ola@example.org", key="later"))
    page = await zoe.get("/outbox")
    assert (mail.subject in " ".join(page.texts("a")), page.all("nav", class_="pager")) == (True, [])
    newer, older = await olga.get("/outbox"), await olga.get("/outbox?from=1")
    assert (linked(newer), linked(older)) == (["/outbox?from=1"], ["/outbox?from=0"])
    assert [page.texts("td")[1] for page in (newer, older)] == ["ola@example.org", "zoe@example.org"]
    await JobRow.filter(id=run.id).update(personal=True)
    await zoe.get(f"/outbox/{mail.id}", 404)


@pytest.mark.requirement("BZ-30")
async def test_a_saved_report_is_run_and_sent(mailing: Mailing, olga: Reader):
    from bilan.reports.values import Draft

    saved = await mailing.bilan.services.reports.create(
        mailing.owner, Draft("Weekly", "email.campaign", {"period": "2026-03-01..2026-03-04"})
    )
    form = await olga.get(f"/reports/{saved.id}/send")
    assert form.all("iframe") == []
    where = await olga.goes(
        f"/reports/{saved.id}/send",
        {"key": "k", "to": "ola@example.org", "formats": "csv", "mode": "link", "days": "7"},
    )
    sending = await SendingRow.get()
    assert where == f"/runs/{sending.run}"
    await worked(mailing.bilan, sending.job)
    assert (await mailing.bilan.services.outbox.list(mailing.owner)).total == 1


async def test_a_run_that_is_over_says_which_file_is_being_rendered(mailing: Mailing, olga: Reader):
    run = await built(mailing)
    spec = RenderSpec("xlsx")
    assert await mailing.bilan.services.runs.render(mailing.owner, run.id, spec, seconds=0.0) is None
    assert "Rendering Workbook (XLSX)…" in (await olga.get(f"/runs/{run.id}")).texts("h2")
    await worked(mailing.bilan, run.id)
    assert "Rendering Workbook (XLSX)…" not in (await olga.get(f"/runs/{run.id}")).texts("h2")


async def test_a_locked_file_that_could_not_be_rendered_is_tried_again_with_its_password(
    mailing: Mailing, olga: Reader, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_given: object) -> None:
        raise Conflict(Message("This cannot be rendered."))

    monkeypatch.setattr("bilan_ui.views.runs.RENDERING_SECONDS", 0.0)
    runs = mailing.bilan.services.runs
    locked = RenderSpec("pdf", options={"password": "the longest word", "stamp": "test"})
    with monkeypatch.context() as patched:
        patched.setattr("bilan.runs.artifacts.ArtifactRenderer._write", breaks)
        run = await runs.start(mailing.owner, "email.campaign", MARCH, [locked], title="Figures of March")
        await worked(mailing.bilan, run.id)
    page = await olga.get(f"/runs/{run.id}")
    (again,) = [one.attributes["href"] for one in page.all("a") if one.said == "Try again"]
    assert (await olga.client.get(again)).status_code == 303
    await worked(mailing.bilan, run.id)
    reader = PdfReader(BytesIO((await olga.client.get(again)).content))
    assert reader.decrypt("the longest word")
    await olga.get(f"/runs/{run.id}/files/pdf?again=nothing", 404)
