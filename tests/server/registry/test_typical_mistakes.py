"""Every typical mistake of an author is a sentence that names the plugin: none is a traceback, none passes.

What only shows when a plugin runs is caught by the kit (``tests/contract``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from bilan.registry.gather import load
from bilan.registry.parameters import COMMON
from bilan.reports.common import Locality, parameters_of
from bilan.sdk import (
    AllOf,
    Argument,
    Between,
    Checked,
    Checkpoint,
    Choice,
    Column,
    ColumnType,
    Contains,
    Count,
    Discovered,
    Distinct,
    Example,
    HasAny,
    In,
    Is,
    Max,
    Mean,
    Metric,
    Misdeclared,
    Not,
    OnClock,
    Parameter,
    ParameterKind,
    Plugin,
    Post,
    PullContext,
    Pulled,
    QueryField,
    Ratio,
    Sample,
    Settings,
    Unit,
    messages,
)
from fixtures.declarations import (
    COUNTRY,
    GIFT_RATE,
    GIFTS,
    ORDERED,
    ORDERS,
    PAPER,
    RECEIPT,
    SALES,
    SHOP,
    TILL,
    TILLS,
    metric,
    orders,
    plugin,
)

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]
WORDS: Any = "Plain words"
K = ParameterKind


if TYPE_CHECKING:
    Nowhere = str


@dataclass(frozen=True)
class Ledger:
    """A till that is asked for what it sold, and finds nothing."""

    every: timedelta = timedelta(hours=1)

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        return ("till.example",)

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        yield Checkpoint({})

    def check(self, context: PullContext) -> Checked:
        return Checked(_("The till answers."))


class Branches(Ledger):
    """A ledger of several tills."""

    def discover(self, context: PullContext) -> tuple[Discovered, ...]:
        return ()


@dataclass(frozen=True)
class Undescribed:
    """A row of a query field whose author forgot a description."""

    town: str = field(metadata={"description": "Where it stands."})
    number: int = 0


@dataclass(frozen=True)
class Town:
    """A row that holds others."""

    tills: tuple[Undescribed, ...] = field(metadata={"description": "Its tills."})


@dataclass(frozen=True)
class Elsewhere:
    """A row whose types only a type checker sees."""

    town: Nowhere = field(metadata={"description": "Where it stands."})


def refused(*plugins: Any) -> str:
    """What the start says, after the plugin's name."""
    with pytest.raises(Misdeclared) as error:
        load([("shop", one) for one in plugins], installed=False)
    start = "The plugin shop is not usable: "
    assert str(error.value).startswith(start), str(error.value)
    return str(error.value).removeprefix(start)


def metrics(*more: Metric) -> dict[str, Any]:
    return {"register_metrics": (ORDERED, GIFTS, GIFT_RATE, *more)}


def where(condition: Any) -> dict[str, Any]:
    return metrics(metric("shop.x", Count(condition)))


def parameter(kind: ParameterKind, **fields: Any) -> dict[str, Any]:
    one = Parameter(fields.pop("key", "town"), _("Town"), kind, **fields)
    return {"register_reports": (replace(SALES, parameters=(one,)),)}


def report(**fields: Any) -> dict[str, Any]:
    return {"register_reports": (replace(SALES, **fields),)}


def query_field(**fields: Any) -> dict[str, Any]:
    return {"register_query_fields": (replace(TILLS, **fields),)}


