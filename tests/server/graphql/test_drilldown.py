"""The rows behind a figure through GraphQL."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from bilan.accounts import Principal, SourceRole
from bilan.app import Bilan
from fixtures.bilan import Query
from fixtures.mailing import Mailing

MARCH = '{first: "2026-03-01", last: "2026-03-04"}'
ROWS = (
    "label value unit mark metric dataset counted distinct totalRows remarks refused reportedBySource url "
    "columns { key label unit } rows pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
)


@pytest.fixture
async def run(asking: Query, mailing: Mailing, working: Bilan) -> str:
    """A list of campaigns that is built."""
    begun = await asking(
        f"mutation {{ buildReport(report: {{emailCampaign: {{period: {MARCH}}}}}) {{ id }} }}", mailing.owner
    )
    run = begun.data["buildReport"]["id"]
    with anyio.fail_after(60):
        while True:
            if (await _one(asking, mailing.owner, run, "state"))["state"] == "SUCCEEDED":
                return run
            await anyio.sleep(0.05)


async def _one(asking: Query, actor: Principal, run: str, fields: str) -> Any:
    result = await asking(f'{{ run(id: "{run}") {{ {fields} }} }}', actor)
    assert result.errors is None, result.errors
    return result.data["run"]


async def _drilldown(asking: Query, actor: Principal, run: str, arguments: str) -> Any:
    return (await _one(asking, actor, run, f"drilldown({arguments}) {{ {ROWS} }}"))["drilldown"]


async def _tile(asking: Query, mailing: Mailing, run: str, key: str) -> str:
    """The argument that names a tile of the first section."""
    tiles = "blocks { ... on DocumentKpis { path tiles { key } } }"
    fields = f"document {{ blocks {{ ... on DocumentSection {{ {tiles} }} }} }}"
    document = (await _one(asking, mailing.owner, run, fields))["document"]
    for block in filter(None, document["blocks"][0]["blocks"]):
        for place, tile in enumerate(block["tiles"]):
            if tile["key"] == key:
                return f'figure: "{block["path"]}:t{place}"'
    raise LookupError(key)


@pytest.mark.requirement("AD-06")
async def test_a_figure_is_addressed_by_its_block_and_place(
    asking: Query, mailing: Mailing, run: str
) -> None:
    document = (
        await _one(asking, mailing.owner, run,
                   "document { blocks { ... on DocumentSection { blocks { ... on DocumentKpis { path } } } }"
                   " tables { key path columns { key } rows } }")
    )["document"]  # fmt: skip
    (table,) = document["tables"]
    column = [one["key"] for one in table["columns"]].index("email.delivered")
    (row,) = [place for place, one in enumerate(table["rows"]) if one[1] == "news"]

    told = await _drilldown(asking, mailing.owner, run, f'figure: "{table["path"]}:r{row}c{column}"')

    assert document["blocks"][0]["blocks"][0]["path"] == "0-0"
    assert (told["label"], told["value"], told["counted"], told["totalRows"]) == ("Delivered", 2, 2, 2)
    assert (told["metric"], told["dataset"], told["distinct"]) == ("email.delivered", "email.events", None)
    assert told["remarks"] == ["2 rows."]
    keys = [one["key"] for one in told["columns"]]
    assert [row[keys.index("recipient")] for row in told["rows"]] == ["ann@a.org", "bob@b.org"]
    assert [row[keys.index("source")] for row in told["rows"]] == ["Shop", "Shop"]
    assert told["url"] == f"/runs/{run}/rows.csv?figure={table['path']}%3Ar{row}c{column}"


@pytest.mark.requirement("AD-06")
async def test_rows_come_in_pages(asking: Query, mailing: Mailing, run: str) -> None:
    delivered = await _tile(asking, mailing, run, "email.delivered")
    first = await _drilldown(asking, mailing.owner, run, f"{delivered}, first: 2")
    assert len(first["rows"]) == 2
    assert first["pageInfo"]["hasNextPage"] is True
    rest = await _drilldown(
        asking, mailing.owner, run, f'{delivered}, after: "{first["pageInfo"]["endCursor"]}"'
    )
    assert [len(rest["rows"]), rest["pageInfo"]["hasNextPage"]] == [1, False]
    assert rest["pageInfo"]["hasPreviousPage"] is True
    back = await _drilldown(
        asking, mailing.owner, run, f'{delivered}, before: "{rest["pageInfo"]["startCursor"]}"'
    )
    assert back["rows"] == first["rows"]
    assert [back["pageInfo"]["hasPreviousPage"], back["pageInfo"]["hasNextPage"]] == [False, True]


@pytest.mark.requirement("AD-06", "DC-03")
async def test_without_the_permission_there_are_counts_and_no_rows(
    asking: Query, mailing: Mailing, run: str
) -> None:
    mia = await mailing.person("Mia", shop=SourceRole.GUEST, lab=SourceRole.GUEST)

    told = await _drilldown(asking, mia, run, await _tile(asking, mailing, run, "email.unique_opens"))

    assert (told["value"], told["counted"], told["distinct"], told["totalRows"]) == (1, 1, 1, 2)
    assert told["rows"] == []
    assert told["url"] is None
    assert told["refused"] == (
        "This shows rows about single persons and takes the permission export_contact_data."
    )


@pytest.mark.requirement("AD-06")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('figure: "0-0:t99"', "not_found"),
        ('figure: "1-0:r0c1"', "conflict"),
        ('figure: "\' OR 1=1"', "not_found"),
        ('figure: "0-0:t1", first: 101', "invalid"),
        ('figure: "0-0:t1", after: "x"', "invalid"),
        ('figure: "0-0:t1", after: "aXRlbToz"', "invalid"),
        ('figure: "0-0:t1", before: "\' OR 1=1"', "invalid"),
    ],
)
async def test_what_is_no_figure_is_refused_with_a_sentence(
    asking: Query, mailing: Mailing, run: str, arguments: str, code: str
) -> None:
    result = await asking(
        f'{{ run(id: "{run}") {{ drilldown({arguments}) {{ totalRows }} }} }}', mailing.owner
    )

    (error,) = result.errors
    assert error.extensions["code"] == code
    assert len(error.message.split()) > 4
