"""The same content in another dialect, language and order of columns gives the same facts."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.vocabulary import EVENTS, TOTALS
from fixtures.email_campaigns import imported
from support.long import times

READER = GenericReader()
Row = dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """How a program writes a table: its heads, its dates and numbers, and the file around them."""

    heads: Mapping[str, str]
    moment: str
    grouped: str
    """What stands between thousands."""
    decimals: str
    """What a program writes behind every count."""
    kinds: Mapping[str, str]
    delimiter: str = ","
    before: str = ""
    encoding: str = "utf-8"
    pack: Callable[[bytes], bytes] = bytes
    name: str = "table.csv"


EVENT_HEADS = {
    "id": "Event ID", "at": "Timestamp", "kind": "Event", "to": "Email", "campaign": "Campaign ID",
    "name": "Campaign name",
}  # fmt: skip
EVENT_HEADS_FR = {
    "id": "Identifiant de l’événement", "at": "Horodatage", "kind": "Événement", "to": "Adresse e-mail",
    "campaign": "Identifiant de campagne", "name": "Nom de la campagne",
}  # fmt: skip
TOTAL_HEADS = {
    "campaign": "Campaign ID", "name": "Campaign name", "at": "Send date", "recipients": "Recipients",
    "delivered": "Delivered", "opens": "Unique opens", "clicks": "Unique clicks",
}  # fmt: skip
TOTAL_HEADS_FR = {
    "campaign": "Identifiant de campagne", "name": "Nom de la campagne", "at": "Date d’envoi",
    "recipients": "Destinataires", "delivered": "Délivrés", "opens": "Ouvreurs uniques",
    "clicks": "Cliqueurs uniques",
}  # fmt: skip
KINDS = {"opened": "Opened", "clicked": "Clicked", "delivered": "Delivered", "unsubscribed": "Unsubscribed"}
KINDS_FR = {"opened": "Ouvert", "clicked": "Clic", "delivered": "Livré", "unsubscribed": "Désabonné"}


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside/table.csv", content)
    return out.getvalue()


def dialects(english: Mapping[str, str], french: Mapping[str, str]) -> dict[str, Dialect]:
    """One of each kind: of moments, numbers, languages, delimiters, encodings and packings."""
    plain = Dialect(english, "%Y-%m-%dT%H:%M:%SZ", "", "", KINDS)
    return {
        "plain": plain,
        "us": replace(plain, moment="%m/%d/%Y %I:%M:%S %p", grouped=","),
        "decimals": replace(
            plain, moment="%b %d, %Y %I:%M:%S %p", grouped=",", decimals=".00", delimiter="\t"
        ),
        "french": Dialect(french, "%d/%m/%Y %H:%M:%S", "\u202f", ",00", KINDS_FR, ";", encoding="utf-8-sig"),
        "french-old": Dialect(french, "%d/%m/%Y %H:%M:%S", " ", "", KINDS_FR, ";", encoding="cp1252"),
        "german-excel": replace(
            plain,
            moment="%d.%m.%Y %H:%M:%S",
            grouped=".",
            delimiter=";",
            before="sep=;\r\n",
            encoding="utf-16",
        ),
        "titles": replace(
            plain, moment="%d-%b-%Y %H:%M:%S", before="Report\nMade,today\n\n", pack=gzip.compress
        ),
        "zip": replace(plain, moment="%Y%m%dT%H%M%SZ", delimiter="|", pack=zipped, name="table.zip"),
    }


def written(value: Any, key: str, dialect: Dialect) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime(dialect.moment)
        case int():
            return f"{value:,}".replace(",", dialect.grouped) + dialect.decimals
        case _:
            return dialect.kinds[value] if key == "kind" else value


def file_of(rows: list[Row], order: list[str], dialect: Dialect) -> bytes:
    out = io.StringIO(newline="")
    out.write(dialect.before)
    writer = csv.writer(out, delimiter=dialect.delimiter)
    writer.writerow([dialect.heads[key] for key in order])
    writer.writerows([[written(row[key], key, dialect) for key in order] for row in rows])
    return dialect.pack(out.getvalue().encode(dialect.encoding))


def as_json(rows: list[Row], order: list[str], heads: Mapping[str, str], kinds: Mapping[str, str]) -> bytes:
    """One object a line, with real numbers, moments in milliseconds, and fields in this order."""

    def cell(key: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return int(value.timestamp() * 1000)
        return kinds[value] if key == "kind" else value

    lines = [json.dumps({heads[key]: cell(key, row[key]) for key in order}) for row in rows]
    return "\n".join(lines).encode()


def as_workbook(
    rows: list[Row], order: list[str], heads: Mapping[str, str], kinds: Mapping[str, str]
) -> bytes:
    """A workbook with real numbers and real dates."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("Data")
    sheet.write_row(0, 0, [heads[key] for key in order])
    for line, row in enumerate(rows, 1):
        for place, key in enumerate(order):
            value = row[key]
            if isinstance(value, datetime):
                sheet.write_datetime(line, place, value.replace(tzinfo=None))
            elif value is not None:
                sheet.write(line, place, kinds[value] if key == "kind" else value)
    book.close()
    return out.getvalue()


