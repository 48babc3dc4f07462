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
from fixtures.pages import Reader

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
    (found,) = await services.suppressions.list(mailing.owner)
    await ada.sends(f"/suppressions/{found.id}/lift", {})
    assert await services.suppressions.list(mailing.owner) == ()
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
