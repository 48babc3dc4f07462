"""A form that is sent twice does its work once, and two pages do not save over each other unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from bilan.accounts import Principal, SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.operator import operator
from fixtures.pages import Reader
from support.people import add_person
from support.report_forms import COMPARED

NEW = "/reports/new/email.campaign"


@pytest.fixture
async def weekly(reader: Reader) -> str:
    """The page of a saved report."""
    await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "verify.given": "1"})
    return await reader.goes(NEW, {**COMPARED, "then": "save"})


async def hidden(reader: Reader, page: str) -> dict[str, str]:
    """The key that the page's forms share, and what else it hides."""
    found = (await reader.get(page)).all("input", type="hidden")
    return {one.attributes["name"]: one.attributes["value"] for one in found
            if one.attributes["name"] in ("key", "version")}  # fmt: skip


async def all_of(bilan: Bilan) -> tuple[int, list[str]]:
    """How many runs there are, and which reports."""
    everything = await operator(bilan.services)
    runs = await bilan.services.runs.list(everything)
    return runs.total, [one.name for one in await bilan.services.reports.list(everything)]


@pytest.mark.requirement("AD-09")
@pytest.mark.parametrize("form", ["run", "review"])
async def test_a_double_click_runs_a_report_once(
    reader: Reader, bilan: Bilan, weekly: str, form: str
) -> None:
    page = weekly if form == "run" else f"{weekly}/review"
    sent = await hidden(reader, page)
    first, second = await asyncio.gather(*(reader.goes(f"{weekly}/{form}", sent) for _ in range(2)))
    assert first == second
    assert await reader.goes(f"{weekly}/{form}", sent) == first  # back, and pressed once more
    assert await all_of(bilan) == (1, ["Weekly"])
    fresh = await reader.goes(f"{weekly}/{form}", await hidden(reader, page))
    assert fresh != first
    assert await all_of(bilan) == (2, ["Weekly"])


async def test_other_files_chosen_on_the_same_page_are_another_run(reader: Reader, weekly: str) -> None:
    sent = await hidden(reader, f"{weekly}/review")
    first = await reader.goes(f"{weekly}/review", {**sent, "format.csv": "1"})
    assert await reader.goes(f"{weekly}/review", {**sent, "format.html": "1"}) != first


async def test_a_double_click_runs_again_once(reader: Reader, bilan: Bilan, weekly: str) -> None:
    run = await reader.goes(f"{weekly}/run", await hidden(reader, weekly))
    await reader.goes(f"{run}/cancel")
    sent = await hidden(reader, run)
    first, second = await asyncio.gather(*(reader.goes(f"{run}/again", sent) for _ in range(2)))
    assert first == second != run
    assert (await all_of(bilan))[0] == 2


async def test_a_double_click_saves_and_runs_a_new_report_once(
    reader: Reader, bilan: Bilan, weekly: str
) -> None:
    form = {**COMPARED, "name": "Monthly", "then": "run", **await hidden(reader, NEW)}
    first, second = await asyncio.gather(*(reader.goes(NEW, form) for _ in range(2)))
    assert first == second
    assert await all_of(bilan) == (1, ["Monthly", "Weekly"])


async def test_a_double_click_saves_and_runs_a_changed_report_once(
    reader: Reader, bilan: Bilan, weekly: str
) -> None:
    form = {**COMPARED, "compare": "none", "then": "run", **await hidden(reader, f"{weekly}/edit")}
    first, second = await asyncio.gather(*(reader.goes(f"{weekly}/edit", form) for _ in range(2)))
    assert first == second
    assert await all_of(bilan) == (1, ["Weekly"])


async def test_a_double_click_makes_one_copy(reader: Reader, bilan: Bilan, weekly: str) -> None:
    sent = await hidden(reader, weekly)
    first, second = await asyncio.gather(*(reader.goes(f"{weekly}/copy", sent) for _ in range(2)))
    assert first == second
    assert (await all_of(bilan))[1] == ["Weekly", "Weekly (2)"]


async def test_the_key_of_somebody_else_is_another_key(
    reader: Reader, bilan: Bilan, weekly: str, signs_in: Callable[[str, str], Awaitable[Reader]]
) -> None:
    ann = await editor(bilan, "ann@example.org", signs_in)
    sent = await hidden(reader, weekly)
    assert await reader.goes(f"{weekly}/run", sent) != await ann.goes(f"{weekly}/run", sent)


