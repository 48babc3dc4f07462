"""The rows of a file are those that are new, those already there and the rejects, whatever holds them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk import ImportFile, Reader
from bilan_email_campaigns.datasets import DATASETS
from bilan_email_campaigns.readers.braze_currents import BrazeCurrentsReader
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.readers.hubspot_tables import HubSpotTablesReader
from bilan_email_campaigns.readers.mailchimp_report import MailchimpReportReader
from bilan_email_campaigns.readers.mailchimp_tables import MailchimpTablesReader
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, TOTALS
from fixtures.email_campaigns import DATA
from fixtures.ingest import MemoryFacts
from support.long import times

pytestmark = pytest.mark.requirement("DC-26")

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOURCE = UUID(int=7)
NORMALISERS = Normalisers({dataset.key: dataset for dataset in DATASETS})
Row = dict[str, str]
Write = Callable[[Sequence[Row]], bytes]


def separated(delimiter: str, encoding: str) -> Write:
    def write(rows: Sequence[Row]) -> bytes:
        text = io.StringIO()
        table = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
        table.writeheader()
        table.writerows(rows)
        return text.getvalue().encode(encoding)

    return write


def json_lines(rows: Sequence[Row]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def json_list(rows: Sequence[Row]) -> bytes:
    return json.dumps(rows).encode()


def workbook(rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate([list(rows[0]), *(row.values() for row in rows)]):
            sheet.write_row(place, 0, list(cells))
    return out.getvalue()


def parquet(rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out)
    return out.getvalue()


FILES: dict[str, tuple[str, Write]] = {
    "comma": ("table.csv", separated(",", "utf-8")),
    "semicolon": ("table.csv", separated(";", "utf-8-sig")),
    "tab": ("table.tsv", separated("\t", "utf-16")),
    "pipe": ("table.csv", separated("|", "utf-8")),
    "lines": ("table.jsonl", json_lines),
    "list": ("table.json", json_list),
    "parquet": ("table.parquet", parquet),
}
DATES = (
    "2026-03-01T08:00:00Z",
    "2026-03-01T09:00:00Z",
    "2026-04-02T08:00:00Z",
    "yesterday",
    "1970-01-01T00:00:00Z",
)
events = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(("", "e1", "e2", "e3", "e4")),
        "occurred_at": st.sampled_from(DATES),
        "kind": st.sampled_from(("delivered", "opened", "bounced", "")),
        "campaign": st.sampled_from(("spring", "summer")),
        "recipient": st.sampled_from(("ann@a.org", "bob@b.org", "")),
    }
)
totals = st.fixed_dictionaries(
    {
        "campaign_id": st.sampled_from(("1", "2", "3", "")),
        "campaign_name": st.sampled_from(("spring", "summer", "")),
        "sent": st.sampled_from(DATES),
        "recipients": st.sampled_from(("10", "20", "-5", "many")),
        "delivered": st.sampled_from(("9", "")),
        "opens": st.sampled_from(("5", "6")),
    }
)


def read(
    reader: Reader,
    path: Path,
    facts: MemoryFacts,
    number: int,
    cut: int,
    companions: Sequence[Path] = (),
) -> tuple[int, int, int]:
    """How many rows were new, already there and rejected when the file was imported, cut by cut."""
    file, counts = ImportFile(path, path.name, {one.name: one for one in companions}), (0, 0, 0)
    items = list(reader.read(file, {}, reader.propose(file, {})))
    batches: list[Batch] = [Batch(NORMALISERS, NOW)]
    for place, item in enumerate(items, start=1):
        if place % cut == 0:
            batches.append(Batch(NORMALISERS, NOW))
        batches[-1].add(SOURCE, place, item)
    for part, batch in enumerate(batches):
        batch.append(facts, datetime(2026, 11, 20, number, part // 60, part % 60, tzinfo=UTC))
        count = batch.count(SOURCE)
        here = (count.accepted - count.known, count.known, count.rejected)
        assert count.rejected == len(batch.rejects)
        counts = tuple(map(sum, zip(counts, here, strict=True)))
    new, known, rejected = counts
    return new, known, rejected


tables = st.lists(events, min_size=2, max_size=12) | st.lists(totals, min_size=2, max_size=8)


@pytest.mark.parametrize("form", sorted(FILES))
@given(rows=tables, cut=st.integers(1, 9))
def test_every_row_is_new_already_there_or_a_reject_and_none_is_new_the_second_time(
    tmp_path_factory: pytest.TempPathFactory, form: str, rows: list[Row], cut: int
) -> None:
    holds(tmp_path_factory.mktemp("rows"), *FILES[form], rows, cut)


@pytest.mark.integration
@settings(max_examples=times(2))
@given(rows=tables, cut=st.integers(1, 9))
def test_so_are_those_of_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], cut: int
) -> None:
    holds(tmp_path_factory.mktemp("rows"), "table.xlsx", workbook, rows, cut)


def holds(folder: Path, name: str, write: Write, rows: list[Row], cut: int) -> None:
    """Import the rows twice, as such a file."""
    path = folder / name
    path.write_bytes(write(rows))
    facts = MemoryFacts()

    new, known, rejected = read(GenericReader(), path, facts, 1, cut)

    assert new + known + rejected == len(rows)
    stored = [len(facts.rows(key)) for key in (EVENTS, CAMPAIGNS, TOTALS)]
    assert new >= max(stored)
    if "kind" in rows[0]:
        assert new == stored[0]
    assert read(GenericReader(), path, facts, 2, cut) == (0, new + known, rejected)
    assert stored == [len(facts.rows(key)) for key in (EVENTS, CAMPAIGNS, TOTALS)]


SAMPLES: dict[str, tuple[Reader, str, tuple[str, ...]]] = {
    "activity": (MailchimpTablesReader(), "mailchimp_connector/campaign_recipient_activity.csv", ()),
    "recipients": (
        MailchimpTablesReader(), "mailchimp_connector/campaign_recipient.csv",
        ("mailchimp_connector/campaign.csv",),
    ),
    "unsubscribes": (MailchimpTablesReader(), "mailchimp_connector/unsubscribe.csv", ()),
    "campaigns": (MailchimpTablesReader(), "mailchimp_connector/campaign.csv", ()),
    "opens": (HubSpotTablesReader(), "hubspot_connector/email_event_open_data.csv", ()),
    "events": (HubSpotTablesReader(), "hubspot_connector/email_event_data.csv", ()),
    "any table": (GenericReader(), "hubspot_connector/email_event_click_data.csv", ()),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_rows_of_a_connectors_table_are_counted_so_too(name: str) -> None:
    reader, table, others = SAMPLES[name]
    path, companions = DATA / table, tuple(DATA / one for one in others)
    # The rows of files that are handed over together are counted together.
    rows = sum(len(list(csv.reader(one.read_text().splitlines()))) - 1 for one in (path, *companions))
    facts = MemoryFacts()
    new, known, rejected = read(reader, path, facts, 1, 5, companions)
    assert new + known + rejected == rows
    assert read(reader, path, facts, 2, 5, companions) == (0, new + known, rejected)


def test_a_reports_rows_are_its_campaigns_and_its_currents_its_lines(tmp_path: Path) -> None:
    facts, report = MemoryFacts(), DATA / "mailchimp_report_api" / "reports.json"
    campaigns = len(json.loads(report.read_text())["reports"])
    assert read(MailchimpReportReader(), report, facts, 1, 5) == (campaigns, 0, 0)
    assert read(MailchimpReportReader(), report, facts, 2, 5) == (0, campaigns, 0)

    line = {"event_type": "users.messages.email.Open", "id": "1", "time": 1772352000, "external_user_id": "a"}
    path = tmp_path / "currents.json"
    lines = [line, {**line, "id": "2"}, {**line, "time": 1772352001}, {"id": "3"}]
    path.write_text("\n".join(map(json.dumps, lines)))
    assert read(BrazeCurrentsReader(), path, facts, 3, 5) == (2, 1, 1)
    assert read(BrazeCurrentsReader(), path, facts, 4, 5) == (0, 3, 1)
