"""Tables of HubSpot, Intercom and Mailchimp, against what was counted by hand in the files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bilan.ingest.normalise import same_of
from bilan.sdk import Fact, ImportFile, Reader, Reject, Row, RowFacts
from bilan_contacts.datasets import ACTION_DATASET
from bilan_contacts.list_changes import list_changes
from bilan_contacts.readers.hubspot import HubSpotReader
from bilan_contacts.readers.intercom import IntercomReader
from bilan_contacts.readers.mailchimp import MailchimpMembersReader
from bilan_contacts.sample import DATA
from bilan_contacts.vocabulary import ACTIONS, LIST_LOG

HUBSPOT, INTERCOM, MAILCHIMP = (DATA / f"{name}_connector" for name in ("hubspot", "intercom", "mailchimp"))


def read(reader: Reader, first: Path, *others: Path) -> tuple[list[Fact], list[Reject]]:
    """The facts and the rejects of tables that are handed over together."""
    found = list(reader.read(ImportFile(first, first.name, {one.name: one for one in others}), {}, None))
    rows = [fact for one in found if isinstance(one, RowFacts) for fact in one.facts]
    return rows, [one for one in found if isinstance(one, Reject)]


def folder(reader: Reader, path: Path) -> tuple[list[Fact], list[Reject]]:
    first, *others = sorted(path.glob("*.csv"))
    return read(reader, first, *others)


def rows(facts: Iterable[Fact], dataset: str) -> list[Row]:
    return [one.row for one in facts if one.dataset == dataset]


def changes(facts: Iterable[Fact]) -> list[Row]:
    contacts = defaultdict[str, list[Row]](list)
    for row in rows(facts, LIST_LOG):
        contacts[row["contact"]].append(row)
    return [
        {**one, "contact": contact} for contact, told in contacts.items() for one in list_changes(told, {})
    ]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_hubspot_tells_of_contacts_properties_lists_forms_and_merges() -> None:
    facts, rejects = folder(HubSpotReader(), HUBSPOT)

    assert rejects == []
    actions = rows(facts, ACTIONS)
    assert Counter(row["action"] for row in actions) == {
        "profile_updated": 100, "form_submitted": 5, "merged": 8,
    }  # fmt: skip
    assert Counter(row["origin"] for row in actions if row["action"] == "profile_updated") == {
        "ASSOCIATIONS": 44, "MIGRATION": 31, "MEETINGS": 6, "EMAIL_INTEGRATION": 6, "EXTENSION": 5,
        "BCC_TO_CRM": 3, "CONVERSATIONS": 2, "EMAIL": 1, "ANALYTICS": 1, "INTEGRATION": 1,
    }  # fmt: skip
    made = changes(facts)
    assert Counter(row["change"] for row in made) == {"created": 22, "added": 100, "removed": 32}
    assert sum(row["growth"] for row in made) == 68
    assert len({row["fact_id"] for row in actions}) == len(actions)


def test_a_hubspot_contact_is_called_by_the_address_that_the_table_of_contacts_has(tmp_path: Path) -> None:
    contacts = write(
        tmp_path / "contact.csv",
        "id,property_email,property_createdate,property_hs_analytics_source",
        "7,Ann@Example.org,2026-03-01 08:00:00,PAID_SEARCH",
    )
    members = write(
        tmp_path / "contact_list_member.csv",
        "contact_id,contact_list_id,added_at,_fivetran_deleted,_fivetran_synced",
        "7,38,2026-03-02 09:00:00,true,2026-03-05 01:00:00",
        "8,38,2026-03-02 09:30:00,false,2026-03-05 01:00:00",
        "9,38,,false,2026-03-05 01:00:00",
    )
    lists = write(tmp_path / "contact_list.csv", "id,name", "38,Friends")

    facts, rejects = read(HubSpotReader(), contacts, members, lists)

    assert [
        (row["contact"], row["audience"], row["change"], row["growth"], row["new_contact"], row["origin"])
        for row in changes(facts)
    ] == [
        ("ann@example.org", "", "created", 0, True, "PAID_SEARCH"),
        ("ann@example.org", "Friends", "added", 1, False, ""),
        ("ann@example.org", "Friends", "removed", -1, False, ""),
        ("8", "Friends", "added", 1, True, ""),
    ]
    assert [(one.number, str(one.reason)) for one in rejects] == [
        (4, "In contact_list_member: This row has nothing in the column added_at.")
    ]


@pytest.mark.parametrize(
    ("area", "detail", "told"),
    [
        ("profile", "ben@example.org", True),
        ("inbox", "desk@example.org", False),
        ("profile", "HS-51", False),
    ],
)
def test_only_a_merged_profile_that_names_the_other_address_makes_two_one_person(
    area: str, detail: str, told: bool
) -> None:
    row = {"action": "merged", "area": area, "contact": "ann@example.org", "detail": detail}
    same = list(same_of(ACTION_DATASET, [{**row, "occurred_at": datetime(2026, 3, 1, tzinfo=UTC)}]))

    assert [(one.a, one.b) for one in same] == ([("ann@example.org", detail)] if told else [])


def test_intercom_tells_of_contacts_and_what_they_did_last() -> None:
    facts, rejects = folder(IntercomReader(), INTERCOM)

    assert rejects == []
    assert Counter(row["action"] for row in rows(facts, ACTIONS)) == {
        "contacted": 9, "opened": 6, "clicked": 2, "tagged": 10, "untagged": 5,
    }  # fmt: skip
    assert Counter((row["change"], row["growth"], row["origin"]) for row in changes(facts)) == {
        ("added", 1, "lead"): 9
    }


def test_versions_of_an_intercom_contact_tell_of_each_thing_once(tmp_path: Path) -> None:
    table = write(
        tmp_path / "contact_history.csv",
        "id,email,updated_at,created_at,_fivetran_active,unsubscribed_from_emails,has_hard_bounced,last_replied_at",
        "a,,2026-03-02 09:00:00,2026-03-01 08:00:00,FALSE,FALSE,FALSE,2026-03-02 09:00:00",
        "a,Ann@example.org,2026-03-04 09:00:00,2026-03-01 08:00:00,FALSE,TRUE,FALSE,2026-03-02 09:00:00",
        "a,Ann@example.org,2026-03-06 09:00:00,2026-03-01 08:00:00,TRUE,TRUE,TRUE,2026-03-05 09:00:00",
    )

    facts, _rejects = read(IntercomReader(), table)

    assert {(row["fact_id"], row["contact"]) for row in rows(facts, ACTIONS)} == {
        (row["fact_id"], "ann@example.org") for row in rows(facts, ACTIONS)
    }
    assert len({row["fact_id"] for row in rows(facts, ACTIONS)}) == 2
    assert [(row["change"], row["growth"], row["occurred_at"].day) for row in changes(facts)] == [
        ("added", 1, 1), ("unsubscribed", -1, 4), ("blacklisted", 0, 6),
    ]  # fmt: skip


def test_mailchimp_members_signed_up_confirmed_changed_and_left() -> None:
    facts, rejects = folder(MailchimpMembersReader(), MAILCHIMP)

    assert rejects == []
    made = changes(facts)
    assert Counter(row["change"] for row in made) == {
        "signed_up": 9, "added": 9, "profile_updated": 5, "unsubscribed": 1,
    }  # fmt: skip
    assert Counter(row["language"] for row in made if row["growth"] == 1) == {"en": 8, "de": 1}
    (left,) = (row for row in made if row["growth"] == -1)
    assert (left["occurred_at"], left["country"]) == (datetime(2020, 4, 17, 16, 32, 51, tzinfo=UTC), "CA")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("m1,l1,lost,2026-03-01 08:00:00",
         ("“lost” is no status of a member; there are subscribed, unsubscribed, cleaned, pending, "
          "archived, transactional.")),
        ("m1,l1,subscribed,", "This row has nothing in the column last_changed."),
        ("m1,,subscribed,2026-03-01 08:00:00", "This row has nothing in the column list_id."),
        (",l1,subscribed,2026-03-01 08:00:00", "This row has nothing in the column id."),
    ],
)  # fmt: skip
def test_a_member_that_cannot_be_read_is_a_reject_that_says_why(
    line: str, reason: str, tmp_path: Path
) -> None:
    table = write(tmp_path / "member.csv", "id,list_id,status,last_changed", line)

    facts, rejects = read(MailchimpMembersReader(), table)

    assert facts == []
    assert [str(one.reason) for one in rejects] == [f"In member: {reason}"]
