"""A report is shared from its menu, opened by a viewer from their mailbox, and closed to them again.

With a real browser for both, and a mail server of the test's own.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright import sync_api as playwright
from playwright.sync_api import Browser, Page, expect

from bilan.accounts.passwords import generated
from fixtures.pages import EMAIL, Visitor
from fixtures.serving import Served
from fixtures.smtp import Listening, Sink

pytestmark = pytest.mark.browser

PATIENCE = 60_000
VERA = "vera@client.example"
EVENTS = """\
occurred_at,kind,recipient,campaign,tags
2026-05-01T08:00:00Z,delivered,ann@example.com,Alpha,x
2026-05-01T09:00:00Z,opened,ann@example.com,Alpha,x
"""


@dataclass
class World:
    """A server, its owner's password, and the mail server that it sends to."""

    served: Served
    password: str
    sink: Sink

    def mail_to_vera(self) -> str:
        """The text of the only e-mail that the viewer got."""
        self.served.until(lambda: any(to == VERA for _sender, to, _content in self.sink.taken), 60)
        part = self.sink.mail_to(VERA).get_body(("plain",))
        assert part is not None
        return part.get_content()


@pytest.fixture
def world(served: Served) -> Generator[World]:
    """The server with the owner's facts in it."""
    sink = Sink()
    mail = Listening(sink)
    mail.start()
    served.settings = {"mail_url": f"smtp://{mail.hostname}:{mail.port}?tls=never"}
    served.start()
    said = served.command("people", "add", "--email", EMAIL, "--name", "Olga", "--role", "owner")
    link, password = said.strip().splitlines()[-1], generated()
    chosen = httpx2.post(link, data={"password": password}, headers={"origin": served.url})
    assert chosen.status_code == 303, chosen.text
    yield World(served, password, sink)
    mail.stop()


@pytest.mark.requirement("MC-01", "MC-06", "MC-07", "MC-08", "MC-10", "MC-14", "MC-16", "GO-11")
def test_from_the_menu_of_a_report_to_the_file_that_a_viewer_takes_along_until_they_are_revoked(
    world: World, chromium_browser: Browser, tmp_path: Path
) -> None:
    served = world.served
    served.add_source("mailchimp", "Shop")
    (tmp_path / "rows.csv").write_text(EVENTS, "utf-8")
    served.command("import", str(tmp_path / "rows.csv"), "--source", "Shop")
    visitor = Visitor(chromium_browser, served.url, world.password)
    olga = visitor.comes()
    visitor.signs_in(olga)
    build(olga)

    share(olga)
    password = olga.get_by_role("textbox", name="Password", exact=True).input_value()
    text = world.mail_to_vera()
    assert f"Password: {password}" in text
    (link,) = re.findall(r"http\S+/shared/\S+", text)

    vera = visitor.comes()
    opens(vera, link, password)
    takes_a_file(vera)
    olga.get_by_role("link", name="Shown to Vera").first.click()
    olga.locator("#shares").get_by_role("link", name=VERA).click()
    expect(olga.get_by_role("row", name=VERA).first).to_contain_text("1")
    expect(olga.get_by_role("cell", name="downloaded")).to_be_visible()

    revokes(olga)
    vera.reload()
    expect(vera.get_by_label("Password")).to_be_visible()
    expect(vera.get_by_text("Shown to Vera")).to_have_count(0)
    assert visitor.complaints == []
    assert answers(served, link, password) == answers(served, f"{served.url}/shared/unknown", password)


def build(page: Page) -> None:
    """Run a report."""
    page.goto("/reports/new/email.campaign")
    page.get_by_label("What to call it").fill("Shown to Vera")
    page.get_by_role("button", name="Save and run").click()
    expect(page.locator(".kpi").first).to_be_visible(timeout=PATIENCE)


def share(page: Page) -> None:
    """From the menu of the report to the page of its share."""
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Share report").click()
    page.get_by_label("Add viewers").fill(VERA)
    page.keyboard.press("Tab")
    expect(page.locator(".committed")).to_contain_text(VERA)
    page.get_by_role("button", name="Share report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who can see this")


def opens(page: Page, link: str, password: str) -> None:
    """The viewer has nothing but the e-mail."""
    page.goto(link)
    expect(page.locator("body")).not_to_contain_text("Shown to Vera")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shown to Vera")
    expect(page.locator("article.report .kpi").first).to_be_visible()


def takes_a_file(page: Page) -> None:
    """A worker renders it, so the link may have to be pressed once more."""
    taken = b""
    for _again in range(10):
        page.reload()
        page.locator("summary", has_text="Download").click()
        with suppress(playwright.TimeoutError):
            with page.expect_download(timeout=8_000) as download:
                page.get_by_role("link", name="CSV").click()
            taken = download.value.path().read_bytes()
            break
    assert taken.startswith(b"PK")


def revokes(page: Page) -> None:
    """Take the viewer's access away."""
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("button", name=re.compile(f"Revoke.*{VERA}")).click()
    expect(page.get_by_role("row", name=VERA).first).to_contain_text("revoked")


def answers(served: Served, link: str, password: str) -> list[tuple[int, str]]:
    """What is said to who opens a link and gives the password, but for the link itself."""
    token = link.rpartition("/")[2]
    with httpx2.Client(headers={"origin": served.url, "accept": "text/html"}) as client:
        said = (client.get(link), client.post(link, data={"password": password}))
    return [(one.status_code, one.text.replace(token, "TOKEN")) for one in said]
