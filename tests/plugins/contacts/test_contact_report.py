"""The contact report: one contact's actions in a period, from every source, as they were asked for."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan.drilldown.drilldown import drill_down
from bilan.drilldown.figures import find
from bilan.registry.declared import Registry
from bilan.reports.blocks import every
from bilan.reports.parts import rows_of
from bilan.sdk import Document, Fact, Invalid, Kpis, Notice, tables_of
from bilan.testing.drilldown_rules import addresses
from bilan.testing.harness import PluginHarness, open_harness

ANN, BOB = "ann@example.org", "bob@example.org"
APRIL = {"period": "2026-04-01..2026-04-30"}


def event(day: int, kind: str, campaign: str = "", **more: Any) -> Fact:
    """Something that happened to a message to Ann in April, at noon."""
    row = {
        "occurred_at": datetime(2026, 4, day, 12, tzinfo=UTC), "kind": kind, "channel": "email",
        "recipient": ANN, "campaign": campaign, "campaign_name": campaign.title(),
        "fact_id": f"{day} {kind} {campaign} {more}", "message_id": f"{day}{campaign}",
    }  # fmt: skip
    return Fact("email.events", {**row, **more})


def campaign(key: str, *, archived: bool) -> Fact:
    """A campaign as its sender lists it."""
    made = datetime(2026, 3, 1, tzinfo=UTC)
    row = {
        "occurred_at": made,
        "campaign": key,
        "channel": "email",
        "name": key.title(),
        "archived": archived,
    }
    return Fact("email.campaigns", row)


def action(day: int, what: str, subject: str) -> Fact:
    """A change of Ann's profile, in the afternoon."""
    row = {
        "occurred_at": datetime(2026, 4, day, 15, tzinfo=UTC), "contact": ANN, "action": what,
        "area": "profile", "object": subject, "detail": "city: Lille", "fact_id": f"{day} {what}",
    }  # fmt: skip
    return Fact("contacts.actions", row)


FACTS = (
    campaign("spring", archived=False),
    campaign("winter", archived=True),
    event(2, "sent", "winter"),
    event(3, "opened", "winter"),
    action(5, "profile_updated", "Form"),
    event(7, "sent", "spring"),
    event(8, "clicked", "spring", url="https://example.org/offer"),
    action(9, "profile_updated", "Form"),
    event(10, "unsubscribed"),
    event(11, "opened", "spring", recipient=BOB),
    event(1, "sent", "spring", occurred_at=datetime(2026, 5, 1, 12, tzinfo=UTC), message_id="may"),
)


@pytest.fixture(scope="module")
def known(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    """What happened to Ann and Bob in April. Tests must not load more."""
    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("known")) as opened:
        opened.load(FACTS)
        yield opened


def built(known: PluginHarness, **values: Any) -> Document:
    return known.build("contacts.activity", {"contact": ANN, **APRIL, **values})


def rows(known: PluginHarness, **values: Any) -> list[list[Any]]:
    """The days and what stands beside them, the newest first."""
    (table,) = tables_of(built(known, **values).blocks)
    return [[str(row[0])[8:10], *row[1:4]] for row in rows_of(known.files)(table)]


def notices(known: PluginHarness, **values: Any) -> list[str]:
    return [str(one.text) for one in every(built(known, **values).blocks) if isinstance(one, Notice)]


@pytest.mark.requirement("FX-01", "FX-02", "FX-20")
def test_each_action_of_the_contact_in_the_period_is_a_row_with_time_campaign_action_and_details(
    known: PluginHarness,
) -> None:
    (table,) = tables_of(built(known).blocks)

    assert [str(column.label) for column in table.columns] == [
        "When", "Category", "Campaign or subject", "Action", "Details",
    ]  # fmt: skip
    assert list(rows_of(known.files)(table)) == [
        ["2026-04-10T12:00:00Z", "email", "", "unsubscribed", ""],
        ["2026-04-09T15:00:00Z", "profile", "Form", "profile_updated", "city: Lille"],
        ["2026-04-08T12:00:00Z", "campaign", "Spring", "clicked", "https://example.org/offer"],
        ["2026-04-07T12:00:00Z", "campaign", "Spring", "sent", ""],
        ["2026-04-05T15:00:00Z", "profile", "Form", "profile_updated", "city: Lille"],
    ]
    assert str(table.columns[3].names["unsubscribed"]) == "Unsubscribed"


@pytest.mark.requirement("AD-06", "GO-15", "FX-01")
def test_the_number_of_actions_follows_a_definition_and_leads_to_its_rows(known: PluginHarness) -> None:
    document = built(known, actions=["campaign"])
    ((block, address), *others) = addresses(document, rows_of(known.files))
    assert isinstance(block, Kpis)
    assert (block.tiles[0].value, block.tiles[0].metric, others) == (2, "contact.actions", [])
    assert "contact.actions" in [one.key for one in document.definitions]

    figure, names = find(document, rows_of(known.files), address), {str(known.source): "Test"}
    drilldown = drill_down(known.registry, known.client, document, figure, names=names)

    assert drilldown.agrees
    shown = [one.key for one in drilldown.columns]
    assert [row.values[shown.index("action")] for row in drilldown.rows()] == ["sent", "clicked"]
    assert [row.values[shown.index("contact")] for row in drilldown.rows()] == [ANN, ANN]


