"""The report by tag: what contacts write about, as the tags of conversations say."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import Block, Building, Example, Message, Report, ReportKind, ReportRequest, section
from bilan_whatsapp_inbox.reports.breakdown import COUNT, Breakdown, leader
from bilan_whatsapp_inbox.reports.filtering import FILTER
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, NAMESPACE


def build(request: ReportRequest, building: Building) -> Report:
    """Two sections; what fails in one leaves the other be."""
    tags = Breakdown(request, building, "conversation_tags")
    sections = (
        section("overview", _("Overview"), lambda: _overview(tags)),
        section("conversations", _("Conversations by tag"), lambda: _table(tags)),
    )
    return Report(_("WhatsApp by tag"), sections)


def _overview(tags: Breakdown) -> Iterator[Block]:
    yield tags.tiles(_commonest(tags))
    yield tags.bars("tags", _("Conversations by tag"), "all_conversations", "distinct_contacts")


def _table(tags: Breakdown) -> Iterator[Block]:
    note = _("A conversation with several tags counts with each of them.")
    yield tags.table("by_tag", _("Conversations by tag"), note)


def _commonest(tags: Breakdown) -> Message | None:
    first = leader(tags.named_rows, COUNT)
    if first is None:
        return None
    return _(
        "“{tag}” is the most common tag: {count:count} of {total:count} conversations have it.",
        tag=first.keys[0],
        count=first.values[COUNT],
        total=tags.answer.totals[COUNT],
    )


BY_TAG = ReportKind(
    key=f"{NAMESPACE}.by_tag",
    label=_("WhatsApp by tag"),
    page=_("By tag"),
    description=_("The most common reasons why contacts write, from the tags of conversations."),
    parameters=FILTER,
    build=build,
    datasets=(CONVERSATIONS,),
    examples=(
        Example(
            "month", _("The inbox by tag"), _("The conversations of the last 30 days, tag by tag."),
            {"period": "last_30_days"},
        ),
    ),
)  # fmt: skip
