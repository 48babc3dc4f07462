"""An empty server leads its first visitor to workspace and owner, guarded by the code it printed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.accounts.values import Permission
from bilan.app import Bilan
from bilan.first_owner import FirstOwner, make_first_owner, one_time_code
from bilan.operator import operator
from bilan.sdk.errors import BilanError, Conflict, Invalid, TooMany
from fixtures.pages import Reader
from fixtures.serving import Served

pytestmark = pytest.mark.requirement("AD-11")

PASSWORD = "quite long enough for owners"
FORM = {
    "workspace": "Pâtisserie Morel",
    "name": "Inès Morel",
    "email": "ines@morel.example",
    "password": PASSWORD,
    "zone": "Europe/Paris",
    "language": "fr",
}
GIVEN = FirstOwner(**FORM)


def code_of(bilan: Bilan) -> str:
    return one_time_code(bilan.services.settings.key())


def test_the_code_is_the_same_in_every_process_of_a_server_and_another_on_each_server() -> None:
    first = one_time_code(b"k" * 32)
    assert re.fullmatch(r"([a-z2-7]{5}-){3}[a-z2-7]{5}", first)
    assert one_time_code(b"k" * 32) == first
    assert one_time_code(b"l" * 32) != first


async def test_an_empty_server_leads_everybody_to_the_page(bilan: Bilan, stranger: Reader) -> None:
    for path in ("/sign-in", "/sign-in?next=/sources"):
        response = await stranger.client.get(path, headers={"accept": "text/html"})
        assert (response.status_code, response.headers["location"]) == (303, "/first-owner")
    page = await stranger.get("/first-owner?code=abcde")
    assert page.one("h1").said == "Set up Bilan"
    assert page.one("input", id="f-code").attributes["value"] == "abcde"


async def test_the_first_visitor_with_the_code_is_signed_in_as_the_owner(
    bilan: Bilan, stranger: Reader
) -> None:
    form = FORM | {"code": f" {code_of(bilan).upper()} "}
    assert await stranger.goes("/first-owner", form) == "/sources/new"
    actor = await operator(bilan.services)
    info = await bilan.services.accounts.workspace(actor)
    assert (info.name, info.zone, info.language) == ("Pâtisserie Morel", "Europe/Paris", "fr")
    (owner,) = await bilan.services.accounts.list(actor)
    assert (owner.name, owner.email, owner.role) == ("Inès Morel", "ines@morel.example", WorkspaceRole.OWNER)
    assert owner.permissions == frozenset(Permission)
    await stranger.get("/sources/new")


async def test_once_there_is_an_owner_the_page_and_the_code_are_over(bilan: Bilan, stranger: Reader) -> None:
    await make_first_owner(bilan.services, code_of(bilan), GIVEN, ip="192.0.2.1")
    response = await stranger.client.get("/first-owner")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    second = FORM | {"code": code_of(bilan), "email": "second@morel.example"}
    again = await stranger.refused("/first-owner", second, status=409)
    assert "Somebody was here before" in again.one("main").said
    assert len(await bilan.services.accounts.list(await operator(bilan.services))) == 1


async def test_once_there_is_an_owner_the_door_asks_the_database_for_nothing(
    bilan: Bilan, stranger: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_first_owner(bilan.services, code_of(bilan), GIVEN, ip="192.0.2.1")
    await stranger.get("/sign-in")
    connection = type(bilan.services.catalog.connection)
    asked = list[str]()

    async def counted(self: object, query: str, *values: object) -> object:
        asked.append(query)
        raise AssertionError(query)

    for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_script"):
        monkeypatch.setattr(connection, name, counted)
    await stranger.get("/sign-in")
    assert asked == []


@pytest.mark.parametrize("code", ["", "abcde-abcde-abcde-abcde", "é", "0" * 1000])
async def test_without_the_code_nothing_is_made(bilan: Bilan, stranger: Reader, code: str) -> None:
    page = await stranger.refused("/first-owner", FORM | {"code": code})
    assert "This is not the code that the server printed when it started" in page.one("main").said
    assert page.one("input", id="f-password").attributes.get("value") is None
    assert not await bilan.services.accounts.is_bootstrapped()


async def test_codes_cannot_be_tried_without_end(bilan: Bilan) -> None:
    for _attempt in range(20):
        with pytest.raises(Invalid):
            await make_first_owner(bilan.services, "wrong", GIVEN, ip="192.0.2.1")
    with pytest.raises(TooMany):
        await make_first_owner(bilan.services, code_of(bilan), GIVEN, ip="192.0.2.1")
    await make_first_owner(bilan.services, code_of(bilan), GIVEN, ip="198.51.100.7")


@pytest.mark.parametrize(
    ("field", "value"),
    [("workspace", " "), ("email", "ines"), ("password", "short"), ("zone", "Europe/Lutèce")],
)
async def test_a_bad_field_makes_neither_workspace_nor_owner(bilan: Bilan, field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        await make_first_owner(
            bilan.services, code_of(bilan), replace(GIVEN, **{field: value}), ip="192.0.2.1"
        )
    assert refused.value.path == (field,)
    assert not await bilan.services.accounts.is_bootstrapped()


async def test_a_workspace_that_a_command_made_gets_its_owner_and_its_name(bilan: Bilan) -> None:
    actor = await operator(bilan.services)
    source = await bilan.services.sources.add(actor, plugin="email", kind="file", name="Shop", settings={})
    member = await make_first_owner(bilan.services, code_of(bilan), GIVEN, ip="192.0.2.1")
    assert (await bilan.services.accounts.workspace(actor)).name == "Pâtisserie Morel"
    assert (await bilan.services.accounts.get(actor, member.id)).source_roles == {source.id: SourceRole.ADMIN}


async def test_of_two_who_come_at_once_one_is_the_owner(bilan: Bilan) -> None:
    others = [replace(GIVEN, email=f"n{number}@morel.example") for number in range(3)]

    async def tried(given: FirstOwner) -> BilanError | None:
        try:
            await make_first_owner(bilan.services, code_of(bilan), given, ip="192.0.2.1")
        except BilanError as error:
            return error
        return None

    ends = await asyncio.gather(*map(tried, others))
    assert [type(end) for end in ends if end] == [Conflict, Conflict]
    assert len(await bilan.services.accounts.list(await operator(bilan.services))) == 1


@pytest.mark.parametrize("script", [True, False])
def test_from_the_printed_line_to_the_first_source_in_a_browser_on_a_phone(
    chromium_browser: Browser, served: Served, script: bool
) -> None:
    (address,) = re.findall(r"\S+/first-owner\?code=\S+", served.start())
    context = chromium_browser.new_context(
        java_script_enabled=script,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": 390, "height": 844},
    )
    page = context.new_page()
    page.goto(address)
    zone = page.get_by_label("Fuseau horaire")
    assert zone.input_value() == ("Europe/Paris" if script else "UTC")
    assert page.locator("#f-language").input_value() == "fr"
    page.get_by_label("Espace de travail").fill("Pâtisserie Morel")
    page.keyboard.press("Tab")
    page.keyboard.type("Inès Morel")
    page.keyboard.press("Tab")
    page.keyboard.type("ines@morel.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources/new")
    assert "Bienvenue" in page.inner_text("body")
    context.close()
