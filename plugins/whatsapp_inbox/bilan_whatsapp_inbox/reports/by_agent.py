"""The report by agent: who had how many conversations and messages, how soon they replied, who waits."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import (
    Block,
    Building,
    Example,
    Message,
    Report,
    ReportKind,
    ReportRequest,
    section,
)
from bilan_whatsapp_inbox.reports.breakdown import CHARTED, COUNT, Breakdown, leader
from bilan_whatsapp_inbox.reports.figures import LEADING, METRIC
from bilan_whatsapp_inbox.reports.filtering import FILTER
from bilan_whatsapp_inbox.reports.unanswered import unanswered
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, NAMESPACE

RESPONSE, REPLIED = METRIC["mean_first_response"].key, METRIC["replied_conversations"].key
FEW = 5
"""Means of fewer conversations say nothing about an agent."""


def build(request: ReportRequest, building: Building) -> Report:
    """Four sections; what fails in one leaves the others be."""
    agents = Breakdown(request, building, "agents")
    sections = (
        section("overview", _("Overview"), lambda: _overview(agents)),
        section("comparison", _("Agents compared"), lambda: _compared(agents)),
        section("conversations", _("Conversations by agent"), lambda: _table(agents)),
        section("waiting", _("Without an answer"), lambda: unanswered(agents)),
    )
    return Report(_("WhatsApp by agent"), sections)


def _overview(agents: Breakdown) -> Iterator[Block]:
    yield agents.tiles(_busiest(agents))
    counted = ("all_conversations", "distinct_contacts")
    yield agents.bars("conversations", _("Conversations per agent"), *counted)
    messages = ("conversation_messages_in", "conversation_messages_out")
    yield agents.bars("messages", _("Messages per agent"), *messages)


def _compared(agents: Breakdown) -> Iterator[Block]:
    for name in LEADING[2:]:
        headline = _quickest(agents) if METRIC[name].key == RESPONSE else None
        yield agents.bars(name, METRIC[name].label, name, headline=headline)


def _table(agents: Breakdown) -> Iterator[Block]:
    note = _("A conversation of several agents counts with each of them, with all its messages.")
    yield agents.table("by_agent", _("Conversations by agent"), note)


def _busiest(agents: Breakdown) -> Message | None:
    first = leader(agents.named_rows, COUNT)
    if first is None:
        return None
    return _(
        "{name} had the most conversations: {count:count} of {total:count}.",
        name=first.keys[0],
        count=first.values[COUNT],
        total=agents.answer.totals[COUNT],
    )


def _quickest(agents: Breakdown) -> Message | None:
    """Who replied soonest, of those who are charted and replied more than a few times."""
    known = [row for row in agents.named_rows[:CHARTED] if (row.values[REPLIED] or 0) >= FEW]
    if len(known) < 2:
        return None
    first = min(known, key=lambda row: row.values[RESPONSE])
    return _(
        "{name} replied soonest, after {time:seconds} on average.",
        name=first.keys[0],
        time=first.values[RESPONSE],
    )


BY_AGENT = ReportKind(
    key=f"{NAMESPACE}.by_agent",
    label=_("WhatsApp by agent"),
    page=_("By agent"),
    description=_(
        "Conversations and messages of each agent, how soon they replied, and who waits for an answer."
    ),
    parameters=FILTER,
    build=build,
    datasets=(CONVERSATIONS,),
    examples=(
        Example(
            "month", _("The inbox by agent"), _("The conversations of the last 30 days, agent by agent."),
            {"period": "last_30_days"},
        ),
    ),
)  # fmt: skip