@pytest.mark.requirement("FX-06", "DC-09")
@pytest.mark.parametrize("written", ["ann", "ann@", "not an address", "@example.org", "a b c@d", ""])
def test_a_malformed_address_is_refused_with_a_sentence(known: PluginHarness, written: str) -> None:
    with pytest.raises(Invalid) as refused:
        built(known, contact=written)
    assert refused.value.path == ("contact",)
    assert str(refused.value).startswith(
        f"{written} is no contact" if written else "Address of the contact must"
    )


@pytest.mark.requirement("FX-06")
def test_an_address_is_found_however_it_is_written(known: PluginHarness) -> None:
    assert rows(known, contact="  Ann@Example.ORG ") == rows(known)


@pytest.mark.requirement("DC-09")
def test_an_address_that_no_source_knows_gives_an_empty_report_that_says_so(known: PluginHarness) -> None:
    assert rows(known, contact="nobody@example.org") == []
    assert notices(known, contact="nobody@example.org") == ["No source knows nobody@example.org."]


def test_a_contact_who_did_nothing_in_the_period_is_not_said_to_be_unknown(known: PluginHarness) -> None:
    said = notices(known, period="2026-01-01..2026-01-31")
    assert said == ["Nothing that was asked for happened in this period."]


@pytest.mark.requirement("FX-07")
def test_actions_are_chosen_from_categories_and_all_of_one_by_itself(known: PluginHarness) -> None:
    assert rows(known, actions=["email"]) == [["10", "email", "", "unsubscribed"]]
    assert [row[0] for row in rows(known, actions=["campaign"])] == ["08", "07"]
    assert [row[0] for row in rows(known, actions=["campaign", "email"])] == ["10", "08", "07"]


@pytest.mark.requirement("FX-08")
def test_single_actions_of_a_category_are_chosen(known: PluginHarness) -> None:
    assert rows(known, actions=["campaign.sent"]) == [["07", "campaign", "Spring", "sent"]]
    assert [row[0] for row in rows(known, actions=["campaign.sent", "profile.profile_updated"])] == [
        "09", "07", "05",
    ]  # fmt: skip


@pytest.mark.requirement("FX-08")
def test_profile_updates_after_a_particular_e_mail_was_received(known: PluginHarness) -> None:
    assert rows(known, actions=["profile"], after="Spring") == [["09", "profile", "Form", "profile_updated"]]


@pytest.mark.requirement("FX-09")
def test_each_category_has_a_choice_that_stands_for_all_of_it(known: PluginHarness) -> None:
    kind = known.registry.reports["contacts.activity"]
    choices: Any = next(one.choices for one in kind.parameters if one.key == "actions")
    whole = [(one.value, str(one.label), str(one.group)) for one in choices(known.client, {}) if one.whole]

    assert {("email", "Select all", "E-mail"), ("campaign", "Select all", "Campaign")} <= set(whole)
    assert ("inbox", "Select all", "Inbox") in whole
    assert ("profile", "Select all", "Contacts") in whole


@pytest.mark.requirement("FX-12")
def test_archived_campaigns_are_searched_only_when_that_is_asked_for(known: PluginHarness) -> None:
    assert [row[0] for row in rows(known, archived=True)] == ["10", "09", "08", "07", "05", "03", "02"]
    assert notices(known) == [
        "2 actions in archived campaigns are left out; tick “Also search archived campaigns” to see them."
    ]
    assert notices(known, archived=True) == []


@pytest.mark.requirement("FX-12")
def test_a_campaign_that_is_archived_later_is_left_out_from_then_on(bilan_harness: PluginHarness) -> None:
    bilan_harness.load(FACTS)
    assert len(rows(bilan_harness, actions=["campaign"])) == 2
    bilan_harness.load([campaign("spring", archived=True)], sequence=2)
    assert rows(bilan_harness, actions=["campaign"]) == []


@pytest.mark.requirement("FX-11", "FX-13")
def test_the_form_says_what_takes_longer(known: PluginHarness) -> None:
    kind = known.registry.reports["contacts.activity"]
    archived = next(one for one in kind.parameters if one.key == "archived")
    assert str(archived.help) == (
        "It takes longer, the more archived campaigns there are. A long period takes longer, too, "
        "and is harder to read: keep it as short as you can."
    )


@pytest.mark.requirement("FX-16", "DC-03", "DC-07")
def test_it_is_about_a_person_and_built_one_at_a_time(known: PluginHarness) -> None:
    kind = known.registry.reports["contacts.activity"]
    assert (kind.personal, kind.one_at_a_time, kind.named_by) == (True, True, "contact")


@pytest.mark.requirement("DC-22")
def test_it_is_had_in_every_format(known: PluginHarness) -> None:
    document = built(known)
    files = {one: known.render(document, one) for one in known.registry.renderers_of("contacts.activity")}
    assert {"html", "pdf", "csv", "xlsx", "pptx"} <= files.keys()
    assert "Unsubscribed" in files["html"].decode()