async def editor(bilan: Bilan, email: str, signs_in: Callable[[str, str], Awaitable[Reader]]) -> Reader:
    """Ann, who may change what is made of every source."""
    member, password = await add_person(bilan.services, email, "Ann", WorkspaceRole.MEMBER)
    everything: Principal = await operator(bilan.services)
    for source in await bilan.services.sources.readable(everything):
        await bilan.services.sources.grant(everything, source.id, member.id, SourceRole.EDITOR)
    return await signs_in(email, password)


async def saved_compare(bilan: Bilan, weekly: str) -> str:
    saved = await bilan.services.reports.get(await operator(bilan.services), UUID(weekly.rsplit("/", 1)[-1]))
    return saved.parameters["compare"]


async def test_who_saves_later_is_told_what_was_saved_meanwhile_and_chooses(
    reader: Reader, bilan: Bilan, weekly: str, signs_in: Callable[[str, str], Awaitable[Reader]]
) -> None:
    ann = await editor(bilan, "ann@example.org", signs_in)
    edit = f"{weekly}/edit"
    began = await hidden(reader, edit)
    await ann.goes(edit, {**COMPARED, **await hidden(ann, edit), "compare": "none", "then": "save"})

    mine = {**COMPARED, **began, "name": "Mine", "compare": "same_period_last_year", "then": "run"}
    page = await reader.refused(edit, mine, status=409)
    told = page.one("div", id="errors").said
    assert told.startswith("This report was changed by Ann on ")
    assert "What you filled in is still here, and not saved yet." in told
    assert page.one("input", name="name").attributes["value"] == "Mine"
    assert page.one("a", href=edit, target="_blank").said == "Look at the other version"
    assert await saved_compare(bilan, weekly) == "none"
    assert (await all_of(bilan))[0] == 0
    await reader.refused(edit, mine, status=409)  # the same once more changes nothing

    over = page.one("button", name="over")
    assert over.said == "Save over it"
    kept = {one.attributes["name"]: one.attributes["value"] for one in page.all("input", type="hidden")
            if one.attributes["name"] in ("key", "version")}  # fmt: skip
    assert kept == began
    chosen = {**mine, "then": "", "over": over.attributes["value"]}
    assert (await reader.goes(edit, chosen)).startswith("/runs/")  # as was asked for first
    assert await saved_compare(bilan, weekly) == "same_period_last_year"


async def test_of_two_who_save_at_once_one_is_asked(reader: Reader, bilan: Bilan, weekly: str) -> None:
    edit = f"{weekly}/edit"
    tabs = [await hidden(reader, edit), await hidden(reader, edit)]
    answers = await asyncio.gather(*(
        reader.sends(edit, {**COMPARED, **tab, "compare": compare, "then": "save"})
        for tab, compare in zip(tabs, ("none", "same_period_last_year"), strict=True)
    ))  # fmt: skip
    assert sorted(one.status_code for one in answers) == [303, 409]
    won = "none" if answers[0].status_code == 303 else "same_period_last_year"
    assert await saved_compare(bilan, weekly) == won


async def test_who_goes_back_to_the_same_form_goes_on_from_what_it_saved(
    reader: Reader, bilan: Bilan, weekly: str
) -> None:
    edit = f"{weekly}/edit"
    began = await hidden(reader, edit)
    await reader.goes(edit, {**COMPARED, **began, "compare": "none", "then": "save"})
    await reader.goes(edit, {**COMPARED, **began, "compare": "same_period_last_year", "then": "save"})
    assert await saved_compare(bilan, weekly) == "same_period_last_year"


async def test_other_files_of_a_run_are_no_change_of_the_report(
    reader: Reader, bilan: Bilan, weekly: str
) -> None:
    edit = f"{weekly}/edit"
    began = await hidden(reader, edit)
    await reader.goes(f"{weekly}/review", {"format.csv": "1"})
    await reader.goes(edit, {**COMPARED, **began, "compare": "none", "then": "save"})
    everything = await operator(bilan.services)
    (saved,) = await bilan.services.reports.list(everything)
    assert (saved.formats, saved.changed_by_name) == (("csv",), "Olga")
