"""The builder of reports: its preview, the order of parts, and the review before a run."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.operator import operator
from bilan.runs.values import RenderSpec
from fixtures.pages import Markup, Reader
from support.report_forms import COMPARED

NEW = "/reports/new/email.engagement"


@pytest.fixture
async def gun(reader: Reader) -> str:
    """The page of a source that may be asked."""
    return await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "verify.given": "1"})


async def test_the_preview_is_what_a_run_would_show_without_its_page(reader: Reader, gun: str) -> None:
    answer = await reader.sends(f"{NEW}/preview", COMPARED, hx_request="true")
    assert answer.status_code == 200
    page = Markup(answer.text)
    assert page.all("h1") == []
    assert "Compared with" in page.one("article", class_="report").said


async def test_a_preview_of_what_is_wrong_says_it_and_leads_to_the_field(reader: Reader, gun: str) -> None:
    answer = await reader.sends(f"{NEW}/preview", {**COMPARED, "zone": "Mars/Base"}, hx_request="true")
    page = Markup(answer.text)
    assert page.all("article") == []
    assert "Mars/Base" in page.one("a", href="#f-zone").said


async def test_without_a_script_a_button_shows_the_preview_beside_the_form(reader: Reader, gun: str) -> None:
    page = Markup((await reader.sends(NEW, {**COMPARED, "name": "Kept", "then": "preview"})).text)
    assert page.one("article", class_="report").said
    assert page.one("input", name="name").attributes["value"] == "Kept"


async def test_a_saved_report_is_previewed_over_its_own_sources(reader: Reader, gun: str) -> None:
    there = await reader.goes(NEW, {**COMPARED, "then": "save"})
    answer = await reader.sends(f"{there}/preview", COMPARED, hx_request="true")
    assert "Compared with" in Markup(answer.text).one("article", class_="report").said


async def test_parts_are_moved_without_a_script_and_saved_in_their_order(reader: Reader, gun: str) -> None:
    shown = [one.attributes["value"] for one in (await reader.get(NEW)).all("input", name="blocks.shown")]
    assert len(shown) > 2
    parts = {"blocks.given": ",".join(shown), "blocks.shown": shown, "blocks": shown}
    moved = await reader.sends(NEW, {**COMPARED, **parts, "blocks.move": f"down:{shown[0]}"})
    assert moved.status_code == 200  # shown again, not saved
    now = [one.attributes["value"] for one in Markup(moved.text).all("input", name="blocks.shown")]
    assert now == [shown[1], shown[0], *shown[2:]]
    picked = {**parts, "blocks.shown": now, "blocks": now[:2]}
    there = await reader.goes(NEW, {**COMPARED, **picked, "then": "save"})
    page = await reader.get(f"{there}/edit")
    ticked = [
        one.attributes["value"] for one in page.all("input", name="blocks") if "checked" in one.attributes
    ]
    assert ticked == now[:2]


async def test_the_builder_lets_the_browser_give_back_what_was_filled_in(reader: Reader, gun: str) -> None:
    answer = await reader.client.get(NEW, headers={"accept": "text/html"})
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_the_review_says_in_words_what_will_be_built(reader: Reader, bilan: Bilan, gun: str) -> None:
    there = await reader.goes(NEW, {**COMPARED, "period.preset": "", "period.first": "2026-03-01",
                                    "period.last": "2026-03-31", "then": "review"})  # fmt: skip
    assert there.endswith("/review")
    page = await reader.get(there)
    raw = (await reader.client.get(there, headers={"accept": "text/html"})).text
    assert "in the time zone UTC. It reads one source: Gun." in raw
    assert page.one("p", class_="sentence").said == (
        "The Engagement report over the days from Mar 1, 2026 to Mar 31, 2026, compared with Feb 1, 2026"
        " to Feb 28, 2026, in the time zone UTC. It reads one source: Gun."
    )
    offered = {one.attributes["name"] for one in page.all("input", type="checkbox", value="1")}
    assert offered == {f"format.{one}" for one in bilan.services.registry.renderers}


async def test_the_chosen_files_are_rendered_with_the_run_and_offered_the_next_time(
    reader: Reader, bilan: Bilan, gun: str
) -> None:
    there = await reader.goes(NEW, {**COMPARED, "then": "review"})
    run = await reader.goes(there, {"format.csv": "1", "csv.content": "custom"})
    started = await bilan.services.runs.get(await operator(bilan.services), UUID(run.rsplit("/", 1)[-1]))
    assert [(one.format, one.options["content"]) for one in started.formats] == [("csv", "custom")]
    assert isinstance(started.formats[0], RenderSpec)
    page = await reader.get(there)
    assert "checked" in page.one("input", name="format.csv").attributes
    assert "checked" not in page.one("input", name="format.html").attributes


async def test_a_file_that_is_ticked_as_it_comes_is_the_one_that_everybody_gets(
    reader: Reader, bilan: Bilan, gun: str
) -> None:
    there = await reader.goes(NEW, {**COMPARED, "then": "review"})
    form = await reader.get(there)
    assert form.texts("option", value="true") == ["yes", "yes"]  # the format decides where nobody does
    as_it_comes = {"csv.compression": "zip", "csv.delimiter": "comma", "csv.machine.given": "1",
                   "csv.content": "", "csv.bom": "", "csv.header": ""}  # fmt: skip
    run = await reader.goes(there, {**as_it_comes, "format.csv": "1"})
    started = await bilan.services.runs.get(await operator(bilan.services), UUID(run.rsplit("/", 1)[-1]))
    assert started.formats == (RenderSpec("csv", "en"),)
    run = await reader.goes(there, {**as_it_comes, "format.csv": "1", "csv.bom": "false"})
    started = await bilan.services.runs.get(await operator(bilan.services), UUID(run.rsplit("/", 1)[-1]))
    assert [one.options for one in started.formats] == [{"bom": False}]


async def test_a_file_that_cannot_be_rendered_so_is_refused_and_what_was_chosen_stays(
    reader: Reader, gun: str
) -> None:
    there = await reader.goes(NEW, {**COMPARED, "then": "review"})
    page = await reader.refused(there, {"format.csv": "1", "csv.content": "sideways"})
    assert "sideways" in page.one("div", id="errors").said
    assert "checked" in page.one("input", name="format.csv").attributes


async def test_the_builder_and_the_review_speak_idiomatic_french(reader: Reader, gun: str) -> None:
    there = await reader.goes(NEW, {**COMPARED, "period.preset": "", "period.first": "2026-03-01",
                                    "period.last": "2026-03-31", "then": "review"})  # fmt: skip
    await reader.goes("/language", {"language": "fr", "next": "/reports"})
    units = (await reader.get(NEW)).one("select", name="interval.unit")
    assert units.said == "jours semaines mois trimestres sans découpage dans le temps"
    sentence = (await reader.get(there)).one("p", class_="sentence").said
    assert sentence.startswith(
        "Rapport d’engagement sur la période du 1 mars 2026 au 31 mars 2026, comparée à celle du"
    )


@pytest.mark.requirement("BZ-05")
async def test_a_report_that_is_not_to_be_kept_is_saved_so_and_loses_its_figures_after_a_day(
    reader: Reader, bilan: Bilan, gun: str
) -> None:
    box = (await reader.get(NEW)).one("input", name="kept")
    assert (box.attributes["type"], "checked" in box.attributes) == ("checkbox", True)
    services = bilan.services
    runs: dict[str, str] = {}
    for name, kept in (("Kept", {"kept": "1"}), ("Dropped", {})):
        there = await reader.goes(NEW, {**COMPARED, "name": name, "kept.given": "1", **kept, "then": "save"})
        again = (await reader.get(f"{there}/edit")).one("input", name="kept")
        assert ("checked" in again.attributes) is bool(kept)
        runs[name] = await reader.goes(f"{there}/run", {})
    async with bilan.working():
        for _attempt in range(300):
            if not any([(await reader.get(run)).all("progress") for run in runs.values()]):
                break
    actor = await operator(services)
    services.retention._clock = FrozenClock(services.clock.now() + timedelta(hours=25))
    assert await services.retention.sweep() == 1
    kept_one, gone = [await services.runs.get(actor, UUID(run.rsplit("/", 1)[-1])) for run in runs.values()]
    assert kept_one.readable
    assert str(gone.erasure).endswith(" because the report was made not to be kept.")
    page = await reader.get(runs["Dropped"])
    assert page.all("article", class_="report") == []


def _ticked(page: Markup) -> list[str]:
    return [
        one.attributes["value"] for one in page.all("input", name="sources") if "checked" in one.attributes
    ]


@pytest.mark.parametrize("kind", ["email.engagement", "email.campaign"])
async def test_the_sources_of_a_report_are_chosen_among_those_that_feed_it(
    reader: Reader, gun: str, kind: str
) -> None:
    new = f"/reports/new/{kind}"
    assert (await reader.get(new)).all("input", name="sources") == []  # there is nothing to choose
    horn = await reader.goes("/sources/new/email/mailgun", {"name": "Horn", "verify.given": "1"})
    of_horn, of_gun = (there.rsplit("/", 1)[-1] for there in (horn, gun))
    offered = await reader.get(new)
    assert {one.attributes["value"] for one in offered.all("input", name="sources")} == {of_horn, of_gun}
    assert _ticked(offered) == []  # all of them

    given = {"name": "One", "sources.given": "1", "sources": of_horn}
    there = await reader.goes(new, {**given, "then": "review"})
    assert "It reads one source: Horn." in (await reader.get(there)).one("p", class_="sentence").said
    edit = there.replace("/review", "/edit")
    assert _ticked(await reader.get(edit)) == [of_horn]

    there = await reader.goes(edit, {"name": "All", "sources.given": "1", "then": "review"})
    said = (await reader.get(there)).one("p", class_="sentence").said
    assert "It reads 2 sources: Gun, Horn." in said
    assert _ticked(await reader.get(edit)) == []
