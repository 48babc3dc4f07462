"""Reports, runs and files through GraphQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from bilan.accounts import Principal, Scope, SourceRole
from bilan.app import Bilan
from fixtures.bilan import Query
from fixtures.mailing import Mailing, by_token

Does = Callable[..., Awaitable[Any]]
RUN = "id state progress purpose kind title zone parameters error steps { name state attempt progress }"
MARCH = '{first: "2026-03-01", last: "2026-03-04"}'
ENGAGEMENT = f"{{emailEngagement: {{period: {MARCH}, interval: {{unit: NONE}}}}}}"
LIST = f"{{emailCampaign: {{period: {MARCH}}}}}"


@pytest.fixture
def does(asking: Query, mailing: Mailing) -> Does:
    """What comes back, asked by the owner unless somebody else is named."""

    async def done(query: str, actor: Principal | None = None, **variables: Any) -> Any:
        result = await asking(query, actor or mailing.owner, variables)
        assert result.errors is None, result.errors
        return result.data

    return done


@pytest.fixture
def refused(asking: Query, mailing: Mailing) -> Does:
    """What is told instead: code, field and sentence."""

    async def told(query: str, actor: Principal | None = None, **variables: Any) -> Any:
        result = await asking(query, actor or mailing.owner, variables)
        (error,) = result.errors
        return error.extensions["code"], error.extensions.get("field"), error.message

    return told


async def over(does: Does, run: str) -> Any:
    """The run once it is over, asked for again and again as a program does."""
    with anyio.fail_after(60):
        while True:
            found = (await does(f'{{ run(id: "{run}") {{ {RUN} files {{ format name url size }} }} }}'))[
                "run"
            ]
            if found["state"] not in ("WAITING", "RUNNING"):
                return found
            await anyio.sleep(0.05)


# ---- kinds --------------------------------------------------------------------------------------


async def test_the_kinds_say_what_can_be_filled_in(does: Does) -> None:
    told = await does(
        "{ reportKinds { key label personal formats parameters { key kind required choices { value } } } }"
    )
    kinds = {kind["key"]: kind for kind in told["reportKinds"]}
    assert {key for key in kinds if key.startswith("email.")} == {"email.engagement", "email.campaign"}
    parameters = {one["key"]: one for one in kinds["email.engagement"]["parameters"]}
    assert parameters["interval"]["kind"] == "INTERVAL"
    assert parameters["tags"]["kind"] == "TAGS"
    assert [one["value"] for one in parameters["match"]["choices"]] == ["any", "all"]
    assert [one["value"] for one in parameters["compression"]["choices"]] == ["zip", "gzip", "none"]
    assert kinds["email.campaign"]["formats"] == ["csv", "html", "pdf", "pptx", "xlsx"]


# ---- built --------------------------------------------------------------------------------------


@pytest.mark.requirement("AD-09")
async def test_a_report_is_built_followed_read_and_rendered(does: Does, working: Bilan) -> None:
    begun = await does(f'mutation {{ buildReport(report: {ENGAGEMENT}, formats: ["csv"]) {{ {RUN} }} }}')
    assert begun["buildReport"]["state"] in ("WAITING", "RUNNING")
    assert begun["buildReport"]["kind"] == "email.engagement"
    assert begun["buildReport"]["parameters"]["period"] == "2026-03-01..2026-03-04"

    run = await over(does, begun["buildReport"]["id"])
    assert (run["state"], run["progress"], run["error"]) == ("SUCCEEDED", 1.0, None)
    assert [(step["name"], step["state"], step["attempt"]) for step in run["steps"]] == [
        ("build", "SUCCEEDED", 1),
        ("render:csv", "SUCCEEDED", 1),
    ]
    assert [file["format"] for file in run["files"]] == ["csv"]
    assert run["files"][0]["url"].startswith(f"/files/{run['id']}/")

    document = await does(
        f'{{ run(id: "{run["id"]}") {{ document {{ title period tables {{ key columns {{ key }}'
        " rows(first: 1, offset: 1) totals rowCount } definitions { key version formula }"
        " provenance { source rows watermark } parameters { key shown } } } }"
    )
    made = document["run"]["document"]
    assert made["period"] == ["2026-03-01", "2026-03-04"]
    (campaigns,) = [table for table in made["tables"] if table["key"] == "campaigns"]
    assert campaigns["rowCount"] == 3
    keys = [column["key"] for column in campaigns["columns"]]
    sends = keys.index("email.sends")
    assert len(campaigns["rows"]) == 1
    assert campaigns["totals"][sends] == 4
    assert {one["key"]: one["version"] for one in made["definitions"]}["email.sends"] == 1
    assert [(one["source"], one["rows"]) for one in made["provenance"]] == [("Lab", 1), ("Shop", 9)]

    rendered = await does(
        f'mutation {{ renderFile(run: "{run["id"]}", format: "html") {{ format mediaType }} }}'
    )
    assert rendered["renderFile"] == {"format": "html", "mediaType": "text/html; charset=utf-8"}
    again = await does(f'{{ run(id: "{run["id"]}") {{ files {{ format }} }} }}')
    assert sorted(file["format"] for file in again["run"]["files"]) == ["csv", "html"]


async def test_only_the_named_sources_are_reported(does: Does, working: Bilan) -> None:
    begun = await does(f'mutation {{ buildReport(report: {LIST}, sources: ["Lab"]) {{ id }} }}')
    run = await over(does, begun["buildReport"]["id"])
    found = await does(f'{{ run(id: "{run["id"]}") {{ document {{ provenance {{ source }} }} }} }}')
    assert found["run"]["document"]["provenance"] == [{"source": "Lab"}]


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ('{emailEngagement: {level: "planet"}}',
         ("invalid", "level", "planet is not offered; the nearest is variant.")),
        ('{emailEngagement: {zone: "Mars/Olympus"}}',
         ("invalid", "zone", "Mars/Olympus")),
        ('{emailCampaign: {firstWeekday: "someday"}}',
         ("invalid", "firstWeekday", "someday")),
        ("{emailCampaign: {period: {preset: YESTERDAY, first: \"2026-03-01\"}}}",
         ("invalid", "period", "not both")),
        ("{emailEngagement: {interval: {unit: MONTH, count: 3}}}",
         ("invalid", "interval", "Only days and weeks")),
    ],
)  # fmt: skip
async def test_a_wrong_parameter_is_told_with_its_field(
    refused: Does, does: Does, report: str, told: tuple[str, str, str]
) -> None:
    code, field, sentence = await refused(f"mutation {{ buildReport(report: {report}) {{ id }} }}")
    assert (code, field) == told[:2]
    assert told[2] in sentence
    code, field, sentence = await refused(f'mutation {{ saveReport(name: "R", report: {report}) {{ id }} }}')
    assert (code, field) == told[:2]
    assert await does("{ runs { totalCount } reports { totalCount } }") == {
        "runs": {"totalCount": 0},
        "reports": {"totalCount": 0},
    }


@pytest.mark.parametrize(
    "report", ["{}", "{emailEngagement: {}, emailCampaign: {}}", "{emailEngagement: {wrong: 1}}"]
)
async def test_exactly_one_kind_with_known_parameters_is_named(refused: Does, report: str) -> None:
    code, _field, _sentence = await refused(f"mutation {{ buildReport(report: {report}) {{ id }} }}")
    assert code == "invalid_query"


async def test_an_unknown_format_is_refused(refused: Does, does: Does) -> None:
    code, _field, sentence = await refused(
        f'mutation {{ buildReport(report: {LIST}, formats: ["stone"]) {{ id }} }}'
    )
    assert code == "not_found"
    assert "stone" in sentence
    assert (await does("{ runs { totalCount } }"))["runs"]["totalCount"] == 0


# ---- saved --------------------------------------------------------------------------------------


async def saved(does: Does, name: str, report: str = LIST, more: str = "") -> str:
    made = await does(f'mutation {{ saveReport(name: "{name}", report: {report}{more}) {{ id }} }}')
    return str(made["saveReport"]["id"])


async def test_a_report_is_saved_changed_run_and_removed(does: Does, working: Bilan) -> None:
    report = await saved(does, "Weekly", LIST, ', formats: ["csv"]')
    fields = "name kind parameters formats sources createdBy"
    (found,) = (await does(f"{{ reports {{ nodes {{ {fields} }} }} }}"))["reports"]["nodes"]
    assert (found["name"], found["kind"], found["formats"]) == ("Weekly", "email.campaign", ["csv"])
    assert found["parameters"]["period"] == "2026-03-01..2026-03-04"
    assert found["createdBy"] == "Olga"
    assert len(found["sources"]) == 2

    change = f'saveReport(id: "{report}", name: "Rates", report: {{emailCampaign: {{show: "rates"}}}})'
    changed = (await does(f"mutation {{ {change} {{ {fields} }} }}"))["saveReport"]
    assert (changed["name"], changed["formats"]) == ("Rates", ["csv"])
    assert changed["parameters"]["show"] == "rates"
    assert "period" not in changed["parameters"]

    begun = await does(f'mutation {{ runReport(id: "{report}") {{ id title }} }}')
    assert begun["runReport"]["title"] == "Rates"
    run = await over(does, begun["runReport"]["id"])
    assert [file["format"] for file in run["files"]] == ["csv"]
    mine = await does(f'{{ runs(report: "{report}", state: SUCCEEDED) {{ nodes {{ id }} totalCount }} }}')
    assert mine["runs"] == {"nodes": [{"id": run["id"]}], "totalCount": 1}

    assert await does(f'mutation {{ deleteReport(id: "{report}") }}') == {"deleteReport": True}
    left = await does("{ reports { totalCount } runs { totalCount } }")
    assert (left["reports"]["totalCount"], left["runs"]["totalCount"]) == (0, 1)


async def test_a_report_keeps_its_kind(does: Does, refused: Does) -> None:
    report = await saved(does, "Weekly")
    told = await refused(
        f'mutation {{ saveReport(id: "{report}", name: "Weekly", report: {ENGAGEMENT}) {{ id }} }}'
    )
    assert told[:2] == ("invalid", "kind")


async def test_a_name_is_there_once(does: Does, refused: Does) -> None:
    await saved(does, "Weekly")
    told = await refused(f'mutation {{ saveReport(name: "weekly", report: {LIST}) {{ id }} }}')
    assert told[:2] == ("conflict", "name")


async def test_a_waiting_run_is_stopped_once(does: Does, refused: Does) -> None:
    begun = await does(f"mutation {{ buildReport(report: {LIST}) {{ id }} }}")
    cancel = f'mutation {{ cancelRun(id: "{begun["buildReport"]["id"]}") {{ state progress }} }}'
    assert (await does(cancel))["cancelRun"]["state"] == "CANCELLED"
    assert (await refused(cancel))[:2] == ("conflict", "run")


async def test_a_run_without_a_document_says_none(does: Does, refused: Does) -> None:
    begun = await does(f"mutation {{ buildReport(report: {LIST}) {{ id document {{ title }} }} }}")
    assert begun["buildReport"]["document"] is None
    render = f'mutation {{ renderFile(run: "{begun["buildReport"]["id"]}", format: "csv") {{ id }} }}'
    assert (await refused(render))[0] == "conflict"


@pytest.mark.parametrize(
    "query",
    [
        '{ run(id: "none") { id } }',
        '{ run(id: "00000000-0000-0000-0000-000000000000") { id } }',
        '{ report(id: "none") { id } }',
        'mutation { runReport(id: "none") { id } }',
        'mutation { cancelRun(id: "none") { id } }',
        'mutation { deleteReport(id: "none") }',
        'mutation { renderFile(run: "none", format: "csv") { id } }',
    ],
)
async def test_what_is_not_there_is_not_found(refused: Does, query: str) -> None:
    assert (await refused(query))[0] == "not_found"


# ---- pages of lists -----------------------------------------------------------------------------

PAGE = "edges { cursor node { name } } nodes { name } totalCount pageInfo { %s }"
INFO = "hasNextPage hasPreviousPage startCursor endCursor"


async def test_a_list_is_read_page_by_page(does: Does) -> None:
    names = [f"Report {number}" for number in range(1, 6)]
    for name in names:
        await saved(does, name)
    seen: list[str] = []
    after, pages = None, 0
    while True:
        query = "query ($after: String) { reports(first: 2, after: $after) {" + PAGE % INFO + "} }"
        page = (await does(query, after=after))["reports"]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is (pages > 0)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        seen += [node["name"] for node in page["nodes"]]
        after, pages = page["pageInfo"]["endCursor"], pages + 1
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (seen, pages) == (names, 3)


async def test_an_empty_list_has_no_cursors(does: Does) -> None:
    page = (await does("{ runs { " + PAGE.replace("name", "id") % INFO + " } }"))["runs"]
    assert page["nodes"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None,
    }  # fmt: skip


@pytest.mark.parametrize("after", ["nonsense", "aXRlbTo=", "aXRlbTotMQ==", "b3RoZXI6MQ==", "é"])
async def test_a_wrong_cursor_is_refused_with_what_is_right(refused: Does, after: str) -> None:
    code, field, sentence = await refused("query ($a: String) { reports(after: $a) { totalCount } }", a=after)
    assert (code, field) == ("invalid", "after")
    assert after in sentence
    assert "endCursor" in sentence


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_that_cannot_be_is_refused(refused: Does, first: int) -> None:
    told = await refused(f"{{ runs(first: {first}) {{ totalCount }} }}")
    assert told == ("invalid", "first", "A page holds from 1 to 100 items.")


# ---- who may ------------------------------------------------------------------------------------


@pytest.mark.requirement("DC-02")
async def test_only_editors_of_every_source_write_reports(
    does: Does, refused: Does, mailing: Mailing
) -> None:
    half = await mailing.person("Hal", shop=SourceRole.ADMIN, lab=SourceRole.GUEST)
    whole = await mailing.person("Wim", shop=SourceRole.EDITOR, lab=SourceRole.EDITOR)
    write = f'mutation {{ saveReport(name: "R", report: {LIST}) {{ id }} }}'

    assert (await refused(write, half))[0] == "forbidden"
    assert (await does("{ reports { totalCount } }"))["reports"]["totalCount"] == 0
    report = (await does(write, whole))["saveReport"]["id"]

    rename = f'mutation {{ saveReport(id: "{report}", name: "Mine", report: {LIST}) {{ id }} }}'
    for attempt in (rename, f'mutation {{ deleteReport(id: "{report}") }}'):
        assert (await refused(attempt, half))[0] == "forbidden"
    assert (await does(f'{{ report(id: "{report}") {{ name }} }}', half))["report"]["name"] == "R"
    alone = f'mutation {{ saveReport(name: "Shop alone", report: {LIST}, sources: ["Shop"]) {{ id }} }}'
    assert (await does(alone, half))["saveReport"]["id"]


@pytest.mark.requirement("DC-02")
async def test_who_may_not_read_every_source_does_not_know_of_the_report(
    does: Does, refused: Does, mailing: Mailing
) -> None:
    report = await saved(does, "Everything")
    begun = await does(f"mutation {{ buildReport(report: {LIST}) {{ id }} }}")
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    lists = await does("{ reports { totalCount nodes { name } } runs { totalCount nodes { id } } }", guest)
    assert lists == {"reports": {"totalCount": 0, "nodes": []}, "runs": {"totalCount": 0, "nodes": []}}
    for query in (f'{{ report(id: "{report}") {{ name }} }}',
                  f'{{ run(id: "{begun["buildReport"]["id"]}") {{ id }} }}',
                  f'mutation {{ cancelRun(id: "{begun["buildReport"]["id"]}") {{ id }} }}'):  # fmt: skip
        assert (await refused(query, guest))[0] == "not_found"


async def test_a_token_that_may_only_read_changes_nothing(
    does: Does, refused: Does, mailing: Mailing
) -> None:
    report = await saved(does, "Weekly")
    begun = await does(f"mutation {{ buildReport(report: {LIST}) {{ id }} }}")
    reader = by_token(mailing.owner, Scope.READ)
    for change in (
        f"buildReport(report: {LIST}) {{ id }}",
        f'saveReport(name: "New", report: {LIST}) {{ id }}',
        f'saveReport(id: "{report}", name: "Other", report: {LIST}) {{ id }}',
        f'runReport(id: "{report}") {{ id }}',
        f'cancelRun(id: "{begun["buildReport"]["id"]}") {{ id }}',
        f'deleteReport(id: "{report}")',
    ):
        code, _field, sentence = await refused(f"mutation {{ {change} }}", reader)
        assert code == "forbidden", change
        assert "scope write" in sentence
    left = await does("{ reports { nodes { name } } runs { nodes { state } } }", reader)
    assert left == {"reports": {"nodes": [{"name": "Weekly"}]}, "runs": {"nodes": [{"state": "WAITING"}]}}


async def test_a_stranger_changes_nothing(asking: Query, does: Does) -> None:
    report = await saved(does, "Weekly")
    for change in (f"buildReport(report: {LIST}) {{ id }}", f'deleteReport(id: "{report}")'):
        result = await asking(f"mutation {{ {change} }}")
        assert [error.extensions["code"] for error in result.errors] == ["unauthenticated"]
    assert (await does("{ reports { totalCount } runs { totalCount } }")) == {
        "reports": {"totalCount": 1},
        "runs": {"totalCount": 0},
    }


# ---- once ---------------------------------------------------------------------------------------


async def test_a_program_that_tries_again_with_its_key_runs_a_report_once(does: Does) -> None:
    build = f'mutation {{ buildReport(report: {LIST}, key: "%s") {{ id }} }}'
    first, second, third = [await does(build % key) for key in ("monday", "monday", "tuesday")]
    assert first == second != third
    save = f'mutation {{ saveReport(name: "List", report: {LIST}, key: "monday") {{ id }} }}'
    saved = (await does(save))["saveReport"]["id"]
    assert (await does(save))["saveReport"]["id"] == saved
    run = f'mutation {{ runReport(id: "{saved}", key: "monday") {{ id }} }}'
    assert await does(run) == await does(run)
    assert (await does("{ runs { totalCount } }"))["runs"]["totalCount"] == 3


async def test_a_report_is_replaced_only_while_it_has_the_version_that_was_seen(
    does: Does, refused: Does
) -> None:
    made = await does(f'mutation {{ saveReport(name: "List", report: {LIST}) {{ id version }} }}')
    made = made["saveReport"]
    assert made["version"] == 1
    save = (
        f'mutation {{ saveReport(id: "{made["id"]}", name: "List", report: {LIST}, ifVersion: 1)'
        " { version changedBy } }"
    )
    assert (await does(save))["saveReport"] == {"version": 2, "changedBy": "Olga"}
    code, field, sentence = await refused(save)
    assert (code, field) == ("conflict", "version")
    assert sentence.startswith("This report was changed by Olga on ")
