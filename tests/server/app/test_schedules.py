"""A schedule in a whole server: what is due is built by its own workers, with nobody asking."""

from __future__ import annotations

from datetime import timedelta

from bilan.accounts import WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.reports.values import Draft
from bilan.runs.values import RenderSpec
from bilan.schedules import at_once
from bilan.schedules.values import OccurrenceState, ScheduleDraft
from bilan.sdk.periods import Period, Preset
from bilan.work import State
from support.people import add_person
from support.runs import until


async def test_what_is_due_is_built_and_rendered_by_the_server_itself(bilan: Bilan):
    services = bilan.services
    member, _password = await add_person(services, "o@example.org", "Olga", WorkspaceRole.OWNER)
    owner = await principal_for(member.id)
    assert owner is not None
    await services.sources.add(owner, plugin="email_campaigns", kind="sendgrid", name="Mail", settings={})
    owner = await principal_for(member.id)
    assert owner is not None
    report = await services.reports.create(owner, Draft("Figures", "email.engagement", {}))
    now = services.clock.now()
    draft = ScheduleDraft(
        report.id, at_once(now, "Europe/Paris", Period(Preset.YESTERDAY)), (RenderSpec("html"),)
    )
    async with bilan.working():
        schedule = await services.schedules.create(owner, draft)

        async def built() -> bool:
            told = await services.schedules.expected(owner, now - timedelta(1), now + timedelta(1))
            runs = [await services.runs.get(owner, one.run) for one in told if one.run is not None]
            return any(run.state.over for run in runs)

        await until(built, 120)
    (one,) = await services.schedules.expected(owner, now - timedelta(1), now + timedelta(1))
    assert (one.schedule, one.state) == (schedule.id, OccurrenceState.BEGUN)
    assert one.run is not None
    run = await services.runs.get(owner, one.run)
    assert (run.state, run.report, [file.render_spec.format for file in run.artifacts]) == (
        State.SUCCEEDED, report.id, ["html"],
    )  # fmt: skip
