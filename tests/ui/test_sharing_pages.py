"""Sharing on the pages: from the report's menu to the viewer's page, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from argon2 import PasswordHasher
from httpx2 import ASGITransport, AsyncClient, Response

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app.web import web_application
from bilan.runs.values import Run
from bilan.settings import Settings
from bilan.shares.models import ShareEventRow, ShareGrantRow, ShareRow, ShareVisitRow
from fixtures.mailing import Mailing
from fixtures.pages import HOST, Markup, Reader
from fixtures.smtp import Sink
from support.pictures import picture
from support.posting import built, worked
from support.sharing import PAUL, VERA, body, mails_to, posted, shared, token_in

SignsIn = Callable[[str, str], Awaitable[Reader]]


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    return warehouse_settings.model_copy(update={"mail_url": sink.url, "base_url": HOST})


@pytest.fixture
async def run(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of March, on a server whose hashes take little work and whose refusals nobody waits for."""
    reports = mailing.bilan.services.shared_reports
    reports._late = 0
    monkeypatch.setattr("bilan_ui.views.shared.RENDERING_SECONDS", 0.0)
    reports._passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return await built(mailing)


@pytest.fixture
async def ola(mailing: Mailing, signs_in: SignsIn) -> Reader:
    """An admin who may see every source, at the pages."""
    await mailing.person("Ola", shop=SourceRole.ADMIN, lab=SourceRole.ADMIN, role=WorkspaceRole.ADMIN)
    return await signs_in("ola@example.org", "correct horse battery")


@asynccontextmanager
async def a_viewer(mailing: Mailing) -> AsyncGenerator[Reader]:
    """A browser that nobody has signed in with."""
    transport = ASGITransport(app=web_application(mailing.bilan), client=("203.0.113.7", 1234))
    async with AsyncClient(transport=transport, base_url=HOST, headers={"origin": HOST}) as client:
        yield Reader(client)


async def enters(viewer: Reader, token: str, password: str) -> Response:
    """The answer to a password."""
    return await viewer.sends(f"/shared/{token}", {"password": password})


def without(token: str, answer: Response) -> tuple[int, str, dict[str, str]]:
    """An answer as whoever sent the link to it sees it, but for the link itself."""
    told = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    told.pop("content-length", None)  # the link stands in the page, and links have not all one length
    return answer.status_code, answer.text.replace(token, "TOKEN"), told


@pytest.mark.requirement("MC-08", "MC-09", "MC-10", "MC-12", "MC-13", "DC-12")
async def test_a_report_is_shared_from_its_menu_with_pasted_and_picked_viewers(
    mailing: Mailing, run: Run, ola: Reader, sink: Sink
):
    page = await ola.get(f"/runs/{run.id}")
    menu = next(one for one in page.all("details") if "Share report" in one.said)
    assert menu.said == "More Share report"
    form = await ola.get(f"/runs/{run.id}/share")
    offered = [one.attributes["value"] for one in form.all("input", name="people")]
    assert offered == ["ola@example.org", "olga@example.org"]
    default = form.one("input", name="password").attributes["value"]
    assert len(default) == 16
    given = {
        "key": form.one("input", name="key").attributes["value"],
        "viewers": f"Vera Ruiz <{VERA}>; {PAUL},\n",
        "people": "olga@example.org", "password": "six blue herons at dawn", "message": "As we said.",
        "days": "30", "shows": "run", "downloads": "true",
    }  # fmt: skip
    done = Markup((await ola.sends(f"/runs/{run.id}/share", given)).text)
    assert done.one("input", id="made").attributes["value"] == "six blue herons at dawn"
    await posted(mailing)
    assert sorted(one[1] for one in sink.taken) == ["olga@example.org", PAUL, VERA]
    assert "As we said." in mails_to(sink, PAUL)[0]
    row = await ShareRow.get()
    panel = await ola.get(f"/shares/{row.id}")
    assert not panel.all("input", id="made")
    assert "six blue herons" not in str([one.attributes for one in panel.elements])
    seen = (await ola.get(f"/runs/{run.id}")).one("section", id="shares").said
    assert all(one in seen for one in (VERA, PAUL, "olga@example.org"))


async def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(run: Run, ola: Reader):
    given = {"key": "k", "viewers": "vera", "password": "short", "days": "0", "shows": "run"}
    for change, field in (
        ({}, "days"), ({"days": "9"}, "password"), ({"days": "9", "password": ""}, "viewers"),
    ):  # fmt: skip
        page = await ola.refused(f"/runs/{run.id}/share", given | change)
        assert page.one("p", id=f"f-{field}-error").said
        assert page.one("textarea", name="viewers").said == "vera"


