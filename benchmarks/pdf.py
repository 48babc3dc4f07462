"""A PDF of three charts and a fifty-row table: drawn by us, and printed by a cold Chromium from our HTML.

In turn, round by round, so that whatever else the machine does falls on both.
Chromium starts anew each time with an empty profile, as a server that has
none running would start it. Our first file pays for loading Typst and looking
for fonts; it is shown, and the median counts the others. Figures differ from
round to round: Typst would remember a document that it has set before.
"""

from __future__ import annotations

import io
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
AT_MOST = 1 / 3


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


def main(folder: Path, rounds: int) -> None:
    """Measure and print; raises where we take more than a third of Chromium's time."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium to compare the PDF with: apt-get install chromium")
        return
    context = RenderContext(LocaleFormatter(Translator.of(), "en", "Europe/Paris"), "Bench", {})
    page = folder / "report.html"
    first = timed(lambda: drawn(PDF, context, rounds))
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        profile = folder / f"profile{number}"
        page.write_bytes(drawn(HTML, context, number))
        theirs.append(timed(lambda: print_by_chromium(chromium, page, profile)))  # noqa: B023 - called at once
        ours.append(timed(lambda: drawn(PDF, context, number)))  # noqa: B023
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    middle, other = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    print(f"PDF, {CHARTS} charts and {ROWS} rows: Bilan {middle:.0f} ms (the first {first * 1000:.0f} ms),"
          f" a cold Chromium {other:.0f} ms: {ratio:.3f} of its time")  # fmt: skip
    assert ratio <= AT_MOST, f"a PDF takes {ratio:.2f} of the time of a cold Chromium, more than a third"


def drawn(renderer: Renderer, context: RenderContext, seed: int) -> bytes:
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


def timed(way: Callable[[], object]) -> float:
    """How long it took, in seconds."""
    began = time.perf_counter()
    way()
    return time.perf_counter() - began
