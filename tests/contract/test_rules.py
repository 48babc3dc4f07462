"""A bad plugin of each kind is caught by the contract's rules, in a sentence that says what is wrong."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from dataclasses import field as described
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from bilan.registry.declared import Declared
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.sdk import SECRET, ConnectionPage, HmacSignature, JsonWebhook, QueryClient, tiles
from bilan.sdk.datasets import Activity, Fact, Reject, Row
from bilan.sdk.document import Block, Document, Kpi, Kpis, Table, TableColumn
from bilan.sdk.errors import Invalid, Unauthenticated
from bilan.sdk.messages import messages
from bilan.sdk.query import Question
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.reports import Building, Example, Report, ReportRequest
from bilan.sdk.sections import section
from bilan.sdk.sources import Post, Sample, Settings, WebhookRequest
from bilan.testing import declaration_rules, drilldown_rules, report_rules, source_rules
from bilan.testing.harness import PluginHarness, open_harness
from bilan.testing.samples import SampleInput, sample_inputs
from bilan.testing.source_rules import NOW
from fixtures.declarations import (
    COUNTRY,
    ORDERED,
    ORDERS,
    PAPER,
    RECEIPT,
    SALES,
    TILL,
    TILLS,
    orders,
    plugin,
)

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]
other = messages("other")[0]

Open = Callable[..., tuple[PluginHarness, Declared]]


def order(number: int, **values: Any) -> Fact:
    """An order of 2 March 2026."""
    row = {"occurred_at": datetime(2026, 3, 2, 10, number, tzinfo=UTC), "order": f"O-{number}", **values}
    return Fact(ORDERS.key, row)


class Till:
    """A webhook that gives what it is told to."""

    def __init__(self, parse: Callable[[WebhookRequest], Iterable[Fact | Reject]]) -> None:
        self._parse = parse

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """Everybody is welcome."""

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        return self._parse(request)


def declared(**answers: Any) -> Declared:
    return load([("shop", plugin(**answers))], installed=False).declared[-1]


def selling(parse: Callable[[WebhookRequest], Iterable[Fact | Reject]], **answers: Any) -> dict[str, Any]:
    """The answers of a shop with one sample post, which its webhook reads so."""
    till = replace(TILL, webhook=Till(parse))
    sample = Sample("till", "Monday", _("Invented."), posts=lambda: (Post(b"[]"),))
    return {"register_sources": (till,), "register_samples": (sample,), **answers}


def pieces(tmp_path: Path, **answers: Any) -> tuple[SampleInput, ...]:
    return sample_inputs(declared(**answers), tmp_path, NOW)


# --- What it says --------------------------------------------------------------


def test_a_good_plugin_breaks_no_rule_about_what_it_says() -> None:
    one = declared()

    assert [
        *declaration_rules.check_texts(one),
        *declaration_rules.check_block_renderers(one),
    ] == []


def test_an_empty_label_is_caught() -> None:
    one = declared(register_metrics=(replace(ORDERED, label=_(" ")),))

    assert list(declaration_rules.check_texts(one)) == ["the label of shop.ordered is empty"]


def test_an_example_without_a_description_is_caught() -> None:
    example = Example("all", _("All"), _(""), {})
    one = declared(register_reports=(replace(SALES, examples=(example,)),))

    assert list(declaration_rules.check_texts(one)) == [
        "the description of the example all of shop.sales is empty"
    ]


def test_a_sentence_of_another_domain_is_caught() -> None:
    one = declared(register_filters=(replace(COUNTRY, label=other("Country")),))

    assert list(declaration_rules.check_texts(one)) == [
        (
            "the label of shop.country is translated in the domain 'other', not in 'shop': "
            "make it with messages('shop')"
        )
    ]


def test_a_look_of_somebody_elses_block_is_caught() -> None:
    one = declared(register_renderers=(replace(RECEIPT, kind="parcels.lanes"),))

    assert list(declaration_rules.check_block_renderers(one)) == [
        "it renders the block parcels.lanes, which is not below its namespace shop"
    ]


# --- What it reads ---------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        (changes_its_row, "changes the row it is given"),
        (counts_its_calls(), "gives another answer the second time"),
        (
            has_no_words,
            "is '' and 'has ordered'; category and action must be words",
        ),
    ],
    ids=["changes its row", "counts its calls", "has no words"],
)
def test_a_projection_that_is_not_pure_is_caught(
    tmp_path: Path, activity: Callable[[Row], Activity | None], said: str
) -> None:
    answers = selling(
        lambda _request: [order(1, country="FR")], register_datasets=(orders(activity=activity),)
    )
    registry = load([("shop", plugin(**answers))], installed=False)

    assert list(source_rules.check_activities(registry, pieces(tmp_path, **answers))) == [
        f"the activity of shop.orders {said}"
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


# --- What it makes of it -----------------------------------------------------------


@pytest.fixture
def opened(bilan_warehouse_folder: Path, tmp_path: Path) -> Generator[Open]:
    """Opens a harness with a shop that answers so, and with two orders."""
    with ExitStack() as stack:

        def open_harness_with(**answers: Any) -> tuple[PluginHarness, Declared]:
            registry = load([("rendering", RENDERING), ("shop", plugin(**answers))], installed=False)
            found = stack.enter_context(open_harness(registry, bilan_warehouse_folder, tmp_path))
            gift = order(1, country="FR", tags=["a"], gift=True)
            assert found.load([gift, order(2, country="BE", total=8.5)]) == []
            return found, registry.declared[-1]

        yield open_harness_with


def report(*blocks: Any) -> tuple[Any, ...]:
    """The shop's report, made of these blocks."""

    def build(request: ReportRequest, building: Building) -> Report:
        return Report(title=_("Sales"), blocks=blocks)

    return (replace(SALES, build=build),)


