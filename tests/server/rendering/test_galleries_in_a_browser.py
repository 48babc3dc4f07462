"""A gallery in a real browser: no obstacle, no wider than a phone, reached by keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from bilan.rendering.html_format import HTML
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Gallery, Section
from fixtures.documents import Contexts, report
from fixtures.galleries import ARABIC, HARBOUR, ROLES, ROWS, posts
from support.alike.seen import rendered
from support.photos import photo

pytestmark = [pytest.mark.browser, pytest.mark.integration]

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
READERS: dict[str, dict[str, Any]] = {
    "fr": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "ar": {"viewport": {"width": 375, "height": 800}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("language", READERS)
def test_everybody_reads_a_gallery(
    chromium_browser: Browser, contexts: Contexts, tmp_path: Path, language: str
) -> None:
    gallery = Gallery(table=posts(rows=[*ROWS, ARABIC]), **ROLES)
    context = replace(contexts(language), pictures={HARBOUR: photo()}.get)
    document = report(blocks=(Section("best", "Best posts of all", (gallery,)),))
    path = tmp_path / "report.html"
    path.write_bytes(rendered(HTML, document, rows_within, context))
    # axe is a script, which the file itself allows none of.
    window = chromium_browser.new_context(bypass_csp=True, **READERS[language])
    page = window.new_page()
    page.goto(path.as_uri())

    assert page.evaluate(SIDEWAYS) == 0
    picture = page.locator(".gallery-picture img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("one => one.complete && one.naturalWidth") == 480
    table = page.locator(".gallery-block details")
    assert not table.locator("table").is_visible()
    page.locator(".gallery-caption a").last.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert table.locator("table").is_visible()
    assert page.evaluate(SIDEWAYS) == 0
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    window.close()
