from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from markupsafe import Markup

from bilan.registry.gather import load
from bilan.rendering.blocks import render_blocks, render_cover
from bilan.rendering.context import render_context
from bilan.rendering.html_format import HTML
from bilan.rendering.plugin import RENDERING
from bilan.rendering.tables import rows_within
from bilan.rendering.wording import shown_parameter
from bilan.sdk.document import (
    Cell,
    Custom,
    Document,
    Kpi,
    Kpis,
    ParameterValue,
    Section,
    Table,
    TableColumn,
    decode,
    encode,
)
from bilan.sdk.hooks import hookimpl
from bilan.sdk.messages import messages
from bilan.sdk.plugins import Plugin
from bilan.sdk.rendering import BlockRenderer, RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report

_ = messages("bilan")[0]

VOID = {"meta", "br", "img", "input", "link", "hr"}


class Page(HTMLParser):
    """Reads markup strictly: every element must be closed in order. Keeps elements and ids."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"{tag} repeats an attribute"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style" and data.strip():
            self.words.append(" ".join(data.split()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def rendered(document: Document, context: RenderContext) -> str:
    out = io.BytesIO()
    HTML.render(document, context, rows_within, out)
    return out.getvalue().decode("utf-8")


def block(context: RenderContext, *blocks: Any, **options: Any) -> Page:
    return Page(render_blocks(report(blocks=blocks), context, rows_within, **options))


def test_the_file_asks_nobody_for_anything(contexts: Contexts) -> None:
    markup = rendered(report(), contexts())
    page = Page(markup)
    assert not {tag for tag, _attributes in page.elements} & {"script", "link", "img", "iframe", "object"}
    addresses = {value for _tag, attributes in page.elements for value in attributes.values()}
    assert {a for a in addresses if a and "//" in a} == {"http://www.w3.org/2000/svg"}
    assert "url(" not in re.sub(r"url\(#chart-[\w-]+\)", "", markup)
    assert "@import" not in markup


def test_the_file_has_no_style_attribute_and_no_handler(contexts: Contexts) -> None:
    for _tag, attributes in Page(rendered(report(), contexts())).elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_what_came_from_outside_is_shown_and_never_run(contexts: Contexts) -> None:
    words = Page(rendered(report(), contexts())).words
    assert "E-mail performance <July>" in words
    assert any("<SendGrid>" in word for word in words)
    assert "<b>Hi</b>" in words


@pytest.mark.requirement("DC-23")
def test_the_head_says_what_the_figures_cover(contexts: Contexts) -> None:
    words = Page(rendered(report(), contexts("en", "America/New_York"))).words
    head = words[words.index("Acme") :][:11]
    assert head == [
        "Acme",
        "E-mail performance <July>",
        "Period", "Jul 1 – 31, 2026",
        "Compared with", "Jun 1 – 30, 2026",
        "Figures as of", "Aug 1, 2026, 2:00 AM EDT",
        "Time zone", "Europe/Paris",
        "Note",
    ]  # fmt: skip
    assert "Days, weeks and months are cut in the time zone Europe/Paris." in " ".join(words)
    assert "Moments are shown in the time zone America/New_York." in " ".join(words)


def test_the_end_says_what_the_figures_mean_and_where_they_came_from(contexts: Contexts) -> None:
    words = " ".join(Page(rendered(report(), contexts())).words)
    assert "Tags sale, summer" in words
    assert "Formula: unique opens divided by delivered version 2" in words
    assert "Newsletter email.events 123,456 Jul 31, 2026, 11:59 PM CEST" in words


def test_a_number_that_was_asked_for_is_written_as_figures_are(contexts: Contexts) -> None:
    goal = ParameterValue("goal", _("Goal"), 100_000)
    assert shown_parameter(goal, contexts().formatter) == "100,000"


def test_tiles_show_value_change_direction_and_the_earlier_figure(contexts: Contexts) -> None:
    tiles = Kpis(
        key="k",
        tiles=(
            Kpi(key="a", label=_("Sends"), value=110, previous=100, compared=True, higher_is_better=True),
            Kpi(key="b", label=_("Bounces"), value=110, previous=100, compared=True, higher_is_better=False),
            Kpi(key="c", label=_("Clicks"), value=90, previous=100, compared=True),
            Kpi(key="d", label=_("Rate"), value=0.5, unit=Unit.PROPORTION, previous=0.5, compared=True,
                higher_is_better=True),
            Kpi(key="e", label=_("New"), value=5, previous=None, compared=True),
            Kpi(key="f", label=_("Alone"), value=5),
        ),
    )  # fmt: skip
    page = block(contexts(), tiles)
    assert page.words == [
        "Sends", "110", "up", "+10.0%", "previously 100",
        "Bounces", "110", "up", "+10.0%", "previously 100",
        "Clicks", "90", "down", "−10.0%", "previously 100",
        "Rate", "50.0%", "unchanged", "±0.0 pt", "previously 50.0%",
        "New", "5", "no earlier figure",
        "Alone", "5",
    ]  # fmt: skip
    classes = [span.get("class") or "" for span in page.all("span")]
    assert [c.removeprefix("change change-") for c in classes if c.startswith("change")] == [
        "good", "bad", "neutral", "neutral",
    ]  # fmt: skip


def test_headings_step_down_by_one_level(contexts: Contexts) -> None:
    inner = Section(key="in", title=_("Inner"), blocks=())
    page = block(contexts(), Section(key="out", title=_("Outer"), blocks=(inner,)), level=3)
    assert [tag for tag, _a in page.elements if re.fullmatch(r"h\d", tag)] == ["h3", "h4"]
    file = Page(rendered(report(), contexts()))
    assert [tag for tag, _a in file.elements if re.fullmatch(r"h\d", tag)] == [
        "h1", "h2", "h2", "h2", "h3", "h3", "h3",
    ]  # fmt: skip


def test_a_page_with_a_title_of_its_own_gets_the_head_without_one(contexts: Contexts) -> None:
    page = Page(render_cover(report(), contexts(), titled=False))
    assert page.all("h1") == []
    assert page.words[0] == "Period"


def test_every_id_is_there_once_also_when_a_key_is_used_twice(contexts: Contexts) -> None:
    page = block(
        contexts(), line_chart(), line_chart(), Section(key="s", title=_("S"), blocks=(line_chart(),))
    )
    ids = [a["id"] for _tag, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids)) == 7
    named = {one for _tag, a in page.elements if (by := a.get("aria-labelledby")) for one in by.split()}
    assert named <= set(ids)


def test_a_table_has_a_caption_scopes_marks_and_totals(contexts: Contexts) -> None:
    page = block(contexts("en", "UTC"), campaigns_table())
    assert len(page.all("caption")) == 1
    assert [th.get("scope") for th in page.all("th")] == ["col"] * 5 + ["row"] * 4
    assert page.words == [
        "Campaigns", "Campaign", "Sends", "Open rate", "Sent at", "Tags",
        "Summer sale", "12,450", "42.3%", "Jul 3, 2026, 8:00 AM UTC", "summer, sale",
        '=HYPERLINK("x")', "3,200", "0.52%", "⚑", "Jul 10, 2026, 8:00 AM UTC", "–",
        "Newsletter; July", "880", "†", "–", "–", "letter",
        "Total", "16,530", "34.2%",
        "⚑", "Past the limit that asks for attention.",
        "†", "As reported by the source in a total; not counted from single events.",
    ]  # fmt: skip


def test_notes_of_cells_become_numbered_remarks(contexts: Contexts) -> None:
    cut, running = _("Cut short by the period's end."), _("Still running.")
    rows: list[Any] = [[Cell(1, note=cut)], [Cell(2, note=running)], [Cell(3, note=cut)]]
    table = Table(key="t", title="T", columns=(TableColumn(key="n", label="N", unit=Unit.COUNT),), rows=rows)
    assert block(contexts(), table).words == [
        "T", "N", "1", "1", "2", "2", "3", "1",
        "1", "Cut short by the period's end.", "2", "Still running.",
    ]  # fmt: skip


def test_a_long_table_shows_its_first_rows_and_says_how_many_it_leaves_out(contexts: Contexts) -> None:
    rows: list[Any] = [[f"row {n}"] for n in range(1200)]
    table = Table(key="t", title="T", file="t", columns=(TableColumn(key="n", label="N"),), rows=rows)
    words = block(contexts(), table, table_rows=2).words
    assert words == ["T", "N", "row 0", "row 1", "1,198 more rows are in the CSV file."]
    unnamed = Table(key="t", title="T", columns=table.columns, rows=rows[:3])
    assert block(contexts(), unnamed, table_rows=2).words[-1] == "1 more row is not shown."


def test_a_hidden_table_is_not_rendered_and_an_empty_one_says_so(contexts: Contexts) -> None:
    hidden, empty = campaigns_table(hidden=True), campaigns_table(rows=[], totals=None)
    assert block(contexts(), hidden).words == []
    assert block(contexts(), empty).words[-1] == "No rows in this period"


def test_a_table_to_be_looked_up_is_closed_and_says_how_many_rows_it_has(contexts: Contexts) -> None:
    found = block(contexts(), campaigns_table(detail=True))
    assert found.words[:2] == ["Campaigns", "Show all 3 as a table"]
    assert [attributes for tag, attributes in found.elements if tag == "details"] == [{"class": "chart-data"}]
    assert "Summer sale" in found.words


def test_a_chart_comes_with_its_figures_as_a_table(contexts: Contexts) -> None:
    page = block(contexts(), line_chart(previous=line_chart().series[:1]))
    assert len(page.all("details")) == 1
    start = page.words.index("Show the figures")
    assert page.words[start + 2 : start + 10] == [
        "Date", "Opens", "Clicks", "Opens, previous period", "Jul 1, 2026", "240", "60", "240",
    ]  # fmt: skip
    assert [th.get("scope") for th in page.all("th")].count("row") == 30


POSTS = Custom(
    kind="social.gallery",
    key="posts",
    data={"text": "<b>"},
    table=Table(key="posts", title="Posts", columns=(TableColumn(key="p", label="Post"),), rows=[["Hello"]]),
)


def test_a_plugin_renders_its_own_block(contexts: Contexts) -> None:
    def render(custom: Custom, _context: RenderContext) -> str:
        return Markup("<p>{}</p>").format(custom.data["text"])

    page = block(replace(contexts(), blocks={"social.gallery": render}), POSTS)

    assert page.words == ["Posts", "<b>", "Show it as a table", "Posts", "Post", "Hello"]
    assert len(page.all("details")) == 1


@pytest.mark.parametrize("missing", [True, False])
def test_a_block_that_nobody_can_render_is_rendered_as_its_table(contexts: Contexts, missing: bool) -> None:
    def broken(_custom: Custom, _context: RenderContext) -> str:
        raise RuntimeError("broken")

    known: dict[str, Callable[[Custom, RenderContext], str]] = {} if missing else {"social.gallery": broken}
    assert block(replace(contexts(), blocks=known), POSTS).words == ["Posts", "Post", "Hello"]


class Social:
    """A plugin that renders one kind of block in two formats."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin("social", "social", _("Social"), "fixtures")

    @hookimpl
    def register_renderers(self) -> tuple[BlockRenderer, ...]:
        return tuple(BlockRenderer(f, "social.gallery", lambda _c, _l, f=f: f) for f in ("html", "pdf"))


