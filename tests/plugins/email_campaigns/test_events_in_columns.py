"""Events of any table give the same facts, rejects and counts column by column as row by row."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk import (
    ColumnMapping,
    Conventions,
    Fact,
    FactColumns,
    ImportFile,
    Invalid,
    Mapped,
    Reject,
    RowFacts,
    open_table,
)
from bilan_email_campaigns.datasets import DATASETS
from bilan_email_campaigns.readers.event_columns import EventCells, Repeats, read_events
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.vocabulary import EVENTS
from fixtures.ingest import MemoryFacts
from support.event_rows import row_by_row

READER = GenericReader()
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOURCE = UUID(int=7)
NORMALISERS = Normalisers({dataset.key: dataset for dataset in DATASETS})
TARGETS = (
    "event_id", "occurred_at", "kind", "channel", "campaign", "campaign_name", "recipient", "tags",
    "bounce_class", "reject_reason", "reason", "machine", "user_agent", "test", "url", "message_id", "",
)  # fmt: skip
WORDS = {
    "kind": ["open", "Click", "hard bounce", "rebond", "envoyé", "sent", "dropped", "else", "", " ", None],
    "channel": ["email", "Push", "", None, "SMS ", "pigeon"],
    "recipient": ["Ann@Example.org ", "Bob <bob@example.org>", "nobody", "", "É@exemple.fr", "<", None],
    "occurred_at": ["2026-01-02T03:04:05Z", "2026-03-09 08:00:00.123", "31/01/2026 8:30", "02/03/2026",
                    "01/31/2026", "5 mars 2026 à 8h30", "1767225600", "N/A", "2026-03-09 08:00 XYZ", "",
                    "soon", "1700-01-01", "2026-03-11T12:00:00.000001Z", "2026-03-29T02:30:00", None],
    "tags": ["a|b", "a, b", '["x", "y"]', "", "one", None],
    "bounce_class": ["hard", "Soft", "permanent", "other", ""],
    "reject_reason": ["spam", "timed out", "what", ""],
    "machine": ["true", "1", "no", ""],
    "user_agent": ["Mozilla/5.0", "curl/8", "Mozilla/5.0 (X11)", ""],
    "test": ["yes", "", "0"],
}  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
ODD_TEXT = st.sampled_from(["", " a\u00a0", "\x00", "a\x00b", "001", "1.0", "İ@ΣΣ.gr", "x" * 100_001])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | ODD_TEXT | st.just("\ud800")
JSON = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXT, SCALARS, max_size=1)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - a file's time without a zone
ARROW: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)),
    "uint8": (pa.uint8(), st.integers(0, 255)),
    "double": (pa.float64(), st.floats()),
    "bool": (pa.bool_(), st.booleans()),
    "date": (pa.date32(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
    "us": (pa.timestamp("us"), TIMES),
    "ms in UTC": (pa.timestamp("ms", "UTC"), TIMES.map(lambda at: at.replace(microsecond=0))),
    "ns in Paris": (pa.timestamp("ns", "Europe/Paris"), st.integers(0, 2**62)),
    "decimal": (pa.decimal128(9, 2), st.decimals(-1000, 1000, places=2)),
    "list": (pa.list_(pa.string()), st.lists(TEXT | st.none(), max_size=3)),
    "binary": (pa.binary(), st.binary(max_size=3)),
}


@st.composite
def uses(draw: st.DrawFn) -> list[str]:
    """What the columns of a table are put to use for; some are left aside."""
    some = draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=9, unique=True))
    return ["kind", *(target for target in some if target != "kind")]


def cell(target: str) -> st.SearchStrategy[Any]:
    """A text as it stands in columns of this use, good or bad."""
    usual = st.sampled_from(WORDS[target]) if target in WORDS else TEXT
    return usual | usual | ODD_TEXT


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """The uses of the columns of a CSV file, and its bytes. Some rows have a cell too many, or too few."""
    targets = draw(uses())
    rows = draw(st.lists(st.tuples(*map(cell, targets)).map(list), min_size=1, max_size=12))
    for row in rows:
        surplus = draw(st.sampled_from([0, 0, 0, 0, 1, 2, -1]))
        row[len(row) + min(surplus, 0) :] = [""] * (surplus == 1) + ["more"] * (surplus == 2)
    out = io.StringIO(newline="")
    dialect, delimiter = draw(st.sampled_from(["excel", "unix"])), draw(st.sampled_from(",;\t|"))
    writer = csv.writer(out, dialect, delimiter=delimiter)
    writer.writerows([[f"c{place}" for place in range(len(targets))], *rows])
    return targets, out.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


@st.composite
def json_files(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """The uses of the fields of objects, a line each, and the bytes. Some lines are no objects."""
    targets = draw(uses())
    lines = [json.dumps({"c0": "open"})]
    for _line in range(draw(st.integers(1, 12))):
        values = {f"c{place}": draw(cell(target) | JSON) for place, target in enumerate(targets)}
        left_out = draw(st.sampled_from(["", "", *values]))
        written = json.dumps({name: value for name, value in values.items() if name != left_out})
        lines.append(draw(st.sampled_from([written] * 9 + ["[1]", "{", "null"])))
    return targets, "\n".join(lines).encode()


@st.composite
def parquet_files(draw: st.DrawFn) -> tuple[list[str], bytes]:
    """The uses of the columns of a Parquet file, and its bytes. A column has any type."""
    targets, rows = draw(uses()), draw(st.integers(1, 12))
    columns = dict[str, Any]()
    for place, target in enumerate(targets):
        kind = draw(st.sampled_from(["string", "string", "large_string", "dictionary", *ARROW]))
        type_, values = ARROW.get(kind, (pa.string(), cell(target)))
        array = pa.array(draw(st.lists(values | st.none(), min_size=rows, max_size=rows)), type_)
        if kind == "dictionary":
            array = array.dictionary_encode()
        columns[f"c{place}"] = array.cast(pa.large_string()) if kind == "large_string" else array
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=draw(st.integers(1, 12)))
    return targets, out.getvalue()


def taken(
    items: Iterable[Fact | RowFacts | Reject | FactColumns], facts: MemoryFacts, moment: datetime = NOW
) -> tuple[Any, ...]:
    """What the source counted and rejected when the warehouse took the items in."""
    batch = Batch(NORMALISERS, NOW)
    for number, item in enumerate(items, start=1):
        batch.add(SOURCE, number, item)
    batch.append(facts, moment)
    count = batch.count(SOURCE)
    rejects = [(reject.number, str(reject.reason), reject.raw) for _source, reject in batch.rejects]
    return count.accepted, count.rejected, count.last_event_at, rejects


@pytest.mark.requirement("DC-26")
@pytest.mark.parametrize(
    "files", [csv_files(), json_files(), parquet_files()], ids=["csv", "jsonl", "parquet"]
)
@given(
    data=st.data(),
    zone=st.sampled_from(["UTC", "Europe/Paris"]),
    dates=st.sampled_from(["ask", "day_first", "month_first"]),
    constants=st.sampled_from([{}, {"channel": "sms"}, {"kind": "open", "campaign": "c"}, {"tags": "a|b"}]),
    size=st.integers(1, 6),
)
def test_events_are_the_same_in_columns_as_in_rows(
    tmp_path_factory: pytest.TempPathFactory,
    files: st.SearchStrategy[tuple[list[str], bytes]],
    data: st.DataObject,
    zone: str,
    dates: str,
    constants: dict[str, str],
    size: int,
) -> None:
    targets, content = data.draw(files)
    path = tmp_path_factory.mktemp("files") / "events"
    path.write_bytes(content)
    mapped = tuple(Mapped(f"c{place}", target) for place, target in enumerate(targets))
    mapping, table = ColumnMapping(EVENTS, mapped, constants), open_table(path)
    columns, rows, repeats = MemoryFacts(), MemoryFacts(), Repeats()
    read_once, read_again = (Conventions(table, mapping, {"zone": zone, "dates": dates}) for _each in "ab")

    try:
        batches = (EventCells(batch, mapping, read_once) for batch in table.batches(size))
        in_columns = taken((read_events(one, repeats) for one in batches), columns)
    except Invalid as error:
        with pytest.raises(Invalid, match=re.escape(str(error.message))):
            taken(row_by_row(table, mapping, read_again), rows)
        return
    in_rows = taken(row_by_row(table, mapping, read_again), rows)

    assert in_columns == in_rows
    assert columns.held == rows.held
    accepted, rejected, *_rest = in_columns
    assert accepted + rejected == len(list(table.rows()))
    assert (0 < len(columns.rows(EVENTS)) <= accepted) or accepted == 0


def test_a_file_that_is_read_again_brings_no_new_fact(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "date,event,email\n"
        "2026-01-01,open,a@b.c\n"
        "soon,open,a@b.c\n"
        "2026-01-01,open,a@b.c\n"
        "2026-01-02,open,a@b.c\n"
    )
    facts, file = MemoryFacts(), ImportFile(path, path.name)
    for moment in (NOW, NOW + timedelta(hours=1)):
        accepted, rejected, last, [(number, reason, _raw)] = taken(READER.read(file, {}, None), facts, moment)
        assert (accepted, rejected, last) == (3, 1, datetime(2026, 1, 2, tzinfo=UTC))
        assert (number, reason) == (3, "“soon” is no moment; write it as 2026-01-31T08:00:00Z.")
        assert sorted(row["occurred_at"].day for row in facts.rows(EVENTS)) == [1, 1, 2]


@pytest.mark.requirement("DC-26")
@pytest.mark.parametrize("column", ["campaign name", "canvas name", "subject"])
def test_events_of_messages_that_are_known_by_name_alone_are_told_apart_by_it(
    tmp_path: Path, column: str
) -> None:
    facts = MemoryFacts()
    for number, message in enumerate(["March", "April", "March"]):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"event,date,email,{column}\nopened,2026-01-05,bob@x.org,{message}\n")
        taken(READER.read(ImportFile(path, "events.csv"), {}, None), facts)

    assert len(facts.rows(EVENTS)) == 2


@pytest.mark.requirement("DC-26")
def test_a_row_that_is_refused_does_not_change_the_ids_of_rows_equal_to_it(tmp_path: Path) -> None:
    ids = list[str]()
    for name, refused in (("with", "open,\n"), ("without", "")):
        path = tmp_path / name
        path.write_text(f"event,user_agent\n{refused}open,Mozilla/5.0\n")
        facts = MemoryFacts()
        taken(READER.read(ImportFile(path, "events.csv"), {}, None), facts)
        ids += [row["fact_id"] for row in facts.rows(EVENTS)]

    assert len(ids) == 2
    assert ids[0] == ids[1]


def test_a_row_with_several_faults_is_refused_for_the_first_of_them(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "date,event,email,channel\nsoon,,a@b.c,pigeon\nsoon,open,a@b.c,pigeon\n2026-01-01,open,a@b.c,pigeon\n"
    )

    *_counts, rejects = taken(READER.read(ImportFile(path, path.name), {}, None), MemoryFacts())

    assert [reason for _number, reason, _raw in rejects] == [
        "This row does not say what happened.",
        "“soon” is no moment; write it as 2026-01-31T08:00:00Z.",
        "“pigeon” is no channel; use one of email, push, web_push, in_app, webhook, sms.",
    ]


def events_of(tmp_path: Path, at: Any) -> tuple[list[str], list[tuple[int, str]]]:
    """The times that a Parquet file's events have, and what is said of the rows that are none."""
    ids = [f"e{number}" for number in range(len(at))]
    pq.write_table(pa.table({"kind": ["open"] * len(at), "at": at, "id": ids}), tmp_path / "events")
    columns = (Mapped("kind", "kind"), Mapped("at", "occurred_at"), Mapped("id", "event_id"))
    batch = Batch(NORMALISERS, NOW)
    found = READER.read(ImportFile(tmp_path / "events", "events"), {}, ColumnMapping(EVENTS, columns))
    facts = MemoryFacts()
    for item in found:
        batch.add(SOURCE, 1, item)
    batch.append(facts, NOW)
    times = [row["occurred_at"].isoformat() for row in facts.rows(EVENTS)]
    return times, [(reject.number, str(reject.reason)) for _source, reject in batch.rejects]


