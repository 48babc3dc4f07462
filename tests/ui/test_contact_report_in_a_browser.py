"""The contact report in a browser, from a new search to its rows: on a phone, by keyboard, in French, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from fixtures.pages import Visitor
from fixtures.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.requirement("FX-01", "FX-14")]

PHONE = ViewportSize(width=390, height=844)
PATIENCE = 60_000
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LIST = "/pages/contacts.activity"
ACTIONS = """\
contact_id,occurred_at,object,action
ann@example.org,2026-03-02T09:00,Form,profile_updated
ann@example.org,2026-03-04T10:30,Form,unsubscribed
bob@example.org,2026-03-04T11:00,Form,unsubscribed
"""
WORDS = {
    "en": ("Create a new search", "Save", "Address of the contact", "done", "Back to the list",
           "Restart the search", "Delete", "is no contact’s address", "Contact report",
           "Timeline"),
    "fr": ("Créer une nouvelle recherche", "Enregistrer", "Adresse du contact", "terminé",
           "Retour à la liste", "Recommencer la recherche", "Supprimer",
           "n’est pas l’adresse d’un contact", "Rapport de contact", "Chronologie"),
}  # fmt: skip


def finished(page: Page, name: str, state: str) -> None:
    """Wait until the list says by itself that the report is finished."""
    expect(page.locator("tr", has_text=name).first.locator(".badge")).to_have_text(state, timeout=PATIENCE)


def without_obstacles(page: Page, script: bool) -> None:
    """What axe finds: nothing. It is a script itself, so it looks where scripts run."""
    if not script:
        return
    if page.locator("#preview").count():
        expect(page.locator("#preview .report")).to_be_visible(timeout=PATIENCE)
    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found] == []


@pytest.mark.requirement("FX-03", "FX-04", "FX-05", "FX-06", "FX-09", "FX-10", "FX-15", "FX-17", "FX-18")
@pytest.mark.requirement("FX-19", "FX-20", "FX-21", "DC-08", "DC-09")
@pytest.mark.parametrize(("script", "language"), [(True, "fr"), (False, "en")], ids=["script", "without"])
def test_from_a_new_search_to_its_rows_and_back(
    visitor: Visitor, server: Served, tmp_path: Path, script: bool, language: str
) -> None:
    create, save, address, done, back, restart, delete, malformed, title, timeline = WORDS[language]
    name = f"Actions {script:d}"
    server.add_source("contact_actions", name, plugin="contacts")
    # The server is shared: whoever is looked for has nothing to do with the other case.
    contact = "ann@example.org" if script else "amy@example.org"
    (tmp_path / "actions.csv").write_text(ACTIONS.replace("ann@example.org", contact))
    server.command("import", str(tmp_path / "actions.csv"), "--source", name)
    page = visitor.comes(script=script)
    page.set_viewport_size(PHONE)
    visitor.signs_in(page)
    page.context.add_cookies([{"name": "bilan_language", "value": language, "url": visitor.url}])

    page.goto("/pages/contacts")
    page.get_by_role("link", name=title).first.press("Enter")
    page.get_by_role("link", name=create).press("Enter")
    page.get_by_label(address).fill("ann")
    page.get_by_role("button", name=save, exact=True).press("Enter")
    expect(page.locator("#errors")).to_contain_text(malformed)
    refused, visitor.complaints = visitor.complaints, []
    assert all("422" in one for one in refused)

    page.get_by_label(address).fill(contact.capitalize())
    whole = page.locator("[data-whole][value=inbox]")
    whole.focus()
    page.keyboard.press("Space")
    others = page.locator("input[name=actions][value^='inbox.']")
    assert all(one.is_checked() is script for one in others.all())
    page.locator("[name='period.preset'][value='']").check(force=True)
    first, last = page.locator("[name='period.first']"), page.locator("[name='period.last']")
    assert (first.get_attribute("type"), last.get_attribute("type")) == ("date", "date")
    first.fill("2026-03-01")
    last.fill("2026-03-31")
    assert page.evaluate(OVER) <= 0
    without_obstacles(page, script)
    page.get_by_role("button", name=save, exact=True).press("Enter")

    page.wait_for_url(f"**{LIST}")
    finished(page, contact, done)
    assert page.evaluate(OVER) <= 0
    without_obstacles(page, script)
    page.get_by_role("link", name=contact, exact=True).press("Enter")
    rows = page.locator(".report table", has_text="Form").last.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Form")
    assert page.evaluate(OVER) <= 0
    without_obstacles(page, script)
    page.get_by_role("link", name=timeline).press("Enter")
    page.wait_for_url("**/contacts/*")
    expect(page.get_by_role("heading", name=contact)).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(2)
    assert page.evaluate(OVER) <= 0
    without_obstacles(page, script)
    page.go_back()
    page.get_by_role("link", name=back).press("Enter")

    page.get_by_role("button", name=restart).press("Enter")
    page.wait_for_url(f"**{LIST}")
    finished(page, contact, done)
    page.locator("a[href^='/reports/']", has_text=contact).press("Enter")
    expect(page.locator("table.runs tbody tr:not(.day)")).to_have_count(2)

    page.goto(LIST)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=delete).press("Enter")
    page.wait_for_url(f"**{LIST}")
    expect(page.locator("table.saved")).to_have_count(0)
