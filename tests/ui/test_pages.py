"""The pages one by one: who may come, what stands there, and what happens to what is sent."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID, uuid4

import pytest
from httpx2 import Response

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.ingest.models import IngestCounters
from bilan.operator import operator
from bilan.sources.models import SourceRow
from bilan_ui.pages import safe_next
from fixtures.pages import EMAIL, Element, Markup, Reader
from support.people import add_person

Enter = Callable[[str, str], Awaitable[Reader]]
PLACES = ("/reports", "/reports/new", "/runs", "/sources", "/sources/new", "/people", "/recipients",
          "/erasures", "/merges", "/tokens", "/webhooks", "/webhooks/new", "/account", "/workspace",
          "/reports/new/email.engagement",
          "/reports/new/email.campaign", "/sources/new/email/sendgrid")  # fmt: skip


async def test_every_page_has_one_head_a_title_and_a_place_to_skip_to(reader: Reader) -> None:
    for path in PLACES:
        page = await reader.get(path)
        assert len(page.all("h1")) == 1
        assert page.one("title").said.endswith("· Bilan")
        assert page.one("a", class_="skip").attributes["href"] == "#main"
        assert page.one("main").attributes["id"] == "main"


async def test_controls_have_names_and_ids_are_unique(reader: Reader) -> None:
    for path in PLACES:
        page = await reader.get(path)
        ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids))
        assert [one for one in (*page.all("input"), *page.all("select")) if not named(page, one)] == []


def named(page: Markup, control: Element) -> bool:
    """Whether the control says what it is for: by a label around it, or one that points to it."""
    attributes = control.attributes
    if attributes.get("type") in ("hidden", "checkbox", "radio") or "hidden" in attributes:
        return True
    within_a_label = attributes.get("name", "").endswith((".first", ".last", ".more"))
    labelled = {label.attributes.get("for") for label in page.all("label")}
    return within_a_label or attributes.get("id") in labelled or "aria-label" in attributes


async def test_pages_speak_french_to_those_who_wish(reader: Reader) -> None:
    await reader.goes("/language", {"language": "fr", "next": "/reports"})
    for path in PLACES:
        page = await reader.get(path)
        assert page.one("html").attributes["lang"] == "fr"
        assert "Se déconnecter" in page.texts("button")


@pytest.mark.usefixtures("reader")
async def test_strangers_are_led_to_the_door_and_back_to_where_they_wanted_to_go(stranger: Reader) -> None:
    response = await stranger.client.get("/runs?from=25")
    assert response.headers["location"] == "/sign-in?next=/runs%3Ffrom%3D25"
    page = await stranger.get(response.headers["location"])
    assert page.all("input", name="next")[0].attributes["value"] == "/runs?from=25"


async def test_a_fragment_whose_session_is_over_sends_the_whole_page_to_the_door(stranger: Reader) -> None:
    response = await stranger.client.get("/runs", headers={"hx-request": "true"})
    assert (response.status_code, response.headers["hx-redirect"]) == (200, "/sign-in")


async def test_signing_in_leads_nowhere_else(bilan: Bilan, stranger: Reader) -> None:
    _member, password = await add_person(bilan.services, EMAIL, "Olga", WorkspaceRole.OWNER)
    for elsewhere in ("https://evil.example", "/\\evil.example"):
        sent = {"email": EMAIL, "password": password, "next": elsewhere}
        assert await stranger.goes("/sign-in", sent) == "/reports"


def test_only_paths_of_our_own_are_gone_on_to() -> None:
    for ours in ("/", "/runs?from=25", "/reports/1#table"):
        assert safe_next(ours) == ours
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example",
                      "/\n/evil.example", "javascript:1", "", None):  # fmt: skip
        assert safe_next(elsewhere) == "/reports"


async def test_a_wrong_password_is_said_above_the_form_which_keeps_the_address(stranger: Reader) -> None:
    page = await stranger.refused("/sign-in", {"email": EMAIL, "password": "wrong"}, 401)
    assert page.one("div", id="errors").attributes["role"] == "alert"
    assert "autofocus" in page.one("div", id="errors").attributes
    assert page.one("input", name="email").attributes["value"] == EMAIL
    assert page.one("title").said.startswith("Please check:")


async def test_a_form_on_another_site_signs_nobody_in(bilan: Bilan, stranger: Reader) -> None:
    _member, password = await add_person(bilan.services, EMAIL, "Olga", WorkspaceRole.OWNER)
    sent = {"email": EMAIL, "password": password}
    response = await stranger.sends("/sign-in", sent, sec_fetch_site="cross-site")
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_pages_are_kept_by_nobody_and_say_what_they_depend_on(reader: Reader) -> None:
    response = await reader.client.get("/reports")
    assert response.headers["cache-control"] == "no-store"
    assert {"HX-Request", "Cookie", "Accept-Language"} <= set(response.headers["vary"].split(", "))


async def test_an_address_without_a_page_is_said_on_a_page_and_to_programs_in_json(reader: Reader) -> None:
    page = await reader.get("/nowhere", 404)
    assert page.texts("h1") == ["Not found"]
    told = await reader.client.get("/nowhere", headers={"accept": "application/json"})
    assert told.json()["errors"][0]["extensions"]["code"] == "not_found"


async def test_an_address_used_the_wrong_way_is_said_on_a_page(reader: Reader) -> None:
    response = await reader.sends("/runs")
    assert response.status_code == 405
    assert "This address is there for something else" in response.text


SHOWN = ("/reports/{}", "/reports/{}/edit", "/runs/{}", "/sources/{}", "/sources/{}/edit", "/people/{}",
         "/imports/{}", "/sources/{}/rejects", "/sources/{}/rejects.csv", "/sources/{}/import",
         "/runs/{}/files/csv")  # fmt: skip
DONE = ("/reports/{}/run", "/reports/{}/copy", "/reports/{}/delete", "/runs/{}/cancel", "/runs/{}/again",
        "/sources/{}/rotate", "/sources/{}/remove", "/sources/{}/edit", "/people/{}", "/people/{}/close",
        "/tokens/{}/revoke", "/imports/{}/start", "/sources/{}/import", "/reports/{}/edit")  # fmt: skip
NOBODYS = (str(uuid4()), "1", "x" * 300, "%00", "%27;%20drop%20table", quote("²"))


async def test_ids_of_nothing_are_not_found_and_nothing_can_be_done_to_them(reader: Reader) -> None:
    for ident in NOBODYS:
        for path in SHOWN:
            await reader.get(path.format(ident), 404)
        for path in DONE:
            await reader.refused(path.format(ident), {}, 404)


async def test_numbers_in_an_address_may_be_anything(reader: Reader) -> None:
    for number in ("abc", "-1", "²", "1e9", "9" * 40, "", "0x10", "٣"):
        await reader.get(f"/runs?from={quote(number)}")


async def test_a_flash_that_is_none_of_ours_shows_nothing(reader: Reader) -> None:
    for flash in ("x", "5", "[[1]]", '[["evil", "x"]]', "[" * 3_000, '{"a": 1}'):
        page = await reader.get("/reports", cookie=_cookies(reader, bilan_flash=quote(flash)))
        assert page.one("div", class_="flashes").said == ""


def _cookies(reader: Reader, **more: str) -> str:
    return "; ".join(f"{key}={value}" for key, value in {**dict(reader.client.cookies), **more}.items())


async def test_a_flash_shows_once_and_is_never_markup(reader: Reader) -> None:
    flash = quote(json.dumps([["success", "<b>Saved</b>"]]))
    response = await reader.client.get("/reports", headers={"cookie": _cookies(reader, bilan_flash=flash)})
    assert "&lt;b&gt;Saved&lt;/b&gt;" in response.text
    assert 'bilan_flash=""' in response.headers["set-cookie"]


async def test_the_workspace_is_changed_and_a_refusal_keeps_what_was_typed(
    reader: Reader, bilan: Bilan
) -> None:
    wished = {"name": "Chez Olga", "zone": "Mars/Base", "first_weekday": "6", "language": "fr"}
    page = await reader.refused("/workspace", wished)
    assert page.one("input", name="name").attributes["value"] == "Chez Olga"
    assert page.one("input", name="zone").attributes["value"] == "Mars/Base"
    assert page.one("input", name="zone").attributes["aria-invalid"] == "true"
    assert "Mars/Base is no time zone" in page.one("p", id="f-zone-error").said
    assert page.one("a", href="#f-zone").said == page.one("p", id="f-zone-error").said
    await reader.goes("/workspace", {**wished, "zone": "Europe/Paris"})
    found = await bilan.services.accounts.workspace(await operator(bilan.services))
    assert (found.name, found.zone, found.first_weekday, found.language) == (
        "Chez Olga", "Europe/Paris", 6, "fr",
    )  # fmt: skip


async def test_a_workspace_that_cannot_be_is_refused_with_a_sentence(reader: Reader) -> None:
    good = {"name": "Olga", "zone": "UTC", "first_weekday": "0", "language": "en"}
    for field, wrong in (("first_weekday", "9"), ("language", "klingon"), ("name", "")):
        page = await reader.refused("/workspace", {**good, field: wrong})
        assert page.one("p", id=f"f-{field}-error").said


async def test_members_neither_see_nor_change_the_workspace_settings(
    reader: Reader, bilan: Bilan, signs_in: Enter
) -> None:
    assert set((await reader.get("/reports")).texts("a", href="/workspace")) == {"Workspace"}
    member, password = await add_person(bilan.services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    mia = await signs_in(member.email, password)
    page = await mia.get("/reports")
    assert page.all("a", href="/workspace") == []
    await mia.get("/workspace", 403)
    await mia.refused("/workspace", {"name": "Mine"}, 403)
    assert (await mia.get("/people")).all("form", action="/people") == []


async def test_somebody_is_added_by_a_link_shown_once_and_chooses_a_password(
    reader: Reader, stranger: Reader, signs_in: Enter
) -> None:
    response = await reader.sends("/people", {"email": "mia@example.org", "name": "Mia", "role": "member"})
    link = urlsplit(Markup(response.text).one("input", id="made").attributes["value"]).path
    people = await reader.get("/people")
    assert people.all("input", id="made") == []
    assert people.texts("span", class_="badge") == ["invited", "active"]
    page = await stranger.get(link)
    assert page.one("input", id="f-email").attributes["value"] == "mia@example.org"
    page = await stranger.refused(link, {"password": "password123"})
    assert page.texts("p", class_="error") == [
        "This password is soon guessed: many people use it, or one like it. Choose another."
    ]
    assert await stranger.goes(link, {"password": "a password of Mia's"}) == "/sign-in"
    assert (await stranger.get(link, 410)).texts("p")[-1] == (
        "This link is over; ask whoever sent it for a new one."
    )
    mia = await signs_in("mia@example.org", "a password of Mia's")
    assert (await mia.get("/account")).texts("h1") == ["Your account"]


async def test_a_new_link_is_made_for_somebody_who_has_chosen_nothing_yet(reader: Reader) -> None:
    await reader.sends("/people", {"email": "mia@example.org", "name": "Mia", "role": "member"})
    listed = (await reader.get("/people")).all("a")
    mia = next(one.attributes["href"] for one in listed if one.said == "Mia")
    response = await reader.sends(f"{mia}/link")
    assert "/welcome/" in Markup(response.text).one("input", id="made").attributes["value"]
    olga = next(one.attributes["href"] for one in listed if one.said == "Olga")
    assert f"{olga}/link" not in (await reader.client.get(olga)).text


async def test_a_role_that_is_none_is_refused_with_a_sentence(reader: Reader, bilan: Bilan) -> None:
    page = await reader.refused("/people", {"email": "mia@example.org", "name": "Mia", "role": "emperor"})
    assert "emperor is none of owner, admin, member." in page.one("div", id="errors").said
    assert page.one("input", name="email").attributes["value"] == "mia@example.org"
    olga = await bilan.services.accounts.get(await operator(bilan.services), EMAIL)
    for tampered in ({"role": "emperor"}, {"permission": "everything"}, {"role": "owner", "permission": "x"}):
        page = await reader.refused(f"/people/{olga.id}", tampered)
        assert "is none of" in page.one("div", id="errors").said


async def test_roles_on_sources_are_given_and_taken_on_a_persons_page(reader: Reader, bilan: Bilan) -> None:
    services = bilan.services
    mia, _password = await add_person(services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    (letters,) = await services.sources.list(await operator(services))
    form = {"role": "member", f"source.{letters.id}": "editor"}
    await reader.goes(f"/people/{mia.id}", form)
    found = await services.accounts.get(await operator(services), mia.id)
    assert found.source_roles == {letters.id: SourceRole.EDITOR}
    page = await reader.refused(f"/people/{mia.id}", {**form, f"source.{letters.id}": "boss"})
    assert "boss is none of" in page.one("div", id="errors").said
    await reader.goes(f"/people/{mia.id}", {**form, f"source.{letters.id}": ""})
    assert (await services.accounts.get(await operator(services), mia.id)).source_roles == {}


async def test_the_last_owner_stays_and_the_page_says_why(reader: Reader, bilan: Bilan) -> None:
    olga = await bilan.services.accounts.get(await operator(bilan.services), EMAIL)
    page = await reader.refused(f"/people/{olga.id}/close", {}, 409)
    assert "This is the last owner" in page.one("div", id="errors").said


async def test_a_token_is_shown_once_and_ends(reader: Reader, bilan: Bilan) -> None:
    response = await reader.sends("/tokens", {"name": "Nightly", "scope": "read", "days": "30"})
    token = Markup(response.text).one("input", id="made").attributes["value"]
    assert (await bilan.services.tokens.principal_of(token)).email == EMAIL
    page = await reader.get("/tokens")
    assert page.all("input", id="made") == []
    (end,) = [form for form in page.all("form") if form.attributes["action"].endswith("/revoke")]
    await reader.goes(end.attributes["action"])
    assert "ended" in (await reader.get("/tokens")).texts("span", class_="badge")


async def test_a_token_lasts_only_as_long_as_is_offered(reader: Reader) -> None:
    for days in ("9999999999", "-1", "abc", "1.5"):
        page = await reader.refused("/tokens", {"name": "Nightly", "days": days})
        assert page.one("input", name="name").attributes["value"] == "Nightly"
        refusal = f"A token cannot last {days} days; choose from the list."
        assert page.one("p", id="f-days-error").said == refusal


async def test_the_account_keeps_what_was_typed_and_its_language_wins_over_the_browsers(
    reader: Reader,
) -> None:
    page = await reader.refused("/account", {"name": "Olga B", "language": "fr", "zone": "Nowhere"})
    assert page.one("input", name="name").attributes["value"] == "Olga B"
    await reader.goes("/language", {"language": "en", "next": "/account"})
    await reader.goes("/account", {"name": "Olga B", "language": "fr", "zone": ""})
    assert (await reader.get("/account")).one("html").attributes["lang"] == "fr"


async def test_changing_the_password_says_what_is_wrong_and_ends_the_session(reader: Reader) -> None:
    page = await reader.refused("/account/password", {"old": "wrong", "new": "long enough, this one"})
    assert page.one("p", id="f-old-error").said == "The old password is wrong."
    assert page.one("input", name="username").attributes["autocomplete"] == "username"


async def test_a_source_is_added_changed_and_shown_with_a_warning_while_it_is_not_verified(
    reader: Reader, bilan: Bilan
) -> None:
    page = await reader.refused("/sources/new/email/sendgrid", {"name": " ", "verify.given": "1"})
    assert page.one("a", href="#f-name").said
    there = await reader.goes("/sources/new/email/sendgrid", {"name": "Grid", "verify.given": "1"})
    page = await reader.get(there)
    assert page.texts("h1") == ["Grid"]
    assert any("are not verified" in said for said in page.texts("div", class_="warning"))
    form = {"name": "Grid", "verify": "true", "verify.given": "1", "public_key": "abc"}
    await reader.goes(f"{there}/edit", form)
    page = await reader.get(there)
    assert page.texts("div", class_="warning") == []
    (grid,) = await bilan.services.sources.list(await operator(bilan.services))
    assert grid.verify


async def test_a_sources_new_address_replaces_the_old_one(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/sendgrid", {"name": "Grid", "verify.given": "1"})
    old = (await reader.get(there)).one("input", id="address").attributes["value"]
    await reader.goes(f"{there}/rotate")
    assert "The source has a new address" in unquote(reader.client.cookies["bilan_flash"])
    new = (await reader.get(there)).one("input", id="address").attributes["value"]
    assert new != old


async def test_a_source_that_is_removed_says_so_and_cannot_be_changed(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    await reader.goes(f"{there}/remove")
    page = await reader.get(there)
    assert page.texts("span", class_="badge") == ["removed"]
    assert page.all("a", href=f"{there}/edit") == []


async def test_an_upload_without_a_file_is_refused_with_a_sentence(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    page = await reader.refused(f"{there}/import", {"reader": "table"})
    assert page.one("p", id="f-file-error").said == "Choose a file."
    assert page.one("option", value="table").attributes.get("selected") is not None
    page = await reader.refused(f"{there}/import", {"file": "not a file"})
    assert page.one("p", id="f-file-error").said == "Choose a file."


async def test_a_mapping_that_cannot_be_is_refused_and_keeps_what_was_chosen(
    reader: Reader, tmp_path: Path
) -> None:
    there = await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    table = b"When,What,Who\n2026-01-01T00:00:00Z,sent,ann@example.com\n"
    response = await reader.client.post(
        f"{there}/import", files={"file": ("odd.csv", table)}, headers={"origin": "http://bilan.test"}
    )
    mapping = response.headers["location"]
    twice = {"column.0": "kind", "column.1": "kind", "column.2": "recipient"}
    page = await reader.refused(f"{mapping}/start", twice)
    assert "Two columns of the file go to" in page.one("div", id="errors").said
    chosen = [one.attributes["value"] for one in page.all("option", selected="")]
    assert chosen == ["kind", "kind", "recipient"]
    page = await reader.refused(f"{mapping}/start", {**twice, "column.1": "nothing_like_it"})
    assert "has no column nothing_like_it" in page.one("div", id="errors").said


async def test_a_file_is_shown_as_it_would_be_read_and_what_it_leaves_open_is_asked(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    table = b"Campaign,Send Date,Recipients,Opens\nWinter,01/05/2026,1000,300\nSummer,02/06/2026,soon,1\n"
    response = await reader.client.post(
        f"{there}/import", files={"file": ("odd.csv", table)}, headers={"origin": "http://bilan.test"}
    )
    mapping = response.headers["location"]
    page = await reader.get(mapping)
    assert "may write its dates in different orders (01/05/2026)" in page.one("div", id="errors").said
    assert await reader.goes(f"{mapping}/start", {"written.1": "month_first", "action": "preview"}) == mapping

    page = await reader.get(mapping)

    said = page.one("section", class_="card").said
    assert "1 row would be taken in. 1 row would be refused." in said
    assert "Recipients1,000" in said.replace(" ", "")
    assert "Row 2: Sent Jan 5, 2026, 12:00" in said
    assert "Row 3 is refused: “soon” is no whole number." in said


async def test_rejected_rows_come_in_two_formats_and_no_other(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    assert (await reader.get(f"{there}/rejects?before={'9' * 30}")).texts("h2") == ["Nothing was rejected"]
    await reader.get(f"{there}/rejects.exe", 404)
    file = await reader.client.get(f"{there}/rejects.csv")
    assert file.text == "at,row,reason,raw\r\n"


async def test_an_encoding_that_cannot_be_told_is_asked_for_and_said(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/mailchimp", {"name": "Letters"})
    table = "Campaign ID,Campaign name,Recipients,Opens\nw,Зимняя распродажа,1000,300\n".encode(
        "windows-1251"
    )

    async def upload(**said: str) -> Response:
        return await reader.client.post(
            f"{there}/import",
            files={"file": ("odd.csv", table)},
            data=said,
            headers={"origin": "http://bilan.test", "accept": "text/html"},
        )

    refused = await upload()
    assert refused.status_code == 422
    page = Markup(refused.text)
    assert "cannot be told" in page.one("p", id="f-encoding-error").said
    page = Markup((await upload(encoding="utf-8")).text)
    assert page.one("p", id="f-encoding-error").said == "The file is not written in utf-8."
    assert page.one("input", name="encoding").attributes["value"] == "utf-8"

    mapping = (await upload(encoding="windows-1251")).headers["location"]
    page = await reader.get(mapping)
    assert "Its text is read as windows-1251." in page.one("form", class_="builder").said
    assert "Зимняя распродажа" in page.one("section", class_="card").said


async def test_posts_that_were_refused_for_the_age_of_their_signature_are_counted(reader: Reader) -> None:
    there = await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "signing_key": "key"})
    assert "age of their signature" not in (await reader.get(there)).all("section", class_="card")[0].said
    await IngestCounters.create(source=UUID(there.rsplit("/", 1)[-1]), stale=3)
    said = (await reader.get(there)).all("section", class_="card")[0].said
    assert "Posts refused for the age of their signature3" in said.replace("signature 3", "signature3")


async def test_a_last_event_that_is_a_day_is_told_as_the_day_and_never_in_hours(reader: Reader) -> None:
    there = await reader.goes("/sources/new/social/connector", {"name": "Profiles"})
    source = SourceRow.filter(id=UUID(there.rsplit("/", 1)[-1]))
    for at, when, said in (
        (datetime(2026, 3, 6, tzinfo=UTC), "2026-03-06", "Mar 6, 2026"),
        (datetime(2026, 3, 6, 14, tzinfo=UTC), "2026-03-06T14:00:00+00:00", "ago"),
    ):
        await source.update(last_event_at=at)
        for path in ("/sources", there):
            assert (await reader.get(path)).one("time", datetime=when).said.endswith(said)
