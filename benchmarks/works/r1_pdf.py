"""R1: a PDF of three charts and a fifty-row table, by us, and by a cold Chromium that prints our HTML.

In turn, round by round, so that whatever else the machine does falls on both.
Chromium starts anew each time with an empty profile, as a server that has
none running would start it. Our first file pays for loading Typst and looking
for fonts; it is shown, and the median counts the others. Figures differ from
round to round: Typst would remember a document that it has set before.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, compared, in_turn
from bilan.i18n import LocaleFormatter, Translator
from bilan.rendering.html_format import HTML
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Chart, ChartKind, Document, Section, Series, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext, Renderer
from bilan.sdk.units import Unit

_ = messages("bilan")[0]

CHARTS, ROWS, DAYS = 3, 50, 30
KEYS = ("R1",)


def document(seed: int) -> Document:
    """Three charts of thirty days and a table of fifty rows with eight columns."""
    days = [f"2026-06-{day:02}" for day in range(1, DAYS + 1)]
    charts = (
        Chart(
            key=f"chart{number}",
            kind=ChartKind.LINE,
            title=f"Chart {number}",
            description=_("Figures by day."),
            categories=days,
            category_unit=Unit.DATE,
            series=tuple(
                Series(
                    f"s{line}",
                    f"Series {line}",
                    [100 + (day * 37 * (line + number) + seed * 11) % 90 for day in range(DAYS)],
                )
                for line in range(3)
            ),
        )
        for number in range(1, CHARTS + 1)
    )
    columns = (
        TableColumn(key="campaign", label="Campaign"),
        *(TableColumn(key=f"c{number}", label=f"Figure {number}", unit=Unit.COUNT) for number in range(7)),
    )
    rows: list[Any] = [
        [f"Campaign {row}", *(row * 97 + figure * 13 + seed for figure in range(7))] for row in range(ROWS)
    ]
    return Document(
        kind="bench.report",
        title="Three charts and a table",
        as_of="2026-07-01T06:00:00+00:00",
        zone="Europe/Paris",
        period=("2026-06-01", "2026-06-30"),
        blocks=(
            Section("charts", "Charts", tuple(charts)),
            Table(key="campaigns", title="Campaigns", columns=columns, rows=rows),
        ),
    )


def measure(bench: Bench) -> Iterator[Finding]:
    """In turn with a Chromium that starts for each file."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        yield Finding("R1", None, remark="no Chromium to compare with: apt-get install chromium")
        return
    context = RenderContext(LocaleFormatter(Translator.of(), "en", "Europe/Paris"), "Bench", {})
    page = bench.folder / "report.html"
    began = time.perf_counter()
    rendered(PDF, context, -1000)
    first = time.perf_counter() - began

    def reference(number: int) -> None:
        print_by_chromium(chromium, page, bench.folder / f"profile{number}")

    def product(number: int) -> None:
        rendered(PDF, context, number)

    page.write_bytes(rendered(HTML, context, 0))
    taken = in_turn({"product": product, "reference": reference}, bench.rounds, warm=1)
    yield compared("R1", taken, remark=f"the first {first:.2g} s")


def rendered(renderer: Renderer, context: RenderContext, seed: int) -> bytes:
    """The document in a format."""
    out = io.BytesIO()
    renderer.render(document(seed), context, rows_within, out)
    return out.getvalue()


def print_by_chromium(chromium: str, page: Path, profile: Path) -> None:
    """The page as a PDF, by a browser that starts for it."""
    made = page.with_suffix(".pdf")
    made.unlink(missing_ok=True)
    arguments = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    subprocess.run(
        [chromium, *arguments, f"--user-data-dir={profile}", f"--print-to-pdf={made}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert made.stat().st_size > 10_000
