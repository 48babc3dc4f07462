"""Tables of members as services export them for people: in any encoding, with odd headings and odd dates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan.sdk import ImportFile, Invalid, Reject, RowFacts
from bilan_contacts.readers.tables import MEMBER_TABLE
from bilan_contacts.vocabulary import Status

EXPORT = (
    "Email Address;First Name;OPTIN_TIME;CONFIRM_TIME;CC;LAST_CHANGED\n"
    "Ann@Example.org;Ann;2026-03-01 10:00:00;2026-03-01 10:05:00;FR;2026-03-02 11:00:00\n"
    ";Ben;2026-03-01 10:00:00;;FR;\n"
    "cleo@example.org;Cleo;;;;\n"
)


def read(path: Path, content: bytes, **settings: Any) -> list[tuple[Any, ...]]:
    """Each row as who, how they stand and since when, or as its number and why it is refused."""
    path.write_bytes(content)
    file = ImportFile(path, path.name, {})
    mapping = MEMBER_TABLE.propose(file, settings)
    found = list[tuple[Any, ...]]()
    for one in MEMBER_TABLE.read(file, settings, mapping):
        if isinstance(one, Reject):
            found.append((one.number, str(one.reason)))
            continue
        assert isinstance(one, RowFacts)
        (fact,) = one.facts
        row = fact.row
        found.append((row["contact"], str(row["status"]), row["added_at"], row["occurred_at"]))
    return found


def at(day: int, hour: int = 10, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("between", [";", "\t", ","])
@pytest.mark.parametrize("capitals", [False, True])
def test_an_export_is_read_in_any_encoding_with_any_separator(
    tmp_path: Path, encoding: str, between: str, capitals: bool
) -> None:
    heading, rows = EXPORT.replace(";", between).split("\n", 1)
    text = f"{heading.upper() if capitals else heading}\n{rows}"

    assert read(tmp_path / "members.csv", text.encode(encoding)) == [
        ("ann@example.org", "member", at(1, 10, 5), at(2, 11)),
        (3, "This row names no contact."),
        (4, "This row does not say when the member was added or changed."),
    ]


@pytest.mark.parametrize(
    ("column", "status"),
    [("UNSUB_TIME", "unsubscribed"), ("Désinscrit le", "unsubscribed"), ("CLEAN_TIME", "blacklisted")],
)
def test_an_export_of_those_who_left_tells_that_they_did(tmp_path: Path, column: str, status: str) -> None:
    text = (
        f"Email Address,LAST_CHANGED,OPTIN_TIME,{column}\n"
        "ann@example.org,2026-03-09 12:00:00,2026-01-02 10:00:00,2026-03-05 10:00:00\n"
        "ben@example.org,2026-03-09 12:00:00,2026-01-02 10:00:00,\n"
    )

    assert read(tmp_path / "left.csv", text.encode()) == [
        ("ann@example.org", status, at(2, month=1), at(5)),
        ("ben@example.org", "member", at(2, month=1), at(2, month=1)),
    ]


def test_a_column_of_how_members_stand_goes_before_when_they_left(tmp_path: Path) -> None:
    text = (
        "Email,Status,Last changed,Unsubscribed at\n"
        "ann@example.org,SUBSCRIBED,2026-03-09 10:00:00,2026-03-05 10:00:00\n"
        "ben@example.org,who knows,2026-03-09 10:00:00,\n"
    )
    assert read(tmp_path / "members.csv", text.encode()) == [
        ("ann@example.org", "member", None, at(9)),
        (
            3,
            "“who knows” is no status of a member; there are " + ", ".join(Status) + ".",
        ),
    ]


def test_of_two_columns_of_one_name_the_first_is_proposed_and_the_other_shown(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text("Email,Added at,Email\nann@example.org,2026-03-01,ben@example.org\n")
    mapping = MEMBER_TABLE.propose(ImportFile(path, path.name, {}), {})

    assert mapping is not None
    assert [(one.column, one.target, one.sample) for one in mapping.columns] == [
        ("Email", "contact", "ann@example.org"),
        ("Added at", "added_at", "2026-03-01"),
        ("Email (3)", "", "ben@example.org"),
    ]


def test_dates_of_several_forms_are_read_and_each_that_is_none_is_refused_alone(tmp_path: Path) -> None:
    written = ("2026-03-01T10:00:00Z", "2026-03-01 12:00:00+02:00", "1772359200", "1772359200000",
               "2026-02-30", "soon")  # fmt: skip
    text = "Email,Added at\n" + "".join(f"a{n}@example.org,{one}\n" for n, one in enumerate(written))

    found = read(tmp_path / "members.csv", text.encode())

    assert [one[2] for one in found[:4]] == [at(1)] * 4
    assert found[4:] == [
        (n + 2, f"“{one}” is no moment; write it as 2026-01-31T08:00:00Z.")
        for n, one in enumerate(written)
        if n > 3
    ]


@pytest.mark.parametrize("one", ["01/03/2026", "3/1/26"])
def test_a_date_of_two_readings_is_asked_about_and_not_guessed(tmp_path: Path, one: str) -> None:
    text = f"Email,Added at\nann@example.org,{one}\n".encode()
    with pytest.raises(Invalid, match="may write its dates in different orders"):
        read(tmp_path / "members.csv", text)
    (found,) = read(tmp_path / "members.csv", text, dates="month_first")
    assert found[2] == datetime(2026, 1, 3, tzinfo=UTC) if one == "01/03/2026" else at(1, 0)
