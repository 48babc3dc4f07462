"""The report by agent: who had what, how soon they replied, and who waits for an answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bilan.sdk import Document
from bilan.testing.harness import PluginHarness
from support.document_blocks import chart, csv_files, followed, table
from support.whatsapp_week import BO, CY, HOUR, kpis, tiles_of

Build = Callable[..., Document]
pytestmark = pytest.mark.requirement("AC-13")


@pytest.mark.requirement("AC-14")
def test_conversations_and_messages_are_counted_for_each_agent(report_of_the_week: Build) -> None:
    document = report_of_the_week("by_agent")
    conversations, messages = chart(document, "conversations"), chart(document, "messages")

    assert conversations.categories == messages.categories == [CY, BO]
    assert [one.values for one in conversations.series] == [[3, 2], [3, 2]]  # and contacts
    assert [one.values for one in messages.series] == [[3, 2], [3, 3]]  # received and sent


@pytest.mark.requirement("AC-14", "AC-10")
@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("mean_duration", [(4 + 2) / 2 * HOUR, (3 + 4) / 2 * HOUR]),
        ("mean_first_response", [(2 + 0.5) / 2 * HOUR, (1 + 2) / 2 * HOUR]),
        ("mean_rating", [2.0, 3.0]),
    ],
    ids=["duration", "first response", "rating"],
)
def test_the_means_are_grouped_by_agent(report_of_the_week: Build, key: str, values: list[float]) -> None:
    found = chart(report_of_the_week("by_agent"), key)

    assert found.categories == [CY, BO]
    assert found.series[0].values == values


@pytest.mark.requirement("AC-14", "DC-19")
def test_the_summary_by_agent_has_each_mean_beside_its_count(report_of_the_week: Build) -> None:
    found = table(report_of_the_week("by_agent"), "by_agent")

    assert [column.key.partition(".")[2] or column.key for column in found.columns if not column.data] == [
        "agents", "all_conversations", "distinct_contacts", "conversation_messages_in",
        "conversation_messages_out", "closed_conversations", "mean_duration", "replied_conversations",
        "mean_first_response", "rated_conversations", "mean_rating",
    ]  # fmt: skip
    cy, bo = ([value for n, value in enumerate(line) if n != 9] for line in found.rows[:2])
    assert cy == [CY, 3, 3, 3, 3, 2, 3 * HOUR, 2, 1.25 * HOUR, 1, 2.0]
    assert bo == [BO, 2, 2, 2, 3, 2, 3.5 * HOUR, 2, 1.5 * HOUR, 2, 3.0]
    assert found.totals is not None
    assert found.totals[:6] == [None, 5, 4, 4, 5, 4]


def test_the_agent_with_the_most_conversations_is_named(report_of_the_week: Build) -> None:
    assert str(kpis(report_of_the_week("by_agent")).headline) == (
        "cy@example.org had the most conversations: 3 of 5."
    )


@pytest.mark.requirement("AC-14")
def test_open_conversations_without_an_answer_are_counted_by_age(report_of_the_week: Build) -> None:
    found = table(report_of_the_week("by_agent"), "unanswered")

    assert [column.key for column in found.columns] == [
        "agents", "under_1_hour", "under_4_hours", "under_1_day", "under_3_days", "from_3_days",
    ]  # fmt: skip
    by_agent = {line[0]: line[1:] for line in found.rows}
    assert (by_agent[CY], by_agent[BO]) == ([0, 0, 0, 1, 0], [1, 0, 0, 0, 0])
    # That of nobody too.
    assert found.totals == [None, 1, 0, 1, 1, 0]
    assert str(found.headline) == "One open conversation has waited for an answer for a day or longer."


@pytest.mark.requirement("AD-01")
def test_the_figures_stand_beside_those_of_the_week_before(report_of_the_week: Build) -> None:
    document = report_of_the_week("by_agent")

    before = {one.key.partition(".")[2]: one.previous for one in kpis(document).tiles}
    assert before == {
        "all_conversations": 1, "distinct_contacts": 1, "mean_duration": 5 * HOUR,
        "mean_first_response": 4 * HOUR, "mean_rating": None,
    }  # fmt: skip
    assert chart(document, "conversations").previous[0].values == [0, 1]


@pytest.mark.requirement("AC-04")
@pytest.mark.parametrize(
    ("values", "count", "agents"),
    [
        ({"agents": [BO]}, 2, [BO]),
        ({"conversation_tags": ["support"]}, 1, [CY]),
        ({"contact_tags": ["vip"]}, 2, [BO, CY]),
        ({"period": "2026-03-03..2026-03-03"}, 1, [BO, CY]),
    ],
    ids=["agent", "tag", "contact's tag", "dates"],
)
def test_the_report_is_narrowed_by_the_filter(
    report_of_the_week: Build, values: dict[str, list[str]], count: int, agents: list[str]
) -> None:
    document = report_of_the_week("by_agent", **values)

    assert tiles_of(document)["all_conversations"] == count
    assert [line[0] for line in table(document, "by_agent").rows if line[0]] == agents


@pytest.mark.requirement("AD-06", "GO-13")
def test_every_figure_leads_to_the_conversations_that_it_counts(
    report_of_the_week: Build, inbox_of_a_week: PluginHarness
) -> None:
    led = followed(inbox_of_a_week, report_of_the_week("by_agent"))

    assert {address.block for address in led} == {
        "figures", "conversations", "messages", "mean_duration", "mean_first_response", "mean_rating",
        "by_agent", "unanswered",
    }  # fmt: skip
    assert [one for one in led if not one.agrees] == []


@pytest.mark.requirement("AC-05")
def test_each_table_of_the_report_is_a_csv_file(
    report_of_the_week: Build, inbox_of_a_week: PluginHarness
) -> None:
    files = csv_files(inbox_of_a_week, report_of_the_week("by_agent"))

    assert files["by_agent.csv"][0].startswith("Agents,Conversations,Contacts,Messages received,")
    assert "bo@example.org,2,2,2,3,2,12600.0,2,5400.0,5400.0,2,3.0" in files["by_agent.csv"]
    assert "cy@example.org,0,0,0,1,0" in files["unanswered.csv"]
