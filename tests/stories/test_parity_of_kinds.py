"""Whatever plugins report, strangers' too: every file and page says what GraphQL says, in all blocks."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from msgspec.structs import replace

from bilan.i18n import LocaleFormatter, Translator
from bilan.registry.declared import Declared
from bilan.registry.gather import load
from bilan.rendering.csv_format import CSV
from bilan.rendering.html_format import HTML
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.plugin import RENDERING
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.xlsx_format import XLSX
from bilan.reports.parts import rows_of
from bilan.sdk.document import (
    NO_VALUE,
    Block,
    Chart,
    ChartKind,
    Custom,
    Document,
    Gallery,
    Kpi,
    Kpis,
    Section,
    Series,
    Table,
    TableColumn,
)
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from bilan.testing.harness import PluginHarness, open_harness
from bilan.testing.report_rules import documents
from bilan.testing.source_rules import ROWS
from fixtures.documents import report
from fixtures.galleries import ROLES, posts
from support.alike.seen import rendered
from support.everywhere import WITH_HEADLINES, Reader, rendered_alike
from support.pdf import Pdf
from support.rendered import Page, blocks
from support.slides import read as read_slides

_ = messages("bilan")[0]

STRANGER = Path(__file__).parents[1] / "outsider" / "bilan-parcels"
PLUGINS = sorted({one.plugin.name for one in load().declared if one.reports} | {"parcels"})
READERS = (
    Reader("en", "UTC", "zip", "comma", printed=True),
    Reader("fr", "Asia/Kathmandu", "none", "semicolon", printed=True),
)
TYPES = {
    "DocumentNotice", "DocumentKpis", "DocumentSection", "DocumentChart", "DocumentTable", "DocumentText",
    "DocumentCustom", "DocumentGallery",
}  # fmt: skip
FORMATS = {"html": HTML, "pdf": PDF, "pptx": PPTX, "csv": CSV, "xlsx": XLSX}
"""What every report is rendered in and compared by."""
LANES = {"Paris – Lyon": 31.5, "<Oslo> – Bergen": 1208.25}


@pytest.fixture
def empty(
    monkeypatch: pytest.MonkeyPatch, bilan_warehouse_folder: Path, tmp_path: Path
) -> Generator[PluginHarness]:
    """A workspace without facts, with all that is installed and a stranger's plugin beside it."""
    monkeypatch.syspath_prepend(str(STRANGER))
    registry = load([("rendering", RENDERING), ("parcels", importlib.import_module("bilan_parcels").PLUGIN)])
    with open_harness(registry, bilan_warehouse_folder, tmp_path) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.requirement("BZ-34", "DC-22", "GO-13", "GO-14")
@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_kind_of_report_can_be_had_in_every_format_and_says_the_same_everywhere(
    empty: PluginHarness, plugin: str
) -> None:
    empty.load_samples(plugin, limit=ROWS)
    (declared,) = (one for one in empty.registry.declared if one.plugin.name == plugin)

    assert FORMATS.items() <= empty.registry.renderers.items()
    # Of each kind the one with all facts: with its defaults alone the same blocks hold fewer of them.
    whole = {kind.key: (kind, made) for kind, made in documents(empty, declared)}
    found = [*whole.values(), *examples(empty, declared)]
    assert {kind.key for kind, _made in found} == {kind.key for kind in declared.reports}
    # Readers take turns: each kind of block is read by both below, and each language writes every unit.
    for number, (kind, made) in enumerate(found):
        assert isinstance(made, Document), (kind.key, made)
        rendered_alike(empty, made, READERS[number % len(READERS)])


def examples(room: PluginHarness, declared: Declared) -> Generator[tuple[Any, Document]]:
    """The reports that the plugin's kinds can start from, one of those that fill in the same parameters."""
    filled = set[frozenset[str]]()
    for kind in declared.reports:
        for example in kind.examples:
            if (names := frozenset(example.values)) not in filled:
                filled.add(names)
                yield kind, room.build(kind.key, example.values)


# ---- every kind of block ------------------------------------------------------------------------


