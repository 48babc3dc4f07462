"""Clicks on buttons for the simulated inbox: some of its conversations came of one, most clicks led to none.

Each is drawn by the conversation that it lies beside, so it is the same whenever one looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bilan_whatsapp_inbox.button.references import LENGTH, LETTERS, completed
from bilan_whatsapp_inbox.button.told import CLICKED

FROM_A_BUTTON = 0.45
"""Which part of the conversations that a contact began came of a click."""


@dataclass(frozen=True)
class Placement:
    """Where a button stands: how many of the conversations came from there, and of how many clicks each."""

    button: str
    weight: float
    rate: float
    referrer: str = ""
    utm: dict[str, str] = field(default_factory=dict[str, str])


def _utm(source: str, **others: str) -> dict[str, str]:
    return {"utm_source": source, **{f"utm_{name}": value for name, value in others.items()}}


PLACEMENTS = (
    Placement("Product page", 0.40, 0.34, "shop.example", _utm("shop", content="size guide")),
    Placement("Footer of the shop", 0.22, 0.13, "shop.example"),
    Placement(
        "Newsletter", 0.14, 0.24, "",
        _utm("newsletter", medium="email", campaign="spring", content="banner"),
    ),
    Placement(
        "Advertisement", 0.10, 0.09, "search.example",
        _utm("search", medium="cpc", campaign="boots", term="waterproof boots"),
    ),
    Placement(
        "Card in the parcel", 0.14, 0.48, "",
        _utm("parcel", medium="print", campaign="returns", content="card"),
    ),
)  # fmt: skip


def with_clicks(events: Iterable[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    """The events, with the clicks beside them and a reference in the messages that came of one."""
    begun = set[str]()
    for event in events:
        first = event["conversation"] not in begun
        begun.add(event["conversation"])
        if not (first and event["event"] == "message" and event["direction"] == "in"):
            yield event
            continue
        random = Random(event["id"])  # noqa: S311 - a simulation, no secret
        placement = random.choices(PLACEMENTS, [one.weight for one in PLACEMENTS])[0]
        at = datetime.fromisoformat(event["occurred_at"])
        if random.random() < FROM_A_BUTTON:
            clicked = at - timedelta(seconds=random.randint(15, 240))
            reference = _reference(random)
            yield _click(placement, clicked, f"{event['id']}-click", reference)
            yield event | {"text": f"#{reference}"}
        else:
            yield event
            continue
        for number in range(_in_vain(random, placement.rate)):
            clicked = at + timedelta(minutes=random.randint(-600, 600))
            if clicked <= now:
                yield _click(placement, clicked, f"{event['id']}-click-{number}", _reference(random))


def _in_vain(random: Random, rate: float) -> int:
    """How many clicks led to no conversation, for one that did."""
    whole, part = divmod(1 / rate - 1, 1)
    return int(whole) + (random.random() < part)


def _click(placement: Placement, at: datetime, ident: str, reference: str) -> dict[str, Any]:
    moment = at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return {
        "event": CLICKED,
        "id": ident,
        "occurred_at": moment,
        "button": placement.button,
        "reference": reference,
        "referrer": placement.referrer and f"https://{placement.referrer}/",
        **placement.utm,
    }


def _reference(random: Random) -> str:
    return completed("".join(random.choice(LETTERS) for _place in range(LENGTH - 1)))
