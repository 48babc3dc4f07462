"""Facts as lines that the engine writes are the same bytes as the facts written cell by cell."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilan.i18n import Translator, formatter_for
from bilan.manifest import Snapshot
from bilan.query.lines import LineForm
from bilan.query.session import QuerySession
from bilan.rendering.delimited import LIST, Dialect, pieces
from bilan.rendering.guard import SUSPECT, guarded
from bilan.sdk.conditions import AllOf, Is
from bilan.sdk.datasets import Row
from bilan.sdk.document import TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.query import Order
from bilan.sdk.units import Unit
from bilan.warehouse import Warehouse
from support.long import times

from .post import LETTERS, LYON, NOW, PARIS, REGISTRY

_ = messages("bilan")[0]
ENGLISH = formatter_for(Translator.of(), "en", "UTC")
UNITS = {
    "event_id": Unit.TEXT,
    "occurred_at": Unit.INSTANT,
    "contact": Unit.TEXT,
    "country": Unit.TEXT,
    "tags": Unit.TEXTS,
    "topics": Unit.TEXTS,
    "weight": Unit.COUNT,
    "express": Unit.BOOLEAN,
    "due": Unit.DATE,
    "source": Unit.TEXT,
}
COLUMNS = tuple(TableColumn(key=name, label=_("A number"), unit=unit) for name, unit in UNITS.items())
SOURCES = {PARIS: "Paris", LYON: "=Lyon, the other"}
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXTS = st.text(st.sampled_from("=+-@\t\r\n;, \"%|:12ab＝'é\u00a0\\/{}"), max_size=12)


def facts(draw: Any, number: int) -> Row:
    return {
        "occurred_at": AT + timedelta(microseconds=draw(st.sampled_from([0, 1, 1_000_000, 250_000]))),
        "event_id": f"{draw(TEXTS)}{number}",
        "kind": draw(st.sampled_from(["sent", "opened"])),
        "contact": draw(TEXTS),
        "rooms": 1,
        "country": draw(st.none() | TEXTS),
        "tags": draw(st.lists(TEXTS, max_size=3)),
        "topics": draw(st.lists(TEXTS, max_size=3)),
        "weight": draw(st.none() | st.integers(-9, 9)),
        "express": draw(st.booleans()),
        "due": draw(st.none() | st.dates(date(1990, 1, 1), date(2200, 1, 1))),
    }


FACTS = st.composite(lambda draw: [facts(draw, number) for number in range(draw(st.integers(0, 6)))])()


def form(*, machine: bool, **rest: Any) -> LineForm:
    return LineForm(tuple(UNITS), ",", SOURCES, None if machine else LIST, "" if machine else SUSPECT, **rest)


def written(client: QuerySession, *, machine: bool) -> str:
    dialect = Dialect(keys=True, machine=machine, bom=False)
    blocks = client.lines(LETTERS.key, form(machine=machine), order=(Order("event_id"),))
    return b"".join(pieces(COLUMNS, blocks, dialect, ENGLISH)).decode()


def expected(client: QuerySession, *, machine: bool) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(UNITS)
    for fact in client.rows(LETTERS.key, tuple(UNITS), order=(Order("event_id"),)):
        fact["source"] = {str(source): name for source, name in SOURCES.items()}[fact["source"]]
        writer.writerow([_cell(fact[name], machine=machine) for name in UNITS])
    return text.getvalue()


def _cell(value: Any, *, machine: bool) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list():
            return msgspec.json.encode(value).decode() if machine else guarded("; ".join(value))
        case str():
            return value if machine else guarded(value)
        case _:
            return value


@settings(max_examples=times(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FACTS)
def test_each_line_is_the_fact_written_cell_by_cell(warehouse: Warehouse, rows: list[Row]) -> None:
    warehouse.ensure([LETTERS])
    warehouse.write("TRUNCATE TABLE post__letters")
    warehouse.append(LETTERS, PARIS, rows, moment=NOW - timedelta(seconds=1))
    warehouse.append(LETTERS, LYON, rows[:2], moment=NOW)
    client = QuerySession(warehouse, REGISTRY, frozenset(SOURCES), Snapshot(NOW))
    for machine in (True, False):
        assert written(client, machine=machine) == expected(client, machine=machine)


def test_a_first_column_says_which_condition_a_fact_satisfies(any_warehouse: Warehouse) -> None:
    any_warehouse.ensure([LETTERS])
    rows = [
        {"occurred_at": AT, "event_id": name, "kind": kind, "contact": "ann", "rooms": 1, "express": express}
        for name, kind, express in (
            ("a", "sent", False),
            ("b", "opened", True),
            ("c", "sent", True),
            ("d", "lost", False),
        )
    ]
    any_warehouse.append(LETTERS, PARIS, rows, moment=NOW)
    client = QuerySession(any_warehouse, REGISTRY, frozenset(SOURCES), Snapshot(NOW))
    sent, express = Is("kind", "sent"), Is("express", True)
    first = ((AllOf((sent, express)), "sent, by express"), (sent, "sent"), (express, "express"))
    lines = LineForm(("event_id",), ",", SOURCES, first=first)
    (block,) = client.lines(LETTERS.key, lines, order=(Order("event_id", descending=True),))
    assert [tuple(line) for line in block] == [
        (0, ",d\r\n"),
        (0, '"sent, by express",c\r\n'),
        (0, "express,b\r\n"),
        (0, "sent,a\r\n"),
    ]
