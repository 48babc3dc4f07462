"""An agency's five profiles: who may see, build and send is decided profile by profile, on pages and GraphQL.

Everybody here is an editor of four; what they are of the fifth, Echo, differs.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import pytest

from bilan.accounts import Permission, Principal, SourceRole, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.reports.values import Draft, SavedReport
from bilan.runs.values import Run
from bilan.sources import Source
from fixtures.bilan import Query
from fixtures.email_reports import MailRoom
from fixtures.mailing import at
from fixtures.pages import Markup, Reader
from support.posting import MARCH, OLGA, worked

NAMES = ("Alpha", "Bravo", "Charlie", "Delta", "Echo")
ECHO = re.compile("echo", re.IGNORECASE)
PASSWORD = "correct horse battery"
MIA = "mia@example.org"
PERIOD = '{first: "2026-03-01", last: "2026-03-04"}'
LIST = f"{{emailCampaign: {{period: {PERIOD}}}}}"
COLUMNS = "{ columns { source campaign recipient } }"
ROWS = "{ notes rows { source campaign sends } }"
READERS = (SourceRole.EDITOR, SourceRole.MODERATOR, SourceRole.GUEST)
SignsIn = Callable[[str, str], Awaitable[Reader]]
pytestmark = pytest.mark.requirement("DC-02")


@dataclass
class Agency:
    """Five profiles, a report over all of them that was built, and Mia, who came last."""

    bilan: Bilan
    owner: Principal
    profiles: dict[str, Source]
    report: SavedReport
    run: Run
    asking: Query
    mia: Principal

    async def told(self, query: str) -> Any:
        """What Mia is answered."""
        result = await self.asking(query, self.mia)
        assert result.errors is None, result.errors
        return msgspec.json.decode(msgspec.json.encode(result.data))

    async def refused(self, query: str) -> str:
        """The code by which Mia is refused."""
        result = await self.asking(query, self.mia)
        return result.errors[0].extensions["code"]

    async def joins(self, echo: SourceRole | None) -> None:
        """Mia comes, an editor of four profiles, with this role on the fifth."""
        services = self.bilan.services
        member = await services.accounts.add(
            await services.accounts.operator(), email=MIA, name="Mia", password=PASSWORD,
            role=WorkspaceRole.MEMBER, permissions=frozenset(Permission),
        )  # fmt: skip
        for name, source in self.profiles.items():
            role = echo if name == "Echo" else SourceRole.EDITOR
            if role is not None:
                await services.sources.grant(self.owner, source.id, member.id, role)
        self.mia = await _again(member.id)


async def _again(person: UUID | None) -> Principal:
    assert person is not None
    actor = await principal_for(person)
    assert actor is not None
    return actor


@pytest.fixture
async def agency(bilan: Bilan, owner: Principal, asking: Query) -> Agency:
    """One letter of each profile was delivered to one person, and it is named like its profile."""
    services = bilan.services
    profiles = {
        name: await services.sources.add(owner, plugin="email", kind="file", name=name, settings={})
        for name in NAMES
    }
    room = MailRoom(services.warehouse, services.registry, services.files)
    for name, source in profiles.items():
        letter = {"campaign": f"{name} news", "recipient": f"{name.lower()}@a.org", "tags": [f"{name} tag"]}
        sent = {**letter, "kind": "sent", "occurred_at": at("01 10:00")}
        room.events(sent, {**sent, "kind": "delivered"}, source=source.id)
    everybody = await _again(owner.person)
    report = await services.reports.create(everybody, Draft("Everything", "email.campaign", MARCH))
    run = await services.runs.start(everybody, report.kind, MARCH, report=report.id, sources=report.sources)
    built = await worked(bilan, run.id)
    assert set(report.sources) == {source.id for source in profiles.values()}
    return Agency(bilan, everybody, profiles, report, built, asking, everybody)


@pytest.fixture(params=READERS, ids=str)
async def reading(agency: Agency, request: pytest.FixtureRequest) -> SourceRole:
    """Mia's role on the fifth profile, which she may read."""
    await agency.joins(request.param)
    return request.param


@pytest.fixture
async def apart(agency: Agency) -> Agency:
    """Mia has no role on the fifth profile."""
    await agency.joins(None)
    return agency


# ---- GraphQL ------------------------------------------------------------------------------------


async def test_a_report_over_five_is_written_by_editors_of_all_five(
    agency: Agency, reading: SourceRole
) -> None:
    report = agency.report.id
    new = f'mutation {{ saveReport(name: "New", report: {LIST}) {{ id }} }}'
    change = f'mutation {{ saveReport(id: "{report}", name: "Mine", report: {LIST}%s) {{ id }} }}'
    delete = f'mutation {{ deleteReport(id: "{report}") }}'

    for attempt in (new, change % "", delete):
        if reading is SourceRole.EDITOR:
            await agency.told(attempt)
        else:
            assert await agency.refused(attempt) == "forbidden"
    if reading is not SourceRole.EDITOR:
        # Nor is it taken over by leaving out the one that stands in the way.
        assert await agency.refused(change % ', sources: ["Alpha"]') == "forbidden"
        assert (await agency.told(f'{{ report(id: "{report}") {{ name }} }}'))["report"][
            "name"
        ] == "Everything"


