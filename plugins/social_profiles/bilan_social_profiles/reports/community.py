"""Community: what people wrote, what was answered, and how soon."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from bilan.sdk import (
    Answer,
    Block,
    ChartKind,
    IntervalUnit,
    Message,
    Paragraph,
    Table,
    timeline,
)
from bilan_social_profiles.community import COMMUNITY_DATASET
from bilan_social_profiles.reports.figures import METRIC, named, table_of, told
from bilan_social_profiles.reports.scope import Scope
from bilan_social_profiles.reports.words import ITEMS
from bilan_social_profiles.textdomain import _, ngettext

LEADING = ("received", "replied", "reply_rate", "response_time")
OTHERS = ("response_time_median", "reviewed", "hidden", "rating")
COLUMNS = (
    "received",
    "reviewed",
    "replied",
    "reply_rate",
    "response_time",
    "response_time_median",
    "hidden",
    "rating",
)


def overview(scope: Scope) -> Iterator[Block]:
    """The leading figures, their course, and what was written."""
    interval = scope.interval
    answer = scope.ask(COMMUNITY_DATASET, *LEADING, *OTHERS, interval=interval)
    if not answer.totals[METRIC["received"].key]:
        if scope.profile is not None:
            return
        yield Paragraph(_("Nobody wrote in this period, or no source tells of it."))
        return
    others = OTHERS if scope.profile is None else ()
    yield told("community", answer, (*LEADING, *others), finding(answer), leading=LEADING)
    if interval.unit is not IntervalUnit.NONE:
        yield timeline(
            "received_and_replied", _("Received and replied to"), answer, named("received", "replied"),
            kind=ChartKind.BAR, compared=(),
        )  # fmt: skip
    kinds = scope.ask(COMMUNITY_DATASET, *COLUMNS, by=("kind",), compare=False)
    table = table_of("community_by_kind", _("By what was written"), kinds, COLUMNS, COMMUNITY_DATASET)
    first, *others = table.columns
    yield structs.replace(table, columns=(structs.replace(first, names=ITEMS), *others), detail=True)


def tables(scope: Scope) -> Iterator[Table]:
    """The community by network and by profile."""
    yield from scope.tables(_table)


def _table(scope: Scope, by: tuple[str, ...]) -> Table:
    answer = scope.ask(COMMUNITY_DATASET, *COLUMNS, by=by)
    key, title = (
        ("community_by_network", _("Community by network")) if len(by) == 1
        else ("community_by_profile", _("Community by profile"))
    )  # fmt: skip
    return table_of(key, title, answer, COLUMNS, COMMUNITY_DATASET)


def finding(answer: Answer) -> Message | None:
    """How much was received and replied to, and how soon."""
    received, replied, response = (
        answer.totals[METRIC[name].key] for name in ("received", "replied", "response_time")
    )
    if replied is None:
        return ngettext(
            "One message or comment was received.",
            "{count:count} messages and comments were received.",
            count=received,
        )
    if response is None:
        return ngettext(
            "One message or comment was received; {replied:count} were replied to.",
            "{count:count} messages and comments were received; {replied:count} were replied to.",
            count=received, replied=replied,
        )  # fmt: skip
    return ngettext(
        "One message or comment was received, and replied to after {time:seconds}.",
        "{count:count} messages and comments were received; {replied:count} were replied to, "
        "after {time:seconds} on average.",
        count=received, replied=replied, time=response,
    )  # fmt: skip
