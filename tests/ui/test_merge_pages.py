"""The page of merged contacts: looked up, merged and undone by forms, by whoever may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bilan.accounts import Permission, WorkspaceRole
from bilan.contacts.models import MergeRow
from fixtures.mailing import Mailing
from fixtures.pages import Reader

SignsIn = Callable[[str, str], Awaitable[Reader]]


@pytest.mark.requirement("FX-06")
async def test_contacts_are_merged_and_looked_up_and_the_merge_is_undone(
    mailing: Mailing, signs_in: SignsIn
) -> None:
    await mailing.person("Ada", role=WorkspaceRole.ADMIN, permissions=(Permission.EXPORT_CONTACT_DATA,))
    await mailing.person("Rita", permissions=(Permission.EXPORT_CONTACT_DATA,))
    await mailing.person("Mia", role=WorkspaceRole.ADMIN)
    ada = await signs_in("ada@example.org", "correct horse battery")
    assert "Nothing was merged yet." in (await ada.get("/merges")).one("main").said
    page = await ada.refused("/merges", {"address": "ann@a.org", "other": "HS-51", "reason": "a card"})
    assert page.one("p", id="f-other-error").said == (
        "HS-51 is no e-mail address and no phone number, which alone name somebody everywhere."
    )
    assert page.one("input", name="reason").attributes["value"] == "a card"

    await ada.sends("/merges", {"address": "Ann@a.org", "other": "+33 6 12 34 56 78", "reason": "a card"})

    row = await MergeRow.get()
    assert (row.one, row.other, row.by_name) == ("33612345678", "ann@a.org", "Ada")
    found = await ada.sends("/merges/find", {"address": "ann@a.org"})
    assert found.status_code == 200
    assert "<li>33612345678</li><li>ann@a.org</li>" in found.text
    rita = await signs_in("rita@example.org", "correct horse battery")
    assert "Nothing was merged yet." in (await rita.get("/merges")).one("main").said
    assert "in force" in (await rita.sends("/merges/find", {"address": "ann@a.org"})).text
    assert (await rita.sends(f"/merges/{row.id}/undo")).status_code == 403
    await ada.sends(f"/merges/{row.id}/undo", {})
    assert "undone by Ada" in (await ada.get("/merges")).one("main").said
    mia = await signs_in("mia@example.org", "correct horse battery")
    assert "/merges" not in [one.attributes.get("href") for one in (await mia.get("/reports")).all("a")]
    assert (await mia.client.get("/merges")).status_code == 403
