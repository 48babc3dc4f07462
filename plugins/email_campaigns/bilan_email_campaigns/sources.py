"""The kinds of source people can add."""

from __future__ import annotations

from bilan.sdk import (
    DATES,
    DECIMALS,
    SECRET,
    SECRET_HEADER,
    ZONE,
    Choice,
    MailboxSecurity,
    Parameter,
    ParameterKind,
    SourceKind,
    max_age,
)
from bilan_email_campaigns.bounces.mailbox import BounceMailbox
from bilan_email_campaigns.bounces.webhook import BounceWebhook
from bilan_email_campaigns.readers.braze_currents import BrazeCurrentsReader
from bilan_email_campaigns.readers.hubspot_tables import HubSpotTablesReader
from bilan_email_campaigns.readers.mailchimp_report import MailchimpReportReader
from bilan_email_campaigns.readers.mailchimp_tables import MailchimpTablesReader
from bilan_email_campaigns.sending_services import SERVICES
from bilan_email_campaigns.services.brevo import BrevoStatistics
from bilan_email_campaigns.services.mailchimp import Mailchimp
from bilan_email_campaigns.source_settings import CAMPAIGN_FIELD, CURRENCY, TABLE, USERNAME
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.webhooks.braze import Braze
from bilan_email_campaigns.webhooks.brevo import Brevo
from bilan_email_campaigns.webhooks.mailgun import Mailgun
from bilan_email_campaigns.webhooks.postmark import Postmark
from bilan_email_campaigns.webhooks.sendgrid import SendGrid

MAILGUN_HOURS = 12
"""Mailgun posts an event again for eight hours."""
SENDGRID_HOURS = 36
"""SendGrid posts events again for a day."""

SENDGRID = SourceKind(
    key="sendgrid",
    label=_("SendGrid"),
    description=_("The events of messages sent through SendGrid."),
    settings=(
        Parameter(
            "public_key", _("Verification key"), ParameterKind.TEXT,
            help=_("The public key shown beside “Signed event webhook” in SendGrid."),
        ),
        max_age(SENDGRID_HOURS),
        CAMPAIGN_FIELD,
        ZONE,
        DATES,
        DECIMALS,
        CURRENCY,
    ),
    webhook=SendGrid(),
    readers=(TABLE,),
    setup=_(
        "In SendGrid, under Settings, Mail settings, Event webhook: enter the address, choose all events, "
        "and turn the signature on."
    ),
)  # fmt: skip

POSTMARK = SourceKind(
    key="postmark",
    label=_("Postmark"),
    description=_("The events of messages sent through Postmark, which reports deliveries but no sends."),
    settings=(
        USERNAME,
        SECRET,
        SECRET_HEADER,
        CAMPAIGN_FIELD,
        ZONE,
        DATES,
        DECIMALS,
        CURRENCY,
    ),
    webhook=Postmark(),
    readers=(TABLE,),
    setup=_(
        "In Postmark, open the message stream's webhooks and add the address; under “Basic auth” or "
        "“HTTP headers” enter what is set here."
    ),
)  # fmt: skip

MAILGUN = SourceKind(
    key="mailgun",
    label=_("Mailgun"),
    description=_("The events of messages sent through Mailgun, as JSON or as older form posts."),
    settings=(
        Parameter(
            "signing_key", _("Signing key"), ParameterKind.SECRET,
            help=_("The “HTTP webhook signing key” of the Mailgun account."),
        ),
        max_age(MAILGUN_HOURS),
        CAMPAIGN_FIELD,
        ZONE,
        DATES,
        DECIMALS,
        CURRENCY,
    ),
    webhook=Mailgun(),
    readers=(TABLE,),
    setup=_("In Mailgun, under Send, Webhooks: add the address for every type of event."),
    # One event a post; the older ones bring what the other side answered along as a file.
    largest_post=4 * 1024**2,
)  # fmt: skip

BREVO = SourceKind(
    key="brevo",
    label=_("Brevo"),
    description=_(
        "The events of messages and campaigns sent through Brevo: posted, or fetched together with the "
        "campaigns’ statistics."
    ),
    settings=(
        Parameter(
            "api_key",
            _("API key"),
            ParameterKind.SECRET,
            help=_("Of Brevo's API, under SMTP & API. Without one, nothing is fetched."),
        ),
        SECRET,
        SECRET_HEADER,
        CAMPAIGN_FIELD,
        ZONE,
        DATES,
        DECIMALS,
        CURRENCY,
    ),
    webhook=Brevo(),
    readers=(TABLE,),
    pull=BrevoStatistics(),
    pulled_with="api_key",
    setup=_(
        "In Brevo, add the address as a webhook for transactional and for marketing e-mail, "
        "with “Token” as authentication."
    ),
)

