"""The whole story without a pointer: from signing in through builder, review, run and rows to the outbox."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fixtures.pages import EMAIL, Visitor
from fixtures.serving import Served
from support.keyboard import Keyboard

pytestmark = pytest.mark.browser

PATIENCE = 60_000
WIDE, PHONE = 1280, 375
EVENTS = """\
occurred_at,kind,recipient,campaign,tags
{day}T08:00:00Z,delivered,ann@example.com,Alpha,{tag}
{day}T08:00:00Z,delivered,bob@example.com,Alpha,{tag}
{day}T09:00:00Z,opened,ann@example.com,Alpha,{tag}
{day}T09:30:00Z,opened,ann@example.com,Alpha,{tag}
{day}T10:00:00Z,opened,bob@example.com,Alpha,{tag}
"""
BEGINNINGS = {
    "PDF": b"%PDF-", "PowerPoint": b"PK", "Workbook": b"PK", "CSV": b"PK", "Web page": b"<!doctype html>",
}  # fmt: skip
"""How a file of each format begins; CSV comes in a ZIP."""


@pytest.mark.requirement("GO-09", "AD-06", "AD-09", "BZ-07", "BZ-13", "DC-22")
@pytest.mark.parametrize(
    ("script", "width"),
    [(True, WIDE), (False, WIDE), (True, PHONE)],
    ids=["with JavaScript", "without JavaScript", "on a phone"],
)
def test_the_keyboard_leads_from_signing_in_to_every_file_and_to_the_outbox(
    visitor: Visitor, server: Served, tmp_path: Path, script: bool, width: int
) -> None:
    name = f"By keyboard {script} {width}"
    server.add_source("mailchimp", name)
    day = datetime.now(UTC).date() - timedelta(days=9)
    (tmp_path / "rows.csv").write_text(EVENTS.format(tag=f"#{name}", day=day), "utf-8")
    server.command("import", str(tmp_path / "rows.csv"), "--source", name)
    page = visitor.comes(script=script)
    page.set_viewport_size({"width": width, "height": 800})
    keys = Keyboard(page)

    enter(keys, visitor.password)
    build(keys, name, script=script)
    launch(keys, name)
    drill_down(keys)
    for label, beginning in BEGINNINGS.items():
        assert download(keys, label).startswith(beginning)
    send(keys, script=script)
    expect(page.get_by_role("link", name=name).first).to_be_visible(timeout=PATIENCE)
    schedule(keys, name, script=script)


def enter(keys: Keyboard, password: str) -> None:
    expect(keys.page.get_by_label("E-mail address")).to_be_focused()
    keys.types(EMAIL)
    keys.press("Tab")
    keys.types(password)
    with keys.page.expect_navigation(url="**/reports"):
        keys.press("Enter")


def build(keys: Keyboard, name: str, *, script: bool) -> None:
    """A period, a comparison, a tag, and parts that are picked and moved."""
    page = keys.page
    keys.goes("link", "New report")
    expect(page.get_by_role("heading", level=1)).to_have_text("New report")
    keys.goes("link", "Engagement report")
    keys.to("textbox", "What to call it", exact=False)
    keys.types(name)
    step_to(keys, "Range", "Last 30 days")
    keys.to("checkbox", f"#{name}")
    keys.press("Space")
    if script:
        # Choices that depend on the tag are fetched anew, and the focus stays where it was.
        expect(page.get_by_role("group", name="Push", exact=True)).to_have_count(0)
    expect(page.get_by_role("checkbox", name=f"#{name}")).to_be_focused()
    step_to(keys, "Compare with", "The same period last year")
    if script:
        keys.to("button", "Move Messages up")
        keys.press("Enter")
        expect(page.get_by_role("button", name="Move Messages up")).to_be_focused()
    else:
        keys.goes("button", "Move Messages up")
    part = page.get_by_role("group", name="Parts of the report").get_by_role("checkbox", name="SMS")
    keys.reach(part)
    keys.press("Space")
    expect(part).not_to_be_checked()
    keys.goes("button", "Review and run")


def step_to(keys: Keyboard, group: str, option: str) -> None:
    """Tab to a group of choices, and step to one with the arrow."""
    choices = keys.page.get_by_role("group", name=group).get_by_role("radio")
    chosen = keys.page.get_by_role("group", name=group).get_by_role("radio", name=option, exact=True)
    keys.reach(choices)
    for _step in range(choices.count()):
        if chosen.is_checked():
            expect(chosen).to_be_focused()
            return
        keys.press("ArrowDown")
    raise AssertionError(f"the arrows never come to {option}")


def launch(keys: Keyboard, name: str) -> None:
    """Every file ticked, so that each is there when the report is; the run's page is live until then."""
    page = keys.page
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Review: {name}")
    files = page.get_by_role("group", name="Files to render with it").get_by_role("checkbox")
    for number, file in enumerate(files.all()):
        if not file.is_checked():
            keys.reach(files.nth(number))
            keys.press("Space")
            expect(file).to_be_checked()
    keys.goes("button", "Launch")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("article")).to_be_visible(timeout=PATIENCE)
    # Without a script the page is fetched anew until every file is rendered, each time from its top.
    expect(page.locator("noscript meta")).to_have_count(0, timeout=PATIENCE)