def test_a_good_plugin_breaks_no_rule_about_what_it_makes(opened: Open) -> None:
    one = opened(register_renderers=None)

    for rule in (
        report_rules.check_metrics,
        report_rules.check_filters,
        report_rules.check_reports,
        report_rules.check_rendering,
    ):
        assert list(rule(*one)) == []


def test_a_figure_whose_rows_come_to_another_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        answer = building(Question(ORDERS.key, (ORDERED.key,)))
        tiles = (
            Kpi(key="right", label=_("Right"), value=answer.totals[ORDERED.key], metric=ORDERED.key),
            Kpi(key="wrong", label=_("Wrong"), value=99, metric=ORDERED.key),
        )
        blocks = (Kpis("tiles", tiles, answer.origin),)
        return Report(title=_("Sales"), blocks=blocks)

    shop, one = opened(register_reports=(replace(SALES, build=build),))
    count = shop.totals(ORDERED.key)[ORDERED.key]

    said = f"Wrong of shop.sales (0:t1) is 99, but its rows come to {count}"
    assert list(drilldown_rules.check_drilldown(shop, one)) == [said, said]


def test_a_metric_that_cannot_be_counted_is_caught(opened: Open) -> None:
    shop, one = opened()
    metrics = (ORDERED, replace(ORDERED, key="shop.lost"))

    # The harness does not know the second metric, as a server would not whose plugin was exchanged.
    said = list(report_rules.check_metrics(shop, replace(one, metrics=metrics)))

    assert said
    assert all(each.startswith("shop.lost by month") and "cannot be counted" in each for each in said)


@dataclass(frozen=True)
class Town:
    """A row of a query field."""

    name: str = described(metadata={"description": "What it is called."})


NAMELESS = Town(cast("str", 7))


@pytest.mark.parametrize(
    ("connection", "answer", "said"),
    [
        (
            True,
            [Town("Lyon")],
            "the query field tills gives a list, not a ConnectionPage",
        ),
        (
            True,
            ConnectionPage(["Lyon"], 1),
            "the answer of the query field tills must be Town, not a plain str",
        ),
        (
            True,
            ConnectionPage([NAMELESS], 1),
            "the answer.name of the query field tills must be str, not int",
        ),
        (False, None, "the answer of the query field tills must be Town, not None"),
        (False, ZeroDivisionError(), "the query field tills fails: ZeroDivisionError()"),
    ],
)
def test_a_resolver_that_gives_something_else_is_caught(
    opened: Open, connection: bool, answer: Any, said: str
) -> None:
    def tills(client: QueryClient, **_part: int) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    field = replace(TILLS, type=Town, resolve=tills, connection=connection)

    assert list(report_rules.check_answers(*opened(register_query_fields=(field,)))) == [said]


