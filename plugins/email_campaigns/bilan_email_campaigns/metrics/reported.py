"""Numbers over the totals that senders state. Labelled as reported, and never added to counted ones."""

from __future__ import annotations

from bilan.sdk import Distinct, Max, Message, Metric, Present, Ratio, Sum, Unit
from bilan_email_campaigns.metrics.factories import moment, rate
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import CAMPAIGNS, HOURS, NAMESPACE, TOTALS

GROUP = "reported"


def _total(
    column: str,
    label: Message,
    description: Message,
    *,
    better: bool | None = None,
    dataset: str = TOTALS,
    prefix: str = "reported_",
) -> Metric:
    return Metric(
        key=f"{NAMESPACE}.{prefix}{column}",
        dataset=dataset,
        label=label,
        description=description,
        formula=Sum(column),
        formula_text=_("the sum over the campaigns, as reported by the sender"),
        higher_is_better=better,
        group=GROUP,
    )


def _rate(
    name: str, label: Message, description: Message, above: str, below: str, text: Message, *, better: bool
) -> Metric:
    whole = _("{formula}; empty where less is known of the whole than of the part", formula=text)
    return rate(
        f"reported_{name}", f"reported_{above}", f"reported_{below}", label, description, whole,
        better=better, dataset=TOTALS, group=GROUP,
    )  # fmt: skip


def _last(column: str, label: Message, description: Message) -> Metric:
    text = _("the latest moment over the campaigns, as reported by the sender")
    return moment(f"reported_{column}", Max(column), label, description, text, dataset=TOTALS, group=GROUP)


_SUMS = (
    _total("recipients", _("Recipients (as reported)"), _("How many recipients the sender reports.")),
    _total("delivered", _("Delivered (as reported)"), _("How many deliveries the sender reports."),
           better=True),
    _total("bounces", _("Bounces (as reported)"), _("How many bounces the sender reports."), better=False),
    _total("hard_bounces", _("Hard bounces (as reported)"), _("How many hard bounces the sender reports."),
           better=False),
    _total("soft_bounces", _("Soft bounces (as reported)"), _("How many soft bounces the sender reports."),
           better=False),
    _total("opens", _("Opens (as reported)"), _("How many opens the sender reports."), better=True),
    _total("unique_opens", _("Unique opens (as reported)"),
           _("How many recipients opened, as the sender reports."), better=True),
    _total("machine_opens", _("Opens by machines (as reported)"),
           _("How many opens by proxies the sender reports.")),
    _total("clicks", _("Clicks (as reported)"), _("How many clicks the sender reports."), better=True),
    _total("unique_clicks", _("Unique clicks (as reported)"),
           _("How many recipients clicked, as the sender reports."), better=True),
    _total("unique_link_clicks", _("Unique clicks per link (as reported)"),
           _("How many different pairs of recipient and link were clicked, as the sender reports."),
           better=True),
    _total("unsubscribes", _("Unsubscribes (as reported)"), _("How many unsubscribes the sender reports."),
           better=False),
    _total("complaints", _("Spam reports (as reported)"), _("How many spam reports the sender counts."),
           better=False),
    _total("forwards", _("Forwards (as reported)"), _("How many forwards the sender reports."), better=True),
    _total("orders", _("Orders (as reported)"), _("How many orders the sender puts down to the campaign."),
           better=True),
    _total("conversions", _("Conversions (as reported)"),
           _("How many recipients did what the sender counts as the campaign's aim."), better=True),
)  # fmt: skip