async def test_who_reads_all_five_sees_builds_and_sends_what_is_over_them(
    agency: Agency, reading: SourceRole
) -> None:
    run = agency.run.id
    document = f'run(id: "{run}") {{ document {{ tables {{ rows }} }} }}'
    seen = await agency.told(f"{{ reports {{ nodes {{ name }} }} runs {{ totalCount }} {document} }}")
    assert [one["name"] for one in seen["reports"]["nodes"]] == ["Everything"]
    assert seen["runs"]["totalCount"] == 1
    assert "Echo news" in str(seen["run"]["document"])
    built = await agency.told(f'mutation {{ runReport(id: "{agency.report.id}") {{ id }} }}')
    await worked(agency.bilan, UUID(built["runReport"]["id"]))
    sending = f'mutation {{ sendRun(run: "{run}", sending: {{to: ["%s"], key: "k"}}) {{ id }} }}'
    await agency.told(sending % MIA)
    # As a member to nobody else.
    assert await agency.refused(sending % OLGA) == "forbidden"


async def test_who_lacks_one_of_five_writes_over_the_other_four_alone(apart: Agency) -> None:
    four = ", ".join(f'"{name}"' for name in NAMES[:4])
    whole = f'mutation {{ saveReport(name: "New", report: {LIST}%s) {{ id }} }}'

    assert await apart.refused(whole % ', sources: ["Alpha", "Echo"]') == "not_found"
    assert await apart.refused(whole % f', sources: ["{apart.profiles["Echo"].id}"]') == "not_found"
    assert await apart.refused(whole % "") == "forbidden"
    assert await apart.told(whole % f", sources: [{four}]")


@pytest.mark.parametrize(
    "asked",
    [
        '{{ report(id: "{report}") {{ name }} }}',
        '{{ run(id: "{run}") {{ id }} }}',
        '{{ run(id: "{run}") {{ document {{ tables {{ rows }} }} }} }}',
        '{{ run(id: "{run}") {{ drilldown(figure: "0-0:t0") {{ totalRows }} }} }}',
        '{{ source(id: "Echo") {{ name }} }}',
        '{{ source(id: "{echo}") {{ name }} }}',
        '{{ email {{ events(sources: ["Echo"]) {{ totals {{ sends }} }} }} }}',
        '{{ email {{ events(sources: ["{echo}"]) {{ totals {{ sends }} }} }} }}',
        'mutation {{ saveReport(id: "{report}", name: "Mine", report: {list}) {{ id }} }}',
        'mutation {{ saveReport(id: "{report}", name: "M", report: {list}, sources: ["Alpha"]) {{ id }} }}',
        'mutation {{ deleteReport(id: "{report}") }}',
        'mutation {{ runReport(id: "{report}") {{ id }} }}',
        'mutation {{ buildReport(report: {list}, sources: ["Echo"]) {{ id }} }}',
        'mutation {{ cancelRun(id: "{run}") {{ id }} }}',
        'mutation {{ sendRun(run: "{run}", sending: {sending}) {{ id }} }}',
        'mutation {{ sendReport(report: "{report}", sending: {sending}) {{ id }} }}',
    ],
)  # fmt: skip
async def test_what_is_over_five_is_not_there_for_who_lacks_one(apart: Agency, asked: str) -> None:
    echo, sending = apart.profiles["Echo"].id, f'{{to: ["{MIA}"], key: "k"}}'
    query = asked.format(report=apart.report.id, run=apart.run.id, echo=echo, list=LIST, sending=sending)
    assert await apart.refused(query) == "not_found"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("{ sources { name } }", 4),
        ("{ reports { totalCount nodes { name } } runs { totalCount nodes { title } } }", 0),
        (f"{{ email {{ events(period: {PERIOD}, by: [SOURCE, CAMPAIGN]) {ROWS} }} }}", 8),
        (f"{{ email {{ eventsFacts(period: {PERIOD}) {COLUMNS} }} }}", 24),
    ],
    ids=["sources", "lists", "figures", "facts"],
)  # fmt: skip
async def test_lists_figures_and_facts_are_of_the_other_four(apart: Agency, asked: str, found: int) -> None:
    told = str(await apart.told(asked))
    assert len(re.findall("alpha|bravo|charlie|delta", told, re.IGNORECASE)) == found
    assert not ECHO.search(told)


