"""A comparison is like for like: what has no past is named, and left out of the change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.rendering.tiles import shown_kpis
from bilan.rendering.workbook.summary import changed
from bilan.sdk.document import Kpis
from fixtures.documents import Contexts
from fixtures.email_reports import OTHER, MailRoom, tile

MARCH = {"period": "2026-03-01..2026-03-28", "compare": "previous_period"}
NOTE = "Other has no figures in the period compared with, and is left out of the changes."


def sent(day: datetime, people: int) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "occurred_at": day, "campaign": "spring", "recipient": f"{n}@{day:%B}.example"}
        for n in range(people)
        for kind in ("sent", "delivered")
    ]


@pytest.fixture
def joined(mail_room: MailRoom) -> MailRoom:
    """A source that sent ten and then twelve, and one that joined with a hundred."""
    mail_room.sources[OTHER] = "Other"
    mail_room.events(
        *sent(datetime(2026, 2, 10, tzinfo=UTC), 10), *sent(datetime(2026, 3, 10, tzinfo=UTC), 12)
    )
    mail_room.events(*sent(datetime(2026, 3, 10, tzinfo=UTC), 100), source=OTHER)
    return mail_room


@pytest.mark.requirement("DC-28", "AD-01")
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("email.engagement", {}),
        ("email.campaign", {}),
        ("email.campaign", {"campaign": "spring"}),
    ],
    ids=["engagement", "list", "one"],
)
def test_a_source_without_a_past_is_named_and_left_out_of_the_change(
    joined: MailRoom, kind: str, values: dict[str, Any]
) -> None:
    made = joined.report(kind, {**MARCH, **values})

    delivered = tile(made, "email.delivered")
    assert (delivered.value, delivered.previous, delivered.held) == (112, 10, 12)
    assert changed(delivered) == pytest.approx(0.2)
    assert NOTE in [str(note) for note in made.notes]


@pytest.mark.requirement("DC-28")
def test_the_change_is_shown_of_what_can_be_compared(joined: MailRoom, contexts: Contexts) -> None:
    made = joined.report("email.campaign", {**MARCH, "campaign": "spring"})
    [shown] = shown_kpis(Kpis("one", (tile(made, "email.delivered"),)), contexts())
    assert (shown.value, shown.change, shown.trend) == ("112", "+20.0%", "up")


@pytest.mark.requirement("DC-28")
def test_sources_that_all_have_a_past_are_compared_whole(joined: MailRoom) -> None:
    joined.events(*sent(datetime(2026, 2, 10, tzinfo=UTC), 1), source=OTHER)
    made = joined.report("email.engagement", MARCH)
    delivered = tile(made, "email.delivered")
    assert (delivered.value, delivered.previous, delivered.alike) == (112, 11, None)
    assert NOTE not in [str(note) for note in made.notes]
