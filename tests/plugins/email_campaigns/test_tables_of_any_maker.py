"""Tables whose columns nobody agreed on: their mapping is proposed, and their rows are read."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import (
    UNDATED,
    ColumnMapping,
    ImportFile,
    Invalid,
    Mapped,
    UnreadableRow,
    open_table,
    row_by_row,
)
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, TOTALS
from fixtures.email_campaigns import DATA, imported

READER = GenericReader()


def written(tmp_path: Path, content: str | bytes, name: str = "events.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def uses(path: Path) -> dict[str, str]:
    mapping = READER.propose(ImportFile(path, path.name), {})
    assert mapping is not None
    return {each.column: each.target for each in mapping.columns}


def test_an_english_table_of_events_is_understood(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Event ID,Timestamp,Event Type,Email Address,Campaign ID,Campaign Name,Tags,Link URL,Colour\n"
        'x1,2026-01-02T03:04:05Z,Opened, Ann@Example.com ,c1,Spring,"news, spring",,blue\n'
        "x2,2026-01-02T04:04:05+01:00,hard bounce,bob@example.com,c1,Spring,,,\n",
    )
    facts, rejects = imported(READER, path)

    assert rejects == []
    assert uses(path)["Colour"] == ""
    one, two = (fact.row for fact in facts)
    assert one["occurred_at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert two["occurred_at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [one[name] for name in ("kind", "recipient", "domain", "campaign", "tags", "fact_id")] == [
        "opened", "ann@example.com", "example.com", "c1", ["news", "spring"], "x1",
    ]  # fmt: skip
    assert [two[name] for name in ("kind", "bounce_class", "channel")] == ["bounced", "hard", "email"]


def test_a_french_table_in_latin_1_with_semicolons_is_understood(tmp_path: Path) -> None:
    content = (
        "Horodatage;Événement;Adresse e-mail;Nom de la campagne;Étiquettes;Lien cliqué\r\n"
        "31/01/2026 08:30;Désabonné;ANN@exemple.fr;Soldes d’hiver;promo|hiver;\r\n"
        "31/01/2026 08:31:05;Clic;ann@exemple.fr;Soldes d’hiver;;https://exemple.fr\r\n"
    )
    path = written(tmp_path, content.encode("cp1252"))
    facts, rejects = imported(READER, path, settings={"zone": "Europe/Paris"})

    assert rejects == []
    one, two = (fact.row for fact in facts)
    assert one["occurred_at"] == datetime(2026, 1, 31, 7, 30, tzinfo=UTC)
    assert [one[name] for name in ("kind", "campaign_name", "tags", "recipient")] == [
        "unsubscribed", "Soldes d’hiver", ["promo", "hiver"], "ann@exemple.fr",
    ]  # fmt: skip
    assert [two[name] for name in ("kind", "url")] == ["clicked", "https://exemple.fr"]


def test_a_column_of_dates_that_leave_their_order_open_is_refused_until_somebody_says_it(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "date,event,email\n01/02/2026 9:05 PM,open,a@b.c\n")
    with pytest.raises(Invalid, match="--dates") as refused:
        imported(READER, path)
    assert refused.value.path == ("mapping", "date")

    [fact], _rejects = imported(READER, path, settings={"dates": "day_first"})
    assert fact.row["occurred_at"] == datetime(2026, 2, 1, 21, 5, tzinfo=UTC)
    [fact], _rejects = imported(READER, path, settings={"dates": "month_first"})
    assert fact.row["occurred_at"] == datetime(2026, 1, 2, 21, 5, tzinfo=UTC)


def test_bad_rows_are_rejects_with_their_numbers(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "date,event,email,channel\n"
        "2026-01-01,open,a@b.c,email\n"
        "soon,open,a@b.c,email\n"
        "\n"
        "2026-01-01,,a@b.c,email\n"
        "2026-01-01,open\n"
        "2026-01-01,open,a@b.c,email,more\n"
        "2026-01-01,open,a@b.c,pigeon\n"
        '2026-01-01,"a note\nof two lines",a@b.c,email,\n',
    )
    facts, rejects = imported(READER, path)
    assert [(fact.row["kind"], fact.row["reason"]) for fact in facts] == [
        ("opened", ""), ("other", "a note\nof two lines"),
    ]  # fmt: skip
    assert [(each.number, str(each.reason)) for each in rejects] == [
        (3, "“soon” is no moment; write it as 2026-01-31T08:00:00Z."),
        (5, "This row does not say what happened."),
        (6, "This row has 2 cells where the header has 4."),
        (7, "This row has 5 cells where the header has 4."),
        (8, "“pigeon” is no channel; use one of email, push, web_push, in_app, webhook, sms."),
    ]


def test_the_files_name_says_what_no_column_does(tmp_path: Path) -> None:
    path = written(tmp_path, "date,email\n2026-01-01,a@b.c\n", "web-push_clicks 2026.csv")
    [fact], _rejects = imported(READER, path)
    assert (fact.row["kind"], fact.row["channel"]) == ("clicked", "web_push")


def test_a_table_that_says_nothing_of_events_asks_for_a_mapping(tmp_path: Path) -> None:
    path = written(tmp_path, "date,email\n2026-01-01,a@b.c\n", "data.csv")
    with pytest.raises(Invalid, match="No column says what happened"):
        imported(READER, path)
    mapping = ColumnMapping(EVENTS, (Mapped("email", "recipient"),), {"kind": "sent"})
    [fact] = row_by_row(READER.read(ImportFile(path, path.name), {}, mapping))
    assert (getattr(fact, "row", {})["kind"], getattr(fact, "row", {})["occurred_at"]) == ("sent", UNDATED)


def test_a_bare_id_names_the_event_only_where_no_two_rows_share_it(tmp_path: Path) -> None:
    head = "id,date,event,email\n"
    assert (
        uses(written(tmp_path, head + "1,2026-01-01,open,a@b.c\n2,2026-01-01,open,a@b.c\n"))["id"]
        == "event_id"
    )
    assert uses(written(tmp_path, head + "1,2026-01-01,open,a@b.c\n1,2026-01-01,click,a@b.c\n"))["id"] == ""


FACT_IDS = ["ebe7f8bf43f4f2e56c5238044c152924", "e57d7bd8f6bf472439e8139c07871700"]


@pytest.mark.parametrize("name", ["events.csv", "events.jsonl", "events.json", "events.parquet"])
def test_the_same_rows_are_the_same_facts_in_every_format(tmp_path: Path, name: str) -> None:
    when = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - a file's time without a zone
    items: list[dict[str, Any]] = [
        {"date": when, "event": "open", "email": "a@b.c"},
        {"date": when, "event": "click", "email": "a@b.c"},
    ]
    path = tmp_path / name
    frame = pa.Table.from_pylist(
        items, pa.schema({"date": pa.timestamp("ns"), "event": pa.string(), "email": pa.string()})
    )
    lines = [f'{{"date": "{when}", "event": "{each["event"]}", "email": "a@b.c"}}' for each in items]
    match name.partition(".")[2]:
        case "csv":
            path.write_text(
                "date,event,email\n" + "".join(f"{when},{each['event']},a@b.c\n" for each in items)
            )
        case "jsonl":
            path.write_text("\n".join(lines))
        case "json":
            path.write_text(f"[{','.join(lines)}]")
        case _:
            pq.write_table(frame, path)

    facts, rejects = imported(READER, path, settings={"zone": "Europe/Paris"})

    assert rejects == []
    assert [fact.row["occurred_at"] for fact in facts] == [datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)] * 2
    assert [fact.row["fact_id"] for fact in facts] == FACT_IDS


def test_mailchimps_exported_list_of_campaigns_gives_totals(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Title,Subject,List,Send Date,Send Weekday,Total Recipients,Successful Deliveries,Soft Bounces,"
        "Hard Bounces,Total Bounces,Times Forwarded,Forwarded Opens,Unique Opens,Open Rate,Total Opens,"
        "Unique Clicks,Click Rate,Total Clicks,Unsubscribes,Abuse Complaints,Times Liked on Facebook,"
        "Folder Id,Unique Id\n"
        '"Spring, again",Hello,Customers,"Mar 01, 2026 09:00 am",Sunday,"1,234",1200,30,4,34,5,6,600,50.00%,'
        "900,100,8.33%,150,7,1,0,,abc123\n"
        "Summer,Hi,Customers,2026-06-01 10:00:00,Monday,0,0,0,0,0,,0,0,0%,0,0,0%,0,0,0,0,,def456\n",
        "campaigns.csv",
    )
    facts, rejects = imported(READER, path, settings={"zone": "America/New_York"})

    assert rejects == []
    totals = [fact.row for fact in facts if fact.dataset == TOTALS]
    assert [row["campaign"] for row in totals] == ["abc123", "def456"]
    assert totals[0]["occurred_at"] == datetime(2026, 3, 1, 14, tzinfo=UTC)
    names = ("recipients", "delivered", "soft_bounces", "hard_bounces", "bounces", "forwards",
             "unique_opens", "opens", "unique_clicks", "clicks", "unsubscribes", "complaints")  # fmt: skip
    assert [totals[0][name] for name in names] == [1234, 1200, 30, 4, 34, 5, 600, 900, 100, 150, 7, 1]
    assert totals[1]["forwards"] is None
    campaigns = [fact.row for fact in facts if fact.dataset == CAMPAIGNS]
    assert [(row["name"], row["subject"], row["audience"]) for row in campaigns] == [
        ("Spring, again", "Hello", "Customers"), ("Summer", "Hi", "Customers"),
    ]  # fmt: skip


def test_a_french_table_of_totals_without_dates_stands_outside_every_period(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Campagne\tDestinataires\tOuvertures\tOuvertures uniques\tClics uniques\tDésabonnements\n"
        "Printemps\t1 234\t900\t600\t–\t7\n",
        "bilan.tsv",
    )
    facts, rejects = imported(READER, path)
    assert rejects == []
    [totals] = [fact.row for fact in facts if fact.dataset == TOTALS]
    assert (totals["campaign"], totals["occurred_at"], totals["undated"]) == ("Printemps", UNDATED, True)
    names = ("recipients", "opens", "unique_opens", "unique_clicks", "unsubscribes", "delivered")
    assert [totals[name] for name in names] == [1234, 900, 600, None, 7, None]


def test_a_list_of_campaigns_gives_their_names_and_tags(tmp_path: Path) -> None:
    path = written(
        tmp_path, '[{"id": "c1", "name": "Spring", "tags": ["news", "vip"], "archived": true}]', "list.json"
    )
    [fact], _rejects = imported(READER, path)
    assert fact.dataset == CAMPAIGNS
    row = fact.row
    assert (row["campaign"], row["name"], row["tags"], row["archived"]) == (
        "c1",
        "Spring",
        ["news", "vip"],
        True,
    )


def test_a_table_cannot_be_read_into_a_dataset_of_another_kind(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n")
    with pytest.raises(Invalid, match="cannot be read into contact"):
        list(READER.read(ImportFile(path, path.name), {}, ColumnMapping("contact.activity", ())))


@pytest.mark.parametrize("content", [b"", b"  \n", b"PAR1 but no more"])
def test_a_file_without_a_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    with pytest.raises(Invalid):
        imported(READER, path)
    assert READER.recognises(ImportFile(path, path.name)) == 0.0


def test_a_known_makers_file_is_recognised_more_surely(tmp_path: Path) -> None:
    path = DATA / "hubspot_connector" / "email_event_data.csv"
    assert READER.recognises(ImportFile(path, path.name)) == 0.4


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
WESTERN = st.text(st.characters(codec="latin-1", exclude_characters="\0"), max_size=12)


@given(
    st.data(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, delimiter: str, end: str, encoding: str
) -> None:
    columns = data.draw(st.integers(2, 5))
    cells = data.draw(st.lists(st.lists(CELLS, min_size=columns, max_size=columns), max_size=6))
    names = [f"column_{n}" for n in range(columns)]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([names, *cells])
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    path.write_bytes(out.getvalue().encode(encoding))

    table = open_table(path)

    assert table.columns == tuple(names)
    assert [row for row in table.rows() if isinstance(row, UnreadableRow)] == []
    assert [list(row.values()) for row in table.rows() if not isinstance(row, UnreadableRow)] == cells


@given(st.lists(st.tuples(WESTERN, WESTERN), min_size=1, max_size=5))
def test_a_table_in_latin_1_keeps_its_accents(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([("à", "b"), *cells])
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    path.write_bytes(out.getvalue().encode("latin-1"))
    table = open_table(path, encoding="latin-1")
    assert table.columns == ("à", "b")
    kept = [c for one, two in cells for c in one + two if c >= "\u00a0"]
    read = [row for row in table.rows() if not isinstance(row, UnreadableRow)]
    assert [c for row in read for cell in row.values() for c in cell if "\u00a0" <= c <= "\u00ff"] == kept