MAILCHIMP = SourceKind(
    key="mailchimp",
    label=_("Mailchimp"),
    description=_(
        "Campaigns of Mailchimp with their reports and what each recipient did, fetched; or files: campaign "
        "reports of its API, tables of a connector, exports."
    ),
    settings=(
        Parameter(
            "api_key",
            _("API key"),
            ParameterKind.SECRET,
            help=_("Made under Account, Extras, API keys. Without one, nothing is fetched."),
        ),
        Parameter(
            "recipients",
            _("What each recipient did"),
            ParameterKind.FLAG,
            default=True,
            advanced=True,
            help=_("Otherwise only the reports of campaigns are fetched, without addresses."),
        ),
        ZONE,
        DATES,
        DECIMALS,
        CURRENCY,
    ),
    readers=(MailchimpReportReader(), MailchimpTablesReader(), TABLE),
    pull=Mailchimp(),
    pulled_with="api_key",
)

HUBSPOT = SourceKind(
    key="hubspot",
    label=_("HubSpot"),
    description=_("Files from HubSpot: e-mail events and campaigns as a connector copies them."),
    settings=(ZONE, DATES, DECIMALS, CURRENCY),
    readers=(HubSpotTablesReader(), TABLE),
)

BRAZE = SourceKind(
    key="braze",
    label=_("Braze"),
    description=_(
        "The events of Braze Currents: e-mail, push, web push, in-app messages, webhooks and SMS, "
        "for campaigns and Canvases."
    ),
    settings=(SECRET, SECRET_HEADER, ZONE, DATES, DECIMALS, CURRENCY),
    webhook=Braze(),
    readers=(BrazeCurrentsReader(), TABLE),
    setup=_(
        "In Braze, under Partner integrations, Data export: create a custom HTTP Currents connector "
        "with this address and the secret as its bearer token."
    ),
)

SMTP = SourceKind(
    key="smtp",
    label=_("Own mail server"),
    description=_(
        "What came back of messages sent through a mail server of one's own, and complaints: read from a "
        "mailbox, or posted. Reports that Bilan sent itself are settled by it."
    ),
    settings=(
        Parameter(
            "host", _("Mail server"), ParameterKind.TEXT, default="",
            help=_(
                "The server of the mailbox that bounces go to, such as mail.example.org. Empty where they "
                "are posted."
            ),
        ),
        Parameter("user", _("User name"), ParameterKind.TEXT, default=""),
        Parameter("password", _("Password"), ParameterKind.SECRET),
        Parameter(
            "folder", _("Folder"), ParameterKind.TEXT, default="INBOX", advanced=True,
            help=_("The folder of the mailbox that is read."),
        ),
        Parameter(
            "security", _("Connection"), ParameterKind.CHOICE, default=MailboxSecurity.TLS.value,
            advanced=True,
            choices=(
                Choice(MailboxSecurity.TLS.value, _("Encrypted")),
                Choice(MailboxSecurity.STARTTLS.value, _("Encrypted after STARTTLS")),
                Choice(MailboxSecurity.NONE.value, _("In the clear, within a private network")),
            ),
        ),
        Parameter(
            "delete", _("Delete what was read"), ParameterKind.FLAG, default=False, advanced=True,
            help=_("Reports are deleted once they are stored, and nothing else is. Otherwise all stay."),
        ),
        SECRET,
        SECRET_HEADER,
        Parameter(
            "campaign_header", _("Header of the campaign"), ParameterKind.TEXT, default="X-Campaign",
            advanced=True, help=_("The header of your messages that holds the campaign's key."),
        ),
    ),
    webhook=BounceWebhook(),
    pull=BounceMailbox(),
    pulled_with="host",
    setup=_(
        "Have the mail server hand each bounce to a program that posts it as it is to this address, "
        "or let Bilan read the mailbox that they go to."
    ),
)  # fmt: skip

FILE = SourceKind(
    key="file",
    label=_("File"),
    description=_(
        "Any table of events or of totals per campaign, as CSV, JSON lines or Parquet, "
        "with columns that are matched by name."
    ),
    settings=(ZONE, DATES, DECIMALS, CURRENCY),
    readers=(TABLE,),
)

SOURCES: tuple[SourceKind, ...] = (
    SENDGRID,
    POSTMARK,
    MAILGUN,
    BREVO,
    *SERVICES,
    MAILCHIMP,
    HUBSPOT,
    BRAZE,
    SMTP,
    FILE,
)