def test_a_look_knows_how_the_installed_plugins_render_in_its_format(contexts: Contexts) -> None:
    loaded = load([("rendering", RENDERING), ("social", Social())], installed=False)
    context = render_context(loaded, "html", contexts().formatter, "Acme", {"table_rows": 3})
    assert (context.workspace, context.options) == ("Acme", {"table_rows": 3})
    assert [render(POSTS, context) for render in context.blocks.values()] == ["html"]
    assert {"html", "pdf", "pptx", "csv", "xlsx"} <= set(loaded.renderers)


@pytest.mark.requirement("GO-03")
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_the_same_document_gives_the_same_bytes_also_after_it_was_stored(
    contexts: Contexts, language: str
) -> None:
    first = rendered(report(), contexts(language))
    assert rendered(decode(encode(report())), contexts(language)) == first
    assert rendered(report(), contexts(language)) == first


def test_arabic_is_laid_out_from_right_to_left(contexts: Contexts) -> None:
    page = Page(rendered(report(), contexts("ar")))
    assert page.all("html") == [{"lang": "ar", "dir": "rtl"}]
    assert len(page.all("bdi")) > 50
    assert Page(rendered(report(), contexts("fr"))).all("bdi") == []


def test_a_moment_in_a_tile_is_written_smaller_than_a_figure(contexts: Contexts) -> None:
    tiles = Kpis(
        "tiles",
        (
            Kpi(key="opens", label="Opens", value=3),
            Kpi(key="last", label="Last open", value="2026-01-02T03:04:05Z", unit=Unit.INSTANT),
        ),
    )
    page = rendered(report(blocks=(tiles,)), contexts("en"))
    assert '<dd class="kpi-value">3</dd>' in page
    assert '<dd class="kpi-value kpi-words">Jan 2, 2026' in page


def test_a_long_name_is_opened_to_be_read_to_its_end(contexts: Contexts) -> None:
    name = "a" * 401
    table = Table(key="t", title="T", columns=(TableColumn(key="n", label="N"),), rows=[[name], ["b" * 400]])
    page = Page(render_blocks(report(blocks=(table,)), contexts(), rows_within))
    assert [tag for tag, _attributes in page.elements].count("details") == 1
    assert {"a" * 120 + "…", name, "b" * 400} <= set(page.words)


def test_what_a_report_is_stands_below_its_name_unless_the_name_says_it(contexts: Contexts) -> None:
    def below(title: str) -> list[str]:
        page = Page(str(render_cover(report(title=title, subtitle="Engagement report"), contexts())))
        return [word for word in page.words if word in (title, "Engagement report")]

    assert below("Mondays") == ["Mondays", "Engagement report"]
    assert below("engagement report") == ["engagement report"]