def drill_down(keys: Keyboard) -> None:
    """From a figure to its rows, their file, and back to the figure."""
    page = keys.page
    report = page.url
    figure = page.get_by_role("article").get_by_role("link", name="3", exact=True)
    keys.reach(figure)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Opens")
    with page.expect_download(timeout=PATIENCE) as file:
        keys.to("link", "Download CSV")
        keys.press("Enter")
    assert len(file.value.path().read_text("utf-8-sig").splitlines()) == 4
    keys.goes("link", "← ", exact=False)
    page.wait_for_url(f"{report}#figure-*")
    # The next stop is the one behind the figure that one came from.
    expect(page.locator(":target")).to_be_in_viewport()


def download(keys: Keyboard, label: str) -> bytes:
    """A file out of the menu, which the escape key closes."""
    page = keys.page
    menu = page.get_by_role("group").filter(has_text="Download").locator("summary")
    keys.reach(menu)
    if not menu.evaluate("one => one.parentElement.open"):
        keys.press("Enter")
    with page.expect_download(timeout=PATIENCE) as file:
        keys.reach(page.get_by_role("link", name=label).first)
        keys.press("Enter")
    return file.value.path().read_bytes()


def send(keys: Keyboard, *, script: bool) -> None:
    """To oneself; without a mail server the e-mail stays in the outbox."""
    page = keys.page
    keys.goes("link", "Send by e-mail")
    myself = keys.to("checkbox", "Olga", exact=False)
    if not myself.is_checked():
        keys.press("Space")
    keys.goes("button", "Send now")
    expect(page.get_by_role("heading", level=2, name="Sent", exact=True)).to_be_visible(timeout=PATIENCE)
    accepted = page.get_by_text("accepted", exact=True)
    if not script:
        # Nothing but a reload tells that it has arrived.
        while not accepted.is_visible():
            page.reload()
    expect(accepted).to_be_visible(timeout=PATIENCE)
    menu = page.locator("summary", has_text="Menu")
    if menu.is_visible():
        keys.reach(menu)
        keys.press("Enter")
    else:
        keys.goes("link", "Administration")
    keys.goes("link", "Outbox")


def schedule(keys: Keyboard, name: str, *, script: bool) -> None:
    """On the 2nd of every month, stepped to with the arrow; what it will do follows."""
    page = keys.page
    page.goto("/reports")
    keys.reach(page.get_by_role("link", name=re.compile(f"^Schedule ?: {name}$")))
    with page.expect_navigation():
        keys.press("Enter")
    keys.reach(page.get_by_role("group", name="How often").get_by_role("radio"))
    keys.press("ArrowDown")
    expect(page.get_by_label("On the 2nd of every month")).to_be_focused()
    if script:
        expect(page.locator("#preview .upcoming li").first).to_contain_text(re.compile(r" 2, \d{4}"))
    keys.goes("button", "Save the schedule")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("On day 2 of every month")).to_be_visible()
