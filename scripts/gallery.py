"""Takes the pictures of docs/gallery/ from the sample data: every page, a PDF, a deck and an e-mail.

``make gallery`` starts a demo of its own, looks at it in Chromium in both
languages, renders the files with the server's own formats, and writes the pages
of the gallery. Needs chromium, pdftoppm and LibreOffice (for the deck).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
DESK, PHONE = (1280, 860), (390, 844)
TALLEST = 2200
"""Pixels of a page that are shown; longer ones are cut."""
COLOURS = 128
PAGES = 6
"""Of a PDF and of a deck."""
LANGUAGES = ("en", "fr")
HEATMAP = ".chart-block:has(svg[data-chart=heatmap])"
PICTURED = {"email.campaign", "email.engagement", "whatsapp.summary"}
"""The kinds of report that are shown built; of every other kind its builder is shown."""
TITLES = {
    "sign-in": "Signing in",
    "reports": "Reports",
    "kinds": "What can be reported",
    "builder": "The builder with its preview",
    "report": "A saved report",
    "review": "The review before a run",
    "run": "A report: one campaign",
    "run-dark": "The same in the dark",
    "run-phone": "The same on a phone",
    "list": "A report: all campaigns",
    "engagement": "A report: engagement over time",
    "inbox": "A report: the inbox in summary",
    "heatmap": "A heat map: messages by weekday and hour",
    "heatmap-phone": "The same heat map on a phone",
    "rows": "The rows behind a figure",
    "files": "Files with options",
    "send": "Sending a report",
    "outbox": "The outbox of a server without a mail server",
    "mail": "An e-mail in the outbox",
    "runs": "History",
    "sources": "Sources",
    "source-kinds": "Kinds of sources",
    "source-new": "A new source",
    "source": "A source",
    "rejects": "Rows that could not be read",
    "import": "Importing a file",
    "people": "People",
    "person": "A person",
    "tokens": "Tokens for programs",
    "workspace": "The workspace and its brand",
    "account": "One's own account",
    "missing": "An address that leads nowhere",
    "e-mail": "The e-mail itself",
    "e-mail-phone": "The e-mail on a phone",
}


@dataclass(frozen=True)
class Demo:
    """A server full of sample data, and how to get in."""

    url: str
    email: str
    password: str
    token: str

    def asks(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer to a GraphQL query."""
        answer = httpx2.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {self.token}"},
            timeout=120,
        ).json()
        if answer.get("errors"):
            raise SystemExit(f"{query}: {answer['errors'][0]['message']}")
        return answer["data"]

    def builds(self, report: dict[str, Any]) -> str:
        """A run of the report, once it is over; its id."""
        query = "mutation ($r: ReportInput!) { buildReport(report: $r) { id } }"
        ident = self.asks(query, r=report)["buildReport"]["id"]
        self.waits(ident)
        return ident

    def waits(self, ident: str) -> None:
        """Until the run is over."""
        while self.asks("query ($i: ID!) { run(id: $i) { state } }", i=ident)["run"]["state"] in (
            "WAITING",
            "RUNNING",
        ):
            pass

    def file(self, ident: str, file_format: str, language: str) -> bytes:
        """The run as a file in a language."""
        answer = httpx2.get(
            f"{self.url}/runs/{ident}/files/{file_format}",
            headers={"authorization": f"Bearer {self.token}"},
            cookies={"bilan_language": language},
            follow_redirects=True,
            timeout=120,
        )
        answer.raise_for_status()
        return answer.content


@contextmanager
def demo(folder: Path) -> Generator[Demo]:
    """The demo, for as long as the block runs."""
    # Held without listening, so that nobody else gets the port before the demo listens there.
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = holder.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BILAN_")}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("bilan"), "demo", "--port", str(port)],
        env={**kept, "BILAN_DATA_DIR": str(folder / "data"), "BILAN_LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Token:"):
                break
        entry = msgspec.json.decode((folder / "data" / "demo.json").read_bytes())
        yield Demo(f"http://127.0.0.1:{port}", entry["email"], entry["password"], entry["token"])
    finally:
        process.terminate()
        process.wait(60)
        holder.close()


