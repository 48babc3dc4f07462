"""Addresses of posts that are none, or bait: they are read, exported as text, and no format leads to them."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from bilan.testing.harness import PluginHarness
from support.document_blocks import csv_files
from support.social import read_text

LONG = f"https://example.org/{'a' * 5_000}"
ADDRESSES = {
    "javascript:alert(document.cookie)": None,
    "JAVASCRIPT://example.org/%0aalert(1)": None,
    "data:text/html,<script>alert(1)</script>": None,
    "http://[": None,
    "http://[::1]:99999/": None,
    "https://example.org:port/": None,
    "https://good.example@evil.example/": None,
    LONG: None,
    "=HYPERLINK(1)": None,
    "https://example.org/with spaces/<and>\"quotes\"": "https://example.org/with%20spaces/%3Cand%3E%22quotes%22",
    "https://example.org/fine?a=1&b=2": "https://example.org/fine?a=1&b=2",
}  # fmt: skip
"""Where a post's address leads; nowhere, for most."""


def export() -> str:
    """A table of posts, each with one of the addresses."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(
        ["Date", "Network", "Profile", "Post ID", "Type", "Content", "Permalink", "Impressions", "Likes"]
    )
    for number, address in enumerate(ADDRESSES):
        at = f"2026-02-{number + 1:02} 09:30"
        lines.writerow([at, "X", "Acme", number, "Photo", f"Post {number}", address, 100 - number, 1])
    return out.getvalue()


def places_in(content: bytes, file_format: str) -> set[str]:
    """Where a file leads to outside of it, as it is written there."""
    if file_format == "html":
        return set(re.findall(r'href="([^"#][^"]*)"', content.decode()))
    if file_format == "pdf":
        notes = [
            one.get_object()
            for page in PdfReader(io.BytesIO(content)).pages
            for one in page.get("/Annots", [])
        ]
        return {html.escape(one["/A"]["/URI"]) for one in notes if "/URI" in one.get("/A", {})}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = [package.read(name).decode() for name in package.namelist() if name.endswith(".rels")]
    external = re.compile(r'<Relationship [^>]*TargetMode="External"[^>]*>')
    return {re.findall(r'Target="([^"]*)"', one)[0] for part in parts for one in external.findall(part)}


@pytest.mark.requirement("DC-22")
def test_no_address_breaks_a_report_or_leads_anywhere_but_to_the_web(
    bilan_harness: PluginHarness, tmp_path: Path
) -> None:
    found = read_text(tmp_path, export())
    assert [row["url"] for row in found.rows] == list(ADDRESSES)
    assert bilan_harness.load(found.facts) == []

    document = bilan_harness.build("social.content", {"period": "2026-02-01..2026-02-28", "top": 12})

    files = {one: bilan_harness.render(document, one) for one in bilan_harness.registry.renderers}
    assert set(files) == {"html", "pdf", "pptx", "csv", "xlsx"}
    lead = {html.escape(address) for address in ADDRESSES.values() if address}
    found_in = {one: places_in(files[one], one) for one in ("html", "pdf", "pptx", "xlsx")}
    assert found_in == {"html": lead, "pdf": lead, "pptx": lead, "xlsx": set()}
    lines = csv.DictReader(csv_files(bilan_harness, document)["content_performance.csv"])
    shown = {line["Address"].removeprefix("'") for line in lines}
    assert shown == set(ADDRESSES)
