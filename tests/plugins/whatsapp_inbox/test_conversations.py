"""Which messages make a conversation, who began it, how soon a person answered, and how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bilan.parameters.validation import validate
from bilan.sdk import Invalid, Row
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.sources import SOURCES
from bilan_whatsapp_inbox.vocabulary import Kind
from support.whatsapp import START, became, replied, row, wrote

pytestmark = pytest.mark.requirement("DC-20")

HOUR = 3600


def made(*rows: Row, **settings: Any) -> list[Row]:
    return list(conversations(rows, settings))


def shapes(*rows: Row, **settings: Any) -> list[tuple[float, float | None, int, int]]:
    """For each conversation: the hours of its start and its end, messages in and out."""
    return [
        (
            (one["started_at"] - START) / timedelta(hours=1),
            None if one["closed_at"] is None else (one["closed_at"] - START) / timedelta(hours=1),
            one["messages_in"],
            one["messages_out"],
        )
        for one in made(*rows, **settings)
    ]


def test_a_conversation_has_the_columns_of_the_details() -> None:
    (one,) = made(
        wrote(0, "first", contact_name="Ana", contact_tags=["vip"], number="331"),
        row(Kind.ASSIGNED, 0.25, agent="bo@example.org"),
        replied(0.5, agent="bo@example.org"),
        row(Kind.TAGGED, 0.75, tags=["sales"]),
        row(Kind.CLOSED, 2),
        row(Kind.RATED, 3, rating=4.0),
    )

    assert list(one)[:16] == [
        "started_at", "first_reply_at", "closed_at", "contact_phone", "contact_name", "contact_tags",
        "conversation_tags", "agents", "status", "direction", "conversation_source", "messages_in",
        "messages_out", "first_response_seconds", "duration_seconds", "rating",
    ]  # fmt: skip
    assert one == {
        "started_at": START,
        "first_reply_at": START + timedelta(minutes=30),
        "closed_at": START + timedelta(hours=2),
        "contact_phone": "33612345678",
        "contact_name": "Ana",
        "contact_tags": ["vip"],
        "conversation_tags": ["sales"],
        "agents": ["bo@example.org"],
        "status": "closed",
        "direction": "inbound",
        "conversation_source": "inbound",
        "messages_in": 1,
        "messages_out": 1,
        "first_response_seconds": HOUR // 2,
        "duration_seconds": 2 * HOUR,
        "rating": 4.0,
        "first_response_business_seconds": HOUR // 2,
        "number": "331",
        "conversation": "",
        "conversation_id": "first",
        "reference": "",
    }


def test_the_first_message_after_a_close_opens_a_conversation() -> None:
    assert shapes(wrote(0), row(Kind.CLOSED, 1), wrote(2)) == [(0, 1, 1, 0), (2, 26, 1, 0)]


def test_the_first_message_after_a_silence_opens_a_conversation() -> None:
    assert shapes(wrote(0), wrote(23.9), wrote(47.9)) == [(0, 47.9, 2, 0), (47.9, 71.9, 1, 0)]


def test_the_silence_is_a_setting_of_the_source() -> None:
    assert shapes(wrote(0), wrote(3), silence_hours=2) == [(0, 2, 1, 0), (3, 5, 1, 0)]


def test_a_late_message_that_bridges_two_conversations_joins_them() -> None:
    two = (wrote(0), wrote(40))
    assert shapes(*two) == [(0, 24, 1, 0), (40, 64, 1, 0)]
    assert shapes(*two, wrote(20)) == [(0, 64, 3, 0)]


def test_a_close_after_the_silence_changes_nothing() -> None:
    assert shapes(wrote(0), row(Kind.CLOSED, 30)) == [(0, 24, 1, 0)]


def test_a_message_and_a_close_in_the_same_second_are_of_one_conversation() -> None:
    assert shapes(row(Kind.CLOSED, 0, "a"), wrote(0, "z")) == [(0, 0, 1, 0)]


def test_what_is_no_message_makes_no_conversation() -> None:
    alone = (
        row(Kind.CLOSED, 0), row(Kind.ASSIGNED, 1), row(Kind.PREFERENCE, 2), wrote(3, type="system"),
        became(4, "unknown", "read"),
    )  # fmt: skip
    assert made(*alone) == []


@pytest.mark.requirement("AC-09")
@pytest.mark.parametrize(
    ("first", "source", "direction"),
    [
        (wrote(0), "inbound", "inbound"),
        (replied(0), "inbox", "outbound"),
        (replied(0, automated=True), "flow", "outbound"),
        (wrote(0, type="interactive", subtype="nfm_reply"), "flow", "inbound"),
        (wrote(0, type="interactive", subtype="button_reply"), "inbound", "inbound"),
        (became(0, "m", "sent", pricing_category="marketing"), "flow", "outbound"),
        (became(0, "m", "sent", pricing_category="service"), "inbox", "outbound"),
    ],
    ids=["contact", "person", "machine", "flow", "button", "template", "written freely"],
)
def test_what_began_a_conversation_is_its_source(first: Row, source: str, direction: str) -> None:
    (one,) = made(first, wrote(1), replied(2))

    assert (one["conversation_source"], one["direction"]) == (source, direction)


def test_the_first_reply_is_a_persons() -> None:
    (one,) = made(wrote(0), replied(0.1, automated=True), replied(2), replied(1, automated=True))

    assert one["first_response_seconds"] == 2 * HOUR


def test_a_conversation_without_a_reply_has_no_response_time() -> None:
    (one,) = made(wrote(0), replied(1, automated=True))

    assert (one["first_reply_at"], one["first_response_seconds"]) == (None, None)


def test_who_is_written_to_first_is_answered_after_their_own_message() -> None:
    (one,) = made(replied(0), wrote(3), replied(4))

    assert (one["first_reply_at"], one["first_response_seconds"]) == (START + timedelta(hours=4), HOUR)


def test_a_message_known_by_its_status_alone_is_a_message() -> None:
    rows = (wrote(0), became(1, "m", "sent", pricing_category="service"), became(1, "m", "delivered"))

    assert (shapes(*rows), made(*rows)[0]["first_response_seconds"]) == ([(0, 25, 1, 1)], HOUR)


def test_a_message_that_is_told_of_itself_is_not_counted_by_its_status_too() -> None:
    assert shapes(wrote(0), replied(1, "m"), became(1, "m", "sent")) == [(0, 25, 1, 1)]


def test_a_failed_message_is_none() -> None:
    assert shapes(wrote(0), became(1, "m", "failed")) == [(0, 24, 1, 0)]


def test_tags_are_those_of_the_last_row_that_states_them() -> None:
    (one,) = made(
        wrote(0), row(Kind.TAGGED, 1, tags=["a", "b"]), row(Kind.TAGGED, 2, tags=["b"]), wrote(3),
    )  # fmt: skip
    (none,) = made(wrote(0), row(Kind.TAGGED, 1, tags=["a"]), row(Kind.TAGGED, 2))

    assert (one["conversation_tags"], none["conversation_tags"]) == (["b"], [])


def test_the_inboxs_own_conversations_are_cut_by_no_silence_and_no_close() -> None:
    own = {"conversation": "INC1"}
    rows = (
        wrote(0, **own), row(Kind.CLOSED, 1, **own), wrote(100, **own), row(Kind.CLOSED, 101, "again", **own),
        wrote(50, "other", conversation="INC2"),
    )  # fmt: skip

    assert shapes(*rows) == [(0, 101, 2, 0), (50, None, 1, 0)]
    assert [one["status"] for one in made(*rows)] == ["closed", "open"]


def test_a_survey_after_the_close_leaves_the_inboxs_conversation_closed() -> None:
    own = {"conversation": "7"}
    rows = (wrote(0, **own), row(Kind.CLOSED, 1, **own), replied(1.1, automated=True, **own))

    assert shapes(*rows) == [(0, 1, 1, 1)]
    assert shapes(*rows, wrote(2, **own)) == [(0, None, 2, 1)]


def test_a_conversation_of_which_the_inbox_tells_no_beginning_is_none() -> None:
    assert made(row(Kind.TAGGED, 0, conversation="7", tags=["a"])) == []
    assert shapes(row(Kind.OPENED, 0, conversation="7")) == [(0, None, 0, 0)]


@pytest.mark.parametrize(
    ("hours", "holidays", "seconds"),
    [
        ("", (), 26 * HOUR),
        ("mon-fri 9:00-17:00", (), 10 * HOUR),
        ("Monday 9-12 13:00-17:00; tue 10h-12h", (), 8 * HOUR),
        ("lun-ven 9h00-17h00", ("2026-03-02",), 2 * HOUR),
        ("sat-sun 0-24", (), 0),
    ],
    ids=["always", "week", "breaks", "holiday", "weekend"],
)
def test_a_response_is_counted_in_business_hours_too(
    hours: str, holidays: tuple[str, ...], seconds: int
) -> None:
    # From Monday at nine to Tuesday at eleven.
    (one,) = made(
        wrote(0), replied(26), wrote(10), hours=hours, holidays=holidays, zone="UTC", silence_hours=48
    )  # fmt: skip

    assert one["first_response_seconds"] == 26 * HOUR
    assert one["first_response_business_seconds"] == seconds


@pytest.mark.requirement("AD-18")
@pytest.mark.parametrize(
    ("hours", "seconds"),
    [
        ("mon 9-12, mon 14-18", 7 * HOUR),
        ("mon 9-12 11-13; mon-tue 9-10", 4 * HOUR),
        ("Mon-Sun 0-24", 24 * HOUR),
        ("lundi 9h30-10h30", HOUR),
    ],
    ids=["twice", "one over the other", "always", "French"],
)
def test_business_hours_of_a_day_add_up_and_count_once(hours: str, seconds: int) -> None:
    # From Monday at nine to Tuesday at nine.
    (one,) = made(wrote(0), replied(24), hours=hours, silence_hours=48)

    assert one["first_response_business_seconds"] == seconds


@pytest.mark.requirement("AD-18")
@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("hours", "9-17", "“9-17” are no business hours"),
        ("hours", "mon-fri 22:00-6:00", "“mon-fri 22:00-6:00” are no business hours"),
        ("hours", "mon 9-12, someday 9-12", "“someday 9-12” are no business hours"),
        ("hours", "mon 9:75-12", "“mon 9:75-12” are no business hours"),
        ("holidays", ["25/12/2026"], "“25/12/2026” is no day; write it as 2026-12-25."),
        ("silence_hours", "0", "A silence lasts from 1 to "),
        ("silence_hours", "-5", "A silence lasts from 1 to "),
    ],
)
def test_a_calendar_or_a_silence_that_cannot_be_read_is_refused_where_it_is_filled_in(
    key: str, value: Any, sentence: str
) -> None:
    with pytest.raises(Invalid) as caught:
        validate(SOURCES[-1].settings, {key: value}, client=None)

    assert (str(caught.value.message).startswith(sentence), caught.value.path) == (True, (key,))


def test_business_hours_are_those_of_the_wall_clock_where_the_inbox_is() -> None:
    # Nine o'clock UTC is ten in Paris, where the day begins at eleven.
    (one,) = made(wrote(0), replied(3), hours="mon 11-18", zone="Europe/Paris")

    assert one["first_response_business_seconds"] == 2 * HOUR