async def test_a_report_built_by_who_lacks_one_is_made_of_the_other_four(apart: Agency) -> None:
    begun = await apart.told(f'mutation {{ buildReport(report: {LIST}, formats: ["csv"]) {{ id }} }}')
    run = UUID(begun["buildReport"]["id"])
    await worked(apart.bilan, run)
    document = await apart.bilan.services.runs.document(apart.mia, run)

    assert not ECHO.search(repr(document))
    told = await apart.told(f'{{ run(id: "{run}") {{ document {{ tables {{ rows }} }} }} }}')
    (table,) = told["run"]["document"]["tables"]
    assert {row[1] for row in table["rows"]} == {f"{name} news" for name in NAMES[:4]}


async def test_a_run_that_was_built_is_not_there_any_more_once_a_role_is_taken(agency: Agency) -> None:
    await agency.joins(SourceRole.EDITOR)
    asked = f'{{ run(id: "{agency.run.id}") {{ id }} }}'
    await agency.told(asked)
    assert agency.mia.person is not None
    await agency.bilan.services.sources.grant(
        agency.owner, agency.profiles["Echo"].id, agency.mia.person, None
    )
    agency.mia = await _again(agency.mia.person)

    assert await agency.refused(asked) == "not_found"


# ---- pages --------------------------------------------------------------------------------------


def links(page: Markup) -> set[str]:
    """Where the page leads."""
    return {one.attributes.get("href", "") for one in page.all("a")}


async def test_pages_over_five_are_for_who_reads_all_and_are_changed_by_who_edits_all(
    agency: Agency, reading: SourceRole, signs_in: SignsIn
) -> None:
    mia = await signs_in(MIA, PASSWORD)
    edits, report = reading is SourceRole.EDITOR, f"/reports/{agency.report.id}"

    assert report in links(await mia.get("/reports"))
    assert (f"{report}/edit" in links(await mia.get(report))) is edits
    await mia.get(f"{report}/edit", status=200 if edits else 403)
    form = {"name": "Mine", "period.preset": "last_7_days", "key": "k1"}
    changed = await mia.sends(f"{report}/edit", form)
    assert changed.status_code == (303 if edits else 403)
    assert ECHO.search((await mia.client.get(f"/runs/{agency.run.id}")).text)
    await mia.get(f"/runs/{agency.run.id}/send")
    deleted = await mia.sends(f"{report}/delete", {"key": "k2"})
    assert deleted.status_code == (303 if edits else 403)


async def test_pages_show_the_other_four_to_who_lacks_one(apart: Agency, signs_in: SignsIn) -> None:
    mia = await signs_in(MIA, PASSWORD)
    report, run, echo = f"/reports/{apart.report.id}", f"/runs/{apart.run.id}", apart.profiles["Echo"].id

    for path in (
        report, f"{report}/edit", f"{report}/review", f"{report}/send", run, f"{run}/rows?figure=0-0:t0",
        f"{run}/rows.csv?figure=0-0:t0", f"{run}/files", f"{run}/files/csv", f"{run}/send",
        f"{run}/send/preview",
        f"/sources/{echo}", f"/sources/{echo}/edit", f"/sources/{echo}/rejects", f"/sources/{echo}/import",
    ):  # fmt: skip
        answer = await mia.client.get(path, headers={"accept": "text/html"})
        assert (path, answer.status_code) == (path, 404)
        assert not ECHO.search(answer.text)
    for path in (
        f"{report}/edit", f"{report}/copy", f"{report}/delete", f"{report}/run", f"{report}/send",
        f"{run}/cancel", f"{run}/again", f"{run}/send", f"/sources/{echo}/rotate", f"/sources/{echo}/remove",
    ):  # fmt: skip
        answer = await mia.sends(path, {"key": "k", "name": "x", "to": MIA})
        assert (path, answer.status_code) == (path, 404)

    for path in ("/reports", "/runs", "/sources", "/reports/new", "/outbox", "/people", "/account"):
        assert not ECHO.search((await mia.client.get(path)).text), path
    # The form's choices of profiles and of values, and what it shows beside them.
    form = await mia.get("/reports/new/email.campaign")
    assert [name for name in form.texts("label") if name in NAMES] == [*NAMES[:4]]
    shown = await mia.sends(
        "/reports/new/email.campaign/preview",
        {"period.preset": "", "period.first": "2026-03-01", "period.last": "2026-03-04"},
        hx_request="true",
    )
    assert "Alpha news" in shown.text
    assert not ECHO.search(shown.text)
    # A profile that is named all the same is none of those offered.
    form = {"name": "New", "period.preset": "last_7_days", "sources": str(echo), "key": "k9"}
    answer = await mia.sends("/reports/new/email.campaign", form)
    made = await apart.bilan.services.reports.list(apart.mia)
    assert not ECHO.search(answer.text)
    assert all(echo not in one.sources for one in made)
