"""One number everywhere: GraphQL, the page, the PDF, slides, the workbook and both kinds of CSV hold the
same cells, and counting the events one by one gives them too, whatever is asked of either report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fixtures.email_reports import MailRoom
from support import campaign_cases, engagement_cases
from support.alike.seen import tiles_in
from support.engagement_cases import Case
from support.everywhere import Reader, rendered_alike
from support.long import times
from support.mail_counts import Row, counted, told
from support.rendered import plain

Json = dict[str, Any]

NAMES = {"a": '=HYPERLINK("x")', "b": 'Été; "salé"\nsucré', "c1": "<b>Journey</b>"}
"""What breaks a careless spreadsheet, file or page."""

readers = st.builds(
    Reader,
    st.sampled_from(("en", "fr", "de")),
    st.sampled_from(("UTC", "Asia/Kathmandu")),
    st.sampled_from(("zip", "gzip", "none")),
    st.sampled_from(("comma", "semicolon", "tab")),
    st.sampled_from((True, False, False)),
)
compared = st.sampled_from(("none", "previous_period", "same_period_last_year"))
quickly = settings(max_examples=times(8), suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@pytest.mark.requirement("BZ-34", "DC-18", "GO-13")
@quickly
@given(case=engagement_cases.cases, reader=readers, compare=compared)
def test_everything_says_the_same_of_an_engagement_report(
    mail_room: MailRoom, case: Case, reader: Reader, compare: str
) -> None:
    case.raw["compare"] = compare
    engagement_cases.filled(mail_room, case, NAMES)
    made = mail_room.report("email.engagement", case.raw)

    document = rendered_alike(mail_room, made, reader)

    rows = engagement_cases.selected(case)
    first, last = engagement_cases.period(case.raw, rows)
    assert document["period"] == [first.isoformat(), last.isoformat()]
    asked = engagement_cases.expected_keys(engagement_cases.channels(case, rows), rates=case.raw["rates"])
    if rows:
        assert sorted(tile["key"].removeprefix("email.") for tile in tiles_in(document)) == sorted(asked)
    for name, canvas in (("campaigns", False), ("canvases", True)):
        expected = engagement_cases.by_hand(case, canvas=canvas)
        identity = ["first_day", "canvas" if canvas else "campaign"]
        identity += [("step" if canvas else "variant")] if case.raw["level"] == "variant" else []
        assert figures(document, name, identity) == by_counting(document, name, expected)


@pytest.mark.slow
@pytest.mark.requirement("AD-03", "AD-04", "DC-18", "GO-13")
@quickly
@given(
    rows=st.lists(campaign_cases.events, min_size=20, max_size=60),
    zone=campaign_cases.zones,
    period=campaign_cases.periods,
    asked=st.sampled_from(({"campaign": "a"}, {"show": "counts"}, {"show": "rates"})),
    compare=compared,
    reader=readers,
)
def test_everything_says_the_same_of_a_campaign_report(
    mail_room: MailRoom,
    rows: list[Row],
    zone: str,
    period: str,
    asked: dict[str, str],
    compare: str,
    reader: Reader,
) -> None:
    rows = told(rows)
    campaigns = [row for row in rows if row["campaign"] and not row["canvas"]]
    assume(any(row["campaign"] == "a" for row in campaigns))
    campaign_cases.filled(mail_room, rows)
    made = mail_room.report("email.campaign", {"zone": zone, "period": period, "compare": compare, **asked})

    document = rendered_alike(mail_room, made, reader)

    ours = [row for row in campaigns if row["campaign"] == asked.get("campaign", row["campaign"])]
    seen = campaign_cases.within(ours, period, zone)
    tiles = {tile["key"].removeprefix("email."): tile["value"] for tile in tiles_in(document)}
    if seen and "campaign" in asked:
        assert set(tiles) >= set(campaign_cases.TILES)
    assert tiles == {name: _by_hand(seen, name) for name in tiles}
    for name, column in (("campaigns", "campaign"), ("links", "url"), ("domain", "domain")):
        rows_of_it = [row for row in seen if name != "links" or row["kind"] == "clicked"]
        expected = {(key,): found for key, found in campaign_cases.grouped(rows_of_it, column).items()}
        if any(table["key"] == name for table in document["tables"]):
            assert figures(document, name, [column]) == by_counting(document, name, expected)


# ---- the same as counting -----------------------------------------------------------------------


def figures(document: Json, name: str, identity: Sequence[str]) -> dict[tuple[str, ...], Json]:
    """The statistics of a table's rows, by what the rows are about; nothing where the table is left out."""
    found: dict[tuple[str, ...], Json] = {}
    for table in document["tables"]:
        keys = [column["key"] for column in table["columns"]]
        for row in table["rows"] if table["key"] == name else ():
            cells = dict(zip(keys, map(plain, row), strict=True))
            statistics = {key: value for key, value in cells.items() if key.startswith("email.")}
            found[tuple(cells[one] for one in identity)] = statistics
    return found


def by_counting(
    document: Json, name: str, expected: Mapping[tuple[str, ...], list[Row]]
) -> dict[tuple[str, ...], Json]:
    """The same statistics, counted by going through the events."""
    columns = [table["columns"] for table in document["tables"] if table["key"] == name]
    keys = [column["key"] for column in (columns[0] if columns else []) if column["key"].startswith("email.")]
    return {
        identity: {key: _by_hand(rows, key.removeprefix("email.")) for key in keys}
        for identity, rows in expected.items()
    }


def _by_hand(rows: list[Row], name: str) -> Any:
    kind = {"last_open": "opened", "last_click": "clicked"}.get(name)
    if kind is None:
        return counted(rows, name)
    moments = sorted(row["occurred_at"] for row in rows if row["kind"] == kind)
    return moments[-1].isoformat().replace("+00:00", "Z") if moments else None