_MONEY = (
    Metric(
        key=f"{NAMESPACE}.reported_revenue",
        dataset=TOTALS,
        label=_("Revenue (as reported)"),
        description=_("The revenue that the sender puts down to the campaign, in its own currency."),
        formula=Sum("revenue", per="currency"),
        formula_text=_("the sum over the campaigns, as reported by the sender; "
                       "empty where they are in several currencies"),
        unit=Unit.NUMBER,
        higher_is_better=True,
        group=GROUP,
    ),
    Metric(
        key=f"{NAMESPACE}.reported_revenue_recipients",
        dataset=TOTALS,
        label=_("Recipients of campaigns with revenue (as reported)"),
        description=_("How many recipients the campaigns have whose revenue the sender reports."),
        formula=Sum("recipients", Present("revenue")),
        formula_text=_("the sum over the campaigns with a revenue, as reported by the sender"),
        group=GROUP,
    ),
    Metric(
        key=f"{NAMESPACE}.reported_revenue_per_recipient",
        dataset=TOTALS,
        label=_("Revenue per recipient (as reported)"),
        description=_("What each recipient of a campaign brought in, from reported totals."),
        formula=Ratio(f"{NAMESPACE}.reported_revenue", f"{NAMESPACE}.reported_revenue_recipients"),
        formula_text=_("revenue / recipients of the campaigns with a revenue, both as reported; "
                       "empty where they are in several currencies"),
        unit=Unit.NUMBER,
        higher_is_better=True,
        group=GROUP,
    ),
)  # fmt: skip

_RATES = (
    _rate("delivery_rate", _("Delivery rate (as reported)"),
          _("The share of recipients delivered to, from reported totals."), "delivered", "recipients",
          _("delivered / recipients, both as reported"), better=True),
    _rate("open_rate", _("Open rate (as reported)"),
          _("Unique opens for each delivered e-mail, from reported totals."), "unique_opens", "delivered",
          _("unique opens / delivered, both as reported"), better=True),
    _rate("click_rate", _("Click rate (as reported)"),
          _("Unique clicks for each delivered e-mail, from reported totals."), "unique_clicks", "delivered",
          _("unique clicks / delivered, both as reported"), better=True),
    _rate("click_to_open_rate", _("Click-to-open rate (as reported)"),
          _("Unique clicks for each unique open, from reported totals."), "unique_clicks", "unique_opens",
          _("unique clicks / unique opens, both as reported"), better=True),
    _rate("hard_bounce_rate", _("Hard bounce rate (as reported)"),
          _("The share of recipients whose e-mail came back for good, from reported totals."), "hard_bounces",
          "recipients", _("hard bounces / recipients, both as reported"), better=False),
    _rate("soft_bounce_rate", _("Soft bounce rate (as reported)"),
          _("The share of recipients whose e-mail came back for now, from reported totals."), "soft_bounces",
          "recipients", _("soft bounces / recipients, both as reported"), better=False),
    _rate("complaint_rate", _("Complaint rate (as reported)"),
          _("Spam reports for each delivered e-mail, from reported totals."), "complaints", "delivered",
          _("spam reports / delivered, both as reported"), better=False),
    _rate("unsubscribe_rate", _("Unsubscribe rate (as reported)"),
          _("Unsubscribes for each delivered e-mail, from reported totals."), "unsubscribes", "delivered",
          _("unsubscribes / delivered, both as reported"), better=False),
)  # fmt: skip

_LASTS = (
    _last("last_open", _("Last open (as reported)"),
          _("When an e-mail was last opened, as the sender reports.")),
    _last("last_click", _("Last click (as reported)"),
          _("When a link was last clicked, as the sender reports.")),
)  # fmt: skip

_HOURS = (
    _total("sends", _("Sends by hour (as reported)"),
           _("How many e-mails were sent in the hour, as the sender reports."), dataset=HOURS,
           prefix="hourly_"),
    _total("unique_opens", _("Unique opens by hour (as reported)"),
           _("How many recipients opened in the hour, as the sender reports."), dataset=HOURS,
           prefix="hourly_", better=True),
    _total("unique_clicks", _("Unique clicks by hour (as reported)"),
           _("How many recipients clicked in the hour, as the sender reports."), dataset=HOURS,
           prefix="hourly_", better=True),
)  # fmt: skip

_LISTED = (
    Metric(
        key="email.listed_campaigns",
        dataset=CAMPAIGNS,
        label=_("Listed campaigns"),
        description=_("How many campaigns and journeys the sender lists."),
        formula=Distinct(("source", "campaign", "channel")),
        formula_text=_("the number of different campaigns, per source and channel"),
    ),
)

REPORTED_METRICS = (*_SUMS, *_MONEY, *_RATES, *_LASTS, *_HOURS, *_LISTED)