TOWNS = (Choice("lyon", _("Lyon")), Choice("nice", _("Nice")))
EVERY = Example("all", _("All"), _("All that was sold."), {})

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    # Types.
    "a label of plain words": (
        metrics(replace(ORDERED, key="shop.x", label=WORDS)),
        "label of the Metric shop.x must be a sentence made with _(…), not a plain str",
    ),
    "a description that is missing": (
        {"register_filters": (replace(COUNTRY, description=None),)},
        "description of the Filter shop.country must be a sentence made with _(…), not None",
    ),
    "a column's label of plain words": (
        {"register_datasets": (orders(columns=(*ORDERS.columns, Column("till", ColumnType.TEXT, WORDS))),)},
        "columns 7.label of the Dataset shop.orders must be a sentence made with _(…), not a plain str",
    ),
    "a column's type as text": (
        {"register_datasets": (orders(columns=(*ORDERS.columns, Column("till", WORDS, _("Till")))),)},
        "columns 7.type of the Dataset shop.orders must be ColumnType, not a plain str",
    ),
    "a list in place of a tuple": (
        {"register_datasets": (orders(identity=["order"]),)},
        "identity of the Dataset shop.orders must be a tuple of str, not list",
    ),
    "a text in place of a tuple": (
        {"register_filters": (replace(COUNTRY, datasets=ORDERS.key),)},
        "datasets of the Filter shop.country must be a tuple of str, not a plain str",
    ),
    "a dataset in place of its key": (
        metrics(metric("shop.x", Count(), dataset=ORDERS)),
        "dataset of the Metric shop.x must be str, not Dataset",
    ),
    "a formula in words": (
        metrics(metric("shop.x", "count(*)")),
        (
            "formula of the Metric shop.x must be Count or Distinct or Sum or Mean or Quantile or Min or Max "
            "or Latest or Change or Ratio or Difference or Total, not a plain str"
        ),
    ),
    "a unit in words": (
        metrics(replace(ORDERED, key="shop.x", unit=WORDS)),
        "unit of the Metric shop.x must be Unit, not a plain str",
    ),
    "a condition that is none": (
        where("gift"),
        (
            "formula.where of the Metric shop.x must be Is or In or Contains or HasAny or HasAll or Between "
            "or Present or OnClock or Not or AllOf or AnyOf or None, not a plain str"
        ),
    ),
    "an activity that is no function": (
        {"register_datasets": (orders(activity="ordered"),)},
        "activity of the Dataset shop.orders must be a function or None, not a plain str",
    ),
    "a builder that is no function": (
        report(build="sales"),
        "build of the ReportKind shop.sales must be a function, not a plain str",
    ),
    "a reader that cannot read": (
        {"register_sources": (replace(TILL, readers=("csv",)),)},
        "readers 1 of the SourceKind till must be Reader, not a plain str",
    ),
    "a webhook that cannot parse": (
        {"register_sources": (replace(TILL, webhook=print),)},
        "webhook of the SourceKind till must be Webhook or None, not builtin_function_or_method",
    ),
    "a version in words": (
        metrics(replace(ORDERED, key="shop.x", version="two")),
        "version of the Metric shop.x must be int, not a plain str",
    ),
    "a renderer that cannot render": (
        {"register_renderers": (replace(PAPER, render=None),)},
        "render of the Renderer paper must be a function, not None",
    ),
    # Datasets and metrics.
    "a dataset without a metric": (
        {"register_metrics": (), "register_reports": ()},
        "shop.orders has no metric, so nothing could be asked of it",
    ),
    "a column called like a dimension of the core's": (
        {
            "register_datasets": (
                orders(columns=(*ORDERS.columns, Column("hour", ColumnType.TEXT, _("Hour")))),
            )
        },
        "hour cannot name a column of shop.orders",
    ),
    "facts kept for no day": (
        {"register_datasets": (orders(retention_days=0),)},
        "shop.orders must keep its facts for a day at least",
    ),
    "a ratio of unknown metrics": (
        metrics(metric("shop.x", Ratio("shop.visits", "shop.ordered"), unit=Unit.PROPORTION)),
        "shop.x divides shop.visits by shop.ordered, but shop.visits is no plain metric of shop.orders",
    ),
    "a ratio without a unit": (
        metrics(metric("shop.x", Ratio("shop.gifts", "shop.ordered"))),
        "shop.x is a ratio and no whole number; give it a unit, such as proportion",
    ),
    "a mean without a unit": (
        metrics(metric("shop.x", Mean("total"))),
        "shop.x has the unit count, which its formula cannot give",
    ),
    "a moment without a unit": (
        metrics(metric("shop.x", Max("occurred_at"))),
        "shop.x has the unit count, which its formula cannot give",
    ),
    "a mean beside which nothing is counted": (
        metrics(metric("shop.x", Mean("total"), unit=Unit.NUMBER, beside="shop.visits")),
        "shop.x has shop.visits beside it, which counts nothing of shop.orders",
    ),
    "a mean beside another": (
        metrics(metric("shop.x", Mean("total"), unit=Unit.NUMBER, beside="shop.gift_rate")),
        "shop.x has shop.gift_rate beside it, which counts nothing of shop.orders",
    ),
    "a mean beside a count of something else": (
        {
            "register_datasets": (ORDERS, orders(key="shop.visits")),
            "register_metrics": (
                ORDERED,
                metric("shop.visitors", Count(), dataset="shop.visits"),
                metric("shop.x", Mean("total"), unit=Unit.NUMBER, beside="shop.visitors"),
            ),
            "register_filters": (),
        },
        "shop.x has shop.visitors beside it, which counts nothing of shop.orders",
    ),
    "different values of nothing": (
        metrics(metric("shop.x", Distinct(()))),
        "shop.x counts different values of no column",
    ),
    # Conditions.
    "an hour that no clock shows": (
        where(OnClock("occurred_at", "UTC", hour=24)),
        (
            "shop.x asks OnClock(column='occurred_at', zone='UTC', weekday=None, hour=24) of occurred_at, "
            "a column of type instant"
        ),
    ),
    "a number asked of a text": (
        where(Is("country", 33)),
        "shop.x asks Is(column='country', value=33) of country, a column of type text",
    ),
    "a text asked of a flag": (
        where(Is("gift", "yes")),
        "shop.x asks Is(column='gift', value='yes') of gift, a column of type boolean",
    ),
    "one of numbers asked of a text": (
        where(AllOf((In("country", ("FR", 33)),))),
        "shop.x asks In(column='country', values=('FR', 33)) of country, a column of type text",
    ),
    "a list's condition asked of a text": (
        where(Not(HasAny("country", ("FR",)))),
        "shop.x asks HasAny(column='country', values=('FR',)) of country, a column of type text",
    ),
    "a value asked of a list": (
        where(Is("tags", "vip")),
        "shop.x asks Is(column='tags', value='vip') of tags, a column of type texts",
    ),
    "a part of a text asked of a number": (
        where(Contains("total", "9")),
        "shop.x asks Contains(column='total', part='9') of total, a column of type number",
    ),
    "a range of texts asked of a number": (
        where(Between("total", "a", "b")),
        "shop.x asks Between(column='total', low='a', high='b') of total, a column of type number",
    ),
    # Filters, reports and their parameters.
    "a filter of nothing": (
        {"register_filters": (replace(COUNTRY, datasets=()),)},
        "shop.country narrows no dataset",
    ),
    "a report of nothing": (
        report(datasets=()),
        "shop.sales reads no dataset, so it could have no source",
    ),
    "two examples of one key": (
        report(examples=(EVERY, EVERY)),
        "the key shop.sales.all is declared twice",
    ),
    "two parts of one key": (
        report(blocks=(Choice("all", _("All")), Choice("all", _("All")))),
        "the key shop.sales.all is declared twice",
    ),
    "a default that is not among the choices": (
        parameter(K.CHOICE, choices=TOWNS, default="paris"),
        "the default 'paris' of the parameter town of shop.sales is not among its choices",
    ),
    "one default of several that is not among the choices": (
        parameter(K.CHOICES, choices=TOWNS, default=("lyon", "paris")),
        "the default 'paris' of the parameter town of shop.sales is not among its choices",
    ),
    "a default of another kind": (
        parameter(K.FLAG, default="yes"),
        "the default 'yes' of the parameter town of shop.sales is no value of the kind flag",
    ),
    "a number's default in words": (
        parameter(K.NUMBER, default="7"),
        "the default '7' of the parameter town of shop.sales is no value of the kind number",
    ),
    "a choice of nothing": (
        parameter(K.CHOICE),
        "the parameter town of shop.sales offers no choice",
    ),
    "a choice offered twice": (
        parameter(K.CHOICE, choices=(*TOWNS, *TOWNS)),
        "the parameter town of shop.sales offers a choice twice",
    ),
    "a parameter of the core's own name": (
        parameter(K.TEXT, key="period"),
        "the parameter period of shop.sales is one that the core adds itself",
    ),
    "a setting of the core's own name": (
        {"register_sources": (replace(TILL, settings=(Parameter("verify", _("Verify"), K.FLAG),)),)},
        "the parameter verify of till is one that the core adds itself",
    ),
    "a parameter of two words": (
        parameter(K.TEXT, key="home town"),
        "the parameter home town of shop.sales must be named by one word",
    ),
    "posts routed by nothing that is a setting": (
        {"register_sources": (replace(TILL, routed_by="lane"),)},
        "posts of till are routed by lane, which is none of its text settings",
    ),
    "posts routed by a webhook that splits none": (
        {
            "register_sources": (
                replace(TILL, settings=(Parameter("lane", _("Lane"), K.TEXT),), routed_by="lane"),
            )
        },
        "posts of till are routed, but its webhook has no “split”",
    ),
    # Pulls.
    "a pull without a way to check": (
        {"register_sources": (replace(TILL, pull=SimpleNamespace(every=timedelta(hours=1), pull=print)),)},
        "pull of the SourceKind till must be Pull or None, not SimpleNamespace",
    ),
    "a pull every second": (
        {"register_sources": (replace(TILL, pull=Ledger(timedelta(seconds=1))),)},
        "till is pulled more often than once a minute",
    ),
    "profiles told apart by nothing that is a setting": (
        {"register_sources": (replace(TILL, pull=Branches(), profile="branch"),)},
        "profiles of till are told apart by branch, which is none of its text settings",
    ),
    "profiles told apart by nothing": (
        {"register_sources": (replace(TILL, pull=Branches()),)},
        "till finds profiles, but names no setting that holds the key of one",
    ),
    # Samples and looks.
    "a sample's posts without a webhook": (
        {"register_samples": (Sample("till", "Monday", _("Invented."), posts=lambda: (Post(b"[]"),)),)},
        "the sample Monday has posts, but till has no webhook",
    ),
    "a sample's files without a reader": (
        {"register_samples": (Sample("till", "Monday", _("Invented."), files=lambda _folder, _now: ()),)},
        "the sample Monday has files, but till has no reader",
    ),
    "a look for a format that nobody renders": (
        {"register_renderers": (PAPER, replace(RECEIPT, format="docx"))},
        "it renders docx/shop.receipt for a format that nobody renders; there are html, paper, pdf, pptx",
    ),
    # Query fields.
    "a query field without a description": (
        query_field(description=" "),
        "the query field tills has no description",
    ),
    "a field without a description": (
        query_field(type=Undescribed),
        "number of the query field tills has no description in its metadata",
    ),
    "a field without a description inside another": (
        query_field(type=list[Town]),
        "number of the query field tills has no description in its metadata",
    ),
    "a field of a type that GraphQL does not have": (
        query_field(type=list[Decimal] | None),
        "tills of the query field tills is Decimal; use plain types, lists and dataclasses of these",
    ),
    "an argument that is an object": (
        query_field(arguments={"town": Argument(Town, "Where.")}),
        "town of the query field tills is Town; use plain types, lists and dataclasses of these",
    ),
    "a field of a type that is not there at run time": (
        query_field(type=Elsewhere),
        "the types of tills of the query field tills cannot be read: name 'Nowhere' is not defined",
    ),
    "an argument without a description": (
        query_field(arguments={"town": Argument(str, "")}),
        "the argument town of the query field tills has no description",
    ),
    "a resolver that does not take its arguments": (
        query_field(arguments={"town": Argument(str, "Where.")}),
        "the resolver of the query field tills cannot be called: got an unexpected keyword argument 'town'",
    ),
    "a list whose resolver does not take its part": (
        query_field(connection=True),
        "the resolver of the query field tills cannot be called: got an unexpected keyword argument 'limit'",
    ),
    "a query field of two words": (
        query_field(name="my tills"),
        "my tills cannot name a query field or its argument; use lower-case words",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_typical_mistake_is_a_sentence_that_names_the_plugin(mistake: str) -> None:
    answers, sentence = MISTAKES[mistake]

    assert refused(plugin(**answers)) == sentence


def test_the_same_holds_for_what_is_declared_at_once() -> None:
    whole = replace(SHOP, datasets=[ORDERS], metrics=(ORDERED,))

    assert refused(whole) == "datasets of the Plugin shop must be a tuple of Dataset, not list"


def test_a_hook_that_lacks_its_mark_is_named() -> None:
    unmarked = SimpleNamespace(**vars(plugin()), register_channels=lambda: ())

    assert refused(unmarked) == "its function register_channels is not marked with @hookimpl"


def test_a_plugin_that_fails_while_it_is_loaded_is_named() -> None:
    with pytest.raises(Misdeclared) as error:
        load([("shop", Plugin("shop", "shop", _("Shop"), "nowhere"))], installed=False)

    assert "its package nowhere, where its translations are, is not there" in str(error.value)


def test_the_names_of_the_cores_parameters_are_those_it_adds() -> None:
    bare = replace(SALES, parameters=(), blocks=(Choice("towns", _("Towns")),))

    assert {one.key for one in parameters_of(bare, Locality("UTC", 0))} == COMMON


def test_a_choice_that_depends_on_facts_is_left_to_the_kit() -> None:
    def towns(*_filled_in: object) -> tuple[Choice, ...]:
        return ()

    answers = parameter(K.CHOICE, choices=towns, default="paris")

    assert load([("shop", plugin(**answers))], installed=False).reports["shop.sales"].parameters


def test_a_field_that_takes_what_it_is_given_passes() -> None:
    def tills(client: object, town: str | None) -> int:
        return 1

    fine = QueryField("tills", "How many.", int, tills, {"town": Argument(str, "Where.")})

    assert load([("shop", plugin(register_query_fields=(fine,)))], installed=False)
