"""Whatever is asked, the engagement report agrees with counting the same events one by one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from bilan.sdk.document import Document
from fixtures.email_reports import MailRoom, plain, tables, tile
from support.engagement_cases import (
    Case,
    by_hand,
    cases,
    channels,
    expected_keys,
    filled,
    local,
    period,
    selected,
)
from support.long import times
from support.mail_counts import counted


def agree(room: MailRoom, document: Document, case: Case, *, canvas: bool) -> None:
    expected = by_hand(case, canvas=canvas)
    name = "canvases" if canvas else "campaigns"
    table = tables(document).get(name)
    assert (table is not None) == bool(expected)
    if table is None:
        return
    keys = [column.key.removeprefix("email.") for column in table.columns if column.metric]
    identity = ["first_day", "canvas" if canvas else "campaign"]
    identity += [("step" if canvas else "variant")] if case.raw["level"] == "variant" else []
    shown = {
        tuple(row[one] for one in identity): {key: row[f"email.{key}"] for key in keys}
        for row in room.rows(table)
    }
    assert shown == {key: {name: counted(rows, name) for name in keys} for key, rows in expected.items()}
    everything = [row for rows in expected.values() for row in rows]
    totals = [plain(one) for one in (table.totals or [])[-len(keys) :]]
    assert totals == [counted(everything, name) for name in keys]


@pytest.mark.slow
@pytest.mark.requirement("BZ-01", "BZ-10", "BZ-13", "BZ-28", "BZ-29", "BZ-34", "DC-16", "DC-18")
@settings(max_examples=times(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases)
def test_the_report_agrees_with_counting_by_hand(mail_room: MailRoom, case: Case) -> None:
    filled(mail_room, case)

    made = mail_room.report("email.engagement", case.raw)

    rows = selected(case)
    first, last = period(case.raw, rows)
    assert made.period == (first.isoformat(), last.isoformat())
    agree(mail_room, made, case, canvas=False)
    agree(mail_room, made, case, canvas=True)
    if rows:
        within = [row for row in rows if first <= local(row, case.raw["zone"]) <= last]
        keys = expected_keys(channels(case, rows), rates=case.raw["rates"])
        assert {key: tile(made, f"email.{key}").value for key in keys} == {
            key: counted(within, key) for key in keys
        }
        for table in tables(made).values():
            shown = [column.key.removeprefix("email.") for column in table.columns if column.metric]
            assert shown == keys