def every_block() -> Document:
    """A block of each kind, with a finding wherever there can be one."""
    lanes = Table(
        key="lanes",
        title=_("Lanes"),
        file="lanes",
        columns=(
            TableColumn(key="lane", label=_("Lane")),
            TableColumn(key="hours", label=_("Hours"), unit=Unit.NUMBER),
        ),
        rows=[[lane, hours] for lane, hours in LANES.items()],
    )
    own = Custom(kind="own.lanes", key="lanes", data=LANES, table=lanes)
    rated = Series("rated", _("Rated"), [3, 0, 12])
    means = Chart(
        key="ratings", kind=ChartKind.LINE, title=_("Mean rating"), description=_("It rises."),
        categories=["", "vip", "late"], names={"": NO_VALUE}, unit=Unit.NUMBER,
        series=(Series("rating", _("Mean rating"), [4.5, None, 4.75]),), beside=(rated,),
    )  # fmt: skip
    week = Chart(
        key="week", kind=ChartKind.HEATMAP, title=_("Sends by weekday and hour"), description=_("Mornings."),
        categories=["9", "10", "11"], category_unit=Unit.HOUR,
        series=(
            Series("1", _("{day:weekday}", day=1), [1200, 30, 0]),
            Series("7", _("{day:weekday}", day=7), [0, None, 4]),
        ),
    )  # fmt: skip
    best = Gallery(table=posts(), **ROLES)
    counted = Kpi(key="rated", label=_("Rated"), value=15)
    mean = Kpi(key="rating", label=_("Mean rating"), value=4.7, unit=Unit.NUMBER, beside=counted)
    made = report()
    blocks_ = (*made.blocks, Kpis("means", (mean,)), means, week, best)
    return replace(made, blocks=(*map(finding, blocks_), own))


def finding(block: Block) -> Block:
    """The block, saying what it shows."""
    match block:
        case Section():
            return replace(block, blocks=tuple(map(finding, block.blocks)))
        case Kpis():
            return replace(block, headline=_("{count} sends & more than before.", count=16530))
        case Gallery():
            return replace(block, table=finding(block.table))
        case Chart() | Table():
            return replace(block, headline=_("{what} <rose> in July.", what=block.title))
        case _:
            return block


@pytest.mark.requirement("BZ-34", "GO-13")
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.language)
def test_every_kind_of_block_says_the_same_everywhere(empty: PluginHarness, reader: Reader) -> None:
    document = rendered_alike(empty, every_block(), reader)

    assert {block["__typename"] for block in blocks(document, *TYPES)} == TYPES
    assert len([one for one in blocks(document, *WITH_HEADLINES) if one["headline"]]) == 7


@pytest.mark.requirement("BZ-34", "GO-13")
def test_a_block_with_a_look_of_its_own_says_what_its_table_says(empty: PluginHarness) -> None:
    def markup(block: Custom, context: RenderContext) -> str:
        lines = [
            f"{lane}: {context.formatter.value(hours, Unit.NUMBER)}" for lane, hours in block.data.items()
        ]
        return Markup("<ul>{}</ul>").format(Markup().join(map(Markup("<li>{}</li>").format, lines)))

    def picture(block: Custom, _look: RenderContext) -> str:
        line = Markup('<text x="10" y="{}" font-size="12">{}: {}</text>')
        lines = (line.format(20 * n, *item) for n, item in enumerate(block.data.items(), 1))
        svg = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 60">{}</svg>')
        return svg.format(Markup().join(lines))

    made, rows = every_block(), rows_of(empty.files)
    formatter = LocaleFormatter(Translator.of(empty.registry.plugins.values()), "en", "UTC")
    own = RenderContext(formatter, "", {}, {"own.lanes": markup})
    html = rendered(HTML, made, rows, own).decode()
    pdf = Pdf(rendered(PDF, made, rows, replaced(own, blocks={"own.lanes": picture})))

    assert "<li>&lt;Oslo&gt; – Bergen: 1,208.25</li>" in html
    assert [one.caption for one in Page(made, rows, own).grids].count("Lanes") == 1, "its table stays"
    assert "Lanes" not in [sheet.title for sheet in pdf.sheets]
    assert "Lanes" in pdf.figures
    drawn = replaced(own, blocks={"own.lanes": picture}, options={"chart_data": True})
    assert "Lanes" in [sheet.title for sheet in Pdf(rendered(PDF, made, rows, drawn)).sheets]
    deck = [one for one in read_slides(rendered(PPTX, made, rows, drawn)) if "Lanes" in one.title]
    assert [one.title for one in deck] == ["Lanes", "Lanes in detail"]
    assert (deck[0].described, len(deck[1].tables)) == ({"Lanes": "Lanes"}, 1)
