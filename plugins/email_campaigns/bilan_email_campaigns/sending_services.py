"""Services that send e-mail and post what became of it: nine of them, one webhook each."""

from __future__ import annotations

from dataclasses import replace

from bilan.sdk import (
    MAX_AGE,
    SECRET,
    SECRET_HEADER,
    Message,
    Parameter,
    ParameterKind,
    Pull,
    SourceKind,
    Webhook,
)
from bilan_email_campaigns.services.mailjet import MailjetStatistics
from bilan_email_campaigns.source_settings import CAMPAIGN_FIELD, TABLE, TABLE_SETTINGS, USERNAME
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.webhooks.amazon_ses import AmazonSes
from bilan_email_campaigns.webhooks.amazon_sns import check_topics
from bilan_email_campaigns.webhooks.mailersend import MailerSend
from bilan_email_campaigns.webhooks.mailjet import Mailjet
from bilan_email_campaigns.webhooks.mailtrap import Mailtrap
from bilan_email_campaigns.webhooks.mandrill import Mandrill
from bilan_email_campaigns.webhooks.postal import Postal
from bilan_email_campaigns.webhooks.resend import Resend
from bilan_email_campaigns.webhooks.sparkpost import SparkPost
from bilan_email_campaigns.webhooks.unisender_go import UnisenderGo

SIGNING_SECRET = Parameter(
    "signing_secret", _("Signing secret"), ParameterKind.SECRET,
    help=_("The service shows it once the webhook has been created; add the source first, then "
           "enter it here."),
)  # fmt: skip
TOLERANCE = replace(MAX_AGE, default=5)
"""Every attempt is signed anew, so that five minutes are enough, as the service advises."""
OPTIONAL_USERNAME = replace(USERNAME, advanced=True)


def _service(
    key: str,
    label: Message,
    description: Message,
    proof: tuple[Parameter, ...],
    webhook: Webhook,
    setup: Message,
    *,
    campaign: bool = True,
    pull: Pull | None = None,
    pulled_with: str = "",
) -> SourceKind:
    fields = (CAMPAIGN_FIELD,) if campaign else ()
    settings = (*proof, *fields, *TABLE_SETTINGS)
    return SourceKind(
        key, label, description, settings, webhook, readers=(TABLE,), setup=setup, pull=pull,
        pulled_with=pulled_with,
    )  # fmt: skip


AMAZON_SES = _service(
    "amazon_ses",
    _("Amazon SES"),
    _("The events of messages sent through Amazon SES, which Amazon SNS posts."),
    (
        Parameter(
            "topic", _("SNS topic"), ParameterKind.TEXT, default="", check=check_topics,
            help=_("The ARN of the topic whose posts are taken, or several with commas between them."),
        ),
        replace(
            OPTIONAL_USERNAME, help=_("Only for raw message delivery, whose posts Amazon SNS does not sign."),
        ),
        replace(
            SECRET, advanced=True,
            help=_("The password that belongs to the user name; both stand in the address of the "
                   "subscription."),
        ),
    ),
    AmazonSes(),
    _(
        "In Amazon SES, let a configuration set publish its events to an SNS topic, and enter the "
        "topic here. "
        "Then create an HTTPS subscription of the topic with this address; it is confirmed by itself."
    ),
)  # fmt: skip

SPARKPOST = _service(
    "sparkpost",
    _("SparkPost"),
    _("The events of messages sent through SparkPost (Bird)."),
    (USERNAME, SECRET, SECRET_HEADER),
    SparkPost(),
    _(
        "In SparkPost, under Configuration, Webhooks: enter the address with “Basic auth” and what "
        "is set here, "
        "and choose the events of messages, engagement, generation and unsubscribes."
    ),
)

