"""E-mail statistics worked out by going through events one by one, without any of the program's own parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
Counter = Callable[[list[Row]], int]


def kind(name: str, channel: str = "email", **also: Any) -> Counter:
    """Events of a kind on a channel."""
    wanted = {"kind": name, "channel": channel, **also}
    return lambda rows: sum(all(row[key] == value for key, value in wanted.items()) for row in rows)


def pairs(*names: str, **also: Any) -> Counter:
    """Pairs of campaign (or Canvas step) and recipient among e-mail events of these kinds."""
    wanted = {"channel": "email", **also}

    def count(rows: list[Row]) -> int:
        ours = [row for row in rows if row["kind"] in names]
        matching = [row for row in ours if all(row[key] == value for key, value in wanted.items())]
        seen = {(r["campaign"], r["canvas"], r["step"], r["recipient"]) for r in matching}
        return len([one for one in seen if one[-1]])

    return count


COUNTS: dict[str, Counter] = {
    "sends": kind("sent"),
    "opens": kind("opened"),
    "unique_opens": pairs("opened"),
    "clicks": kind("clicked"),
    "unique_clicks": pairs("clicked"),
    "unsubscribes": kind("unsubscribed"),
    "bounces": kind("bounced"),
    "delivered": kind("delivered"),
    "spam_reports": kind("complained"),
    "push_sends": kind("sent", "push"),
    "push_opens": kind("opened", "push"),
    "push_influenced_opens": kind("influenced_open", "push"),
    "push_bounces": kind("bounced", "push"),
    "push_body_clicks": lambda rows: (
        kind("body_click", "push")(rows) + kind("opened", "push", button="body")(rows)
    ),
    "recipients": pairs("queued", "sent", "delivered", "deferred", "bounced"),
    "hard_bounces": kind("bounced", bounce_class="hard"),
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
