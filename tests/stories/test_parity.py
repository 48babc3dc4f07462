"""One number everywhere: GraphQL, the page, the PDF, slides, the workbook and both kinds of CSV hold the
same cells, and counting the events one by one gives them too, whatever is asked of either report."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bilan.i18n import LocaleFormatter, Translator
from bilan.rendering.marks import MARKS
from bilan.reports.parts import rows_of
from bilan.sdk.document import Document, Mark
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import Look
from fixtures.email_reports import MailRoom
from support import campaign_cases, engagement_cases
from support.alike import grid, grids, pdf_alike, shown_tile, slides_alike, tiles_in, workbook_alike
from support.drawn import Page, as_csv, plain, through_graphql
from support.engagement_cases import Case
from support.mail_counts import Row, counted

_, _n = messages("bilan")
Json = dict[str, Any]

NAMES = {"a": '=HYPERLINK("x")', "b": 'Été; "salé"\nsucré', "c1": "<b>Journey</b>"}
"""What breaks a careless spreadsheet, file or page."""
SHOWN = 7
"""Rows of a table on the page; the rest is left to the files."""


@dataclass(frozen=True)
class Reader:
    """How somebody has the document drawn."""

    language: str
    zone: str
    compression: str
    delimiter: str
    printed: bool
    """Whether slides and a PDF are drawn too; they take a second or two."""


readers = st.builds(
    Reader,
    st.sampled_from(("en", "fr", "de")),
    st.sampled_from(("UTC", "Asia/Kathmandu")),
    st.sampled_from(("zip", "gzip", "none")),
    st.sampled_from(("comma", "semicolon", "tab")),
    st.sampled_from((True, False, False)),
)
compared = st.sampled_from(("none", "previous_period", "same_period_last_year"))
quickly = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.slow
@pytest.mark.requirement("BZ-34", "DC-18", "GO-13")
@quickly
@given(case=engagement_cases.cases, reader=readers, compare=compared)
def test_everything_says_the_same_of_an_engagement_report(
    mail_room: MailRoom, case: Case, reader: Reader, compare: str
) -> None:
    case.raw["compare"] = compare
    engagement_cases.filled(mail_room, case, NAMES)
    made = mail_room.report("email.engagement", case.raw)

    document = drawn_alike(mail_room, made, reader)

    rows = engagement_cases.selected(case)
    first, last = engagement_cases.period(case.raw, rows)
    assert document["period"] == [first.isoformat(), last.isoformat()]
    asked = engagement_cases.expected_keys(engagement_cases.channels(case, rows), rates=case.raw["rates"])
    if rows:
        assert sorted(tile["key"].removeprefix("email.") for tile in tiles_in(document)) == sorted(asked)
    for name, canvas in (("campaigns", False), ("canvases", True)):
        expected = engagement_cases.by_hand(case, canvas=canvas)
        identity = ["first_day", "canvas" if canvas else "campaign"]
        identity += [("step" if canvas else "variant")] if case.raw["level"] == "variant" else []
        assert figures(document, name, identity) == by_counting(document, name, expected)


@pytest.mark.slow
@pytest.mark.requirement("AD-03", "AD-04", "DC-18", "GO-13")
@quickly
@given(
    rows=st.lists(campaign_cases.events, min_size=20, max_size=60),
    zone=campaign_cases.zones,
    period=campaign_cases.periods,
    asked=st.sampled_from(({"campaign": "a"}, {"show": "counts"}, {"show": "rates"})),
    reader=readers,
)
def test_everything_says_the_same_of_a_campaign_report(
    mail_room: MailRoom, rows: list[Row], zone: str, period: str, asked: dict[str, str], reader: Reader
) -> None:
    campaigns = [row for row in rows if row["campaign"] and not row["canvas"]]
    assume(any(row["campaign"] == "a" for row in campaigns))
    campaign_cases.filled(mail_room, rows)
    made = mail_room.report("email.campaign", {"zone": zone, "period": period, **asked})

    document = drawn_alike(mail_room, made, reader)

    ours = [row for row in campaigns if row["campaign"] == asked.get("campaign", row["campaign"])]
    seen = campaign_cases.within(ours, period, zone)
    tiles = {tile["key"].removeprefix("email."): tile["value"] for tile in tiles_in(document)}
    assert tiles == {name: _by_hand(seen, name) for name in tiles}
    for name, column in (("campaigns", "campaign"), ("links", "url"), ("domain", "domain")):
        rows_of_it = [row for row in seen if name != "links" or row["kind"] == "clicked"]
        expected = {(key,): found for key, found in campaign_cases.grouped(rows_of_it, column).items()}
        if any(table["key"] == name for table in document["tables"]):
            assert figures(document, name, [column]) == by_counting(document, name, expected)


# ---- the same everywhere ------------------------------------------------------------------------


def drawn_alike(room: MailRoom, made: Document, reader: Reader) -> Json:
    """Draw the document in every way and compare; gives what GraphQL gives."""
    formatter = LocaleFormatter(Translator.of(room.registry.plugins.values()), reader.language, reader.zone)
    rows = rows_of(room.files)
    document = asyncio.run(through_graphql(made, rows, formatter))

    exported = [table for table in document["tables"] if table["file"]]
    exported = [table for table in exported if table["rowCount"]] or exported[:1]
    for machine in (True, False) if exported else ():
        options = {"compression": reader.compression, "delimiter": reader.delimiter, "machine": machine}
        files = as_csv(made, rows, Look(formatter, "", options))
        assert list(files) in ([f"{table['file']}.csv" for table in exported], [""])
        for table, lines in zip(exported, files.values(), strict=True):
            assert lines == [*written(table, formatter, machine=machine)]

    workbook_alike(document, made, rows, formatter)
    if reader.printed:
        slides_alike(document, made, rows, formatter)
        pdf_alike(document, made, rows, formatter)
    page = Page(made, rows, Look(formatter, "", {"table_rows": SHOWN}))
    tiles = [shown_tile(tile, formatter) for tile in tiles_in(document)]
    assert [(tile.label, tile.value, tile.previous) for tile in page.tiles] == tiles
    expected = [grid(block, formatter, SHOWN) for block in grids(document) if not block.get("hidden")]
    # Behind them comes where the figures come from.
    assert page.grids[: len(expected)] == expected
    assert len(page.grids) <= len(expected) + 1
    return document


def written(table: Json, formatter: LocaleFormatter, *, machine: bool) -> Iterator[list[str]]:
    """The lines of a table's file: each figure as it is, what is to know about it in columns beside it."""
    beside = [[key for key in ("mark", "note") if _any(table, n, key)] for n in range(len(table["columns"]))]
    head: list[str] = []
    for column, keys in zip(table["columns"], beside, strict=True):
        names = [column["key"], *(f"{column['key']}_{BESIDE[key]}" for key in keys)]
        labels = [column["label"], *(_labelled(column["label"], key, formatter) for key in keys)]
        head += names if machine else labels
    yield head
    for row in table["rows"]:
        line: list[str] = []
        for cell, keys in zip(row, beside, strict=True):
            line.append(text(plain(cell), machine=machine))
            line += [_remark(cell, key, formatter, machine=machine) for key in keys]
        yield line


