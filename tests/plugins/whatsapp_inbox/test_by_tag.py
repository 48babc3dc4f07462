"""The report by tag: the most common reasons why contacts write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bilan.sdk import Document
from bilan.testing.harness import PluginHarness
from support.document_blocks import chart, csv_files, followed, table
from support.whatsapp_week import BO, HOUR, kpis, tiles_of

Build = Callable[..., Document]
pytestmark = pytest.mark.requirement("AC-15")


@pytest.mark.requirement("AC-16")
def test_the_chart_has_a_bar_for_each_tag_the_most_common_first(report_of_the_week: Build) -> None:
    found = chart(report_of_the_week("by_tag"), "tags")

    assert found.categories == ["sales", "support", "urgent"]
    assert [one.values for one in found.series] == [[2, 1, 1], [2, 1, 1]]  # and contacts


@pytest.mark.requirement("AC-16")
def test_the_summary_by_tag_counts_a_conversation_with_each_of_its_tags(report_of_the_week: Build) -> None:
    found = table(report_of_the_week("by_tag"), "by_tag")

    lines = {str(line[0]): line[1:8] for line in found.rows if line[0]}
    assert lines == {
        "sales": [2, 2, 2, 3, 2, 3.5 * HOUR, 2],
        "support": [1, 1, 1, 1, 1, 2 * HOUR, 1],
        "urgent": [1, 1, 1, 2, 1, 4 * HOUR, 1],
    }
    assert found.totals is not None
    assert found.totals[1] == 5


def test_the_most_common_tag_is_named(report_of_the_week: Build) -> None:
    assert str(kpis(report_of_the_week("by_tag")).headline) == (
        "“sales” is the most common tag: 2 of 5 conversations have it."
    )


@pytest.mark.requirement("AC-04")
@pytest.mark.parametrize(
    ("values", "count", "tags"),
    [
        ({"agents": [BO]}, 2, ["sales", "urgent"]),
        ({"conversation_tags": ["urgent"]}, 1, ["urgent"]),
        ({"contact_tags": ["vip"]}, 2, ["sales", "support"]),
    ],
    ids=["agent", "tag", "contact's tag"],
)
def test_the_report_is_narrowed_by_the_filter(
    report_of_the_week: Build, values: dict[str, list[str]], count: int, tags: list[str]
) -> None:
    document = report_of_the_week("by_tag", **values)

    assert tiles_of(document)["all_conversations"] == count
    assert [line[0] for line in table(document, "by_tag").rows if line[0]] == tags


@pytest.mark.requirement("AD-01", "AD-06")
def test_figures_are_compared_and_lead_to_their_conversations(
    report_of_the_week: Build, inbox_of_a_week: PluginHarness
) -> None:
    document = report_of_the_week("by_tag")
    led = followed(inbox_of_a_week, document)

    assert chart(document, "tags").previous[0].values == [1, 0, 0]
    assert {one.block for one in led} == {"figures", "tags", "by_tag"}
    assert [one for one in led if not one.agrees] == []


@pytest.mark.requirement("AC-05")
def test_the_report_is_a_csv_file(report_of_the_week: Build, inbox_of_a_week: PluginHarness) -> None:
    files = csv_files(inbox_of_a_week, report_of_the_week("by_tag"))

    assert "support,1,1,1,1,1,7200.0,1,1800.0,1800.0,0," in files["by_tag.csv"]
