"""Rates over counted events. Sums are divided, never rates averaged."""

from __future__ import annotations

from bilan_email_campaigns.metrics.factories import rate
from bilan_email_campaigns.textdomain import _

OF_SENDS = _("empty where no sends are known, or fewer of them")
OF_DELIVERED = _("empty where no deliveries are known, or fewer of them")
OF_OPENS = _("empty where no opens are known, or fewer of them")

RATE_METRICS = (
    rate("delivery_rate", "delivered", "sends", _("Delivery rate"),
         _("The share of sent e-mails that were delivered."),
         _("delivered / sends; {caveat}", caveat=OF_SENDS), better=True),
    rate("open_rate", "unique_opens", "delivered", _("Open rate"),
         _("The share of delivered e-mails that a recipient opened."),
         _("unique opens / delivered; {caveat}", caveat=OF_DELIVERED), better=True),
    rate("human_open_rate", "unique_human_opens", "delivered", _("Open rate by people"),
         _("The share of delivered e-mails that a recipient opened, without privacy proxies and scanners."),
         _("unique opens by people / delivered; {caveat}", caveat=OF_DELIVERED), better=True),
    rate("click_rate", "unique_clicks", "delivered", _("Click rate"),
         _("The share of delivered e-mails in which a recipient clicked."),
         _("unique clicks / delivered; {caveat}", caveat=OF_DELIVERED), better=True),
    rate("click_to_open_rate", "unique_clicks", "unique_opens", _("Click-to-open rate"),
         _("The share of unique opens that led to a unique click."),
         _("unique clicks / unique opens; {caveat}", caveat=OF_OPENS), better=True),
    rate("hard_bounce_rate", "hard_bounces", "sends", _("Hard bounce rate"),
         _("The share of sent e-mails that came back for good."),
         _("hard bounces / sends; {caveat}", caveat=OF_SENDS), better=False),
    rate("soft_bounce_rate", "soft_bounces", "sends", _("Soft bounce rate"),
         _("The share of sent e-mails that came back for now."),
         _("soft bounces / sends; {caveat}", caveat=OF_SENDS), better=False),
    rate("complaint_rate", "spam_reports", "delivered", _("Complaint rate"),
         _("The share of delivered e-mails reported as spam."),
         _("spam reports / delivered; {caveat}", caveat=OF_DELIVERED), better=False),
    rate("unsubscribe_rate", "unsubscribes", "delivered", _("Unsubscribe rate"),
         _("The share of delivered e-mails after which a recipient unsubscribed."),
         _("unsubscribes / delivered; {caveat}", caveat=OF_DELIVERED), better=False),
)  # fmt: skip
