"""The page about CSV files lists the columns that the engagement report has, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from bilan_email_campaigns.reports.statistics import OFFERED
from fixtures.email_reports import OTHER, MailRoom, tables
from support.engagement import ENGAGEMENT, canvas, event, on

PAGE = (Path(__file__).parents[2] / "docs" / "csv-files.md").read_text()


class Listed(NamedTuple):
    key: str
    label: str
    third: str
    where: str


def listed(title: str) -> list[Listed]:
    """The rows of the table in a section."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert found
    return [Listed(*row) for row in found]


def expected(file: str, part: str, *, detail: bool) -> list[tuple[str, str]]:
    """The columns before the statistics that the page promises for a file."""
    places = {"always", f"`{file}`", *([f"`{file}` with one row for each {part}"] if detail else [])}
    return [(one.key, one.label) for one in listed("Who and when") if one.where in places]


@pytest.mark.requirement("BZ-03", "DC-13")
@pytest.mark.parametrize("detail", [False, True], ids=["whole", "detail"])
@pytest.mark.parametrize("several", [False, True], ids=["one-source", "two-sources"])
def test_the_columns_are_those_of_the_page_whatever_is_found(
    mail_room: MailRoom, several: bool, detail: bool
) -> None:
    mail_room.events(event("sent", on(1)), canvas("sent", on(1)))
    if several:
        mail_room.sources[OTHER] = "Other"
        mail_room.events(event("sent", on(2), "autumn"), source=OTHER)

    made = mail_room.report(ENGAGEMENT, {"rates": True, "level": "variant" if detail else "campaign"})

    statistics = [(one.key, one.label) for one in listed("Statistics")]
    for file, part in (("campaigns.csv", "variant"), ("canvases.csv", "step")):
        columns = [(one.key, str(one.label)) for one in tables(made)[file.removesuffix(".csv")].columns]
        told = [one for one in columns if not one[0].startswith("email.")]
        assert told == expected(file, part, detail=detail)
        figures = columns[len(told) :]
        assert figures == [one for one in statistics if one in figures]
        assert ("email.sends", "Sends") in figures
        assert ("email.unsubscribe_rate", "Unsubscribe rate") in figures


def test_every_statistic_that_can_be_chosen_is_listed() -> None:
    offered = [
        (metric.key, str(metric.label), metric.group or "any", metric.unit.value) for metric in OFFERED
    ]
    assert [tuple(one) for one in listed("Statistics")] == offered


def test_ids_stand_beside_names(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1), "k1", campaign_name="Spring"))
    [row] = mail_room.rows(tables(mail_room.report(ENGAGEMENT))["campaigns"])
    assert [row[key] for key in ("source_id", "source", "campaign", "campaign_name")] == [
        "11111111-1111-4111-8111-111111111111", "Main", "k1", "Spring",
    ]  # fmt: skip
