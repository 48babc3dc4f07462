"""Which statistics a report may hold: those of the channels that its messages travel on."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.sdk import Choice, Message, Metric, QueryClient, Ratio, Values
from bilan_email_campaigns.metrics import METRICS
from bilan_email_campaigns.metrics.channels import CHANNEL_METRICS
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.metrics.recipients import PEOPLE_METRICS
from bilan_email_campaigns.reports.selection import Selection, selection
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, MessageChannel

METRIC = {metric.key: metric for metric in METRICS}
CHANNEL_LABELS: dict[MessageChannel, Message] = {
    MessageChannel.EMAIL: _("E-mail"),
    MessageChannel.PUSH: _("Push"),
    MessageChannel.WEB_PUSH: _("Web push"),
    MessageChannel.IN_APP: _("In-app message"),
    MessageChannel.WEBHOOK: _("Webhook"),
    MessageChannel.SMS: _("SMS"),
}
CHANNEL_NAMES = {channel.value: label for channel, label in CHANNEL_LABELS.items()}
"""The same for cells, whose values are plain texts."""
OFFERED = (*CHANNEL_METRICS, *RATE_METRICS, *PEOPLE_METRICS)
"""All there is to choose from: first the counts of each channel, then rates, then who stood behind."""


def channels_of(client: QueryClient, chosen: Selection) -> tuple[str, ...]:
    """The channels of the selected messages, in the usual order; all of them where nothing is known yet."""
    present = set(client.values(EVENTS, "channel", where=chosen.condition))
    present |= {one.channel for one in chosen.campaign_records if chosen.holds(one)}
    return tuple(channel.value for channel in MessageChannel if channel in present) or tuple(MessageChannel)


def offered(channels: Iterable[str]) -> tuple[Metric, ...]:
    """The statistics of these channels."""
    present = {*channels, ""}
    return tuple(metric for metric in OFFERED if metric.group in present)


def standard(channels: Iterable[str]) -> tuple[str, ...]:
    """What a report holds where nobody chose: every count of its channels."""
    present = set(channels)
    return tuple(metric.key for metric in CHANNEL_METRICS if metric.group in present)


def choices(client: QueryClient, values: Values) -> tuple[Choice, ...]:
    """The statistics that the selected messages have."""
    return tuple(
        Choice(metric.key, metric.label, _heading(metric))
        for metric in offered(channels_of(client, selection(client, values)))
    )


def with_parts(keys: Iterable[str]) -> tuple[str, ...]:
    """These metrics and the ones that their ratios divide, each once."""
    found: dict[str, None] = {}
    for key in keys:
        formula = METRIC[key].formula
        parts = (formula.numerator, formula.denominator) if isinstance(formula, Ratio) else ()
        found |= dict.fromkeys((key, *parts))
    return tuple(found)


def denominators(keys: Iterable[str]) -> list[str]:
    """The metrics that these rates are shares of."""
    formulas = (METRIC[key].formula for key in keys)
    return [formula.denominator for formula in formulas if isinstance(formula, Ratio)]


def _heading(metric: Metric) -> Message:
    if metric in RATE_METRICS:
        return _("Rates")
    if metric in PEOPLE_METRICS:
        return _("Recipients and machines")
    return CHANNEL_LABELS[MessageChannel(metric.group)]
