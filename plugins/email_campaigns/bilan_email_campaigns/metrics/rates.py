"""Rates over counted events. Sums are divided, never rates averaged."""

from __future__ import annotations

from bilan.sdk import Message, Metric, Ratio, Unit
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, NAMESPACE, MessageChannel

OF_SENDS = _("empty where no sends are known, or fewer of them")
OF_DELIVERED = _("empty where no deliveries are known, or fewer of them")
OF_OPENS = _("empty where no opens are known, or fewer of them")


def _rate(
    name: str, label: Message, description: Message, above: str, below: str, text: Message, *, better: bool
) -> Metric:
    return Metric(
        key=f"{NAMESPACE}.{name}",
        dataset=EVENTS,
        label=label,
        description=description,
        formula=Ratio(f"{NAMESPACE}.{above}", f"{NAMESPACE}.{below}", proportion=True),
        formula_text=text,
        unit=Unit.PROPORTION,
        version=2,
        higher_is_better=better,
        group=MessageChannel.EMAIL.value,
    )


RATE_METRICS = (
    _rate("delivery_rate", _("Delivery rate"), _("The share of sent e-mails that were delivered."),
          "delivered", "sends", _("delivered / sends; {caveat}", caveat=OF_SENDS), better=True),
    _rate("open_rate", _("Open rate"), _("The share of delivered e-mails that a recipient opened."),
          "unique_opens", "delivered", _("unique opens / delivered; {caveat}", caveat=OF_DELIVERED),
          better=True),
    _rate("human_open_rate", _("Open rate by people"),
          _("The share of delivered e-mails that a recipient opened, without privacy proxies and scanners."),
          "unique_human_opens", "delivered",
          _("unique opens by people / delivered; {caveat}", caveat=OF_DELIVERED), better=True),
    _rate("click_rate", _("Click rate"), _("The share of delivered e-mails in which a recipient clicked."),
          "unique_clicks", "delivered", _("unique clicks / delivered; {caveat}", caveat=OF_DELIVERED),
          better=True),
    _rate("click_to_open_rate", _("Click-to-open rate"),
          _("The share of unique opens that led to a unique click."),
          "unique_clicks", "unique_opens", _("unique clicks / unique opens; {caveat}", caveat=OF_OPENS),
          better=True),
    _rate("hard_bounce_rate", _("Hard bounce rate"), _("The share of sent e-mails that came back for good."),
          "hard_bounces", "sends", _("hard bounces / sends; {caveat}", caveat=OF_SENDS), better=False),
    _rate("soft_bounce_rate", _("Soft bounce rate"), _("The share of sent e-mails that came back for now."),
          "soft_bounces", "sends", _("soft bounces / sends; {caveat}", caveat=OF_SENDS), better=False),
    _rate("complaint_rate", _("Complaint rate"), _("The share of delivered e-mails reported as spam."),
          "spam_reports", "delivered", _("spam reports / delivered; {caveat}", caveat=OF_DELIVERED),
          better=False),
    _rate("unsubscribe_rate", _("Unsubscribe rate"),
          _("The share of delivered e-mails after which a recipient unsubscribed."),
          "unsubscribes", "delivered", _("unsubscribes / delivered; {caveat}", caveat=OF_DELIVERED),
          better=False),
)  # fmt: skip
