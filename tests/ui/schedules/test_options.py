"""What a schedule may ask for besides: a condition, a yes, parts, changes and fresh sources."""

from __future__ import annotations

import pytest

from bilan.clock import FrozenClock
from bilan.delivery import Mode
from bilan.delivery.values import ProtectedLink
from bilan.reports.values import SavedReport
from bilan.schedules.approval import ApprovalRule, Unanswered
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.freshness import FreshnessRule, WhenStale
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.split_rule import SplitRule
from bilan.schedules.values import OccurrenceState
from fixtures.mailing import Mailing
from fixtures.pages import Reader
from support.posting import MARCH
from support.schedule_forms import MONDAYS, OLA, OLGA, PASSWORD, held, let_pass, made


@pytest.mark.requirement("GO-19", "GO-20")
async def test_a_condition_and_whose_yes_it_takes_are_chosen_kept_and_shown(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    services, form = mailing.bilan.services, f"/reports/{report.id}/schedule"
    conditions = (await ola.get(form)).one("select", name="schedule.condition")
    assert "greater" not in conditions.said  # it was never built, so there is no figure to choose
    await services.runs.start(
        mailing.owner, "email.campaign", MARCH, report=report.id, sources=report.sources
    )
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 12, 5)
    figures = await services.schedules.figures(mailing.owner, report.id)
    rate = next(key for key, one in figures.items() if one.unit == "proportion")
    assert mailing.owner.person is not None
    asked = {"condition": "above", "kpi": rate, "value": "12,5", "approver": str(mailing.owner.person)}
    where = await made(ola, report, **asked, hours="48", unanswered="send")
    schedule = await held(mailing, where)
    assert schedule.condition == SendCondition(SendConditionKind.ABOVE, rate, 0.125)
    assert schedule.approval == ApprovalRule(mailing.owner.person, 48, Unanswered.SEND)
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Condition"] == f"only if {figures[rate].label} is greater than 12.5%"
    assert facts["Approval"] == "by Olga, within 48 hours else it is sent all the same"
    filled = await ola.get(f"{where}/edit")
    chosen = [one.attributes["value"] for one in filled.all("option") if "selected" in one.attributes]
    assert {"above", rate, str(mailing.owner.person)} <= set(chosen)
    assert filled.one("input", name="schedule.value").attributes["value"] == "12.5"
    moved = MONDAYS | {"schedule.condition": "moved", "schedule.kpi": rate, "schedule.value": "lots"}
    wrong = await ola.refused(form, moved)
    assert "lots is no number." in wrong.one("div", id="errors").said
    wrong = await ola.refused(form, moved | {"schedule.value": "1,000"})
    assert "1,000 can be read in two ways" in wrong.one("div", id="errors").said
    spaced = await made(ola, report, **asked | {"value": "1\N{NARROW NO-BREAK SPACE}000"}, key="spaced")
    kept = (await held(mailing, spaced)).condition
    assert kept is not None
    assert kept.value == 10


@pytest.mark.requirement("GO-11")
async def test_it_is_delivered_by_protected_link_and_the_occurrence_leads_to_who_can_see_it(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    chosen = {"mode": "protected", "separately.given": "1", "separately": "true", "downloads.given": "1"}
    where = await made(ola, report, **chosen, views="3", days="5")
    delivery = (await held(mailing, where)).delivery
    assert (delivery.mode, delivery.protected) == (Mode.PROTECTED, ProtectedLink(True, 3, downloads=False))
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Files"] == "by protected link for 5 days"
    filled = await ola.get(f"{where}/edit")
    fresh = "An expired link offers to send a fresh one to the same address, unless it is protected."
    assert any(fresh in one.said for one in filled.all("form"))
    assert filled.one("input", name="schedule.views").attributes["value"] == "3"
    ticked = {name: "checked" in filled.one("input", name=f"schedule.{name}").attributes
              for name in ("separately", "downloads")}  # fmt: skip
    assert ticked == {"separately": True, "downloads": False}
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7, 5)
    await ola.goes("/sign-in", {"email": OLA, "password": PASSWORD})
    row = await OccurrenceRow.get(state=OccurrenceState.SENT)
    leads = (await ola.get(f"/occurrences/{row.id}")).one("a", href=f"/runs/{row.run}#shares")
    assert leads.said == "Who can see this"
    assert "ola@example.org" in (await ola.get(f"/runs/{row.run}")).one("section", id="shares").said


