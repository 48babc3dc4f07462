"""Real files that were once read wrong in silence: each gives the right values, or the right sentence."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID

import pytest

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.selection import selected
from bilan.reports.parts import rows_of
from bilan.sdk import ImportFile, Invalid
from bilan_email_campaigns.datasets import DATASETS
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, TOTALS
from fixtures.documents import Contexts
from fixtures.email_campaigns import imported
from fixtures.email_reports import MailRoom
from fixtures.ingest import MemoryFacts
from support.slides import read

READER = GenericReader()
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOURCE = UUID(int=7)
NORMALISERS = Normalisers({dataset.key: dataset for dataset in DATASETS})
FILES = Path(__file__).parent / "cases" / "files"


def totals(name: str, **settings: Any) -> dict[str, dict[str, Any]]:
    """The totals in a file by their campaign. No row of it is rejected."""
    facts, rejects = imported(READER, FILES / name, settings=settings)
    assert rejects == []
    return {fact.row["campaign"]: fact.row for fact in facts if fact.dataset == TOTALS}


@pytest.mark.requirement("DC-27")
def test_pm_times_are_in_the_afternoon_and_the_hour_after_midnight_in_the_night() -> None:
    facts, rejects = imported(READER, FILES / "pm_times.csv")
    assert rejects == []
    assert [fact.row["occurred_at"] for fact in facts] == [
        datetime(2018, 10, 26, 14, 56, tzinfo=UTC),
        datetime(2018, 10, 26, 0, 10, tzinfo=UTC),
        datetime(2018, 10, 26, 14, 56, tzinfo=UTC),
    ]


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("dates", ["ask", "day_first", "month_first"])
def test_16_us_is_month_first_as_one_of_its_rows_proves(dates: str) -> None:
    found = totals("16-us.csv", dates=dates)
    assert {name: row["occurred_at"] for name, row in found.items()} == {
        "A": datetime(2026, 1, 5, tzinfo=UTC),
        "B": datetime(2026, 1, 31, tzinfo=UTC),
        "C": datetime(2026, 2, 1, tzinfo=UTC),
    }


@pytest.mark.requirement("DC-27")
def test_12_na_has_empty_dates_and_empty_counts() -> None:
    found = totals("12-na.csv")
    assert {name: row["undated"] for name, row in found.items()} == dict.fromkeys("ABCDEF", True)
    assert [found["A"][name] for name in ("recipients", "delivered", "unique_opens", "unique_clicks")] == [
        None, None, None, None,
    ]  # fmt: skip
    assert {found[name]["delivered"] for name in "BCDEF"} == {9}


@pytest.mark.requirement("DC-27")
def test_14_serial_has_day_numbers_and_dates_without_marks() -> None:
    found = totals("14-serial.csv")
    day, eight = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert {name: row["occurred_at"] for name, row in found.items()} == {
        "A": day, "B": eight, "C": day, "D": eight, "E": eight,
    }  # fmt: skip


@pytest.mark.requirement("DC-27")
def test_11_thousand_groups_its_thousands_in_four_ways() -> None:
    row = totals("11-thousand.csv")["Winter"]
    assert [row[name] for name in ("recipients", "delivered", "unique_opens", "unique_clicks")] == [
        1234, 1230, 1234, 1234,
    ]  # fmt: skip


@pytest.mark.requirement("DC-27")
def test_36_float_3dec_is_asked_about_and_not_made_a_thousandfold() -> None:
    with pytest.raises(Invalid, match="--decimals") as refused:
        totals("36-float-3dec.csv")
    assert refused.value.path in {("mapping", "Recipients"), ("mapping", "Delivered")}
    assert [row["recipients"] for row in totals("36-float-3dec.csv", decimals="point").values()] == [120, 1]
    assert [row["recipients"] for row in totals("36-float-3dec.csv", decimals="comma").values()] == [
        120_000, 1000,
    ]  # fmt: skip


def said(name: str) -> list[tuple[int, str]]:
    """The numbers of the rejects in a file, and why they are."""
    return [(reject.number, str(reject.reason)) for reject in imported(READER, FILES / name)[1]]


@pytest.mark.requirement("DC-27")
def test_63_big_keeps_what_fits_and_says_what_is_too_large_or_below_nought() -> None:
    facts, _rejects = imported(READER, FILES / "63-big.csv")
    assert {fact.row["campaign"]: fact.row["recipients"] for fact in facts if fact.dataset == TOTALS} == {
        "Big A": 9007199254740993, "Big B": 999999999999999999, "Third": 3, "Over": 10,
    }  # fmt: skip
    assert [reason for _number, reason in said("63-big.csv")] == [
        "“9223372036854775807” is too large a number.",
        "“-5” is below nought, which no count is.",
    ]


def test_70_has_a_percentage_where_a_count_belongs() -> None:
    assert [reason for _number, reason in said("70.csv")] == [
        "“98 %” is a percentage, not a number of its own."
    ]


@pytest.mark.requirement("DC-27")
def test_03_total_ends_with_a_row_that_sums_up_the_others() -> None:
    facts, rejects = imported(READER, FILES / "03-total.csv")
    assert [fact.row["recipients"] for fact in facts if fact.dataset == TOTALS] == [1000, 2000]
    assert {fact.row["campaign"] for fact in facts} == {"Winter", "Summer"}
    assert [str(reject.reason) for reject in rejects] == ["This row sums up the others; it is no campaign."]


def campaigns(tmp_path: Path, content: str) -> tuple[list[str], int]:
    """The campaigns in a table, and how many of its rows are rejects."""
    path = tmp_path / "campaigns.csv"
    path.write_text(content)
    facts, rejects = imported(READER, path)
    return [fact.row["campaign"] for fact in facts if fact.dataset == TOTALS], len(rejects)


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(
    "row",
    ["Totals,,3000,700", "GRAND TOTAL:,,3000,700", "Total général,,3000,700", "Average,,1500,350",
     "Moyenne,-,1 500,350", "Mean,,1500.5,350.2", "Sum (2 campaigns),2026-01-07,3000,700", "Gesamt,,3000,1",
     "Total,2026-01-07,3000,700"],
)  # fmt: skip
def test_a_row_that_sums_up_the_others_is_no_campaign_in_any_language(tmp_path: Path, row: str) -> None:
    table = "Campaign,Send Date,Recipients,Opens\nA,2026-01-05,1000,500\nB,2026-01-06,2000,200\n"
    assert campaigns(tmp_path, f"{table}{row}\n") == (["A", "B"], 1)


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(
    "rows",
    ["Totale,,3000,700", "Totaal,,3000,700", "Soma,,3000,700", "Média,,1500,350", "Totalt,,3000,700",
     "Razem,,3000,700", "Итого,,3000,700", "合計,,3000,700", "Cyfanswm,,3000,700",
     "Total (all time),,9000,1400", "Report total,,3000,700",
     "All our campaigns - total,2026-01-07,3000,700"],
    ids=["italian", "dutch", "portuguese", "portuguese mean", "swedish", "polish", "russian", "japanese",
         "unknown word", "of more than the table", "word at the end", "word at the end with a date"],
)  # fmt: skip
def test_a_row_of_sums_is_told_by_words_of_more_languages_or_by_its_figures(
    tmp_path: Path, rows: str
) -> None:
    table = "Campaign,Send Date,Recipients,Opens\nA,2026-01-05,1000,500\nB,2026-01-06,2000,200\n"
    assert campaigns(tmp_path, f"{table}{rows}\n") == (["A", "B"], 1)


@pytest.mark.requirement("DC-27")
def test_the_smallest_middle_and_largest_of_others_are_no_campaigns(tmp_path: Path) -> None:
    table = "Campaign,Send Date,Recipients\nA,2026-01-05,10\nB,2026-01-06,20\nC,2026-01-07,90\n"
    assert campaigns(tmp_path, f"{table}Min,,10\nMedian,,20\nMax,,90\n") == (["A", "B", "C"], 3)


@pytest.mark.requirement("DC-27")
def test_a_total_in_the_column_of_ids_is_no_campaign(tmp_path: Path) -> None:
    table = "Campaign ID,Campaign name,Send Date,Recipients\n1,A,2026-01-05,10\n2,B,2026-01-06,20\n"
    assert campaigns(tmp_path, f"{table}Total,All,,30\n") == (["1", "2"], 1)


@pytest.mark.requirement("DC-27")
def test_sums_of_sections_without_dates_are_no_campaigns(tmp_path: Path) -> None:
    rows = "A,10,5\nB,20,6\nSubtotal,30,11\nC,5,1\nD,6,2\nSubtotal,11,3\nGrand Total,41,14\n"
    assert campaigns(tmp_path, f"Campaign,Recipients,Opens\n{rows}") == (["A", "B", "C", "D"], 3)


@pytest.mark.requirement("DC-27")
def test_a_campaign_whose_name_begins_like_a_sum_counts_in_the_sum(tmp_path: Path) -> None:
    rows = "Total eclipse,30,10\nA,10,5\nB,20,6\nTotal,60,21\n"
    assert campaigns(tmp_path, f"Campaign,Recipients,Opens\n{rows}") == (["Total eclipse", "A", "B"], 1)


@pytest.mark.requirement("DC-27")
def test_a_draft_without_a_date_is_a_campaign(tmp_path: Path) -> None:
    table = "Campaign,Send Date,Recipients,Opens\nA,2026-01-05,10,5\nB,2026-01-06,20,6\nDraft,,30,0\n"
    assert campaigns(tmp_path, table) == (["A", "B", "Draft"], 0)


@pytest.mark.parametrize(
    "row", ["Total,2026-01-07,10,5", "Total recall,2026-01-07,7,1", "Sum of all fears,,9,2"]
)
def test_a_campaign_that_is_called_so_stays_one(tmp_path: Path, row: str) -> None:
    table = "Campaign,Send Date,Recipients,Opens\nA,2026-01-05,1000,500\nB,2026-01-06,2000,200\n"
    assert campaigns(tmp_path, f"{table}{row}\n") == (["A", "B", row.partition(",")[0]], 0)


def test_tags_with_commas_stay_whole_in_lists() -> None:
    facts, _rejects = imported(READER, FILES / "tags_with_commas.jsonl")
    assert [fact.row["tags"] for fact in facts] == [["Paris, France", "vip"], ["a|b", "c;d"]]


@pytest.mark.parametrize("name", ["Été", "한국어 소식"])
def test_a_name_is_one_name_in_whichever_form_of_unicode_it_is_written(tmp_path: Path, name: str) -> None:
    found = [
        campaigns(tmp_path, f"Campaign,Recipients,Opens\n{normalize(form, name)},1,1\n")
        for form in ("NFC", "NFD")
    ]
    assert found == [([normalize("NFC", name)], 0)] * 2


def taken(path: Path, times: int = 1) -> tuple[int, int, MemoryFacts]:
    """What an import of the file counts, and what is stored after so many imports of it."""
    facts, counts = MemoryFacts(), list[tuple[int, int]]()
    for _time in range(times):
        batch = Batch(NORMALISERS, NOW)
        for number, item in enumerate(READER.read(ImportFile(path, path.name), {}, None), start=1):
            batch.add(SOURCE, number, item)
        batch.append(facts, NOW)
        counts.append((batch.count(SOURCE).accepted, batch.count(SOURCE).rejected))
    assert len(set(counts)) == 1
    return *counts[0], facts


@pytest.mark.requirement("DC-26")
def test_no_id_mailchimp_export_keeps_its_campaigns_apart_by_title_and_send_date() -> None:
    accepted, rejected, facts = taken(FILES / "no_id_mailchimp_export.csv", times=2)
    assert (accepted, rejected) == (3, 0)
    assert sorted(row["recipients"] for row in facts.rows(TOTALS)) == [100, 110, 120]
    assert {row["campaign_name"] for row in facts.rows(TOTALS)} == {"Weekly digest"}


@pytest.mark.requirement("DC-26")
def test_a_campaign_number_is_an_id(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Campaign No,Title,Recipients,Opens\n7,Digest,10,1\n8,Digest,20,2\n")
    _accepted, _rejected, facts = taken(path)
    assert {row["campaign"]: row["recipients"] for row in facts.rows(TOTALS)} == {"7": 10, "8": 20}


@pytest.mark.requirement("DC-26")
def test_rows_that_would_replace_each_other_are_told(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Campaign ID,Title,Recipients,Opens\n7,Digest,10,1\n7,Digest,20,2\n7,Digest,10,1\n")
    accepted, rejected, facts = taken(path)
    assert (accepted, rejected) == (2, 1)
    assert [row["recipients"] for row in facts.rows(TOTALS)] == [10]
    assert [(reject.number, str(reject.reason)) for reject in imported(READER, path)[1]] == [
        (3, "Row 2 names the same campaign with other values, and only one of them can stand.")
    ]


@pytest.mark.requirement("DC-26")
def test_id_is_the_contacts_loses_no_open_and_no_click() -> None:
    accepted, rejected, facts = taken(FILES / "id_is_the_contacts.csv")
    assert (accepted, rejected) == (300, 0)
    kinds = Counter(row["kind"] for row in facts.rows(EVENTS))
    assert kinds == {"sent": 250, "opened": 50}


@pytest.mark.requirement("DC-26")
def test_83_noid_stores_each_of_its_hundred_equal_rows_once_however_often_it_comes() -> None:
    accepted, rejected, facts = taken(FILES / "83-noid.csv", times=3)
    assert (accepted, rejected) == (100, 0)
    assert len(facts.rows(EVENTS)) == 100


@pytest.mark.requirement("DC-26")
def test_two_files_of_equal_rows_hold_the_larger_count(tmp_path: Path) -> None:
    facts = MemoryFacts()
    for count in (3, 5, 2):
        path = tmp_path / f"{count}.csv"
        path.write_text("Event,Subject\n" + "opened,Winter sale\n" * count)
        batch = Batch(NORMALISERS, NOW)
        for item in READER.read(ImportFile(path, path.name), {}, None):
            batch.add(SOURCE, 1, item)
        batch.append(facts, NOW)
    assert len(facts.rows(EVENTS)) == 5


@pytest.mark.requirement("DC-26")
def test_81_ses_of_which_only_the_kind_was_read_is_a_reject() -> None:
    assert said("81-ses.jsonl") == [
        (1, "Of this row only the kind of its event was read, not when it was, whom or what it is about.")
    ]


@pytest.mark.requirement("DC-26")
def test_a_refused_row_leaves_nothing_behind_and_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Campaign ID,Send Date,Recipients,Opens\n7,1970-01-01,10,1\n8,2026-01-05,20,2\n")
    accepted, rejected, facts = taken(path)
    assert (accepted, rejected) == (1, 1)
    assert {row["campaign"] for key in (TOTALS, CAMPAIGNS) for row in facts.rows(key)} == {"8"}


@pytest.mark.requirement("AP-16")
def test_long_name_is_read_whole_and_costs_slides_no_time(mail_room: MailRoom, contexts: Contexts) -> None:
    facts, rejects = imported(READER, FILES / "long-name.csv")
    assert rejects == []
    assert {len(fact.row["campaign_name"]) for fact in facts} == {20_000}
    mail_room.events(*(fact.row for fact in facts))
    made = mail_room.report("email.campaign", as_of=NOW)

    out, context = io.BytesIO(), contexts()
    PPTX.render(selected(made, context, PPTX), context, rows_of(mail_room.files), out)

    [listed] = [
        table for slide in read(out.getvalue()) for table in slide.tables if table[0][0] == "Campaign name"
    ]
    assert listed[1][0].startswith("aaa")
    assert listed[1][0].endswith("…")
    assert len(listed[1][0]) < 200


@pytest.mark.requirement("DC-26")
def test_no_id_mailchimp_export_that_an_earlier_release_merged_is_asked_for_once_more(tmp_path: Path) -> None:
    def asked(path: Path) -> bool:
        return READER.why_again(READER.propose(ImportFile(path, path.name), {})) is not None

    tables = {
        "Campaign ID,Title,Recipients,Opens\n7,Digest,10,1\n": False,
        "Campaign No,Title,Recipients,Opens\n7,Digest,10,1\n": False,
        "Campaign,Recipients,Opens\nDigest,10,1\n": True,
        "event,recipient,occurred_at\nopened,a@b.c,2026-01-05\n": False,
    }
    path = tmp_path / "table.csv"
    for table, expected in tables.items():
        path.write_text(table)
        assert asked(path) is expected, table
    assert asked(FILES / "no_id_mailchimp_export.csv")


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("order", ["Sent,Recipients", "Recipients,Sent"])
def test_sent_is_a_count_or_a_date_by_what_stands_in_it(tmp_path: Path, order: str) -> None:
    cells = {"Sent": "2026-01-05", "Recipients": "95"}
    first, second = order.split(",")
    path = tmp_path / "campaigns.csv"
    path.write_text(f"Campaign,{order},Opens\nA,{cells[first]},{cells[second]},4\n")
    facts, rejects = imported(READER, path)
    [row] = [fact.row for fact in facts if fact.dataset == TOTALS]
    assert (row["recipients"], row["occurred_at"].isoformat()[:10], rejects) == (95, "2026-01-05", [])
