"""What stands out among several: in a sentence where one thing does, in none where two do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from bilan.sdk import Message
from bilan_email_campaigns.reports.findings import FEW, points
from bilan_email_campaigns.textdomain import _, ngettext


class Rated(NamedTuple):
    """A campaign, its click rate and the e-mails that it is a share of. ``stated`` ones were not counted."""

    name: str
    rate: float | None
    delivered: int | None
    reported: bool = False


def best_click_rate(campaigns: Iterable[Rated]) -> Message | None:
    """The campaign that was clicked most for its e-mails, of those that were delivered any."""
    known = sorted(((one.rate, one) for one in campaigns if one.rate is not None), key=lambda pair: -pair[0])
    if len(known) < 2 or known[0][0] == known[1][0]:
        return None
    rate, first = known[0]
    if first.reported or rate > 1 or (first.delivered or 0) < FEW:
        return None
    return _("“{campaign}” had the best click rate, {rate:proportion}.", campaign=first.name, rate=rate)


def most_clicks(campaigns: Sequence[tuple[str, int]]) -> Message | None:
    """The campaign most recipients clicked in. The most clicked comes first."""
    if not _first(campaigns):
        return None
    name, count = campaigns[0]
    return ngettext(
        "“{campaign}” had the only unique click.",
        "“{campaign}” had the most unique clicks: {count:count}.",
        count=count,
        campaign=name,
    )


def half_of_opens(opens: Sequence[int]) -> Message | None:
    """How soon half of the opens of the first hours came, where that was early and they are not few."""
    total = sum(opens)
    if total < FEW:
        return None
    hours = 1 + next(place for place, so_far in enumerate(accumulate(opens)) if 2 * so_far >= total)
    if 2 * hours > len(opens):
        return None
    return ngettext(
        "At least half of the first day’s {total:count} opens came in the hour of the first send.",
        "At least half of the first day’s {total:count} opens came in the first {count:count} hours.",
        count=hours,
        total=total,
    )


def most_clicked(links: Sequence[tuple[str, int]], total: int) -> Message | None:
    """The part of all clicks that one link drew. The most clicked comes first."""
    if not _first(links):
        return None
    share = links[0][1] / total
    return _(
        "The most clicked link drew {share:proportion} of the {total:count} clicks.", share=share, total=total
    )


def largest_domain(domains: Sequence[tuple[str, int]], total: int) -> Message | None:
    """The part of the recipients that have an address at one domain. The largest comes first."""
    if not _first(domains):
        return None
    name, count = domains[0]
    return _("{share:proportion} of the recipients are at {domain}.", share=count / total, domain=name)


def beside_average(rate: float | None, delivered: int | None, average: float | None) -> Message | None:
    """How far a campaign's open rate is from that of all campaigns together."""
    if rate is None or average is None or rate > 1 or (delivered or 0) < FEW:
        return None
    figures = {"rate": rate, "average": average, "by": points(rate - average)}
    match round((rate - average) * 100, 1):
        case above if above > 0:
            return _(
                "The open rate of {rate:proportion} is {by} above the {average:proportion} of all campaigns.",
                **figures,
            )
        case below if below < 0:
            return _(
                "The open rate of {rate:proportion} is {by} below the {average:proportion} of all campaigns.",
                **figures,
            )
        case _:
            return None


def _first(ranked: Sequence[tuple[str, int]]) -> bool:
    """Whether there are several and one is before all others."""
    return len(ranked) > 1 and ranked[0][1] > ranked[1][1]