@dataclass
class Studio:
    """Takes the pictures of one language."""

    browser: Browser
    demo: Demo
    language: str
    folder: Path

    def page(self, size: tuple[int, int] = DESK, scheme: Any = "light", *, inside: bool = True) -> Page:
        """A fresh window, signed in unless it is to sign in itself."""
        context = self.browser.new_context(
            base_url=self.demo.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale=self.language,
            reduced_motion="reduce",
        )
        url = urlsplit(self.demo.url)
        context.add_cookies(
            [{"name": "bilan_language", "value": self.language, "domain": url.hostname or "", "path": "/"}]
        )
        page = context.new_page()
        if inside:
            page.goto("/sign-in")
            page.locator("input[type=email]").fill(self.demo.email)
            page.locator("input[type=password]").fill(self.demo.password)
            page.keyboard.press("Enter")
            page.wait_for_url("**/reports")
        return page

    def takes(self, page: Page, name: str, path: str | None = None) -> None:
        """The picture of a page, cut where it gets too long."""
        if path is not None:
            page.goto(path)
        page.wait_for_load_state("networkidle")
        size = page.viewport_size or {"width": DESK[0], "height": DESK[1]}
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        full = max(size["height"], min(height, TALLEST))
        page.set_viewport_size({"width": size["width"], "height": full})
        raw = self.folder / f"{name}.raw.png"
        page.screenshot(path=raw)
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        smaller(raw, self.folder / f"{name}.png")

    def takes_part(self, page: Page, name: str, path: str, part: str) -> None:
        """The picture of one part of a page."""
        page.goto(path)
        page.wait_for_load_state("networkidle")
        raw = self.folder / f"{name}.raw.png"
        page.locator(part).first.screenshot(path=raw)
        smaller(raw, self.folder / f"{name}.png")


def smaller(raw: Path, out: Path) -> None:
    """The picture with as few colours as it takes to look the same."""
    with Image.open(raw) as image:
        reduced = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        reduced.save(out, optimize=True)
    raw.unlink()


def first(page: Page, pattern: str) -> str:
    """The address of the first link whose address holds this."""
    return str(page.locator(f"main a[href*='{pattern}']").first.get_attribute("href"))


def other_kinds(demo: Demo) -> dict[str, str]:
    """The kinds of report whose builder has no picture chosen by hand, by the name of theirs."""
    kinds = (one["key"] for one in demo.asks("{ reportKinds { key } }")["reportKinds"])
    return {f"kind-{key}": key for key in kinds if key not in PICTURED}


def pages(studio: Studio, runs: dict[str, str]) -> None:
    """Every page of the interface."""
    stranger = studio.page(inside=False)
    studio.takes(stranger, "sign-in", "/sign-in")
    stranger.context.close()
    page = studio.page()
    studio.takes(page, "reports", "/reports")
    report = str(page.locator("main .card h2 a").first.get_attribute("href"))
    studio.takes(page, "kinds", "/reports/new")
    page.goto("/reports/new/email.engagement")
    page.locator("#preview .kpis, .preview .kpis").first.wait_for(timeout=60_000)
    studio.takes(page, "builder")
    for name, kind in other_kinds(studio.demo).items():
        studio.takes(page, name, f"/reports/new/{kind}")
    studio.takes(page, "report", report)
    studio.takes(page, "review", f"{report}/review")
    studio.takes(page, "run", f"/runs/{runs['campaign']}")
    figure = first(page, "/rows?figure")
    studio.takes(page, "rows", figure)
    studio.takes(page, "list", f"/runs/{runs['list']}")
    studio.takes(page, "engagement", f"/runs/{runs['engagement']}")
    studio.takes(page, "inbox", f"/runs/{runs['inbox']}")
    studio.takes_part(page, "heatmap", f"/runs/{runs['inbox']}", HEATMAP)
    studio.takes(page, "files", f"/runs/{runs['campaign']}/files")
    studio.takes(page, "send", f"/runs/{runs['campaign']}/send")
    studio.takes(page, "outbox", "/outbox")
    mail = first(page, "/outbox/")
    studio.takes(page, "mail", mail)
    studio.takes(page, "runs", "/runs")
    studio.takes(page, "sources", "/sources")
    source = str(page.locator("main a[href^='/sources/']:not([href$='/new'])").first.get_attribute("href"))
    studio.takes(page, "source-kinds", "/sources/new")
    studio.takes(page, "source-new", "/sources/new/email/sendgrid")
    studio.takes(page, "source", source)
    studio.takes(page, "rejects", f"{source}/rejects")
    studio.takes(page, "import", f"{source}/import")
    studio.takes(page, "people", "/people")
    studio.takes(page, "person", first(page, "/people/"))
    for name in ("tokens", "workspace", "account"):
        studio.takes(page, name, f"/{name}")
    studio.takes(page, "missing", "/nowhere")
    page.context.close()
    for name, size, scheme in (("run-dark", DESK, "dark"), ("run-phone", PHONE, "light")):
        page = studio.page(size, scheme)
        studio.takes(page, name, f"/runs/{runs['campaign']}")
        if size == PHONE:
            studio.takes_part(page, "heatmap-phone", f"/runs/{runs['inbox']}", HEATMAP)
        page.context.close()