MAILJET = _service(
    "mailjet",
    _("Mailjet"),
    _("The events of messages sent through Mailjet, which reports deliveries but no sends."),
    (
        replace(
            USERNAME, default="mailjet", help=_("It stands in the address, with the secret as its password."),
        ),
        SECRET,
        Parameter(
            "api_key", _("API key"), ParameterKind.SECRET,
            help=_("Of Mailjet's API, under Account settings, API keys. Without one, nothing is fetched."),
        ),
        Parameter(
            "secret_key", _("Secret key"), ParameterKind.SECRET, help=_("It stands beside the API key."),
        ),
    ),
    Mailjet(),
    _(
        "In Mailjet, under Account settings, Event notifications: enter the address with user name "
        "and password "
        "in front of the host, as in https://mailjet:password@host/…, for every type of event."
    ),
    pull=MailjetStatistics(),
    pulled_with="api_key",
)  # fmt: skip

RESEND = _service(
    "resend",
    _("Resend"),
    _("The events of messages and broadcasts sent through Resend."),
    (SIGNING_SECRET, TOLERANCE),
    Resend(),
    _(
        "In Resend, under Webhooks, add the address for all events, and copy the signing secret, "
        "“whsec_…”, here."
    ),
)

MANDRILL = _service(
    "mandrill",
    _("Mandrill"),
    _("The events of messages sent through Mandrill (Mailchimp Transactional)."),
    (
        Parameter(
            "webhook_key", _("Webhook key"), ParameterKind.SECRET,
            help=_("Shown in the column “Key” once the webhook has been created."),
        ),
        Parameter(
            "address", _("Address entered in Mandrill"), ParameterKind.TEXT, default="", advanced=True,
            help=_("Only where it differs from the address of this source, letter by letter: it is "
                   "signed, too."),
        ),
    ),
    Mandrill(),
    _("In Mandrill, under Settings, Webhooks: add the address for all events of messages, and copy "
      "its key here."),
)  # fmt: skip

MAILERSEND = _service(
    "mailersend",
    _("MailerSend"),
    _("The events of messages sent through MailerSend, of either version of its webhooks."),
    (SIGNING_SECRET,),
    MailerSend(),
    _(
        "In MailerSend, under Domains, Webhooks: add the address, and copy its signing secret here. "
        "Choose “opened” "
        "and “clicked”, which hold what “opened unique” and “clicked unique” would tell once more."
    ),
    campaign=False,
)

MAILTRAP = _service(
    "mailtrap",
    _("Mailtrap"),
    _("The events of messages sent through Mailtrap, which reports deliveries but no sends."),
    (SIGNING_SECRET,),
    Mailtrap(),
    _(
        "In Mailtrap, under Settings, Webhooks: add the address for “Email sending” and all events, for each "
        "sending stream, and copy the signature key here."
    ),
)

POSTAL = _service(
    "postal",
    _("Postal"),
    _("The events of messages sent through one’s own Postal server, which reports deliveries but no sends."),
    (
        Parameter(
            "public_key", _("Public key of the server"), ParameterKind.TEXT, default="",
            help=_("What “postal default-dkim-record” prints, or the part behind “p=”."),
        ),
    ),
    Postal(),
    _("In Postal, on the mail server’s page under Webhooks: add the address for all events."),
    campaign=False,
)  # fmt: skip

UNISENDER_GO = _service(
    "unisender_go",
    _("Unisender Go"),
    _("The events of messages sent through Unisender Go, or UniOne as it is called abroad."),
    (
        Parameter(
            "api_key", _("API key"), ParameterKind.SECRET,
            help=_("Of the account or of the project whose webhook it is."),
        ),
    ),
    UnisenderGo(),
    _(
        "In Unisender Go, under Webhooks: add the address for all statuses, with delivery details, as plain "
        "JSON that is not packed."
    ),
)  # fmt: skip

SERVICES: tuple[SourceKind, ...] = (
    AMAZON_SES,
    SPARKPOST,
    MAILJET,
    RESEND,
    MANDRILL,
    MAILERSEND,
    MAILTRAP,
    POSTAL,
    UNISENDER_GO,
)