BESIDE = {"mark": "basis", "note": "note"}


def _any(table: Json, place: int, key: str) -> bool:
    return any(isinstance(row[place], dict) and row[place][key] for row in table["rows"])


def _labelled(label: str, key: str, formatter: LocaleFormatter) -> str:
    return formatter.text(_("{column} ({what})", column=label, what=formatter.text(Message(BESIDE[key]))))


def _remark(cell: Any, key: str, formatter: LocaleFormatter, *, machine: bool) -> str:
    found = cell[key] if isinstance(cell, dict) else None
    return (
        formatter.text(MARKS[Mark(found)].short) if found and key == "mark" and not machine else found or ""
    )


def text(value: Any, *, machine: bool) -> str:
    """A value in a file."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return json.dumps(value, separators=(",", ":")) if machine else "; ".join(value)
        case str():
            return value if machine or not value.startswith("=") else f"'{value}"
        case _:
            return repr(value)


# ---- the same as counting -----------------------------------------------------------------------


def figures(document: Json, name: str, identity: Sequence[str]) -> dict[tuple[str, ...], Json]:
    """The statistics of a table's rows, by what the rows are about; nothing where the table is left out."""
    found: dict[tuple[str, ...], Json] = {}
    for table in document["tables"]:
        keys = [column["key"] for column in table["columns"]]
        for row in table["rows"] if table["key"] == name else ():
            cells = dict(zip(keys, map(plain, row), strict=True))
            statistics = {key: value for key, value in cells.items() if key.startswith("email.")}
            found[tuple(cells[one] for one in identity)] = statistics
    return found


def by_counting(
    document: Json, name: str, expected: Mapping[tuple[str, ...], list[Row]]
) -> dict[tuple[str, ...], Json]:
    """The same statistics, counted by going through the events."""
    columns = [table["columns"] for table in document["tables"] if table["key"] == name]
    keys = [column["key"] for column in (columns[0] if columns else []) if column["key"].startswith("email.")]
    return {
        identity: {key: _by_hand(rows, key.removeprefix("email.")) for key in keys}
        for identity, rows in expected.items()
    }


def _by_hand(rows: list[Row], name: str) -> Any:
    kind = {"last_open": "opened", "last_click": "clicked"}.get(name)
    if kind is None:
        return counted(rows, name)
    moments = sorted(row["occurred_at"] for row in rows if row["kind"] == kind)
    return moments[-1].isoformat().replace("+00:00", "Z") if moments else None
