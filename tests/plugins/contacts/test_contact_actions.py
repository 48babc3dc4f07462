"""The log of contacts' actions: its totals are those that were counted from it elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bilan.sdk import Fact, ImportFile, Reject, Row
from bilan.sdk.columns import row_by_row
from bilan_contacts.readers.contact_actions import ContactActionsReader
from bilan_contacts.sample import DATA

(LOG,) = (DATA / "contact_actions").glob("*.csv.gz")
EXPECTED = json.loads((DATA / "contact_actions" / "expected_totals.json").read_text())
HEADER = "contact_id,occurred_at,object,action\n"


def read(path: Path, **settings: str) -> tuple[list[Row], list[Reject]]:
    found = list(row_by_row(ContactActionsReader().read(ImportFile(path, path.name), settings, None)))
    return [one.row for one in found if isinstance(one, Fact)], [
        one for one in found if isinstance(one, Reject)
    ]


def counted(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values))


@pytest.mark.requirement("FX-01")
def test_the_totals_are_those_that_were_counted_elsewhere() -> None:
    rows, rejects = read(LOG)

    assert rejects == []
    contacts = Counter(row["contact"] for row in rows)
    busiest = {
        contact: counted(row["action"] for row in rows if row["contact"] == contact)
        for contact in EXPECTED["busiest_contact_by_action"]
    }
    assert {
        "actions": len({row["fact_id"] for row in rows}),
        "contacts": len(contacts),
        "by_action": counted(row["action"] for row in rows),
        "busiest_contacts": dict(contacts.most_common(10)),
        "busiest_contact_by_action": busiest,
        "actions_without_timestamp": 0,
    } == EXPECTED


def test_an_action_says_what_it_was_and_stands_in_the_area_of_its_source(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "Ann@Example.org,2026-03-29T01:30,T-1,ticket_new\n")

    (row,), rejects = read(path, zone="Europe/Paris", area="profile")

    assert rejects == []
    assert (row["contact"], row["occurred_at"], row["area"]) == (
        "ann@example.org", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "profile",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",2026-03-29T01:30,T-1,ticket_new", "This row names no contact (“contact_id”)."),
        ("C1,,T-1,ticket_new", "This row does not say when it happened (“occurred_at”)."),
        ("C1,2026-03-29T01:30,T-1,", "This row does not say what the contact did (“action”)."),
    ],
)
def test_a_row_without_what_an_action_needs_is_a_reject_that_says_so(
    line: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER}C2,2026-03-29T01:30,T-1,ticket_new\n{line}\n")

    rows, rejects = read(path)

    assert [row["contact"] for row in rows] == ["C2"]
    assert [(one.number, str(one.reason)) for one in rejects] == [(3, reason)]
