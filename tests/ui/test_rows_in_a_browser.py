"""From a figure to its rows, their file and back, in a real browser: by keyboard, on a phone, in the dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from fixtures.pages import Visitor
from fixtures.serving import Served

pytestmark = pytest.mark.browser

PATIENCE = 60_000
EVENTS = """\
occurred_at,kind,recipient,campaign,tags
2026-05-01T08:00:00Z,delivered,ann@example.com,Alpha,{tag}
2026-05-01T08:00:00Z,delivered,bob@example.com,Alpha,{tag}
2026-05-01T09:00:00Z,opened,ann@example.com,Alpha,{tag}
2026-05-02T09:00:00Z,opened,ann@example.com,Alpha,{tag}
2026-05-02T10:00:00Z,opened,bob@example.com,Alpha,{tag}
"""


@pytest.mark.requirement("AD-06", "GO-09")
@pytest.mark.parametrize(
    ("script", "width", "scheme"), [(True, 1280, "light"), (True, 390, "dark"), (False, 390, "light")]
)
def test_from_a_figure_to_its_rows_and_back(
    visitor: Visitor,
    server: Served,
    tmp_path: Path,
    script: bool,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    tag = f"rows-{script}-{width}-{scheme}"
    server.add_source("mailchimp", tag)
    (tmp_path / "rows.csv").write_text(EVENTS.format(tag=tag), "utf-8")
    server.command("import", str(tmp_path / "rows.csv"), "--source", tag)
    page = visitor.comes(script=script)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    visitor.signs_in(page)
    page.goto("/reports/new/email.campaign")
    page.get_by_label("What to call it").fill(tag)
    page.get_by_role("group", name="Tags", exact=True).get_by_label(tag).check()
    page.get_by_role("button", name="Save and run").click()
    figure = page.locator(".kpi", has_text="Unique opens").locator(".kpi-value a")
    expect(figure).to_have_text("2", timeout=PATIENCE)
    _without_violations(page, script)

    figure.focus()
    assert figure.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Unique opens")
    expect(page.get_by_text("2 distinct of 3 rows.")).to_be_visible()
    people = page.get_by_role("cell", name="@example.com").all_inner_texts()
    assert people == ["ann@example.com", "ann@example.com", "bob@example.com"]
    # The table scrolls in its own room; the page stays as wide as the screen.
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    _without_violations(page, script)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("When,Recipient,Event,")
    assert len(lines) == 4
    page.get_by_role("link", name=f"← {tag}").click()
    expect(page.locator(":target")).to_have_text("2")
    expect(figure).to_be_in_viewport()


def _without_violations(page: Page, script: bool) -> None:
    """What axe finds; it is a script itself, so it looks where scripts run."""
    if script:
        found: dict[str, Any] = Axe().run(page).response
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
