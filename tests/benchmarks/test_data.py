"""The events that are measured, and the questions about them in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
from benchmarks.asking import equal_rows
from benchmarks.questions import CONTACT, counts

from benchmarks import data, reference


def test_8_000_events_lie_in_order_within_the_two_years(folder: Path) -> None:
    found = duckdb.sql(
        f"SELECT count(*), count(DISTINCT event_id), min(ts) >= '2024-01-01', max(ts) < '2026-01-01',"
        f" bool_and(ts >= before) FROM (SELECT *, lag(ts, 1, ts) OVER (ORDER BY event_id) AS before"
        f" FROM '{folder}/events.parquet')"
    ).fetchone()

    assert found == (8_000, 8_000, True, True, True)


def test_the_same_events_come_out_each_time(folder: Path, tmp_path: Path) -> None:
    data.write(tmp_path, 8_000)

    for name in data.FILES:
        one, other = (duckdb.read_parquet(f"{where}/{name}.parquet") for where in (folder, tmp_path))
        assert one.except_(other).fetchall() == []
        assert other.except_(one).fetchall() == []


def test_every_row_carries_its_campaigns_name_and_tags_and_an_address(folder: Path) -> None:
    found = duckdb.sql(
        f"SELECT count(*) FROM '{folder}/events.parquet' e JOIN '{folder}/campaigns.parquet' c"
        f" USING (campaign_id) WHERE e.campaign_name = c.name AND e.tags = c.tags"
        f" AND email LIKE 'user%@example%'"
    ).fetchone()

    assert found == (8_000,)


def test_every_kind_of_event_and_of_file_is_there(folder: Path) -> None:
    kinds = duckdb.sql(f"SELECT DISTINCT type FROM '{folder}/facts.parquet'").fetchall()

    assert {kind for (kind,) in kinds} == set(data.KINDS)


def test_the_reference_counts_what_stands_in_the_files(folder: Path) -> None:
    with reference.connect(folder) as db:
        (found,) = reference.rows(db, f"SELECT {counts(CONTACT)} FROM facts")
    sends, _delivered, opens, unique, *_others = found
    assert (
        sends == duckdb.sql(f"FROM '{folder}/facts.parquet' WHERE type = 'sent'").count("*").fetchall()[0][0]
    )
    assert 0 < unique < opens


def test_the_reference_counts_the_earliest_event_of_what_happens_to_a_message_once(tmp_path: Path) -> None:
    events = [
        (10, "2024-01-02 08:00", "delivered", 1, 7),
        (9, "2024-01-02 08:00", "delivered", 1, 7),  # as early, and its id is larger as a text
        (3, "2024-01-03 08:00", "delivered", 1, 7),
        (4, "2024-01-03 08:00", "delivered", 1, 8),
        (5, "2024-01-03 08:00", "delivered", 2, 7),
        (6, "2024-01-04 08:00", "open", 1, 7),
        (7, "2024-01-05 08:00", "open", 1, 7),
        (8, "2024-01-05 08:00", "bounce", 1, 7),
        (2, "2024-01-06 08:00", "bounce", 1, 7),
    ]
    rows = ", ".join(
        f"({event}, TIMESTAMP '{at}', '{kind}', {campaign}, 0, {contact})"
        for event, at, kind, campaign, contact in events
    )
    facts = f"SELECT * FROM (VALUES {rows}) t(event_id, ts, type, campaign_id, variant, contact_id)"
    for name in ("facts", *reference.TABLES):
        duckdb.sql(f"COPY ({facts}) TO '{tmp_path}/{name}.parquet'")

    reference.make(tmp_path)

    with reference.connect(tmp_path) as db:
        repeats = reference.rows(db, "SELECT event_id FROM facts WHERE repeat ORDER BY event_id")
        ((delivered, opens, bounces),) = reference.rows(
            db, f"SELECT delivered, opens, bounces FROM (SELECT {counts(CONTACT)} FROM facts)"
        )
    assert repeats == [(3,), (9,)]
    assert (delivered, opens, bounces) == (3, 2, 2)


def test_rows_are_equal_where_numbers_differ_in_their_last_digits_only() -> None:
    day = date(2025, 3, 1)

    assert equal_rows([(day, 1 / 3, 5)], [(day, 1 - 2 / 3, 5)])
    assert not equal_rows([(day, 1 / 3, 5)], [(day, 1 / 3, 6)])
    assert not equal_rows([(day, 1 / 3, 5)], [])
