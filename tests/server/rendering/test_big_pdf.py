"""Large files: rendered in a process of their own, under a ceiling, given up when nobody wants them."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from bilan.rendering.pdf import renderer as module
from bilan.rendering.pdf.options import CELLS, wishes
from bilan.rendering.pdf.payload import Payload
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.tables import rows_within
from bilan.rendering.typesetting import LIMITS, Limits, TypesetSource, Undrawable, typeset_apart
from bilan.rendering.typesetting.limits import MEMORY
from bilan.sdk.document import Document, Section, Table, TableColumn
from bilan.sdk.errors import Cancelled, Invalid
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, line_chart, report

pytestmark = pytest.mark.integration


def large(sections: int, rows: int, columns: int = 4) -> Document:
    heads = tuple(
        TableColumn(key=f"c{n}", label=f"Figure {n}", unit=Unit.COUNT if n else Unit.TEXT)
        for n in range(columns)
    )
    body: list[Any] = [[f"Campaign {n}", *range(n, n + columns - 1)] for n in range(rows)]
    parts = (
        Section(
            key=f"s{place}", title=f"Part {place}",
            blocks=(line_chart(), Table(key="t", title="T", file="t", columns=heads, rows=list(body))),
        )
        for place in range(sections)
    )  # fmt: skip
    return report(blocks=tuple(parts))


@pytest.fixture
def limits() -> Iterator[None]:
    token = LIMITS.set(LIMITS.get())
    yield
    LIMITS.reset(token)


def rendered(document: Document, context: RenderContext) -> bytes:
    out = io.BytesIO()
    PDF.render(document, context, rows_within, out)
    return out.getvalue()


@dataclass
class Watch:
    """Looks at the process that renders for this one, as long as it does."""

    peak: int = 0
    """The most memory it held at once, in bytes, as the system counts it."""

    def __call__(self) -> bool:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"bilan.rendering.typesetting" in (process / "cmdline").read_bytes():
                    lines = (process / "status").read_text().splitlines()
                    known = dict(line.split(":", 1) for line in lines)
                    if int(known["PPid"]) == os.getpid():
                        self.peak = max(self.peak, int(known["VmHWM"].split()[0]) * 1024)
        return False


@pytest.mark.slow
@pytest.mark.requirement("GO-10")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc: memory is read on Linux alone")
def test_two_hundred_pages_are_rendered_under_the_ceiling(contexts: Contexts, limits: None) -> None:
    watch = Watch()
    LIMITS.set(Limits(cancelled=watch))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = rendered(large(5, 2000), contexts(table_rows=2000))
    assert len(PdfReader(io.BytesIO(data)).pages) >= 200
    assert 100 * 1024**2 < watch.peak < MEMORY
    # What is rendered elsewhere costs this process no more than the data and the file.
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 200 * 1024**2


@pytest.mark.requirement("GO-10")
def test_more_memory_than_is_allowed_is_a_sentence(contexts: Contexts, limits: None) -> None:
    LIMITS.set(Limits(150 * 1024**2))
    with pytest.raises(Invalid, match="takes more than the 150 MB of memory that are allowed"):
        rendered(large(2, 2000, 6), contexts(table_rows=2000))


def test_a_file_that_nobody_wants_any_more_is_given_up(contexts: Contexts, limits: None) -> None:
    LIMITS.set(Limits(cancelled=lambda: True))
    began = time.monotonic()
    with pytest.raises(Cancelled):
        rendered(large(2, 2000, 6), contexts(table_rows=2000))
    assert time.monotonic() - began < 5


def test_a_file_of_its_own_process_has_the_same_bytes(
    contexts: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = rendered(report(), contexts("fr"))
    monkeypatch.setattr(module, "BIG", 0)
    assert rendered(report(), contexts("fr")) == here


def test_what_cannot_be_set_is_told_from_the_other_process() -> None:
    inputs = {"text": "a \ue000 b", "families": "Noto Sans"}
    setting = TypesetSource("typesetting/glyphs.typ", inputs, ("ua-1", "a-2a"))
    with pytest.raises(Undrawable) as raised:
        typeset_apart(setting)
    assert raised.value.text == "\ue000"
    with pytest.raises(RuntimeError, match="families"):
        typeset_apart(replace(setting, inputs={"text": ""}))


def test_wide_tables_show_fewer_rows_unless_a_number_is_asked_for(contexts: Contexts) -> None:
    document = large(2, 2000, 40)

    def rows(context: RenderContext) -> set[int]:
        payload = Payload(document, context, rows_within, wishes(document, context))
        items = [item for run in payload.data["runs"] for item in run["items"] if item["type"] == "table"]
        return {len(band["rows"]) for item in items[:2] for band in item["bands"]}

    assert rows(contexts()) == {CELLS // 80}
    assert rows(contexts(table_rows=900)) == {900}
