"""From signing in to the downloaded file, in a real browser on a real server: with JavaScript, without, and
with the keyboard alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from fixtures.pages import Visitor
from fixtures.serving import Served

pytestmark = pytest.mark.browser

PATIENCE = 60


def odd_table(label: str) -> str:
    """A table with heads that nobody can guess, so that a person says what they are.

    Spring: three sent, three delivered, Ann opened twice and clicked, Bob opened once. Autumn and
    the push message carry another tag; the last row has no time that can be read.
    """
    spring, autumn = f"Spring letter {label};spring {label}", f"Autumn letter {label};autumn {label}"
    return f"""\
Moment;Was;Wer;Sendung;Schild;Weg
2026-03-02T08:00:00Z;sent;ann@example.com;{spring};email
2026-03-02T08:00:00Z;sent;bob@example.com;{spring};email
2026-03-02T08:00:00Z;sent;cy@example.com;{spring};email
2026-03-02T08:01:00Z;delivered;ann@example.com;{spring};email
2026-03-02T08:01:00Z;delivered;bob@example.com;{spring};email
2026-03-02T08:01:00Z;delivered;cy@example.com;{spring};email
2026-03-02T09:00:00Z;opened;ann@example.com;{spring};email
2026-03-03T09:00:00Z;opened;ann@example.com;{spring};email
2026-03-02T10:00:00Z;opened;bob@example.com;{spring};email
2026-03-02T09:05:00Z;clicked;ann@example.com;{spring};email
2026-09-01T08:00:00Z;sent;ann@example.com;{autumn};email
2026-09-01T08:00:00Z;sent;bob@example.com;{autumn};push
not a time;sent;ann@example.com;{spring};email
"""


COLUMNS = {
    "Moment": "occurred_at", "Was": "kind", "Wer": "recipient", "Sendung": "campaign",
    "Schild": "tags", "Weg": "channel",
}  # fmt: skip


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def add_source(page: Page, name: str) -> None:
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("link", name="Add a source").first.click()
    page.get_by_role("link", name="Mailchimp", exact=True).click()
    page.get_by_label("What to call it").fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def import_odd_table(page: Page, folder: Path, label: str) -> None:
    file = folder / "odd.csv"
    file.write_text(odd_table(label), "utf-8")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How the file is read")
    for column, target in COLUMNS.items():
        page.get_by_label(column, exact=True).select_option(target)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("link", name="Go to the source")).to_be_visible()
    assert {"Rows that are new": "12", "Rows already there": "0", "Rows rejected": "1"}.items() <= facts(
        page
    ).items()


def facts(page: Page) -> dict[str, str]:
    pairs = page.locator(".facts > div").all()
    return {pair.locator("dt").inner_text(): pair.locator("dd").inner_text() for pair in pairs}


def read_rejects(page: Page) -> None:
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rejected rows")
    expect(page.get_by_role("cell", name="not a time").last).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    assert lines[0] == "at,row,reason,raw"
    assert len(lines) == 2
    assert "not a time" in lines[1]


def build_report(page: Page, label: str, *, script: bool) -> None:
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="New report").first.click()
    page.get_by_role("link", name="Engagement report", exact=True).click()
    page.get_by_label("What to call it").fill(f"Spring {label}")
    expect(group(page, "Push")).to_be_visible()
    tag = group(page, "Tags").get_by_label(f"spring {label}")
    tag.check()
    if not script:
        page.get_by_role("button", name="Update the choices").click()
    expect(group(page, "Push")).to_have_count(0)  # only the statistics of e-mail are left
    if script:
        expect(tag).to_be_focused()
    expect(page.get_by_label("What to call it")).to_have_value(f"Spring {label}")
    expect(tag).to_be_checked()
    for statistic in ("Sends", "Opens", "Unique opens", "Clicks"):
        group(page, "E-mail").get_by_label(statistic, exact=True).check()
    page.get_by_label("Unit").select_option("none")
    page.get_by_label("From … to …").check()
    page.get_by_label("From", exact=True).fill("2026-03-01")
    page.get_by_label("To, included").fill("2026-03-31")
    page.get_by_role("button", name="Save and run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Spring {label}")
    expect(page.locator(".report")).to_be_visible(timeout=PATIENCE * 1_000)


def read_report(page: Page) -> None:
    tiles = {
        tile.locator("dt").inner_text(): tile.locator(".kpi-value").inner_text()
        for tile in page.locator(".kpi").all()
    }
    assert tiles == {"Sends": "3", "Opens": "3", "Unique opens": "2", "Clicks": "1"}


def download_csv(page: Page) -> dict[str, str]:
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


both = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


@pytest.mark.requirement("BZ-07", "BZ-12", "BZ-13")
@both
def test_from_signing_in_to_the_downloaded_file(
    visitor: Visitor, server: Served, tmp_path: Path, script: bool
) -> None:
    label = "scripted" if script else "plain"
    server.add_source("mailchimp", f"Quiet {label}")  # of several sources every row names its own
    page = visitor.comes(script=script)
    visitor.signs_in(page)
    add_source(page, f"Odd tables {label}")
    source = page.url.rpartition("/")[2]
    import_odd_table(page, tmp_path, label)
    read_rejects(page)
    build_report(page, label, script=script)
    read_report(page)
    assert download_csv(page) == {"campaigns.csv": expected_file(label, source)}


def expected_file(label: str, source: str) -> str:
    """Counted by hand from the table above."""
    head = (
        "First day,Last day,Source id,Source,Campaign,Campaign name,Cut short by the period,Still running"
        ",As reported,Sends,Opens,Unique opens,Clicks"
    )
    letter = f"Spring letter {label}"
    row = f"2026-03-01,2026-03-31,{source},Odd tables {label},{letter},{letter},false,false,false,3,3,2,1"
    return f"{head}\r\n{row}\r\n"


@pytest.mark.requirement("AD-04")
@both
def test_the_head_of_a_column_sorts_the_list_of_campaigns(
    visitor: Visitor, server: Served, tmp_path: Path, script: bool
) -> None:
    page = visitor.comes(script=script)
    server.add_source("mailchimp", name := f"Sorted {script}")
    rows = [f"2026-05-0{day}T08:00:00Z,delivered,{who}@example.com,{campaign},{name}"
            for day, campaign, readers in ((1, "Alpha", "a"), (2, "Beta", "abc"), (3, "Gamma", "ab"))
            for who in readers]  # fmt: skip
    (tmp_path / "sorted.csv").write_text("\n".join(["occurred_at,kind,recipient,campaign,tags", *rows]))
    server.command("import", str(tmp_path / "sorted.csv"), "--source", name)
    visitor.signs_in(page)
    page.goto("/reports/new/email.campaign")
    page.get_by_label("What to call it").fill(name)
    group(page, "Tags").get_by_label(name).check()
    page.get_by_role("button", name="Save and run").click()
    head = page.get_by_role("columnheader", name="Delivered")
    expect(head).to_be_visible(timeout=PATIENCE * 1_000)
    assert head.get_attribute("aria-sort") is None
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert listed(page) == ["Beta", "Gamma", "Alpha"]
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert listed(page) == ["Alpha", "Gamma", "Beta"]
    if script:
        expect(head.get_by_role("link")).to_be_focused()
    page.reload()
    assert listed(page) == ["Alpha", "Gamma", "Beta"]


def listed(page: Page) -> list[str]:
    table = page.get_by_role("table", name="Campaigns")
    place = table.get_by_role("columnheader").all_inner_texts().index("Campaign name")
    return [row.locator("th, td").nth(place).inner_text() for row in table.locator("tbody tr").all()]
