"""The facts of a dataset, a page at a time: typed, narrowed, sorted, for those who may see persons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from httpx2 import AsyncClient

from bilan.accounts import Permission, Scope, SourceRole
from fixtures.bilan import Query
from fixtures.email_reports import MailRoom
from fixtures.mailing import Mailing, at

ODD = 'He said "no" – \\ / \t {"@key":"x"}\nand néant 😀'


@pytest.fixture
def room(mailing: Mailing) -> MailRoom:
    """Writes more facts."""
    services = mailing.bilan.services
    return MailRoom(services.warehouse, services.registry, services.files)


@pytest.fixture
def ask(asking: Query, mailing: Mailing) -> Query:
    """What a field below ``email`` gives, asked by the owner unless somebody else is named."""

    async def answered(
        arguments: str, selection: str, *, field: str = "eventsFacts", actor: Any = None, **more: Any
    ) -> Any:
        bracketed = f"({arguments})" if arguments else ""
        head = more.pop("head", "")
        query = f"{head} {{ email {{ {field}{bracketed} {{ {selection} }} }} }} {more.pop('tail', '')}"
        result = await asking(query, actor or mailing.owner, **more)
        assert result.errors is None, result.errors
        return msgspec.json.decode(msgspec.json.encode(result.data))["email"][field]

    return answered


@pytest.fixture
def refused(asking: Query, mailing: Mailing) -> Query:
    """What is told instead of facts."""

    async def told(arguments: str, selection: str = "nodes { kind }", actor: Any = None) -> Any:
        query = "{ email { eventsFacts(" + arguments + ") {" + selection + "} } }"
        result = await asking(query, actor or mailing.owner)
        (error,) = result.errors
        return error

    return told


# ---- what they look like ------------------------------------------------------------------------


async def test_facts_come_in_order_of_time_with_their_columns_as_typed_fields(ask: Query) -> None:
    page = await ask("first: 3", "nodes { occurredAt kind campaign recipient tags machine source }")
    news = {"campaign": "news", "tags": ["letter"], "machine": False, "source": "Shop"}
    assert page["nodes"] == [
        {"occurredAt": "2026-03-01T10:00:00+00:00", "kind": "sent", "recipient": "ann@a.org", **news},
        {"occurredAt": "2026-03-01T10:00:00+00:00", "kind": "sent", "recipient": "bob@b.org", **news},
        {"occurredAt": "2026-03-01T10:01:00+00:00", "kind": "delivered", "recipient": "ann@a.org", **news},
    ]


async def test_the_same_facts_come_column_by_column(ask: Query) -> None:
    page = await ask("first: 3", "columns { kind recipient tags }")
    assert page["columns"] == {
        "kind": ["sent", "sent", "delivered"],
        "recipient": ["ann@a.org", "bob@b.org", "ann@a.org"],
        "tags": [["letter"], ["letter"], ["letter"]],
    }


async def test_numbers_moments_and_what_is_not_known_have_their_types(
    ask: Query, mailing: Mailing, room: MailRoom
) -> None:
    moment = at("05 06:07").replace(second=8, microsecond=90)
    room.totals(
        {"campaign": "a", "occurred_at": at("01 00:00"), "opens": 2**53 + 1, "last_open": moment},
        {"campaign": "b", "occurred_at": at("02 00:00"), "archived": True},
        source=mailing.shop.id,
    )
    selection = "nodes { campaign opens lastOpen archived } columns { opens lastOpen }"
    page = await ask("", selection, field="campaignTotalsFacts")
    assert page == {
        "nodes": [
            {"campaign": "a", "opens": 2**53 + 1, "lastOpen": "2026-03-05T06:07:08.000090+00:00",
             "archived": False},
            {"campaign": "b", "opens": None, "lastOpen": None, "archived": True},
        ],
        "columns": {
            "opens": [2**53 + 1, None], "lastOpen": ["2026-03-05T06:07:08.000090+00:00", None],
        },
    }  # fmt: skip


async def test_any_text_arrives_as_it_was(ask: Query, mailing: Mailing, room: MailRoom) -> None:
    room.events(
        {"kind": "clicked", "recipient": ODD, "occurred_at": at("09 00:00"), "fact_id": f"é\n{ODD}"},
        {"kind": "clicked", "recipient": "", "occurred_at": at("09 00:01"), "fact_id": ""},
        source=mailing.shop.id,
    )
    days = 'period: {first: "2026-03-09", last: "2026-03-09"}'
    page = await ask(days, "nodes { recipient factId } columns { recipient factId }")
    assert page == {
        "nodes": [{"recipient": ODD, "factId": f"é\n{ODD}"}, {"recipient": "", "factId": ""}],
        "columns": {"recipient": [ODD, ""], "factId": [f"é\n{ODD}", ""]},
    }
    first = await ask(f"{days}, first: 1", "pageInfo { endCursor }")
    rest = await ask(f'{days}, after: "{first["pageInfo"]["endCursor"]}"', "nodes { factId }")
    assert rest["nodes"] == [{"factId": ""}]


# ---- selected in every way ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        # A name in the response that another column has.
        ("nodes { kind: campaign campaign: kind }", {"nodes": [{"kind": "news", "campaign": "sent"}]}),
        ("columns { kind: campaign campaign: kind }", {"columns": {"kind": ["news"], "campaign": ["sent"]}}),
        ("nodes { _key: kind _w0: kind }", {"nodes": [{"_key": "sent", "_w0": "sent"}]}),
        ("nodes { kind kind } nodes { campaign }", {"nodes": [{"kind": "sent", "campaign": "news"}]}),
        ("a: nodes { kind } b: nodes { campaign } c: columns { kind }",
         {"a": [{"kind": "sent"}], "b": [{"campaign": "news"}], "c": {"kind": ["sent"]}}),
        ("__typename nodes { __typename kind } columns { t: __typename kind }",
         {"__typename": "EmailEventsFacts", "nodes": [{"kind": "sent", "__typename": "EmailEventsFact"}],
          "columns": {"kind": ["sent"], "t": "EmailEventsFactColumns"}}),
        ("nodes { __typename }", {"nodes": [{"__typename": "EmailEventsFact"}]}),
        ("nodes { kind @skip(if: true) campaign @include(if: true) }", {"nodes": [{"campaign": "news"}]}),
        ("nodes { kind @skip(if: true) }", {"nodes": [{}]}),
        ("nodes @skip(if: true) { kind } period { first }", {"period": None}),
        ("... on EmailEventsFacts { nodes { ... on EmailEventsFact { kind } } }",
         {"nodes": [{"kind": "sent"}]}),
        ("pageInfo { hasNextPage hasPreviousPage }",
         {"pageInfo": {"hasNextPage": True, "hasPreviousPage": False}}),
    ],
)  # fmt: skip
async def test_what_is_selected_comes_under_its_name(ask: Query, selection: str, expected: Any) -> None:
    assert await ask("first: 1", selection) == expected


async def test_fragments_and_variables_are_followed(ask: Query) -> None:
    page = await ask(
        "first: $n, recipient: $who, filters: {kind: {any: $kinds}}",
        "...Page",
        head="query ($n: Int!, $who: String, $kinds: [String!], $more: Boolean!)",
        tail="fragment Page on EmailEventsFacts { nodes { kind ...More @include(if: $more) } }"
        " fragment More on EmailEventsFact { campaign }",
        variables={"n": 5, "who": "ann@a.org", "kinds": ["sent"], "more": True},
    )
    assert page["nodes"] == [{"kind": "sent", "campaign": "news"}, {"kind": "sent", "campaign": "sale"}]


# ---- narrowed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ('recipient: "bob@b.org"', ["sent", "delivered"]),
        ('recipient: "bob"', []),
        ('recipient: "ann@a.org", filters: {campaign: {any: ["sale"]}}', ["sent", "delivered", "clicked"]),
        ('period: {first: "2026-03-02", last: "2026-03-02"}', ["sent", "opened"]),
        ('period: {first: "2026-03-04", last: "2026-03-04"}', ["clicked"]),
        ('period: {first: "2026-03-04", last: "2026-03-04"}, zone: "Europe/Paris"',
         ["sent", "delivered", "clicked"]),
        ('period: {preset: SINCE_OLDEST}, filters: {campaign: {any: ["trial"]}}', ["sent"]),
        ('sources: ["Lab"]', ["sent"]),
        ("sources: []", []),
    ],
)  # fmt: skip
async def test_facts_are_narrowed(ask: Query, arguments: str, kinds: list[str]) -> None:
    page = await ask(arguments, "nodes { kind } columns { kind }")
    assert [one["kind"] for one in page["nodes"]] == page["columns"]["kind"] == kinds


async def test_a_page_says_which_days_and_as_of_when(ask: Query) -> None:
    before = datetime.now(UTC)
    page = await ask('period: {first: "2026-03-02", last: "2026-03-03"}', "period { first last zone } asOf")
    assert page["period"] == {"first": "2026-03-02", "last": "2026-03-03", "zone": "UTC"}
    # The last moment that was issued, which is a second old at most.
    assert before - timedelta(seconds=1) <= datetime.fromisoformat(page["asOf"]) <= datetime.now(UTC)


async def test_a_page_without_facts_has_no_cursor(ask: Query) -> None:
    page = await ask('recipient: "nobody"', "pageInfo { hasNextPage startCursor endCursor } nodes { kind }")
    assert page == {
        "pageInfo": {"hasNextPage": False, "startCursor": None, "endCursor": None},
        "nodes": [],
    }


# ---- page by page -------------------------------------------------------------------------------


async def _all(ask: Query, arguments: str, first: int, field: str = "nodes") -> list[Any]:
    found: list[Any] = []
    after = ""
    while True:
        page = await ask(
            f"{arguments} first: {first} {after}",
            f"{field} {{ factId kind }} pageInfo {{ hasNextPage hasPreviousPage endCursor }}",
        )
        assert page["pageInfo"]["hasPreviousPage"] is bool(after)
        rows = page[field]
        found += [one["factId"] for one in rows] if field == "nodes" else rows["factId"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = f'after: "{page["pageInfo"]["endCursor"]}"'


@pytest.mark.parametrize("field", ["nodes", "columns"])
@pytest.mark.parametrize(
    "order", ["", "order: [{key: KIND}]", "order: [{key: TAGS, descending: false}, {key: SOURCE}]"]
)
async def test_pages_show_each_fact_once(ask: Query, order: str, field: str) -> None:
    whole = await _all(ask, order, 100)
    assert len(set(whole)) == len(whole) == 10
    for first in (1, 2, 3, 9, 10, 11):
        assert await _all(ask, order, first, field) == whole


async def test_facts_are_sorted_by_columns_with_the_unknown_last(
    ask: Query, mailing: Mailing, room: MailRoom
) -> None:
    room.totals(
        *({"campaign": name, "occurred_at": at("01 00:00"), "opens": opens}
          for name, opens in (("a", None), ("b", 2), ("c", None), ("d", 7), ("e", 2))),
        source=mailing.shop.id,
    )  # fmt: skip
    for descending, expected in (("true", "dbeac"), ("false", "bedac")):
        found, after = "", ""
        for _page in range(5):
            page = await ask(
                f"order: [{{key: OPENS, descending: {descending}}}] first: 1 {after}",
                "nodes { campaign } pageInfo { endCursor }",
                field="campaignTotalsFacts",
            )
            found += page["nodes"][0]["campaign"]
            after = f'after: "{page["pageInfo"]["endCursor"]}"'
        assert found == expected


async def test_pages_that_follow_are_as_of_the_first(ask: Query, mailing: Mailing, room: MailRoom) -> None:
    first = await ask("first: 9", "asOf pageInfo { endCursor }")
    later = datetime.fromisoformat(first["asOf"]) + timedelta(seconds=5)
    room.events(
        {"kind": "opened", "recipient": "ann@a.org", "occurred_at": at("08 00:00")},
        source=mailing.shop.id, at=later,
    )  # fmt: skip
    rest = await ask(f'after: "{first["pageInfo"]["endCursor"]}"', "asOf nodes { kind }")
    assert rest == {"asOf": first["asOf"], "nodes": [{"kind": "clicked"}]}


async def test_a_long_page_is_in_order(ask: Query, mailing: Mailing, room: MailRoom) -> None:
    start = at("10 00:00")
    room.events(
        *({"kind": "opened", "recipient": f"{n}@x.org", "occurred_at": start + timedelta(seconds=n % 4000)}
          for n in range(9000)),
        source=mailing.shop.id,
    )  # fmt: skip
    days = 'period: {first: "2026-03-10", last: "2026-03-11"}'
    page = await ask(f"{days} first: 8999", "columns { occurredAt recipient } nodes { occurredAt recipient }")
    moments, recipients = page["columns"]["occurredAt"], page["columns"]["recipient"]
    assert (len(moments), len(set(recipients)), moments == sorted(moments)) == (8999, 8999, True)
    assert [(one["occurredAt"], one["recipient"]) for one in page["nodes"]] == list(
        zip(moments, recipients, strict=True)
    )


# ---- who may ask --------------------------------------------------------------------------------


@pytest.mark.requirement("DC-03")
async def test_rows_about_persons_take_the_permission(refused: Query, ask: Query, mailing: Mailing) -> None:
    curious = await mailing.person("Cora", shop=SourceRole.ADMIN)
    error = await refused("first: 1", "nodes { kind }", curious)
    assert error.extensions["code"] == "forbidden"
    assert "export_contact_data" in error.message
    trusted = await mailing.person(
        "Tess", shop=SourceRole.GUEST, permissions=(Permission.EXPORT_CONTACT_DATA,)
    )
    page = await ask("", "columns { source }", actor=trusted)
    assert page["columns"]["source"] == ["Shop"] * 9


async def test_rows_about_nobody_are_for_all_readers(ask: Query, mailing: Mailing, room: MailRoom) -> None:
    room.totals({"campaign": "a", "occurred_at": at("01 00:00")}, source=mailing.shop.id)
    room.totals({"campaign": "b", "occurred_at": at("01 00:00")}, source=mailing.lab.id)
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    page = await ask("", "nodes { campaign }", field="campaignTotalsFacts", actor=guest)
    assert page["nodes"] == [{"campaign": "a"}]


@pytest.mark.requirement("DC-02")
async def test_a_cursor_of_somebody_else_opens_no_source(ask: Query, mailing: Mailing) -> None:
    cursor = (await ask("first: 4", "pageInfo { endCursor }"))["pageInfo"]["endCursor"]
    reader = await mailing.person("Lea", lab=SourceRole.GUEST, permissions=(Permission.EXPORT_CONTACT_DATA,))
    page = await ask(f'after: "{cursor}"', "columns { source }", actor=reader)
    assert page["columns"]["source"] == ["Lab"]


# ---- what cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "field", "sentence"),
    [
        ("first: 0", "first", "A page holds from 1 to 10,000 items."),
        ("first: 10001", "first", "A page holds from 1 to 10,000 items."),
        ('after: "nonsense"', "after",
         "“nonsense” is no place among these facts in this order; begin with the first page."),
        ('after: "W1tdLDUsIiJd"', "after",
         "“W1tdLDUsIiJd” is no place among these facts in this order; begin with the first page."),
        ('period: {preset: YESTERDAY, first: "2026-03-01"}', "period",
         "Choose a named period or two dates, not both."),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_its_field(
    refused: Query, arguments: str, field: str, sentence: str
) -> None:
    error = await refused(arguments)
    assert (error.extensions, error.message) == ({"code": "invalid", "field": field}, sentence)


async def test_a_cursor_belongs_to_its_order(ask: Query, refused: Query) -> None:
    cursor = (await ask("first: 1", "pageInfo { endCursor }"))["pageInfo"]["endCursor"]
    error = await refused(f'after: "{cursor}", order: [{{key: KIND}}]')
    assert error.extensions == {"code": "invalid", "field": "after"}


async def test_each_use_of_the_facts_costs_a_question(refused: Query) -> None:
    many = " ".join(f"a{n}: nodes {{ kind }}" for n in range(21))
    error = await refused("first: 1", many)
    assert error.extensions["code"] == "too_large"


# ---- over HTTP ----------------------------------------------------------------------------------


async def test_a_program_gets_facts_beside_figures(browser: AsyncClient, mailing: Mailing) -> None:
    made = await mailing.bilan.services.tokens.create(mailing.owner, "lab", [Scope.READ], days=1)
    query = '{ email { eventsFacts(recipient: "bob@b.org") { nodes { kind } } events { totals { sends } } } }'
    answer = await browser.post(
        "/graphql", json={"query": query}, headers={"authorization": f"Bearer {made.token}"}
    )
    assert answer.json() == {
        "data": {
            "email": {
                "eventsFacts": {"nodes": [{"kind": "sent"}, {"kind": "delivered"}]},
                "events": {"totals": {"sends": 4}},
            }
        }
    }
