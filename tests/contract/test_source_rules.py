"""How a bad plugin reads is caught by the contract's rules, in a sentence that says what is wrong."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from bilan.registry.gather import load
from bilan.sdk import SECRET, HmacSignature, JsonWebhook
from bilan.sdk.datasets import Activity, Column, ColumnType, Fact, Row, Same, SameIf
from bilan.sdk.errors import Invalid, Unauthenticated
from bilan.sdk.messages import messages
from bilan.sdk.sources import Settings, WebhookRequest
from bilan.testing import source_rules
from fixtures.declarations import (
    ORDERS,
    TILL,
    orders,
    plugin,
)
from support.rules import Till, declared, order, pieces, selling

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]


def test_a_sample_without_facts_is_caught(tmp_path: Path) -> None:
    found = source_rules.check_samples_read(pieces(tmp_path, **selling(lambda _request: ())))

    assert list(found) == ["post 1 of the sample Monday gives no fact"]


def test_time_taken_from_receipt_is_caught(tmp_path: Path) -> None:
    shop = pieces(tmp_path, **selling(lambda request: [order(1, occurred_at=request.received_at)]))

    assert list(source_rules.check_deterministic(shop)) == [
        (
            "post 1 of the sample Monday gives other facts when it is read again later: "
            "take identity and time from the payload alone"
        )
    ]


def test_rows_that_do_not_fit_their_dataset_are_caught(tmp_path: Path) -> None:
    answers = selling(lambda _request: [order(1, total="dear")])
    registry = load([("shop", plugin(**answers))], installed=False)

    (said,) = source_rules.check_rows_fit(registry, pieces(tmp_path, **answers))

    assert said.startswith("post 1 of the sample Monday gives a row that is refused: ")
    assert "dear" in said


def changes_its_row(row: Row) -> Activity | None:
    row["country"] = ""
    return None


def counts_its_calls() -> Callable[[Row], Activity]:
    numbers = iter(range(100))
    return lambda _row: Activity("ana@example.org", "shop", "ordered", str(next(numbers)))


def has_no_words(row: Row) -> Activity:
    return Activity("ana@example.org", "", "has ordered")


def has_one_key_for_two(row: Row) -> Iterator[Activity]:
    yield Activity("ana@example.org", "shop", "ordered")
    yield Activity("ana@example.org", "shop", "paid")


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        (has_one_key_for_two, "gives two activities of one row the same key"),
        (changes_its_row, "changes the row it is given"),
        (counts_its_calls(), "gives another answer the second time"),
        (
            has_no_words,
            "is '' and 'has ordered'; category and action must be words",
        ),
    ],
    ids=["one key for two", "changes its row", "counts its calls", "has no words"],
)
def test_a_projection_that_is_not_pure_is_caught(
    tmp_path: Path, activity: Callable[[Row], Activity | Iterator[Activity] | None], said: str
) -> None:
    answers = selling(
        lambda _request: [order(1, country="FR")], register_datasets=(orders(activity=activity),)
    )
    registry = load([("shop", plugin(**answers))], installed=False)

    assert list(source_rules.check_activities(registry, pieces(tmp_path, **answers))) == [
        f"the activity of shop.orders {said}"
    ]


def by_number(row: Row) -> Same:
    return Same("HS-51", "ana@example.org", row["occurred_at"])


def drops_a_column(row: Row) -> None:
    row.pop("country")


def alternates() -> Callable[[Row], Iterator[Same]]:
    turns = cycle((("ana@example.org", "+33 6 12 34 56 78"), ("ana@example.org", "ben@example.org")))
    return lambda row: iter([Same(*next(turns), row["occurred_at"])])


@pytest.mark.parametrize(
    ("same", "said"),
    [
        (
            by_number,
            (
                "tells that somebody is one person who cannot be told apart: HS-51 is no e-mail address and "
                "no phone number, which alone name somebody everywhere."
            ),
        ),
        (drops_a_column, "changes the row it is given"),
        (alternates(), "gives another answer the second time"),
    ],
    ids=["a number of the tool's own", "changes its row", "another answer"],
)
def test_who_is_one_person_is_told_purely_and_of_addresses(
    tmp_path: Path, same: Callable[[Row], Same | Iterator[Same] | None], said: str
) -> None:
    buyer = Column("buyer", ColumnType.TEXT, _("Buyer"), personal=True)
    about = orders(columns=(*ORDERS.columns, buyer), contact="buyer", same=SameIf("country", ("FR",), same))
    answers = selling(lambda _request: [order(1, country="FR")], register_datasets=(about,))
    registry = load([("shop", plugin(**answers))], installed=False)

    assert list(source_rules.check_same(registry, pieces(tmp_path, **answers))) == [
        f"the function “same” of shop.orders {said}"
    ]


def test_a_webhook_that_stumbles_over_garbage_is_caught() -> None:
    def parse(request: WebhookRequest) -> Iterator[Fact]:
        if request.body.startswith(b"["):
            raise KeyError(0)
        raise Invalid(_("This is no list."))
        yield

    assert list(source_rules.check_malformed_posts(declared(**selling(parse)))) == [
        (
            "the webhook of till fails on the post b'[1]': "
            "KeyError(0) in place of Invalid, Unauthenticated or a Reject"
        )
    ]


class Trusting(Till):
    """Compares with whatever secret there is."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        expected = hmac.new(str(settings["secret"] or "").encode(), request.body, "sha256").hexdigest()
        if request.headers.get("x-signature") != expected:
            raise Unauthenticated(_("The signature does not fit."))


def nothing(_request: WebhookRequest) -> Iterable[Fact]:
    return ()


@pytest.mark.parametrize("webhook", [Trusting(nothing), Till(nothing)], ids=["signed with nothing", "open"])
def test_a_webhook_that_takes_posts_without_a_secret_is_caught(webhook: Till) -> None:
    till = replace(TILL, webhook=webhook, settings=(SECRET,))

    assert list(source_rules.check_secrets(declared(register_sources=(till,)))) == [
        (
            "the webhook of till takes a post while its source has no secret: "
            "raise Unauthenticated, as HmacSignature and check_secret do"
        )
    ]


def test_a_webhook_with_a_proof_of_the_sdk_is_fine() -> None:
    proven = JsonWebhook(HmacSignature("x-signature"), lambda _item: order(1))
    till = replace(TILL, webhook=proven, settings=(SECRET,))

    assert list(source_rules.check_secrets(declared(register_sources=(till,)))) == []
