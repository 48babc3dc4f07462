"""Every page in a real browser, over the sample data: no obstacle, no wider than a phone, and small."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from fixtures.serving import Served
from support.keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.integration]

WIDE, PHONE = ViewportSize(width=1280, height=860), ViewportSize(width=390, height=844)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATIENCE = 60_000
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Every rule looks at every element; only what holds is not described element by element.
    "resultTypes": ["violations"],
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules of those that look at colours: nothing else is another in the dark."""
SIZES_AND_NAMES = {
    "runOnly": {
        "type": "rule",
        "values": [
            "target-size",
            "scrollable-region-focusable",
            "button-name",
            "link-name",
            "label",
            "select-name",
            "image-alt",
            "empty-heading",
            "document-title",
            "html-lang-valid",
        ],
    }
}
"""The rules of those that another language or a phone can break: the rest of a page is the same."""
PAGES = (
    "/reports", "/reports/new", "/reports/new/email.engagement", "/reports/new/email.campaign", "/runs",
    "/runs?state=failed", "/sources", "/sources/new", "/sources/new/email/mailgun", "/people", "/tokens",
    "/webhooks/new",
    "/recipients", "/erasures", "/merges", "/workspace", "/account", "/nowhere",
    "/plugins/whatsapp/buttons", "/pages/whatsapp",
    "/pages/whatsapp.by_agent", "/schedules", "/schedules/new", "/schedules/calendar",
    "/reports/new/email.campaign?schedule=on",
)  # fmt: skip
SCREENS = """document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@dataclass
class Demo:
    """The demo server and the way in."""

    served: Served
    said: str
    complaints: list[str] = field(default_factory=list[str])

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.served.url

    @property
    def lines(self) -> dict[str, str]:
        """What it said when it stood, by name."""
        return dict(line.split(": ", 1) for line in self.said.splitlines())

    @property
    def password(self) -> str:
        """What the first visitor signs in with."""
        return self.lines["Password"]

    def comes(self, browser: Browser, *, language: str = "en", **options: Any) -> Page:
        """A browser window, signed in."""
        context = browser.new_context(base_url=self.url, locale=language, accept_downloads=True, **options)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "bilan_language", "value": language, "url": self.url}])
        self._listen(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.locator("input[type=email]").fill("demo@example.com")
        page.locator("input[type=password]").fill(self.password)
        page.locator("main button.primary").click()
        page.wait_for_url("**/reports")
        return page

    def _listen(self, context: BrowserContext) -> None:
        # A page that is not there is one of the pages, and browsers report its status as an error.
        def heard(said: ConsoleMessage) -> None:
            if said.type in ("error", "warning") and "404" not in said.text:
                self.complaints.append(f"{said.location.get('url')}: {said.text}")

        context.on("console", heard)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))


@pytest.fixture(scope="module")
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Demo]:
    """The demo with its sample data, which the tests of this module share."""
    served = Served(tmp_path_factory.mktemp("sample") / "data")
    yield Demo(served, served.start("demo"))
    served.stop()


@pytest.fixture
def demo(sample_server: Demo, chromium_browser: Browser) -> Generator[Demo]:
    """The demo; the browser had nothing to complain about when the test is over."""
    yield sample_server
    for context in chromium_browser.contexts:
        context.close()
    complaints, sample_server.complaints = sample_server.complaints, []
    assert complaints == []


def own_page(page: Page, report: str) -> None:
    """Go to the page of a saved report itself: its name leads there as long as it was never run."""
    card = page.locator(".card", has=page.get_by_role("heading", name=report))
    card.locator("a[href^='/reports/']:not([href$='/edit'])").first.click()


def run_of(page: Page, report: str) -> str:
    """The address of a run of a saved report that is over."""
    page.goto("/reports")
    own_page(page, report)
    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".report")).to_be_visible(timeout=PATIENCE)
    return page.url.partition("/runs/")[2]


@pytest.fixture(scope="module")
def finished_run(sample_server: Demo, chromium_browser: Browser) -> str:
    """The address of a run of the engagement report that is over."""
    page = sample_server.comes(chromium_browser)
    run = run_of(page, "Engagement by week, last 90 days")
    page.context.close()
    return f"/runs/{run}"


@pytest.fixture(scope="module")
def sent_run(sample_server: Demo, chromium_browser: Browser) -> str:
    """The address of a run of the campaign report that was sent, so that the outbox holds an e-mail."""
    page = sample_server.comes(chromium_browser)
    run = run_of(page, "Campaigns of the last 90 days")
    page.goto(f"/runs/{run}/send")
    page.get_by_label("Demo").check()
    page.get_by_role("button", name="Send now").click()
    page.wait_for_url("**/runs/**")
    for _look in range(100):
        page.goto("/outbox")
        if page.locator("main a[href^='/outbox/']").count():
            break
        page.wait_for_timeout(300)
    page.context.close()
    return f"/runs/{run}"


def linked(page: Page, where: str, pattern: str) -> str:
    """The first link on a page whose address looks like this."""
    page.goto(where)
    found = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    return next(one for one in found if re.fullmatch(pattern, one))


def made_button(page: Page) -> str:
    """The page of a WhatsApp button."""
    page.goto("/plugins/whatsapp/buttons")
    page.locator("#f-name").fill("Footer")
    page.locator("#f-number").fill("+33 6 39 98 12 34")
    page.locator("main button.primary").click()
    page.wait_for_url(re.compile(r"/buttons/\w{8}$"))
    return page.url.removeprefix(page.url.partition("/plugins/")[0])


def made_schedule(page: Page, report: str) -> Iterator[str]:
    """The pages of a schedule, and of what it sends now."""
    page.goto(f"{report}/schedule")
    page.get_by_role("button", name="Save the schedule").or_(
        page.get_by_role("button", name="Enregistrer la planification")
    ).click()
    page.wait_for_url("**/schedules/*")
    schedule = page.url.removeprefix(page.url.partition("/schedules/")[0])
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(f"form[action='{schedule}/send-now'] button").click()
    page.wait_for_url("**/occurrences/*")
    yield from (page.url.removeprefix(page.url.partition("/occurrences/")[0]), schedule, f"{schedule}/edit")


def made_recipient(page: Page, run: str, address: str) -> Iterator[str]:
    """The pages of an external recipient, and their own that need no sign-in."""
    page.goto("/recipients")
    page.locator("#f-address").fill(address)
    with page.expect_navigation():
        page.locator("form[action='/recipients'] button.primary").click()
    page.goto(linked(page, f"/recipients?words={address}", r"/recipients/[0-9a-f-]{36}"))
    recipient = page.url.removeprefix(page.url.partition("/recipients/")[0])
    yield recipient
    with page.expect_navigation():
        page.locator(f"form[action='{recipient}/ask'] button").click()
    confirm = mailed(page, address, 1, r"/confirm/[\w.~-]+")
    yield confirm
    page.goto(confirm)
    with page.expect_navigation():
        page.locator("main form button").click()
    page.goto(f"{run}/send")
    page.locator(f"input[value='{address}']").check()
    with page.expect_navigation():
        page.locator("main form button.primary").click()
    yield mailed(page, address, 2, r"/unsubscribe/[\w.~-]+")


def mailed(page: Page, address: str, count: int, pattern: str) -> str:
    """The path of a link like this in the latest e-mail to an address, once it has got so many."""
    rows = page.locator("tr", has_text=address)
    for _look in range(100):
        page.goto("/outbox")
        if rows.count() == count:
            break
        page.wait_for_timeout(300)
    page.goto(rows.first.locator("a").get_attribute("href") or "")
    found = re.search(pattern, page.locator("main").text_content() or "")
    assert found is not None
    return found[0]


def all_pages(page: Page, run: str) -> Iterator[str]:
    """Every address there is to see."""
    report = linked(page, "/reports", r"/reports/[0-9a-f-]{36}")
    source = linked(page, "/sources", r"/sources/[0-9a-f-]{36}")
    person = linked(page, "/people", r"/people/[0-9a-f-]{36}")
    yield from PAGES
    yield from (report, f"{report}/edit", f"{report}/review", run, f"{run}?parts=all", f"{run}/files")
    yield from (source, f"{source}/edit", f"{source}/import", f"{source}/rejects", person)
    yield from (f"{run}/send", f"{report}/send", "/outbox", "/links/none")
    yield linked(page, "/outbox", r"/outbox/[0-9a-f-]{36}")
    yield f"{report}/schedule"
    yield from made_schedule(page, report)
    yield made_button(page)
    language = page.locator("html").get_attribute("lang")
    yield from made_recipient(page, run, f"zoe.{language}@client.example")


def settled(page: Page, path: str) -> None:
    page.goto(path)
    if page.locator("#preview").count():
        expect(page.locator("#preview").locator(".report, .upcoming")).to_be_visible(timeout=PATIENCE)


def violations(page: Page, path: str, rules: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{path} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_the_demo_says_how_to_sign_in_and_everything_in_it_has_run(sample_server: Demo) -> None:
    lines, address = sample_server.lines, sample_server.url
    assert [*lines] == ["Address", "E-mail", "Password", "Token"]
    assert lines["Address"] == address
    query = """{ sources { name lastEventAt } email { events { totals { sends opens } } }
                 reports { nodes { name } } runs { nodes { title state purpose } } }"""
    headers = {"authorization": f"Bearer {lines['Token']}"}
    answer = httpx2.post(f"{address}/graphql", json={"query": query}, headers=headers, timeout=60)
    data = answer.json()["data"]
    assert len(data["sources"]) > 1
    assert all(source["lastEventAt"] for source in data["sources"])
    assert data["email"]["events"]["totals"]["sends"] > 1000
    # Every report has been run, so that nobody meets an empty page.
    run = {one["title"]: one["state"] for one in data["runs"]["nodes"] if one["purpose"] == "REPORT"}
    assert len(run) > 4
    assert run == {report["name"]: "SUCCEEDED" for report in data["reports"]["nodes"]}


@pytest.mark.requirement("GO-09")
@pytest.mark.parametrize(
    ("language", "size"), [("en", WIDE), ("fr", PHONE)], ids=["English", "French, phone"]
)
def test_no_page_has_an_obstacle_in_light_and_dark_and_none_is_wider_than_a_phone(
    demo: Demo,
    chromium_browser: Browser,
    finished_run: str,
    sent_run: str,
    language: str,
    size: ViewportSize,
) -> None:
    page = demo.comes(chromium_browser, language=language, viewport=size)
    found: list[str] = []
    # The engagement report is the longest of all pages by far: once is enough.
    for path in [*all_pages(page, sent_run), *([finished_run] if language == "en" else [])]:
        page.set_viewport_size(size)
        settled(page, path)
        assert page.locator("html").get_attribute("lang") == language
        if language == "en":
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found += violations(page, path, RULES if scheme == SCHEMES[0] else {**RULES, **COLOURS})
        else:
            found += violations(page, path, {**RULES, **SIZES_AND_NAMES})
        if markup := re.search(r"</?\w+[ >]", page.locator("body").inner_text()):
            found.append(f"{path} shows {markup[0]} as text")
        page.set_viewport_size(PHONE)
        if (over := page.evaluate(SCREENS)) > 0:
            found.append(f"{path} is {over} pixels wider than a phone")
    assert found == []


@pytest.mark.requirement("GO-09")
def test_the_door_has_no_obstacle_either(demo: Demo, chromium_browser: Browser) -> None:
    for scheme in SCHEMES:
        context = chromium_browser.new_context(base_url=demo.url, color_scheme=scheme)
        page = context.new_page()
        page.goto("/sign-in")
        assert violations(page, "/sign-in", RULES) == []
        context.close()


@pytest.mark.requirement("GO-10")
def test_the_first_page_takes_less_than_100_kilobytes(demo: Demo, chromium_browser: Browser) -> None:
    page = chromium_browser.new_context(base_url=demo.url).new_page()
    # Kept as they come and asked for their sizes afterwards: within the event that question may wait.
    came: list[Request] = []

    def keep(one: Request) -> None:
        came.append(one)

    page.on("requestfinished", keep)

    def sizes() -> list[tuple[str, int]]:
        parts = [(one.url, one.sizes()) for one in came]
        return [(url, size["responseBodySize"] + size["responseHeadersSize"]) for url, size in parts]

    page.goto("/sign-in", wait_until="networkidle")
    first = sizes()
    assert len(first) >= 6
    assert sum(size for _url, size in first) < 60_000, first
    page.get_by_label("E-mail address").fill("demo@example.com")
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/reports")
    page.wait_for_load_state("networkidle")
    both = sizes()
    assert len(both) > len(first)
    assert sum(size for _url, size in both) < 100_000, both


def test_on_a_phone_the_menu_leads_everywhere_without_a_script(demo: Demo, chromium_browser: Browser) -> None:
    page = demo.comes(chromium_browser, viewport=PHONE, java_script_enabled=False)
    expect(page.get_by_role("link", name="Sources")).to_be_hidden()
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")


def test_charts_answer_to_keys_and_pointer_and_say_what_is_stepped_to(
    demo: Demo, chromium_browser: Browser, finished_run: str
) -> None:
    page = demo.comes(chromium_browser)
    page.goto(finished_run)
    room, tip = page.locator(".chart-room").first, page.locator(".chart-tip")
    room.focus()
    page.keyboard.press("Home")
    expect(tip).to_be_visible()
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert tip.inner_text() != first
    page.keyboard.press("ArrowLeft")
    assert tip.inner_text() == first
    assert page.locator("[aria-live=polite].sr").last.inner_text().startswith(first.splitlines()[0])
    page.keyboard.press("End")
    assert tip.inner_text() != first
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    room.locator(".hit").nth(3).hover()
    expect(tip).to_be_visible()
    expect(room.locator(".hit.here")).to_have_count(1)
    page.mouse.move(1, 1)
    expect(tip).to_be_hidden()


def test_what_was_filled_in_is_there_after_a_reload_and_on_the_way_back(
    demo: Demo, chromium_browser: Browser
) -> None:
    page = demo.comes(chromium_browser)
    settled(page, "/reports/new/email.engagement")
    page.get_by_label("What to call it").fill("Mine")
    page.get_by_label("Last 30 days").check()
    page.get_by_role("button", name="Move Messages up").click()
    expect(page.get_by_role("button", name="Move Messages up")).to_be_focused()
    page.locator("ol.order").get_by_label("SMS", exact=True).uncheck()
    parts = page.locator("ol.order label").all_inner_texts()
    for way in ("reload", "back"):
        if way == "reload":
            page.reload()
        else:
            page.goto("/runs")
            page.go_back()
        expect(page.get_by_label("What to call it")).to_have_value("Mine")
        expect(page.get_by_label("Last 30 days")).to_be_checked()
        expect(page.locator("ol.order").get_by_label("SMS", exact=True)).not_to_be_checked()
        assert page.locator("ol.order label").all_inner_texts() == parts
        expect(page.locator("#preview .report-heading", has_text="Messages")).to_be_visible()
        expect(page.locator("#preview .report-heading", has_text="SMS")).to_have_count(0)


def test_a_run_is_followed_by_its_own_line_and_nothing_that_was_open_closes(
    demo: Demo, chromium_browser: Browser
) -> None:
    page = demo.comes(chromium_browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    own_page(page, "Engagement by week")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".report")).to_be_visible(timeout=PATIENCE)
    assert any(one.endswith("/events") for one in asked)
    details = page.locator(".chart-data").first
    details.locator("summary").click()
    page.get_by_role("columnheader").get_by_role("link").first.click()
    expect(page.locator("[aria-sort]").first).to_be_visible()
    expect(details).to_have_attribute("open", "")


FORMATS = re.compile(r"/runs/[0-9a-f-]{36}/files/(\w+)$")


@pytest.mark.requirement("GO-09")
def test_the_keyboard_alone_leads_to_every_download(
    demo: Demo, chromium_browser: Browser, finished_run: str
) -> None:
    page = demo.comes(chromium_browser)
    page.goto(finished_run)
    links = page.locator(".downloads:not(.further) li a:first-child")
    renders_all(page, links)
    formats = [FORMATS.search(one.get_attribute("href") or "") for one in links.all()]
    assert len(formats) >= 3
    tab_to(page, page.locator(".downloads:not(.further) > summary"))
    page.keyboard.press("Enter")
    for place in range(len(formats)):
        tab_to(page, links.nth(place))
        with page.expect_download(timeout=PATIENCE) as download:
            page.keyboard.press("Enter")
        assert download.value.path().stat().st_size > 500
    page.keyboard.press("Escape")
    expect(page.locator(".downloads:not(.further) > summary")).to_be_focused()
    expect(links.first).to_be_hidden()


@pytest.mark.requirement("AC-03", "GO-09")
def test_the_keyboard_alone_leads_to_a_page_of_the_navigation_and_its_filter(
    demo: Demo, chromium_browser: Browser
) -> None:
    keyboard = Keyboard(demo.comes(chromium_browser, java_script_enabled=False))
    keyboard.goes("link", "WhatsApp")
    keyboard.goes("link", "By agent")
    page = keyboard.page
    expect(page.locator(".report")).to_be_visible()
    keyboard.reach(page.locator(".narrowing > summary"))
    keyboard.press("Enter")
    keyboard.goes("button", "Show")
    expect(page.get_by_role("heading", level=1)).to_have_text("WhatsApp by agent")


def renders_all(page: Page, links: Locator) -> None:
    """Until every file is rendered: on a busy machine a click leads to the progress of that first."""
    for link in links.all():
        address = link.get_attribute("href") or ""
        for _look in range(100):
            if "content-disposition" in page.request.get(address).headers:
                break
            page.wait_for_timeout(300)


BEGINNINGS = {
    "html": b"<!doctype html>", "pdf": b"%PDF-", "pptx": b"PK", "csv": b"PK", "xlsx": b"PK",
}  # fmt: skip
"""How a file of each format begins; CSV comes in a ZIP."""


@pytest.mark.requirement("AD-09", "GO-09", "DC-22")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_on_a_phone_the_way_leads_from_the_door_through_the_review_to_every_download(
    demo: Demo, chromium_browser: Browser, script: bool
) -> None:
    page = demo.comes(chromium_browser, viewport=PHONE, java_script_enabled=script)
    own_page(page, "Campaigns of the last 90 days")
    page.get_by_role("link", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review")
    page.get_by_role("button", name="Launch").click()
    expect(page.locator(".report")).to_be_visible(timeout=PATIENCE)
    links = page.locator(".downloads:not(.further) li a:first-child")
    renders_all(page, links)
    found = {FORMATS.search(one.get_attribute("href") or ""): one for one in links.all()}
    formats = [one[1] for one in found if one]
    assert set(formats) >= set(BEGINNINGS)
    for name, beginning in BEGINNINGS.items():
        if not page.locator(".downloads:not(.further)").evaluate("one => one.open"):
            page.locator(".downloads:not(.further) > summary").click()
        with page.expect_download(timeout=PATIENCE) as download:
            links.nth(formats.index(name)).click()
        assert download.value.path().read_bytes().startswith(beginning)


def tab_to(page: Page, target: Locator) -> None:
    """Press the tab key until the target has the focus, and shows that it has it."""
    for _stop in range(60):
        if target.evaluate("one => one === document.activeElement"):
            assert target.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
            return
        page.keyboard.press("Tab")
    raise AssertionError("the tab key never comes there")


# The last of the module: it starts the server anew.
def test_the_demo_says_the_same_when_it_is_started_again(sample_server: Demo) -> None:
    sample_server.served.stop()

    assert sample_server.served.start("demo") == sample_server.said


@pytest.mark.requirement("AC-19")
def test_a_button_is_made_by_keyboard_without_javascript_and_its_link_carries_utm_values(
    demo: Demo, chromium_browser: Browser
) -> None:
    page = demo.comes(chromium_browser, viewport=PHONE, java_script_enabled=False, language="fr")
    page.goto("/plugins/whatsapp/buttons")
    page.locator("#f-name").focus()
    for typed in ("Pied de page", "+33 6 39 98 12 34", "Bonjour"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/buttons/\w{8}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bouton WhatsApp «\u00a0Pied de page\u00a0»")
    page.locator("#f-utm_source").fill("affiche & co")
    page.locator("#f-utm_source").press("Enter")
    page.wait_for_url(re.compile("utm_source=affiche"))
    link = page.locator("#link").input_value()
    assert re.search(r"/plugins/whatsapp/go/\w{8}\?utm_source=affiche\+%26\+co$", link)
    snippet = f'<a href="{link}" rel="nofollow">Écrivez-nous sur WhatsApp</a>'
    assert page.locator("#snippet").input_value() == snippet
    code = page.locator("img.code")
    assert code.evaluate("one => one.naturalWidth") > 100
