from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.ingest.normalise import Normaliser, Normalisers, fact_name
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.datasets import Activity, Column, ColumnType, Dataset, Fact
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import messages
from fixtures.ingest import BASKETS, NOW, ORDERS

_ = messages("shop")[0]

normal = Normaliser(ORDERS)
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
MINIMAL = {"occurred_at": MORNING, "order": "A1"}


def refusal(**values: Any) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(Invalid) as caught:
        normal({**MINIMAL, **values}, NOW)
    return str(caught.value), caught.value.path


def test_missing_values_become_empty_ones_of_their_type() -> None:
    assert normal(MINIMAL, NOW) == {
        "occurred_at": MORNING,
        "order": "A1",
        "buyer": "",
        "tags": [],
        "pieces": 0,
        "price": None,
        "gift": False,
        "due": None,
        "paid_at": None,
    }


def test_rows_do_not_share_their_empty_lists() -> None:
    normal(MINIMAL, NOW)["tags"].append("x")
    assert normal(MINIMAL, NOW)["tags"] == []


def test_values_keep_their_meaning() -> None:
    paris = timezone(timedelta(hours=1))
    row = normal(
        {
            "occurred_at": datetime(2026, 3, 10, 9, 30, tzinfo=paris),
            "order": 17,
            "buyer": "Zoë\x00 \ud83d",
            "tags": ("b", "a"),
            "pieces": 3.0,
            "price": Decimal("12.50"),
            "gift": True,
            "due": date(2026, 4, 1),
        },
        NOW,
    )
    assert row == {
        "occurred_at": datetime(2026, 3, 10, 8, 30, tzinfo=UTC),
        "order": "17",
        "buyer": "Zoë \ufffd",
        "tags": ["b", "a"],
        "pieces": 3,
        "price": 12.5,
        "gift": True,
        "due": date(2026, 4, 1),
        "paid_at": None,
    }
    assert row["occurred_at"].tzinfo is UTC


@pytest.mark.parametrize(
    ("values", "sentence", "column"),
    [
        ({"order": None}, "Order is missing; a row of Orders needs it.", "order"),
        ({"order": ""}, "Order is missing; a row of Orders needs it.", "order"),
        ({"occurred_at": None}, "Ordered at is missing; a row of Orders needs it.", "occurred_at"),
        ({"colour": "red"}, "shop.orders has no column colour.", "colour"),
        ({"buyer": {}}, "Buyer must be a text, not {}.", "buyer"),
        ({"buyer": True}, "Buyer must be a text, not True.", "buyer"),
        ({"buyer": "x" * 100_001}, "Buyer is longer than 100000 characters.", "buyer"),
        ({"tags": "a,b"}, "Tags must be a list of texts, not 'a,b'.", "tags"),
        ({"tags": ["a", None]}, "Tags must be a text, not None.", "tags"),
        ({"tags": ["a"] * 1_001}, "Tags holds more than 1000 texts.", "tags"),
        ({"pieces": 1.5}, "Pieces must be a whole number, not 1.5.", "pieces"),
        ({"pieces": True}, "Pieces must be a whole number, not True.", "pieces"),
        ({"pieces": 2**63}, "Pieces must be a whole number, not 9223372036854775808.", "pieces"),
        ({"pieces": 10**5000}, "Pieces must be a whole number, not int.", "pieces"),
        ({"price": "12"}, "Price must be a number, not '12'.", "price"),
        ({"price": float("nan")}, "Price must be a number, not nan.", "price"),
        ({"price": Decimal("sNaN")}, "Price must be a number, not Decimal('sNaN').", "price"),
        ({"price": 10**400}, f"Price must be a number, not 1{'0' * 58}….", "price"),
        ({"price": -1e18}, "Price is too large a number: -1e+18.", "price"),
        ({"gift": 1}, "Gift must be true or false, not 1.", "gift"),
        ({"due": "2026-01-01"}, "Due must be a date, not '2026-01-01'.", "due"),
        ({"due": MORNING}, "Due must be a date, not 2026-03-10T08:00:00+00:00.", "due"),
        ({"due": date(3000, 1, 1)}, "Due must lie between the years 1900 and 2299: 3000-01-01.", "due"),
        ({"paid_at": 5}, "Paid at must be a moment, not 5.", "paid_at"),
        (
            {"occurred_at": datetime(2026, 3, 10)},  # noqa: DTZ001 - the case in question
            "Ordered at has no time zone: 2026-03-10T00:00:00.",
            "occurred_at",
        ),
        (
            {"occurred_at": datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC)},
            "Ordered at must lie between 1990 and tomorrow: 1989-12-31T23:59:59+00:00.",
            "occurred_at",
        ),
        (
            {"occurred_at": datetime(2026, 3, 11, 12, 0, 1, tzinfo=UTC)},
            "Ordered at must lie between 1990 and tomorrow: 2026-03-11T12:00:01+00:00.",
            "occurred_at",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    values: dict[str, Any], sentence: str, column: str
) -> None:
    assert refusal(**values) == (sentence, (column,))


@pytest.mark.parametrize(
    "at", [datetime(1990, 1, 1, tzinfo=UTC), datetime(2026, 3, 11, 12, tzinfo=UTC)], ids=["first", "last"]
)
def test_the_first_and_the_last_allowed_moment_pass(at: datetime) -> None:
    assert normal({**MINIMAL, "occurred_at": at}, NOW)["occurred_at"] == at


def test_a_moment_that_is_not_the_facts_time_may_lie_ahead() -> None:
    ahead = datetime(2027, 1, 1, tzinfo=UTC)
    assert normal({**MINIMAL, "paid_at": ahead}, NOW)["paid_at"] == ahead


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**5000),
    st.floats(),
    st.decimals(),
    st.text(st.characters()),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.lists(st.one_of(st.none(), st.text(), st.integers())),
    st.dictionaries(st.text(), st.integers()),
)
TYPES = {
    "occurred_at": datetime,
    "order": str,
    "buyer": str,
    "tags": list,
    "pieces": int,
    "price": float | None,
    "gift": bool,
    "due": date | None,
    "paid_at": datetime | None,
}