# Whole seconds of the years 2020 to 2027.
MOMENTS = st.integers(1_577_836_800, 1_830_297_599).map(lambda second: datetime.fromtimestamp(second, UTC))
NAMES = st.sampled_from(["Été", "Soldes d’hiver", "Spring sale", "Mot à mot", "Newsletter n° 5", ""])
EVENT_ROWS = st.lists(
    st.fixed_dictionaries({
        "at": MOMENTS,
        "kind": st.sampled_from(sorted(KINDS)),
        "to": st.sampled_from(["ann@example.com", "bob@example.org"]),
        "campaign": st.sampled_from(["c1", "c2"]),
        "name": NAMES,
    }),
    min_size=2,
    max_size=8,
).map(lambda rows: [{"id": f"e{n}", **row} for n, row in enumerate(rows)])  # fmt: skip
COUNTS = st.none() | st.integers(0, 3_000_000)
TOTAL_ROWS = st.lists(
    st.fixed_dictionaries({
        "name": NAMES, "at": MOMENTS, "recipients": COUNTS, "delivered": COUNTS, "opens": COUNTS,
        "clicks": COUNTS,
    }),
    min_size=2,
    max_size=6,
).map(lambda rows: [{"campaign": f"c{n}", **row} for n, row in enumerate(rows)])  # fmt: skip


def decided(rows: list[Row], counts: tuple[str, ...]) -> list[Row]:
    """The rows, and one whose day and counts can be read in one way alone, as most real columns have one."""
    first = rows[0]
    sure = {**first, "at": datetime(2026, 1, 31, 13, 30, 1, tzinfo=UTC), **dict.fromkeys(counts, 1_234_567)}
    key = "id" if "id" in first else "campaign"
    return [*rows, {**sure, key: "sure"}]


def facts_of(content: bytes, name: str, dataset: str, tmp: Any) -> list[Row]:
    path = tmp / name
    path.write_bytes(content)
    facts, rejects = imported(READER, path)
    assert [str(reject.reason) for reject in rejects] == []
    return [fact.row for fact in facts if fact.dataset == dataset]


def all_files(
    rows: list[Row], order: list[str], english: Mapping[str, str], french: Mapping[str, str]
) -> dict[str, tuple[str, bytes]]:
    files = {
        name: (dialect.name, file_of(rows, order, dialect))
        for name, dialect in dialects(english, french).items()
    }
    files["json"] = ("table.jsonl", as_json(rows, order, french, KINDS_FR))
    return files


def events_of(found: list[Row]) -> list[Row]:
    return [
        {
            "id": one["fact_id"], "at": one["occurred_at"], "kind": one["kind"], "to": one["recipient"],
            "campaign": one["campaign"], "name": one["campaign_name"],
        }
        for one in found
    ]  # fmt: skip


def totals_of(found: list[Row]) -> list[Row]:
    return [
        {
            "campaign": one["campaign"], "name": one["campaign_name"], "at": one["occurred_at"],
            "recipients": one["recipients"], "delivered": one["delivered"],
            "opens": one["unique_opens"], "clicks": one["unique_clicks"],
        }
        for one in found
    ]  # fmt: skip


@pytest.mark.requirement("DC-27", "DC-26")
@given(rows=EVENT_ROWS, order=st.permutations(list(EVENT_HEADS)))
@settings(max_examples=times(25))
def test_events_are_the_same_facts_however_their_table_is_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], order: list[str]
) -> None:
    rows, tmp = decided(rows, ()), tmp_path_factory.mktemp("events")
    for how, (name, content) in all_files(rows, order, EVENT_HEADS, EVENT_HEADS_FR).items():
        assert events_of(facts_of(content, name, EVENTS, tmp)) == rows, how


DAY = datetime(2026, 1, 2, tzinfo=UTC)
ASKED = [
    {"campaign": f"c{n}", "name": "Été", "at": DAY, "recipients": 120_000, "delivered": 1_000, "opens": None,
     "clicks": 0}
    for n in range(2)
]  # fmt: skip
"""Counts and days that have several readings by themselves."""


@pytest.mark.requirement("DC-27", "DC-26")
@given(rows=TOTAL_ROWS, order=st.permutations(list(TOTAL_HEADS)))
@example(rows=ASKED, order=list(TOTAL_HEADS))
@settings(max_examples=times(25))
def test_totals_are_the_same_facts_however_their_table_is_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], order: list[str]
) -> None:
    rows = decided(rows, ("recipients", "delivered", "opens", "clicks"))
    tmp = tmp_path_factory.mktemp("totals")
    for how, (name, content) in all_files(rows, order, TOTAL_HEADS, TOTAL_HEADS_FR).items():
        assert totals_of(facts_of(content, name, TOTALS, tmp)) == rows, how


@pytest.mark.integration  # a workbook is read in a process of its own
@pytest.mark.requirement("DC-27", "DC-26")
def test_a_workbook_gives_the_same_facts(tmp_path: Path) -> None:
    order = ["clicks", "name", "at", "opens", "campaign", "delivered", "recipients"]
    content = as_workbook(ASKED, order, TOTAL_HEADS, KINDS)
    assert totals_of(facts_of(content, "table.xlsx", TOTALS, tmp_path)) == ASKED
