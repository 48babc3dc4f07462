"""The typed catalogue: figures by bucket and by group, narrowed, compared, sorted and cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bilan.accounts import Permission, Scope, SourceRole
from bilan.graphql.catalogue.inputs import RangeFilter
from bilan.sdk.filters import FilterValue
from fixtures.bilan import Query
from fixtures.mailing import Mailing, by_token

MARCH = 'period: {first: "2026-03-01", last: "2026-03-04"}'


@pytest.fixture
def ask(asking: Query, mailing: Mailing) -> Query:
    """The answer about the events, asked by the owner unless somebody else is named."""

    async def answered(arguments: str, selection: str, actor: Any = None, **more: Any) -> Any:
        bracketed = f"({arguments})" if arguments else ""
        query = "{ email { events" + bracketed + " {" + selection + "} } }"
        result = await asking(query, actor or mailing.owner, **more)
        assert result.errors is None, result.errors
        return result.data["email"]["events"]

    return answered


@pytest.fixture
def refused(asking: Query, mailing: Mailing) -> Query:
    """What is told instead of an answer."""

    async def told(arguments: str, selection: str = "totals { sends }", actor: Any = None) -> Any:
        query = "{ email { events(" + arguments + ") {" + selection + "} } }"
        result = await asking(query, actor or mailing.owner)
        (error,) = result.errors
        return error

    return told


# ---- figures ------------------------------------------------------------------------------------


async def test_totals_of_all_time_need_no_argument(ask: Query) -> None:
    assert await ask("", "totals { sends delivered uniqueOpens openRate } totalRows") == {
        "totals": {"sends": 4, "delivered": 3, "uniqueOpens": 1, "openRate": 1 / 3},
        "totalRows": 1,
    }


async def test_every_day_has_a_bucket_also_an_empty_one(ask: Query) -> None:
    answer = await ask(
        f"{MARCH}, interval: {{unit: DAY}}",
        "rows { bucket { start end startsAt endsAt partial unfinished } sends uniqueOpens openRate }",
    )
    days = [row.pop("bucket") for row in answer["rows"]]
    assert [day["start"] for day in days] == ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]
    assert days[3] == {
        "start": "2026-03-04",
        "end": "2026-03-05",
        "startsAt": "2026-03-04T00:00:00+00:00",
        "endsAt": "2026-03-05T00:00:00+00:00",
        "partial": False,
        "unfinished": False,
    }
    assert answer["rows"] == [
        {"sends": 2, "uniqueOpens": 1, "openRate": 0.5},
        {"sends": 1, "uniqueOpens": 1, "openRate": None},
        {"sends": 1, "uniqueOpens": 0, "openRate": 0.0},
        {"sends": 0, "uniqueOpens": 0, "openRate": None},
    ]


@pytest.mark.requirement("DC-16")
async def test_steps_begin_on_the_first_day_and_a_short_last_one_is_marked(ask: Query) -> None:
    answer = await ask(
        f"{MARCH}, interval: {{unit: DAY, count: 3}}", "rows { bucket { start partial } sends }"
    )
    assert answer["rows"] == [
        {"bucket": {"start": "2026-03-01", "partial": False}, "sends": 4},
        {"bucket": {"start": "2026-03-04", "partial": True}, "sends": 0},
    ]


@pytest.mark.requirement("DC-18")
async def test_totals_are_counted_anew(ask: Query) -> None:
    answer = await ask(
        f"{MARCH}, interval: {{unit: DAY}}", "rows { uniqueOpens } totals { uniqueOpens opens }"
    )
    assert sum(row["uniqueOpens"] for row in answer["rows"]) == 2
    assert answer["totals"] == {"uniqueOpens": 1, "opens": 2}


async def test_days_are_cut_in_the_zone_that_is_named(ask: Query) -> None:
    answer = await ask(
        f'{MARCH}, interval: {{unit: DAY}}, zone: "Europe/Paris"',
        "period { first last zone } rows { bucket { startsAt } sends }",
    )
    assert answer["period"] == {"first": "2026-03-01", "last": "2026-03-04", "zone": "Europe/Paris"}
    assert [row["sends"] for row in answer["rows"]] == [2, 1, 0, 1]
    assert answer["rows"][0]["bucket"]["startsAt"] == "2026-02-28T23:00:00+00:00"


async def test_rows_are_broken_down_by_dimensions(ask: Query) -> None:
    answer = await ask("by: [SOURCE, CAMPAIGN]", "rows { source campaign sends }")
    assert sorted((row["source"], row["campaign"], row["sends"]) for row in answer["rows"]) == [
        ("Lab", "trial", 1),
        ("Shop", "news", 2),
        ("Shop", "sale", 1),
    ]


async def test_a_list_counts_under_each_of_its_values_or_under_none(ask: Query) -> None:
    answer = await ask("by: [TAGS]", "rows { tags sends clicks } totals { sends clicks }")
    assert [(row["tags"], row["sends"], row["clicks"]) for row in answer["rows"]] == [
        ("", 1, 0),  # of the campaign “trial”
        ("letter", 3, 1),
        ("offer", 1, 1),
    ]
    assert answer["totals"] == {"sends": 4, "clicks": 1}


async def test_rows_are_broken_down_by_what_the_clocks_of_the_zone_showed(ask: Query) -> None:
    sent = f'{MARCH}, zone: "Asia/Kathmandu", filters: {{kind: {{any: ["sent"]}}}}'
    answer = await ask(
        f"{sent}, by: [WEEKDAY, HOUR], order: [{{key: SENDS}}, {{key: HOUR, descending: false}}]",
        "rows { weekday hour sends source } totals { sends }",
    )
    # The first of March is a Sunday, and clocks there are 5:45 ahead: 10:00, 23:30 and 8:00 in UTC.
    assert [(row["weekday"], row["hour"], row["sends"]) for row in answer["rows"]] == [
        (7, 15, 2),
        (3, 5, 1),
        (1, 13, 1),
    ]
    assert answer["totals"] == {"sends": 4}


async def test_rows_have_no_weekday_unless_they_are_broken_down_by_it(ask: Query) -> None:
    answer = await ask("by: [KIND]", "rows { weekday hour }")
    assert {(row["weekday"], row["hour"]) for row in answer["rows"]} == {(None, None)}


async def test_a_dimension_named_twice_is_one(ask: Query) -> None:
    answer = await ask("by: [CAMPAIGN, CAMPAIGN]", "rows { campaign }")
    assert sorted(row["campaign"] for row in answer["rows"]) == ["news", "sale", "trial"]


async def test_rows_without_a_metric_say_what_there_is(ask: Query) -> None:
    answer = await ask("by: [CAMPAIGN]", "rows { campaign } totalRows")
    assert sorted(row["campaign"] for row in answer["rows"]) == ["news", "sale", "trial"]
    assert answer["totalRows"] == 3


async def test_moments_are_figures_too(ask: Query) -> None:
    assert await ask("", "totals { lastClick }") == {"totals": {"lastClick": "2026-03-04T09:00:00+00:00"}}


# ---- narrowed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "events"),
    [
        ('campaign: {any: ["news"]}', 6),
        ('campaign: {any: ["news", "trial"]}', 7),
        ('campaign: {none: ["news"]}', 4),
        ('tags: {any: ["offer", "letter"]}', 9),
        ('tags: {all: ["offer", "letter"]}', 3),
        ('tags: {none: ["offer"]}', 7),
        ('tags: {any: [""]}', 1),
        ('tags: {any: ["", "offer"]}', 4),
        ('subject: {contains: "SPRING"}', 3),
        ("machine: true", 1),
        ("machine: false", 9),
        ('recipient: {contains: "ann@"}', 7),
        ('kind: {any: ["sent"]}, campaign: {any: ["news"]}', 2),
    ],
)
async def test_filters_narrow_and_all_of_them_hold(ask: Query, filters: str, events: int) -> None:
    answer = await ask(f"filters: {{{filters}}}, by: [KIND]", "rows { kind sends opens delivered clicks }")
    counted = [row["sends"] + row["opens"] + row["delivered"] + row["clicks"] for row in answer["rows"]]
    assert sum(counted) == events


def test_a_range_is_from_its_lowest_value_to_below_its_highest() -> None:
    assert RangeFilter(low=1, below=2.5).value("shop.total") == FilterValue("shop.total", low=1, high=2.5)


async def test_only_the_named_sources_are_read(ask: Query, mailing: Mailing) -> None:
    assert await ask('sources: ["lab"]', "totals { sends }") == {"totals": {"sends": 1}}
    assert await ask(f'sources: ["{mailing.shop.id}"]', "totals { sends }") == {"totals": {"sends": 3}}
    assert await ask('sources: ["Lab", "Shop"]', "totals { sends }") == {"totals": {"sends": 4}}


async def test_no_source_at_all_gives_nothing(ask: Query) -> None:
    assert await ask("sources: []", "totals { sends }") == {"totals": {"sends": 0}}


# ---- compared, sorted, cut ----------------------------------------------------------------------


async def test_a_comparison_stands_beside_its_bucket(ask: Query) -> None:
    answer = await ask(
        'period: {first: "2026-03-03", last: "2026-03-04"}, interval: {unit: DAY}, compare: PREVIOUS',
        "compared { first last } totals { sends } previous { sends }"
        " rows { bucket { start } sends previous { sends } }",
    )
    assert answer == {
        "compared": {"first": "2026-03-01", "last": "2026-03-02"},
        "totals": {"sends": 1},
        "previous": {"sends": 3},
        "rows": [
            {"bucket": {"start": "2026-03-03"}, "sends": 1, "previous": {"sends": 2}},
            {"bucket": {"start": "2026-03-04"}, "sends": 0, "previous": {"sends": 1}},
        ],
    }


async def test_the_year_before_can_be_compared(ask: Query) -> None:
    answer = await ask(f"{MARCH}, compare: YEAR", "compared { first last } previous { sends }")
    assert answer == {"compared": {"first": "2025-03-01", "last": "2025-03-04"}, "previous": {"sends": 0}}


async def test_rows_are_sorted_and_cut_while_totals_cover_everything(ask: Query) -> None:
    arguments = "by: [CAMPAIGN], order: [{key: DELIVERED}, {key: CAMPAIGN, descending: false}]"
    selection = "rows { campaign delivered } totals { delivered } totalRows"
    first = await ask(f"{arguments}, limit: 2", selection)
    assert first == {
        "rows": [{"campaign": "news", "delivered": 2}, {"campaign": "sale", "delivered": 1}],
        "totals": {"delivered": 3},
        "totalRows": 3,
    }
    rest = await ask(f"{arguments}, limit: 2, offset: 2", selection)
    assert rest["rows"] == [{"campaign": "trial", "delivered": 0}]


async def test_what_sorts_need_not_be_shown(ask: Query) -> None:
    answer = await ask("by: [CAMPAIGN], order: [{key: CLICKS}], limit: 1", "rows { campaign }")
    assert answer["rows"] == [{"campaign": "sale"}]


async def test_since_the_oldest_begins_with_the_oldest_selected_fact(ask: Query) -> None:
    answer = await ask(
        'period: {preset: SINCE_OLDEST}, filters: {campaign: {any: ["sale"]}}', "period { first }"
    )
    assert answer == {"period": {"first": "2026-03-03"}}


async def test_rows_have_what_is_selected_under_the_names_of_the_query(ask: Query) -> None:
    answer = await ask(
        f"{MARCH}, interval: {{unit: DAY}}, by: [CAMPAIGN, SOURCE], compare: PREVIOUS, limit: 1",
        "a: rows { __typename sends: delivered delivered: sends campaign source kind "
        "  bucket { __typename d: start start: end } previous { __typename x: sends } }"
        " b: rows { lastClick openRate previous @skip(if: true) { sends } }"
        " rows { campaign } rows { b: campaign }",
    )
    assert answer == {
        "a": [
            {
                "__typename": "EmailEventsRow",
                "sends": 2,
                "delivered": 2,
                "campaign": "news",
                "source": "Shop",
                "kind": None,
                "bucket": {"__typename": "Bucket", "d": "2026-03-01", "start": "2026-03-02"},
                "previous": {"__typename": "EmailEventsFigures", "x": 0},
            }
        ],
        "b": [{"lastClick": None, "openRate": 0.5}],
        "rows": [{"campaign": "news", "b": "news"}],
    }


async def test_moments_of_rows_are_written_like_those_of_totals(ask: Query) -> None:
    answer = await ask("by: [CAMPAIGN]", "rows { campaign lastClick } totals { lastClick }")
    moments = {row["campaign"]: row["lastClick"] for row in answer["rows"]}
    assert moments == {"news": None, "sale": answer["totals"]["lastClick"], "trial": None}


async def test_the_answer_says_as_of_when_and_what_to_know(ask: Query) -> None:
    before = datetime.now(UTC)
    answer = await ask("", "notes asOf totals { sends }")
    # The last moment that was issued, which is a second old at most.
    assert before - timedelta(seconds=1) <= datetime.fromisoformat(answer["asOf"]) <= datetime.now(UTC)
    assert answer["notes"] == []


# ---- who may ask --------------------------------------------------------------------------------


@pytest.mark.requirement("DC-02")
async def test_a_source_without_a_role_adds_nothing(ask: Query, mailing: Mailing) -> None:
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    nobody = await mailing.person("Nora")
    arguments, selection = "by: [SOURCE]", "rows { source sends } totals { sends }"
    assert await ask(arguments, selection, guest) == {
        "rows": [{"source": "Shop", "sends": 3}],
        "totals": {"sends": 3},
    }
    assert await ask(arguments, selection, nobody) == {"rows": [], "totals": {"sends": 0}}


async def test_a_source_without_a_role_cannot_be_named(refused: Query, mailing: Mailing) -> None:
    guest = await mailing.person("Gus", shop=SourceRole.GUEST)
    for name in ("Lab", str(mailing.lab.id)):
        error = await refused(f'sources: ["{name}"]', actor=guest)
        assert error.extensions == {"code": "not_found", "field": "sources"}


async def test_a_token_that_may_only_read_asks(ask: Query, mailing: Mailing) -> None:
    program = by_token(mailing.owner, Scope.READ)
    assert await ask("", "totals { sends }", program) == {"totals": {"sends": 4}}


@pytest.mark.requirement("DC-03")
async def test_figures_of_one_person_take_the_permission(
    refused: Query, ask: Query, mailing: Mailing
) -> None:
    curious = await mailing.person("Cora", shop=SourceRole.ADMIN)
    narrowed = 'filters: {recipient: {contains: "bob@b.org"}}'
    error = await refused(narrowed, actor=curious)
    assert error.extensions["code"] == "forbidden"
    assert "export_contact_data" in error.message
    trusted = await mailing.person(
        "Tess", shop=SourceRole.GUEST, permissions=(Permission.EXPORT_CONTACT_DATA,)
    )
    assert await ask(narrowed, "totals { sends }", trusted) == {"totals": {"sends": 1}}


# ---- what cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "field", "sentence"),
    [
        ("limit: 10001", "limit", "A limit is from 1 to 10,000 rows."),
        ('period: {preset: YESTERDAY, first: "2026-03-01"}', "period",
         "Choose a named period or two dates, not both."),
        ('period: {first: "2026-03-02", last: "2026-03-01"}', "period",
         "The period starts on 2026-03-02, after its last day 2026-03-01; swap the two."),
        (f"{MARCH}, interval: {{unit: MONTH, count: 2}}", "interval",
         "Only days and weeks can be counted in steps of more than one."),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_its_field(
    refused: Query, arguments: str, field: str, sentence: str
) -> None:
    error = await refused(arguments)
    assert (error.extensions, error.message) == ({"code": "invalid", "field": field}, sentence)


async def test_an_order_by_what_is_no_group_is_refused(refused: Query) -> None:
    error = await refused("by: [KIND], order: [{key: CAMPAIGN}]")
    assert error.extensions["code"] == "invalid"
