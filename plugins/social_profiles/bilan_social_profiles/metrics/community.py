"""What is counted of messages, comments, reviews and mentions, on the day on which they were received."""

from __future__ import annotations

from bilan.sdk import Count, Is, Mean, Message, Metric, Present, Quantile, Ratio, Unit
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import COMMUNITY, NAMESPACE


def _metric(
    name: str, label: Message, description: Message, formula: Count | Mean | Quantile | Ratio,
    formula_text: Message, unit: Unit = Unit.COUNT, *, better: bool | None = None, beside: str = "",
) -> Metric:  # fmt: skip
    return Metric(
        f"{NAMESPACE}.{name}", COMMUNITY, label, description, formula, formula_text, unit,
        higher_is_better=better, group="community", beside=f"{NAMESPACE}.{beside}" if beside else "",
    )  # fmt: skip


COMMUNITY_METRICS: tuple[Metric, ...] = (
    _metric(
        "received", _("Received"), _("How many messages, comments, reviews and mentions came in."), Count(),
        _("the number of items received in the period"),
    ),
    _metric(
        "replied", _("Replied to"), _("To how many of them the team replied."), Count(Present("replied_at")),
        _("the number of items received in the period that have a reply, whenever it was given"), better=True,
    ),
    _metric(
        "reply_rate", _("Reply rate"), _("Which part of what came in got a reply."),
        Ratio(f"{NAMESPACE}.replied", f"{NAMESPACE}.received", proportion=True),
        _("replied to ÷ received"), Unit.PROPORTION, better=True,
    ),
    _metric(
        "reviewed", _("Reviewed"), _("With how many of them the team dealt, with or without a reply."),
        Count(Present("reviewed_at")), _("the number of items received in the period that were dealt with"),
        better=True,
    ),
    _metric(
        "hidden", _("Hidden"), _("How many of them the team hid."), Count(Is("hidden", value=True)),
        _("the number of items received in the period that are hidden"),
    ),
    _metric(
        "responded", _("With a response time"), _("Of how many of them the time to the reply is known."),
        Count(Present("response_seconds")), _("the number of items that have a response time"),
    ),
    _metric(
        "response_time", _("Avg. response time"), _("How long people waited for a reply on average."),
        Mean("response_seconds"),
        _("the mean of the seconds from receipt to the first reply, over the items that have one, on the day "
          "on which they were received"),
        Unit.SECONDS, better=False, beside="responded",
    ),
    _metric(
        "response_time_median", _("Median response time"), _("Half of the replies came within this time."),
        Quantile("response_seconds", 0.5),
        _("the quantile 0.5 of the seconds from receipt to the first reply, over the items that have one"),
        Unit.SECONDS, better=False, beside="responded",
    ),
    _metric(
        "rated", _("Ratings"), _("How many reviews gave a rating."), Count(Present("rating")),
        _("the number of items with a rating"),
    ),
    _metric(
        "rating", _("Avg. rating"), _("What reviews gave on average."), Mean("rating"),
        _("the mean of the ratings, over the items that have one, on the day on which they were received"),
        Unit.NUMBER, better=True, beside="rated",
    ),
)  # fmt: skip