def e_mail(studio: Studio) -> None:
    """The newest e-mail of the outbox, as a mail program shows it."""
    for name, size in (("e-mail", (680, 900)), ("e-mail-phone", PHONE)):
        page = studio.page(size)
        page.goto("/outbox")
        studio.takes(page, name, first(page, "/outbox/") + "/html")
        page.context.close()


def files(studio: Studio, run: str) -> None:
    """The first pages of the PDF and the first slides of the deck."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.pdf").write_bytes(studio.demo.file(run, "pdf", studio.language))
        (folder / "deck.pptx").write_bytes(studio.demo.file(run, "pptx", studio.language))
        office = shutil.which("soffice")
        if office:
            home = f"-env:UserInstallation=file://{folder}/office"
            subprocess.run(
                [office, home, "--headless", "--convert-to", "pdf", "--outdir", folder, folder / "deck.pptx"],
                check=True, capture_output=True,
            )  # fmt: skip
        for kind, file in (("pdf", "report.pdf"), ("slide", "deck.pdf")):
            if (folder / file).exists():
                subprocess.run(
                    ["pdftoppm", "-png", "-r", "72", "-l", str(PAGES), folder / file, folder / kind],
                    check=True,
                )
            for number, raw in enumerate(sorted(folder.glob(f"{kind}-*.png")), 1):
                smaller(raw, studio.folder / f"{kind}-{number}.png")


def index(language: str) -> str:
    """The gallery's page of one language."""
    lines = [f"# Gallery ({language})", "", "Made by `make gallery` from the sample data.", ""]
    for name, title in TITLES.items():
        if (GALLERY / language / f"{name}.png").exists():
            lines += [f"## {title}", "", f"![{title}]({language}/{name}.png)", ""]
    for picture in sorted((GALLERY / language).glob("kind-*.png")):
        kind = picture.stem.removeprefix("kind-")
        lines += [f"## The builder of {kind}", "", f"![{kind}]({language}/{picture.name})", ""]
    for kind, title in (("pdf", "A PDF"), ("slide", "A deck")):
        lines += [f"## {title}", ""]
        for picture in sorted((GALLERY / language).glob(f"{kind}-*.png")):
            lines += [f"![{title}, {picture.stem}]({language}/{picture.name})", ""]
    return "\n".join(lines).rstrip() + "\n"


def most_sent(demo: Demo) -> str:
    """The campaign of the last 90 days that reached the most people."""
    query = "{ email { events(period: {preset: LAST_90_DAYS}, by: [CAMPAIGN]) { rows { campaign sends } } } }"
    rows = demo.asks(query)["email"]["events"]["rows"]
    return str(max(rows, key=lambda row: row["sends"] if row["campaign"] else 0)["campaign"])


def reports(demo: Demo, language: str) -> dict[str, str]:
    """The runs that are shown, by name; one of them is sent."""
    last = {"period": {"preset": "LAST_90_DAYS"}, "compare": "previous_period"}
    listing = demo.builds({"emailCampaign": {"show": "counts", **last}})
    alone = {**last, "compare": "none"}
    campaign = demo.builds({"emailCampaign": {"campaign": most_sent(demo), **alone}})
    engagement = demo.builds({"emailEngagement": {"channels": ["email"], "rates": True, **last}})
    inbox = demo.builds(
        {"whatsappSummary": {"period": {"preset": "LAST_30_DAYS"}, "compare": "previous_period"}}
    )
    sending = {
        "to": [demo.email],
        "key": f"gallery-{language}",
        "language": language,
        "formats": ["pdf", "csv"],
    }
    demo.asks(
        "mutation ($r: ID!, $s: SendingInput!) { sendRun(run: $r, sending: $s) { id } }",
        r=campaign,
        s=sending,
    )
    demo.waits(campaign)
    return {"list": listing, "campaign": campaign, "engagement": engagement, "inbox": inbox}


def main() -> None:
    """Take all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demo(Path(folder)) as shown,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for language in LANGUAGES:
            out = GALLERY / language
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            studio = Studio(browser, shown, language, out)
            runs = reports(shown, language)
            pages(studio, runs)
            e_mail(studio)
            files(studio, runs["campaign"])
            (GALLERY / f"{language}.md").write_text(index(language))
        browser.close()


if __name__ == "__main__":
    main()
