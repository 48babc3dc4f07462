"""The page of erased contacts: by keyboard and without a script, every way through it a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bilan.accounts import Permission, WorkspaceRole
from bilan.contacts.models import ContactRulesRow, ErasureRow
from bilan.work.models import JobRow
from fixtures.mailing import Mailing
from fixtures.pages import Reader

SignsIn = Callable[[str, str], Awaitable[Reader]]


@pytest.fixture
async def ada(mailing: Mailing, signs_in: SignsIn) -> Reader:
    """An admin who may see rows about single persons."""
    await mailing.person("Ada", role=WorkspaceRole.ADMIN, permissions=(Permission.EXPORT_CONTACT_DATA,))
    return await signs_in("ada@example.org", "correct horse battery")


@pytest.mark.requirement("FX-06")
async def test_a_contact_is_erased_by_whoever_is_sure(ada: Reader) -> None:
    assert "Nobody was erased yet." in (await ada.get("/erasures")).one("main").said
    page = await ada.refused("/erasures", {"address": "ann@a.org"})
    assert page.one("p", id="f-sure-error").said == (
        "Tick that you are sure: what is erased cannot be brought back."
    )
    assert page.one("input", name="address").attributes["value"] == "ann@a.org"
    page = await ada.refused("/erasures", {"address": "ann@", "sure": "on"})
    assert page.one("p", id="f-address-error").said == "ann@ is no e-mail address."
    assert await ErasureRow.all().count() == 0

    await ada.sends("/erasures", {"address": "Ann@a.org", "sure": "on"})

    row = await ErasureRow.get()
    assert "ann@a.org" not in row.sealed
    job = await JobRow.get()
    assert (job.kind, job.personal, job.arguments) == ("erasure", True, {"erasure": str(row.id)})
    page = await ada.get("/erasures")
    assert row.pseudonym in page.texts("code")
    assert "under way" in page.one("main").said
    assert "Erased contact" in (await ada.get(f"/runs/{job.id}")).one("main").said


async def test_all_addresses_of_a_person_are_shown_before_they_are_erased(ada: Reader) -> None:
    await ada.sends("/merges", {"address": "ann@a.org", "other": "+33 6 12 34 56 78"})
    asked = {"address": "ann@a.org", "sure": "on"}

    shown = await ada.sends("/erasures", asked)

    assert shown.status_code == 200
    assert "These addresses are one person and are erased together." in shown.text
    together = ["33612345678", "ann@a.org"]
    assert [f'name="together" value="{one}"' in shown.text for one in together] == [True, True]
    assert await ErasureRow.all().count() == 0
    await ada.sends("/erasures", {**asked, "together": together[0]})
    assert await ErasureRow.all().count() == 0
    await ada.sends("/erasures", {**asked, "together": together})
    assert await ErasureRow.all().count() == 2


async def test_what_becomes_of_later_facts_is_chosen(ada: Reader) -> None:
    await ada.sends("/erasures/rules", {"reimport": "refuse"})
    assert (await ContactRulesRow.get()).reimport == "refuse"
    await ada.refused("/erasures/rules", {"reimport": "keep"})


async def test_whoever_may_not_sees_neither_page_nor_link(mailing: Mailing, signs_in: SignsIn) -> None:
    await mailing.person("Mia", role=WorkspaceRole.ADMIN)
    mia = await signs_in("mia@example.org", "correct horse battery")
    home = await mia.get("/reports")
    assert "/erasures" not in [one.attributes.get("href") for one in home.all("a")]
    assert (await mia.client.get("/erasures")).status_code == 403