@given(
    st.fixed_dictionaries(
        {
            "occurred_at": st.one_of(st.just(MORNING), anything),
            "order": st.one_of(st.text(st.characters(), min_size=1), anything),
        },
        optional=dict.fromkeys([*TYPES][2:], anything),
    )
)
def test_whatever_comes_is_a_complete_row_of_storable_values_or_a_sentence(given_row: dict[str, Any]) -> None:
    try:
        row = normal(given_row, NOW)
    except Invalid as error:
        reason = error
    else:
        complete(row)
        assert normal(row, NOW) == row, "a normal row stays as it is"
        return
    assert str(reason).endswith(".")
    assert reason.path[0] in TYPES


def complete(row: dict[str, Any]) -> None:
    assert [*row] == [*TYPES]
    for name, value in row.items():
        assert isinstance(value, TYPES[name]), name
    texts = [row["order"], row["buyer"], *row["tags"]]
    assert all(text.encode() == text.replace("\x00", "").encode() for text in texts)


normalisers = Normalisers({one.key: one for one in (ORDERS, BASKETS, ACTIVITY)})


def test_a_fact_brings_its_row_of_contact_activity() -> None:
    dataset, row, derived = normalisers.fact(Fact("shop.orders", {**MINIMAL, "buyer": "a@example.org"}), NOW)
    assert (dataset, row["order"]) == (ORDERS, "A1")
    assert derived == [
        {
            "occurred_at": MORNING,
            "dataset": "shop.orders",
            "fact": "A1",
            "key": "",
            "contact": "a@example.org",
            "category": "shop",
            "action": "order",
            "subject": "A1",
            "subject_key": "",
            "detail": "",
            "archived": False,
        }
    ]


def test_a_fact_without_a_contact_or_a_projection_brings_none() -> None:
    assert normalisers.fact(Fact("shop.orders", MINIMAL), NOW)[2] == []
    assert normalisers.fact(Fact("shop.baskets", {"occurred_at": MORNING, "basket": "B"}), NOW)[2] == []


@pytest.mark.parametrize("key", ["shop.returns", "contact.activity"])
def test_a_fact_of_a_dataset_that_is_not_declared_or_is_the_cores_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match=f"No plugin declares the dataset {key}"):
        normalisers.fact(Fact(key, MINIMAL), NOW)


def test_an_identity_of_several_columns_is_named_by_a_json_list() -> None:
    several = Dataset(
        "shop.lines",
        _("Lines"),
        _("Lines of orders."),
        (
            Column("occurred_at", ColumnType.INSTANT, _("At")),
            Column("order", ColumnType.TEXT, _("Order")),
            Column("line", ColumnType.INTEGER, _("Line")),
        ),
        identity=("order", "line"),
        activity=lambda _row: Activity("a@example.org", "shop", "line"),
    )
    assert fact_name(several, {"order": 'A"1', "line": 2}) == '["A\\"1",2]'
    assert fact_name(ORDERS, {"order": 'A"1'}) == 'A"1'
