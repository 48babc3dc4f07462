"""From adding a number to the CSV of every report of the inbox, on a phone: with JavaScript and without."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from fixtures.pages import Visitor
from fixtures.serving import Served
from support.whatsapp import about, change, signature

pytestmark = [pytest.mark.browser, pytest.mark.requirement("AC-02", "AC-03")]

PHONE = ViewportSize(width=390, height=844)
PATIENCE = 60_000
SECRET, WORD = "secret of the app", "a word of our own"
NUMBER = "4211"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
INBOX = """\
occurred_at,event,id,contact,conversation,direction,agent,tags
{at}T08:00:00Z,message,in-{n},33639980002,c-{n},in,,
{at}T08:30:00Z,message,out-{n},33639980002,c-{n},out,bo-{n}@example.org,
{at}T08:31:00Z,tagged,tag-{n},33639980002,c-{n},,,sales-{n}
{at}T09:00:00Z,closed,end-{n},33639980002,c-{n},,,
"""


def leads(page: Page, *names: str) -> None:
    """Through the menu, which a phone has in place of the main navigation."""
    page.locator(".menu > summary").click()
    for name in names:
        page.locator(".menu").get_by_role("link", name=name, exact=True).click()


def add_number(page: Page, name: str) -> str:
    """The address to which Meta posts."""
    leads(page, "Sources")
    page.get_by_role("link", name="Add a source").first.click()
    page.get_by_role("link", name="WhatsApp number").click()
    page.get_by_label("What to call it").fill(name)
    page.get_by_label("Phone number id").fill(f"{NUMBER}{name[-1]}")
    page.get_by_label("App secret").fill(SECRET)
    page.get_by_label("Verify token").fill(WORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page.get_by_label("Webhook address").input_value()


def shakes_hands(address: str) -> None:
    """Meta asks for the address once, with the word."""
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    answer = httpx2.get(address, params={**asked, "hub.verify_token": WORD})
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert httpx2.get(address, params={**asked, "hub.verify_token": "another"}).status_code == 401


def posted(address: str, number: str, contact: str, ident: str) -> None:
    """A contact writes: signed the post is taken, unsigned it is refused."""
    message: dict[str, Any] = {
        "from": contact, "id": ident, "timestamp": f"{YESTERDAY.timestamp():.0f}", "type": "text",
        "text": {"body": "Hello"},
    }  # fmt: skip
    contacts = [{"profile": {"name": "Ana"}, "wa_id": contact}]
    value = {"messaging_product": "whatsapp", **about(number, contacts=contacts, messages=[message])}
    body = json.dumps(change(value)).encode()
    headers = {"content-type": "application/json"}
    assert httpx2.post(address, content=body, headers=headers).status_code == 401
    signed = {**headers, "x-hub-signature-256": signature(body, SECRET)}
    assert httpx2.post(address, content=body, headers=signed).status_code == 200


def shown(page: Page) -> dict[str, list[str]]:
    """Build the report of the page that is open; the lines of its CSV files by their names."""
    if not page.locator("details.narrowing[open]").count():
        page.get_by_text("Filter", exact=True).click()
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/runs/*")
    expect(page.locator(".report")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(OVER) <= 0
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        return {name: archive.read(name).decode("utf-8-sig").splitlines() for name in archive.namelist()}


@pytest.mark.requirement("AC-04", "AC-05")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_adding_a_number_to_the_file_of_every_report(
    visitor: Visitor, server: Served, tmp_path: Path, script: bool
) -> None:
    label = f"{script:d}"
    page = visitor.comes(script=script)
    page.set_viewport_size(PHONE)
    visitor.signs_in(page)
    address = add_number(page, f"Shop {label}")
    shakes_hands(address)
    posted(address, f"{NUMBER}{label}", f"3363998100{label}", f"wamid.{label}")
    server.add_source("file", f"Inbox {label}", plugin="whatsapp_inbox")
    (tmp_path / "inbox.csv").write_text(INBOX.format(at=YESTERDAY.date(), n=label))
    server.command("import", str(tmp_path / "inbox.csv"), "--source", f"Inbox {label}")
    server.wait_until_read()

    leads(page, "Reports")
    subjects = page.get_by_role("navigation", name="Reports by subject")
    links = subjects.locator('a[href^="/pages/whatsapp."]')
    addresses = {one.inner_text(): one.get_attribute("href") or "" for one in links.all()}
    assert {"Summary", "By agent", "By tag", "Details"} <= set(addresses)
    files = dict[str, dict[str, list[str]]]()
    for name, where in addresses.items():
        leads(page, name)
        assert page.url.endswith(where)  # the other way to the same page
        files[name] = shown(page)

    assert any(line.startswith("inbound,") for line in files["Summary"]["by_source.csv"])
    assert any(
        line.startswith(f"bo-{label}@example.org,1,1,1,1,") for line in files["By agent"]["by_agent.csv"]
    )
    assert any(line.startswith(f"sales-{label},1,1,1,1,") for line in files["By tag"]["by_tag.csv"])
    details = files["Details"]["conversations.csv"]
    assert sum(f",3363998100{label},Ana," in line for line in details) == 1
    assert sum(f",bo-{label}@example.org," in line for line in details) == 1
    # The page has the figures now, and the filter that they were narrowed by.
    page.goto(addresses["Details"])
    expect(page.locator(".report")).to_be_visible()
    assert page.evaluate(OVER) <= 0