GOOD = 1_767_225_600  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (pa.array([GOOD * 10**3, 3 * 10**14], pa.timestamp("ms")), "“11476-08-15 05:20:00.000”"),
        (pa.array([GOOD * 10**3, 2 * 10**17], pa.timestamp("ms")), "“<value out of range: 2"),
        (pa.array([GOOD * 10**6, 3 * 10**17], pa.timestamp("us", "UTC")), "“11476-08-15 05:20:00.000000Z”"),
        (pa.array([GOOD * 10**6, 3 * 10**17], pa.timestamp("us")).dictionary_encode(), "“11476-08-15"),
        (pa.array([20_454, 10_000_000], pa.int32()).cast(pa.date32()), "“29349-01-26”"),
    ],
    ids=["ms", "ms beyond microseconds", "us in UTC", "a dictionary of us", "days"],
)  # fmt: skip
def test_a_moment_beyond_the_calendar_takes_no_other_row_with_it(
    tmp_path: Path, times: Any, said: str
) -> None:
    found, rejects = events_of(tmp_path, times)
    assert found == ["2026-01-01T00:00:00+00:00"]
    [(number, reason)] = rejects
    assert (number, reason[: len(said)]) == (2, said)
    assert "is no moment" in reason


def test_views_as_polars_writes_them_are_texts(tmp_path: Path) -> None:
    # A row that is refused is taken out by itself, which Arrow does not do with views.
    times = pa.array(["2026-01-01T00:00:00Z", "soon"], pa.string_view())
    found, rejects = events_of(tmp_path, times)
    assert found == ["2026-01-01T00:00:00+00:00"]
    assert [number for number, _reason in rejects] == [2]