@pytest.mark.requirement("MC-05", "MC-07", "DC-11", "GO-11")
async def test_a_viewer_sees_a_field_then_the_whole_report_its_moment_and_its_files(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, message="As we said.")
    await mailing.bilan.services.branding.set_logo(mailing.owner, picture())
    await posted(mailing)
    token = token_in(body(sink))
    async with a_viewer(mailing) as viewer:
        before = await counts()
        closed = await viewer.client.get(f"/shared/{token}")
        for _scanner in range(2):
            closed = await viewer.client.get(f"/shared/{token}")
        assert await counts() == before
        field = Markup(closed.text)
        shown = [one for one in field.all("input") if one.attributes.get("type") != "hidden"]
        assert [one.attributes["name"] for one in shown] == ["password"]
        for secret in ("Figures of March", "Olga", VERA, "<img"):
            assert secret not in closed.text
        assert closed.headers["referrer-policy"] == "same-origin"
        assert closed.headers["x-robots-tag"] == "noindex"
        assert closed.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in closed.headers["content-security-policy"]
        answer = await enters(viewer, token, made.password)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/shared/{token}")
        opened = await viewer.client.get(f"/shared/{token}")
        page = Markup(opened.text)
        assert page.texts("h1") == ["Figures of March"]
        assert any(one.startswith("Figures as of ") for one in page.texts("p"))
        assert "As we said." in page.texts("p")
        assert len(page.one("article", class_="report").said) > 500
        assert not [one for one in page.all("a") if one.attributes["href"].startswith(("/runs", "http"))]
        assert not page.all("header", class_="masthead")
        missing = await viewer.client.get(f"/shared/{token}/pictures/{'0' * 64}")
        assert missing.status_code == 404
        for header in ("referrer-policy", "x-robots-tag", "cache-control"):
            assert missing.headers[header] == closed.headers[header]
        # Its own address takes a session.
        (logo,) = [one.attributes["src"] for one in page.all("img")]
        assert logo.startswith("data:image/png;base64,")
        csv = next(one for one in page.all("a") if "/files/" in one.attributes["href"] and "CSV" in one.said)
        file = await viewer.client.get(csv.attributes["href"])
        assert file.status_code == 303  # a worker is asked for it
        await worked(mailing.bilan, run.id)
        file = await viewer.client.get(csv.attributes["href"])
        assert "attachment" in file.headers["content-disposition"]
        assert file.content.startswith(b"PK")
        assert file.headers["x-robots-tag"] == "noindex"


async def counts() -> list[int]:
    """How many visits and events there are, and views of grants."""
    views = [one.views for one in await ShareGrantRow.all()]
    return [await ShareVisitRow.all().count(), await ShareEventRow.all().count(), *views]


@pytest.mark.requirement("MC-02", "MC-05", "MC-16", "DC-10")
async def test_every_address_of_a_visit_answers_like_an_unknown_link_to_who_is_not_let_in(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, VERA, PAUL)
    await posted(mailing)
    vera, paul = (token_in(mails_to(sink, one)[0]) for one in (VERA, PAUL))
    viewers = {one.address: one.id for one in made.share.viewers}
    async with a_viewer(mailing) as viewer, a_viewer(mailing) as stranger:
        assert (await enters(viewer, vera, made.password)).status_code == 303
        page = await viewer.client.get(f"/shared/{vera}")
        paths = [f"/shared/{vera}", *re.findall(rf"/shared/{re.escape(vera)}/files/[\w.=-]+", page.text)]
        paths.append(f"/shared/{vera}/pictures/{'0' * 64}")
        assert len(paths) == 7
        unknown = {
            path: without("made-up", await stranger.client.get(path.replace(vera, "made-up")))
            for path in paths
        }
        for path in paths:
            assert without(vera, await stranger.client.get(path)) == unknown[path]
            # With the visit of another link, too.
            assert without(paul, await viewer.client.get(path.replace(vera, paul))) == unknown[path]
        # The address of the run is no way around: it takes an account.
        for direct in (f"/runs/{run.id}", f"/files/{run.id}/{run.id}", f"/shares/{made.share.id}"):
            assert (await viewer.client.get(direct)).status_code in (303, 401)
        wrong = without("made-up", await enters(stranger, "made-up", made.password))
        assert wrong[0] == 401
        assert without(vera, await enters(stranger, vera, "wrong")) == wrong
        shares = mailing.bilan.services.shares
        await shares.revoke(mailing.owner, made.share.id, viewers[VERA])
        for path in paths:
            assert without(vera, await viewer.client.get(path)) == unknown[path]
        assert without(vera, await enters(viewer, vera, made.password)) == wrong
        assert (await enters(viewer, paul, made.password)).status_code == 303
        await shares.change_password(mailing.owner, made.share.id)
        assert without(paul, await viewer.client.get(f"/shared/{paul}")) == unknown[paths[0]]


