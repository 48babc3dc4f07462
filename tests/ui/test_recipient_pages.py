"""The pages of recipients, for whoever manages them: by keyboard and without a script, every one a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bilan.accounts import WorkspaceRole
from bilan.delivery.models import SendingRow
from bilan.recipients import RecipientRules, RecipientState
from bilan.recipients.models import RecipientRow
from bilan.recipients.values import Audience, FirstEmail
from fixtures.mailing import Mailing
from fixtures.pages import Markup, Reader

SignsIn = Callable[[str, str], Awaitable[Reader]]
ZOE = {
    "address": "Zoe@Client.example", "first_name": "Zoé", "last_name": "Überfall", "language": "fr",
    "zone": "Asia/Tokyo",
}  # fmt: skip


@pytest.fixture
async def ada(mailing: Mailing, signs_in: SignsIn) -> Reader:
    """An admin of the workspace."""
    await mailing.person("Ada", role=WorkspaceRole.ADMIN)
    return await signs_in("ada@example.org", "correct horse battery")


@pytest.mark.requirement("AP-18", "AP-41", "AP-24")
async def test_a_recipient_is_added_found_corrected_and_erased(mailing: Mailing, ada: Reader):
    assert "There is nobody in the address book yet." in (await ada.get("/recipients")).one("main").said
    await ada.sends("/recipients", ZOE)
    row = await RecipientRow.get()
    assert (row.address, row.first_name, row.last_name) == ("zoe@client.example", "Zoé", "Überfall")
    assert (row.language, row.zone) == ("fr", "Asia/Tokyo")
    found = await ada.get("/recipients?words=zoe+ÜBER")
    assert "Zoé Überfall" in found.texts("td")
    assert "not asked yet" in found.one("main").said
    assert "Nobody is found." in (await ada.get("/recipients?words=elsewhere")).one("main").said
    page = await ada.get(f"/recipients/{row.id}")
    assert page.one("input", name="first_name").attributes["value"] == "Zoé"
    await ada.sends(f"/recipients/{row.id}", {**ZOE, "last_name": "Over", "language": "", "zone": ""})
    row = await RecipientRow.get()
    assert (row.last_name, row.language, row.zone) == ("Over", None, None)
    await ada.sends(f"/recipients/{row.id}/erase", {})
    assert await RecipientRow.all().count() == 0


@pytest.mark.requirement("GO-18")
async def test_attributes_are_written_on_the_page_of_a_recipient_and_of_a_person(
    mailing: Mailing, ada: Reader
):
    await ada.sends("/recipients", {**ZOE, "formats": ["csv"]})
    row = await RecipientRow.get()
    assert row.formats == ("csv",)
    here = f"/recipients/{row.id}"
    assert here == await ada.goes(f"{here}/attributes", {"attributes": "profiles: Acme ; Acme Japan\n\na:b"})
    page = await ada.get(here)
    assert page.one("textarea", name="attributes").text == "a: b\nprofiles: Acme; Acme Japan"
    assert "checked" in page.one("input", name="formats", value="csv").attributes
    page = await ada.refused(f"{here}/attributes", {"attributes": "profiles Acme"})
    assert page.one("p", id="f-attributes-error").said == (
        "profiles Acme is no attribute; write a name, a colon and its values."
    )
    assert page.one("textarea", name="attributes").text == "profiles Acme"
    person = mailing.owner.person
    assert await ada.goes(f"/recipients/{person}/attributes", {"attributes": "a: b"}) == f"/people/{person}"
    assert (await ada.get(f"/people/{person}")).one("textarea", name="attributes").text == "a: b"


async def test_a_file_of_recipients_is_taken_and_what_was_refused_stands_on_the_page(
    mailing: Mailing, ada: Reader
):
    table = "address;first name;profiles\nzoe@client.example;Zoé;Acme\nzoe;;\n".encode("cp1252")
    response = await ada.client.post(
        "/recipients/import", files={"file": ("r.csv", table)}, headers={"origin": "http://bilan.test"}
    )
    said = Markup(response.text).one("fieldset", id="import").said
    assert "1 added, 0 corrected, 0 known as they are, 1 refused." in said
    assert "These columns have none of the known names, so each is kept as an attribute: profiles." in said
    assert "Line 3: zoe – zoe is no e-mail address; write one like name@example.org." in said
    assert (await RecipientRow.get()).first_name == "Zoé"
    page = await ada.refused("/recipients/import", {})
    assert page.one("p", id="f-file-error").said == "Choose a file."


async def test_addresses_put_aside_are_shown_in_pages(mailing: Mailing, ada: Reader):
    for number in range(51):
        await mailing.bilan.services.suppressions.add(
            mailing.owner.workspace, f"{number}@client.example", "550 no"
        )
    page = await ada.get("/recipients")
    assert page.texts("td").count("550 no") == 50
    assert page.one("a", rel="next").attributes["href"] == "/recipients?suppressed=50#suppressed"
    assert (await ada.get("/recipients?suppressed=50")).texts("td").count("550 no") == 1


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(mailing: Mailing, ada: Reader):
    page = await ada.refused("/recipients", {**ZOE, "address": "zoe"})
    assert page.one("p", id="f-address-error").said == (
        "zoe is no e-mail address; write one like name@example.org."
    )
    assert page.one("input", name="last_name").attributes["value"] == "Überfall"
    page = await ada.refused("/recipients", {**ZOE, "zone": "Mars"})
    assert page.one("p", id="f-zone-error").said.startswith("Mars is no time zone")
    assert await RecipientRow.all().count() == 0


@pytest.mark.requirement("DC-01", "AP-25")
async def test_the_page_says_what_to_do_and_asks_with_a_button(mailing: Mailing, ada: Reader):
    await ada.sends("/recipients", ZOE)
    row = await RecipientRow.get()
    page = await ada.get(f"/recipients/{row.id}")
    assert "You can ask them now." in page.one("main").said
    await ada.sends(f"/recipients/{row.id}/ask", {})
    assert await SendingRow.filter(run__isnull=True).count() == 1
    page = await ada.get(f"/recipients/{row.id}")
    assert "What is sent to them waits for that." in page.one("main").said
    again = await ada.refused(f"/recipients/{row.id}/ask", {}, status=429)
    assert "within the last hour" in again.one("main").said
    now = mailing.bilan.services.clock.now()
    for columns, words in (
        ({"asked_until": now}, "Ask them again."),
        ({"confirmed_at": now}, "confirmed"),
    ):
        await RecipientRow.all().update(**columns)
        assert words in (await ada.get(f"/recipients/{row.id}")).one("main").said


@pytest.mark.requirement("BZ-21")
async def test_rules_are_saved_and_shown(mailing: Mailing, ada: Reader):
    rules = {
        "domains": "client.example, Partner.example", "first_email": "with_report",
        "audience.email.campaign": "people",
    }  # fmt: skip
    await ada.sends("/recipients/rules", rules)
    assert await mailing.bilan.services.recipient_rules.get(mailing.owner) == RecipientRules(
        ("client.example", "partner.example"), {"email.campaign": Audience.PEOPLE}, FirstEmail.WITH_REPORT,
    )  # fmt: skip
    page = await ada.get("/recipients")
    assert page.one("textarea", name="domains").text.strip() == "client.example partner.example"
    refused = await ada.refused("/recipients/rules", {**rules, "domains": "client..example"})
    assert refused.one("p", id="f-domains-error").said == (
        "client..example is no domain; write one like example.org."
    )
    await ada.refused("/recipients/rules", {**rules, "audience.email.engagement": "anyone"}, status=403)


@pytest.mark.requirement("GO-11")
async def test_a_suppressed_address_is_listed_with_the_reason_and_lifted(mailing: Mailing, ada: Reader):
    services = mailing.bilan.services
    await ada.sends("/recipients", ZOE)
    await services.suppressions.add(mailing.owner.workspace, "zoe@client.example", "550 no such user")
    page = await ada.get("/recipients")
    assert "550 no such user" in page.texts("td")
    (found,) = (await services.suppressions.list(mailing.owner)).suppressions
    await ada.sends(f"/suppressions/{found.id}/lift", {})
    assert (await services.suppressions.list(mailing.owner)).suppressions == ()
    row = await RecipientRow.get()
    assert (await services.address_book.get(mailing.owner, row.id)).state is RecipientState.NEW


@pytest.mark.requirement("AP-23")
async def test_members_neither_see_nor_reach_them(mailing: Mailing, signs_in: SignsIn):
    await mailing.person("Mia")
    mia = await signs_in("mia@example.org", "correct horse battery")
    home = await mia.get("/people")
    assert "/recipients" not in [one.attributes.get("href") for one in home.all("a")]
    answer = await mia.client.get("/recipients")
    assert answer.status_code == 403