@pytest.mark.requirement("GO-18")
async def test_each_recipient_gets_their_part_by_a_table_that_is_written_kept_and_shown(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    table = {"filter": "tags", "values": "OLA@example.org,spring\nolga@example.org,atlantis;spring"}
    where = await made(ola, report, **table)
    saved = await held(mailing, where)
    assert saved.split == SplitRule("tags")
    assert {one.address: one.values for one in saved.table} == {
        OLA: ("spring",), OLGA: ("atlantis", "spring"),
    }  # fmt: skip
    form = await ola.get(f"{where}/edit")
    (written,) = form.all("textarea", name="schedule.values")
    assert written.text.split() == ["ola@example.org,spring", "olga@example.org,atlantis;spring"]
    # What a form does not ask stays: nobody gets the whole unseen.
    await ola.goes(f"{where}/edit", MONDAYS | {"version": str(saved.version), "schedule.at": "09:00"})
    assert (await held(mailing, where)).split == SplitRule("tags")
    said = await ola.sends(f"/reports/{report.id}/schedule", MONDAYS | {"schedule.filter": "tags"})
    assert "Write down at least one recipient and a value." in said.text
    unsaid = MONDAYS | {"schedule.filter": "whole", "schedule.values": table["values"]}
    wrong = await ola.refused(f"/reports/{report.id}/schedule", unsaid)
    assert "Choose the filter that takes these values" in wrong.one("div", id="errors").said


@pytest.mark.requirement("GO-04", "GO-05")
async def test_what_changed_and_late_sources_are_chosen_kept_and_shown(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    waits = {
        "tells_changes.given": "1",
        "tells_changes": "on",
        "stale": "wait",
        "wait_hours": "6",
        "then": "skip",
    }
    where = await made(ola, report, **waits)
    schedule = await held(mailing, where)
    assert schedule.tells_changes
    assert schedule.freshness == FreshnessRule(WhenStale.WAIT, 6, WhenStale.SKIP)
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Since the last copy"] == "each says what changed"
    assert facts["While a source is late"] == "it waits for 6 hours and is left out then"
    assert "If it were due now, its sources would be late:" in page.texts("p")
    late = ["Lab has not reported anything yet.", "Shop has not reported anything yet."]
    assert [one for one in page.texts("li") if "reported" in one] == late
    filled = await ola.get(f"{where}/edit")
    chosen = [one.attributes["value"] for one in filled.all("option") if "selected" in one.attributes]
    assert {"wait"} <= set(chosen)
    ticked = filled.one("input", name="schedule.tells_changes", type="checkbox")
    assert "checked" in ticked.attributes
    # An approver is changed with it, too.
    assert mailing.owner.person is not None
    person = str(mailing.owner.person)
    given = {"schedule.stale": "anyhow", "schedule.approver": person, "version": "1"}
    given |= {"schedule.tells_changes.given": "1"}
    assert await ola.goes(f"{where}/edit", MONDAYS | given) == where
    changed = await held(mailing, where)
    assert (changed.freshness, changed.tells_changes) == (None, False)
    assert changed.approval == ApprovalRule(mailing.owner.person)
    form = f"/reports/{report.id}/schedule"
    wrong = await ola.refused(form, MONDAYS | {"schedule.stale": "wait", "schedule.wait_hours": "500"})
    assert (
        "Sources are waited for from 1 to 168 hours." in wrong.one("div", id="field-schedule.wait_hours").said
    )


@pytest.mark.requirement("GO-05")
async def test_what_waits_for_its_sources_says_so_with_the_reason(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report, stale="wait", wait_hours="6")
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 9)
    await ola.goes("/sign-in", {"email": OLA, "password": PASSWORD})
    page = await ola.get(where)
    history = page.one("section", id="history").said
    assert "waits for its sources Lab has not reported anything yet." in history
    (row,) = await OccurrenceRow.filter(state=OccurrenceState.AWAITING_SOURCES)
    one = await ola.get(f"/occurrences/{row.id}")
    assert "Waits for its sources until" in one.texts("dt")