async def test_a_share_is_framed_by_the_sites_it_names_whether_it_still_opens_or_not(
    mailing: Mailing, run: Run, sink: Sink
):
    made = await shared(mailing, run, origins=("https://intranet.client.org",))
    await posted(mailing)
    token = token_in(body(sink))
    async with a_viewer(mailing) as viewer:
        for _stopped in range(2):
            policy = (await viewer.client.get(f"/shared/{token}")).headers["content-security-policy"]
            assert "frame-ancestors 'self' https://intranet.client.org" in policy
            await mailing.bilan.services.shares.stop(mailing.owner, made.share.id)


@pytest.mark.requirement("MC-15", "MC-16", "MC-17")
async def test_viewers_are_added_and_revoked_and_a_new_password_is_to_be_passed_on(
    mailing: Mailing, run: Run, ola: Reader, sink: Sink
):
    made = await shared(mailing, run)
    await posted(mailing)
    here = f"/shares/{made.share.id}"
    given = {"viewers": PAUL, "password": "wrong", "separately": "true"}
    refused = await ola.refused(f"{here}/viewers", given)
    assert "checked" in refused.one("input", name="separately").attributes
    assert refused.one("p", id="f-password-error").said == "This is not the password of this share."
    assert await ola.goes(f"{here}/viewers", {"viewers": PAUL, "password": made.password}) == here
    assert await ola.goes(f"{here}/viewers/{made.share.viewers[0].id}/revoke", {}) == here
    # A double click sets and shows one password.
    form = await ola.get(here)
    given = {name: form.all("input", name=name)[-1].attributes["value"] for name in ("key", "made")}
    first, changed = [
        Markup((await ola.sends(f"{here}/password", {"new": "", **given})).text) for _click in range(2)
    ]
    for page in (first, changed):
        assert page.one("input", id="made").attributes["value"] == given["made"]
    assert await ShareEventRow.filter(kind="new_password").count() == 1
    assert any("Pass it on to the viewers yourself" in one for one in changed.texts("p"))
    assert (await ola.refused(f"{here}/password", {"new": "short"})).one("p", id="f-new-error").said
    assert await ola.goes(f"{here}/stop", {}) == here
    page = await ola.get(here)
    told = [one.said for one in page.all("td")]
    for word in ("sharing stopped", "new password set", "access revoked", "viewer added", "revoked"):
        assert word in told
    assert not page.all("form", action=f"{here}/viewers")


@pytest.mark.requirement("GO-11")
async def test_options_are_changed_on_the_page_of_a_share_which_the_page_of_all_shares_leads_to(
    mailing: Mailing, run: Run, ola: Reader
):
    made = await shared(mailing, run, views=5, origins=("https://www.example.org",))
    await shared(mailing, run, *(f"viewer{one}@client.org" for one in range(7)), key="form-2")
    page = await ola.get("/shares")
    assert page.texts("td")[1].endswith("@client.org and 2 more")
    assert page.texts("td")[1].count("@") == 5
    (many,) = await ShareRow.exclude(id=made.share.id)
    await mailing.bilan.services.shares.stop(mailing.owner, many.id)
    page = await ola.get("/shares")
    assert page.one("a", href=f"/shares/{made.share.id}").said == "Figures of March"
    cells = page.texts("td")
    assert (cells[1], cells[2], cells[3]) == (VERA, "0", "shared")
    where = f"/shares/{made.share.id}"
    form = await ola.get(where)
    filled = {name: form.one("input", name=name).attributes for name in ("days", "views", "downloads")}
    assert (filled["days"]["value"], filled["views"]["value"]) == ("", "5")
    assert "checked" in filled["downloads"]
    assert form.one("textarea", name="origins").said == "https://www.example.org"
    wrong = await ola.refused(where, {"days": "9", "views": "0", "language": "fr", "origins": ""})
    assert wrong.one("p", id="f-views-error").said == "A viewer may open it from 1 to 10,000 times."
    assert wrong.one("input", name="days").attributes["value"] == "9"
    assert await ola.goes(where, {"days": "9", "views": "", "language": "fr", "origins": ""}) == where
    row_now = await ShareRow.get(id=made.share.id)
    assert (row_now.most_views, row_now.downloads, row_now.language, row_now.origins) == (
        None,
        False,
        "fr",
        (),
    )
    assert row_now.expires_at < made.share.expires_at
    assert "options changed" in " ".join((await ola.get(where)).texts("td"))
    await ola.goes(f"{where}/stop", {})
    assert "Nothing is shared that you may see." in " ".join((await ola.get("/shares")).texts("p"))
    assert "stopped" in (await ola.get("/shares?over=1")).one("tbody").said
