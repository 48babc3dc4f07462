"""A source that is pulled, by its pages: found behind a token, tested and fetched."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from fixtures.pages import Visitor
from fixtures.serving import Served
from support.networks.population import MASTODON_TOKEN, populated
from support.networks.server import Networks, networks
from support.networks.world import Network

pytestmark = [pytest.mark.browser, pytest.mark.requirement("AD-17")]

PHONE = ViewportSize(width=375, height=740)
PATIENCE = 60_000
POSTS = 5
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def there() -> Generator[Networks]:
    """The networks of the tests."""
    with networks(populated(POSTS)) as running:
        yield running


@pytest.fixture(scope="module")
def server(there: Networks, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """A server that finds the networks where the tests have them."""
    allowed = ",".join(f"{host}={there.url}" for host in there.hosts)
    served = Served(tmp_path_factory.mktemp("pulled") / "data", {"pull_private_hosts": allowed})
    served.start()
    yield served
    served.stop()


def leads(page: Page, *names: str) -> None:
    """Through the menu, which a phone has in place of the main navigation."""
    page.locator(".menu > summary").click()
    for name in names:
        page.locator(".menu").get_by_role("link", name=name, exact=True).click()


def looked_at(page: Page) -> None:
    """No wider than a phone, and without an obstacle."""
    assert page.evaluate(OVER) <= 0
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found] == []


def fill_in(page: Page, token: str) -> None:
    """The form of a new source of Mastodon."""
    leads(page, "Sources")
    page.get_by_role("link", name="Add a source").first.click()
    page.get_by_role("link", name="Mastodon").click()
    page.get_by_label("Server", exact=False).first.fill("mastodon.example")
    page.get_by_label("Access token").fill(token)


def test_profiles_are_found_behind_a_token_connected_and_fetched_without_javascript(
    visitor: Visitor, there: Networks
) -> None:
    account = there.world.only(Network.MASTODON)
    page = visitor.comes(script=False)
    page.set_viewport_size(PHONE)
    visitor.signs_in(page)

    fill_in(page, "not a token")
    page.get_by_role("button", name="Show the profiles").click()
    expect(page.get_by_role("alert")).to_be_visible()
    refused, visitor.complaints = visitor.complaints, []
    assert len(refused) == 1
    assert "422" in refused[0]

    page.get_by_label("Access token").fill(MASTODON_TOKEN)
    page.get_by_role("button", name="Show the profiles").click()
    page.wait_for_url("**/sources/profiles/*")
    assert page.evaluate(OVER) <= 0
    page.get_by_label(re.compile(re.escape(account.handle))).check()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(account.handle)
    source = page.url
    page.get_by_role("button", name="Test the token").click()
    expect(page.locator(".flashes .notice")).to_contain_text(account.handle)

    page.get_by_role("button", name="Fetch now").or_(page.get_by_role("link", name="Follow it")).first.click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_text("Working on it")).to_have_count(0, timeout=PATIENCE)
    page.goto(source)
    brought = page.get_by_role("region", name="What was fetched").locator("tbody tr").first
    expect(brought).to_contain_text("done")
    new = int(brought.locator("td.figure").first.inner_text())
    assert new > POSTS  # its posts, a day, and what people wrote
    assert page.evaluate(OVER) <= 0

    # The same days once more bring nothing new.
    page.get_by_text("Fetch past days").click()
    page.get_by_label("From").fill("2026-11-01")
    page.get_by_label("To, included").fill("2026-10-01")
    page.get_by_role("button", name="Fetch these days").click()
    expect(page.locator(".flashes .notice.error")).to_contain_text("The first day comes after the last")


def test_the_pages_have_no_obstacle_in_french(visitor: Visitor, there: Networks) -> None:
    page = visitor.comes(language="fr")
    page.context.add_cookies([{"name": "bilan_language", "value": "fr", "url": visitor.url}])
    page.goto("/sign-in")
    page.locator("input[type=email]").fill("olga@example.org")
    page.locator("input[type=password]").fill(visitor.password)
    page.locator("main button.primary").click()
    page.wait_for_url("**/reports")
    page.set_viewport_size(PHONE)
    page.goto("/sources/new/social/mastodon")
    page.locator("#f-instance").fill("mastodon.example")
    page.locator("#f-access_token").fill(MASTODON_TOKEN)
    page.get_by_role("button", name="Voir les profils").click()
    page.wait_for_url("**/sources/profiles/*")
    looked_at(page)
    page.locator("input[name=profiles]").check()
    page.get_by_role("button", name="Connecter").click()
    page.wait_for_url(re.compile(r"/sources/[0-9a-f-]{36}$"))
    expect(page.locator("#pulls")).to_be_visible()
    looked_at(page)
