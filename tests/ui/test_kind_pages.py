"""Pages of report kinds: in the navigation, with a filter, for those who may see what they show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bilan.accounts import WorkspaceRole
from bilan.app import Bilan
from fixtures.pages import Reader
from support.people import add_person

pytestmark = pytest.mark.requirement("AC-03")

SHOWN = ["Summary", "By agent", "By tag", "Details", "WhatsApp button"]
CONTACTS = ["Contact report", "Growth of lists"]
SOCIAL = ["Global report", "Custom report", "Content performance"]


@pytest.mark.requirement("AC-02")
async def test_two_ways_lead_to_the_page_of_every_report(reader: Reader) -> None:
    page = await reader.get("/reports")
    (subjects,) = page.all("nav", aria_label="Reports by subject")
    assert subjects.said == " ".join(["Contacts", *CONTACTS, "Social profiles", *SOCIAL, "WhatsApp", *SHOWN])
    (main, menu) = page.all("nav", aria_label="Main")
    assert "Social profiles" in main.said
    assert "WhatsApp" in main.said
    assert all(name in menu.said for name in [*SOCIAL, *SHOWN])
    assert (await reader.get("/pages/social")).texts("h2") == SOCIAL
    assert (await reader.get("/pages/whatsapp")).texts("h2") == SHOWN
    assert (await reader.get("/pages/whatsapp.details")).texts("h1") == ["Details"]


@pytest.mark.requirement("DC-03")
async def test_who_may_not_see_single_persons_finds_no_page_that_shows_them(
    bilan: Bilan, reader: Reader, signs_in: Callable[[str, str], Awaitable[Reader]]
) -> None:
    del reader  # the first person has every permission
    member, password = await add_person(bilan.services, "vera@example.org", "Vera", WorkspaceRole.MEMBER)
    vera = await signs_in(member.email, password)

    assert (await vera.get("/pages/whatsapp")).texts("h2") == [one for one in SHOWN if one != "Details"]
    await vera.get("/pages/whatsapp.details", status=403)
    assert (await vera.sends("/pages/whatsapp.details")).status_code == 403


@pytest.mark.requirement("AC-04")
async def test_a_page_asks_for_what_its_report_is_narrowed_by(reader: Reader) -> None:
    page = await reader.get("/pages/whatsapp.by_agent")

    assert {"Period", "Compare with", "Contact tags", "Conversation tags", "Agents' e-mail addresses"} <= set(
        page.texts("legend") + page.texts("label")
    )
    (tabs,) = page.all("nav", aria_label="WhatsApp")
    assert tabs.said == " ".join(SHOWN)
    assert [one.said for one in page.all("a", aria_current="page")][-1] == "By agent"


async def test_what_cannot_be_understood_comes_back_with_a_sentence(reader: Reader) -> None:
    page = await reader.refused("/pages/whatsapp.by_agent", {"zone": "Nowhere/Ever"})

    assert "Nowhere/Ever" in page.one("div", id="errors").said


@pytest.mark.parametrize("address", ["/pages/nothing", "/pages/email.campaign", "/pages/whatsapp.nothing"])
async def test_there_is_no_page_of_what_has_none(reader: Reader, address: str) -> None:
    await reader.get(address, status=404)
