"""A week of an inbox that names its conversations, counted by hand: Bo and Cy answer, some wait."""

from __future__ import annotations

from typing import Any

from bilan.sdk import Document, Kpis, Row
from bilan_whatsapp_inbox.vocabulary import Kind
from support.whatsapp import replied, row, wrote

BO, CY = "bo@example.org", "cy@example.org"
HOUR = 3600
WEEK = {"period": "2026-03-02..2026-03-08", "compare": "previous_period"}
"""The report is made on Monday, 9 March, at nine o'clock."""


def _conversation(number: int, contact: int, *rows: Row) -> list[Row]:
    ident = f"c-{number}"
    for one in rows:
        one.update(conversation=ident, thread=ident, contact_phone=f"3360000000{contact}")
        one.update({key: f"{ident} {one[key]}" for key in ("fact_id", "message_id") if one[key]})
    return [*rows]


def rows() -> list[Row]:
    """Five conversations of the week, two of the Monday after it, one of the week before."""
    return [
        # Monday: Ana, answered after an hour, closed after three.
        *_conversation(
            1, 1, wrote(0, contact_name="Ana", contact_tags=["vip"]), replied(1, agent=BO),
            row(Kind.TAGGED, 1.5, tags=["sales"]), row(Kind.CLOSED, 3), row(Kind.RATED, 4, rating=4.0),
        ),
        # Tuesday: answered by Bo after two hours and by Cy after three, closed after four.
        *_conversation(
            2, 2, wrote(24, contact_name="Di"), replied(26, agent=BO), replied(27, agent=CY),
            row(Kind.TAGGED, 27, tags=["sales", "urgent"]), row(Kind.CLOSED, 28),
            row(Kind.RATED, 29, rating=2.0),
        ),
        # Wednesday: Ana again, answered after half an hour, closed after two.
        *_conversation(
            3, 1, wrote(48, contact_name="Ana", contact_tags=["vip"]), replied(48.5, agent=CY),
            row(Kind.TAGGED, 49, tags=["support"]), row(Kind.CLOSED, 50),
        ),
        # Thursday: a campaign; nobody has it.
        *_conversation(4, 3, replied(72, automated=True), row(Kind.CLOSED, 73)),
        # Sunday, half past eight: given to Cy, who has not answered.
        *_conversation(5, 4, wrote(143.5), row(Kind.ASSIGNED, 143.6, agent=CY)),
        # The Monday of the report: given to Bo half an hour before it; and at two, given to nobody.
        *_conversation(6, 5, wrote(167.5), row(Kind.ASSIGNED, 167.6, agent=BO)),
        *_conversation(7, 6, wrote(161)),
        # The week before: answered after four hours, closed after five.
        *_conversation(
            8, 1, wrote(-144), replied(-140, agent=BO), row(Kind.TAGGED, -140, tags=["sales"]),
            row(Kind.CLOSED, -139),
        ),
    ]  # fmt: skip


def kpis(document: Document) -> Kpis:
    """The leading figures."""
    blocks = [block for section in document.blocks for block in getattr(section, "blocks", ())]
    return next(block for block in blocks if isinstance(block, Kpis))


def tiles_of(document: Document) -> dict[str, Any]:
    """The leading figures by their names."""
    return {kpi.key.partition(".")[2]: kpi.value for kpi in kpis(document).tiles}
