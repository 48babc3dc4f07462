"""E-mail statistics worked out by going through events one by one, without any of the program's own parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Counter = Callable[[list[Row]], int]


def told(events: Sequence[Row]) -> list[Row]:
    """The events of one source with ids, and ``again`` in those that repeat what an earlier one told.

    DC-25: what can happen to a message only once counts once, at its earliest
    event (then the smallest id), however often its sender repeats it.
    """
    numbered = [{"fact_id": f"{n:03}", **event} for n, event in enumerate(events)]
    seen, again = set[Any](), set[str]()
    for row in sorted(numbered, key=lambda row: (row["occurred_at"], row["fact_id"])):
        what, whom = _outcome(row), _message(row)
        if what and whom:
            if (what, whom) in seen:
                again.add(row["fact_id"])
            seen.add((what, whom))
    return [{**row, "again": row["fact_id"] in again} for row in numbered]


def _outcome(row: Row) -> str:
    """What happened, if it can happen to a message only once."""
    if row["kind"] == "bounced":
        return "hard bounce" if row["bounce_class"] == "hard" else ""
    return row["kind"] if row["kind"] in ("delivered", "complained", "unsubscribed") else ""


def _message(row: Row) -> tuple[Any, ...]:
    """The message it happened to, as far as the event says; one sent as a test is another."""
    to = (row["channel"], bool(row.get("test")), row["recipient"])
    if row.get("message_id"):
        return ("message", row["message_id"], *to)
    return (_about(row), *to) if any(_about(row)) and row["recipient"] else ()


def _about(row: Row) -> tuple[str, ...]:
    """DC-25: an event that names a Canvas step belongs to it alone, also when it names a campaign."""
    if row["canvas"] or row["step"]:
        return (row["canvas"], row["step"])
    return (row["campaign"],)


def kind(name: str, channel: str = "email", **also: Any) -> Counter:
    """Events of a kind on a channel."""
    wanted = {"kind": name, "channel": channel, **also}
    return lambda rows: sum(all(row[key] == value for key, value in wanted.items()) for row in rows)


def once(name: str, channel: str = "email", **also: Any) -> Counter:
    """Events of a kind on a channel that do not repeat an outcome."""
    return kind(name, channel, again=False, **also)


def pairs(*names: str, **also: Any) -> Counter:
    """DC-18: different pairs of campaign or Canvas step and recipient among e-mail events of these kinds."""
    wanted = {"channel": "email", **also}

    def count(rows: list[Row]) -> int:
        of_step, of_campaign = set[tuple[str, str, str]](), set[tuple[str, str]]()
        for row in rows:
            if row["kind"] not in names or not row["recipient"]:
                continue
            if any(row[key] != value for key, value in wanted.items()):
                continue
            if row["canvas"] or row["step"]:
                of_step.add((row["canvas"], row["step"], row["recipient"]))
            else:
                of_campaign.add((row["campaign"], row["recipient"]))
        return len(of_step) + len(of_campaign)

    return count


COUNTS: dict[str, Counter] = {
    "sends": kind("sent"),
    "opens": kind("opened"),
    "unique_opens": pairs("opened"),
    "clicks": kind("clicked"),
    "unique_clicks": pairs("clicked"),
    "unsubscribes": once("unsubscribed"),
    "bounces": once("bounced"),
    "delivered": once("delivered"),
    "spam_reports": once("complained"),
    "push_sends": kind("sent", "push"),
    "push_opens": kind("opened", "push"),
    "push_influenced_opens": kind("influenced_open", "push"),
    "push_bounces": kind("bounced", "push"),
    "push_body_clicks": lambda rows: (
        kind("body_click", "push")(rows) + kind("opened", "push", button="body")(rows)
    ),
    "recipients": pairs("queued", "sent", "delivered", "deferred", "bounced"),
    "hard_bounces": once("bounced", bounce_class="hard"),
    "soft_bounces": kind("bounced", bounce_class="soft"),
    "machine_opens": kind("opened", machine=True),
    "human_opens": kind("opened", machine=False),
    "unique_human_opens": pairs("opened", machine=False),
    "machine_clicks": kind("clicked", machine=True),
    "human_clicks": kind("clicked", machine=False),
    "unique_human_clicks": pairs("clicked", machine=False),
}
RATES = {
    "delivery_rate": ("delivered", "sends"),
    "open_rate": ("unique_opens", "delivered"),
    "human_open_rate": ("unique_human_opens", "delivered"),
    "click_rate": ("unique_clicks", "delivered"),
    "click_to_open_rate": ("unique_clicks", "unique_opens"),
    "hard_bounce_rate": ("hard_bounces", "sends"),
    "soft_bounce_rate": ("soft_bounces", "sends"),
    "complaint_rate": ("spam_reports", "delivered"),
    "unsubscribe_rate": ("unsubscribes", "delivered"),
}


def counted(rows: list[Row], name: str) -> int | float | None:
    """The statistic, by going through the rows."""
    if name not in RATES:
        return COUNTS[name](rows)
    above, below = (COUNTS[part](rows) for part in RATES[name])
    return above / below if below and above <= below else None
