"""The file of a deck: the same bytes for the same document, nothing foreign in it, opened elsewhere."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from bilan.rendering.archives import EPOCH
from bilan.sdk.document import decode, encode
from fixtures.documents import Contexts, report
from support.decks import rendered
from support.slides import read


@pytest.mark.requirement("GO-03", "AP-16")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_same_document_gives_the_same_bytes_whatever_the_clock_says(
    contexts: Contexts, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rendered(report(), contexts(language))
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert rendered(decode(encode(report())), contexts(language)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {one.date_time for one in archive.infolist()} == {EPOCH}
        core = archive.read("docProps/core.xml").decode()
        workbook = next(name for name in archive.namelist() if name.endswith(".xlsx"))
        with zipfile.ZipFile(io.BytesIO(archive.read(workbook))) as inner:
            assert {one.date_time for one in inner.infolist()} == {EPOCH}
            core += inner.read("docProps/core.xml").decode()
    assert core.count("2026-08-01T06:00:00Z") == 4
    assert "E-mail performance &lt;July&gt;" in core


def test_the_file_holds_nothing_of_the_template_it_was_made_from(contexts: Contexts) -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(report(), contexts()))) as archive:
        names = archive.namelist()
    assert not [name for name in names if "thumbnail" in name or "printerSettings" in name]
    assert len([name for name in names if name.startswith("ppt/slideLayouts/slideLayout")]) == 3


@pytest.mark.slow
@pytest.mark.requirement("AP-16", "GO-09")
def test_libreoffice_opens_it_and_finds_as_many_slides(
    libreoffice: str, contexts: Contexts, tmp_path: Path
) -> None:
    data = rendered(report(), contexts())
    (tmp_path / "deck.pptx").write_bytes(data)
    subprocess.run(
        [
            libreoffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
            "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "deck.pptx"),
        ],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    said = subprocess.run(
        ["pdfinfo", str(tmp_path / "deck.pdf")], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    assert f"Pages: {len(read(data))}" in " ".join(said.split())
    words = subprocess.run(
        ["pdftotext", str(tmp_path / "deck.pdf"), "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    for shown in (
        "E-mail performance <July>",
        "16,530",
        "up from 15,000",
        "Opens and clicks by day",
        "42.3%",
    ):
        assert shown in words