def test_a_report_that_asks_for_an_unknown_dimension_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        return Report("Sales", (section("by", _("By"), lambda: [lost(building)]),))

    def lost(building: Building) -> Block:
        return tiles("t", building(Question(ORDERS.key, (ORDERED.key,), by=("colour",))), [ORDERED])

    said = list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))

    assert len(said) == 2
    assert said[0].startswith("a section of shop.sales fails: ")
    assert "colour" in said[0]


def test_a_builder_that_returns_something_else_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Any:
        return []

    said = list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))

    assert said == ["shop.sales cannot be built: TypeError('shop.sales must build a Report, not list')"] * 2


def test_samples_that_count_twice_are_caught(opened: Open) -> None:
    numbers = iter(range(3, 100))
    shop, one = opened(**selling(lambda _request: [order(next(numbers))]))

    assert list(report_rules.check_reimport(shop, one)) == [
        "shop.ordered was 2 and is 3 once the samples were taken in again",
        "shop.gift_rate was 0.5 and is 0.3333333333333333 once the samples were taken in again",
    ]


def test_a_report_that_fails_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        raise ZeroDivisionError

    assert (
        list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))
        == ["shop.sales cannot be built: ZeroDivisionError()"] * 2
    )


def test_an_example_that_cannot_be_opened_is_caught(opened: Open) -> None:
    wrong = Example("france", _("France"), _("What was sold in France."), {"contry": "fr"})
    kind = replace(SALES, examples=(replace(wrong, key="all", values={}), wrong))

    (said,) = report_rules.check_examples(*opened(register_reports=(kind,)))

    assert said.startswith("the example france of shop.sales cannot be opened: Invalid(")


def test_a_part_of_an_example_that_fails_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        missing: list[Block] = []
        lost = section("lost", _("Lost"), lambda: [missing[0]])
        return Report(title=_("Sales"), blocks=(lost,))

    every = Example("all", _("All"), _("All that was sold."), {})
    kind = replace(SALES, build=build, examples=(every,))

    (said,) = report_rules.check_examples(*opened(register_reports=(kind,)))

    assert said.startswith("a section of the example all of shop.sales fails: This part of the report")


def test_a_section_that_fails_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        missing: list[Block] = []
        lost = section("lost", _("Lost"), lambda: [missing[0]])
        return Report(title=_("Sales"), blocks=(lost,))

    said = list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))

    assert len(said) == 2
    assert said[0].startswith("a section of shop.sales fails: This part of the report could not be made")


def test_personal_columns_of_a_report_that_is_not_personal_are_caught(opened: Open) -> None:
    buyers = Table(
        key="buyers", title=_("Buyers"), columns=(TableColumn(key="buyer", label=_("Buyer"), personal=True),)
    )

    assert (
        list(report_rules.check_reports(*opened(register_reports=report(buyers))))
        == ["shop.sales shows personal columns in buyers, but is not marked as personal"] * 2
    )


def test_a_figure_of_a_metric_that_does_not_exist_is_caught(opened: Open) -> None:
    tiles = Kpis("figures", (Kpi(key="sold", label=_("Sold"), value=1, metric="shop.sold"),))

    assert (
        list(report_rules.check_reports(*opened(register_reports=report(tiles))))
        == ["shop.sales names the metric shop.sold, which nobody declares"] * 2
    )


def test_a_format_that_fails_or_differs_each_time_is_caught(opened: Open) -> None:
    marks = iter(range(100))

    def restless(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
        out.write(bytes([next(marks)]))

    def failing(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
        raise ZeroDivisionError

    contexts = (replace(PAPER, render=restless), replace(PAPER, format="slate", render=failing))

    assert (
        list(report_rules.check_rendering(*opened(register_renderers=contexts)))
        == [
            "shop.sales rendered as paper twice gives different bytes",
            "shop.sales cannot be rendered as slate: ZeroDivisionError()",
        ]
        * 2
    )
