"""The kinds of source people can add."""

from __future__ import annotations

from dataclasses import replace

from bilan.sdk import DATES, SECRET, SECRET_HEADER, ZONE, Parameter, ParameterKind, SourceKind, max_age
from bilan_whatsapp_inbox.conversations import check_silence, read_days, read_hours
from bilan_whatsapp_inbox.readers.intercom import IntercomReader
from bilan_whatsapp_inbox.readers.service_desk import ServiceDeskReader
from bilan_whatsapp_inbox.readers.tables import TablesReader
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.webhooks.chatwoot import Chatwoot
from bilan_whatsapp_inbox.webhooks.inbox_events import InboxEvents
from bilan_whatsapp_inbox.webhooks.whatsapp_cloud import WhatsAppCloud

INBOX_ZONE = replace(
    ZONE, help=_("Times that come without a zone, and business hours, are read in this one.")
)
SILENCE = Parameter(
    "silence_hours", _("Hours of silence that end a conversation"), ParameterKind.NUMBER, default=24,
    help=_("After so many hours without a message the next one opens another conversation."),
    check=check_silence,
)  # fmt: skip
HOURS = Parameter(
    "hours", _("Business hours"), ParameterKind.TEXT, default="", advanced=True,
    help=_("In which contacts are answered, such as “mon-fri 9:00-12:30 14:00-18:00, sat 9:00-12:00”."),
    check=read_hours,
)  # fmt: skip
HOLIDAYS = Parameter(
    "holidays", _("Days without business hours"), ParameterKind.TAGS, default=(), advanced=True,
    help=_("Holidays and others, such as 2026-12-25."),
    check=read_days,
)  # fmt: skip
CALENDAR = (HOURS, HOLIDAYS)
CHATWOOT_HOURS = 24
TABLES = TablesReader()

WHATSAPP_CLOUD = SourceKind(
    key="whatsapp_cloud",
    label=_("WhatsApp number"),
    description=_("Messages of a number of the WhatsApp Cloud API, and what became of them."),
    settings=(
        Parameter(
            "phone_number_id", _("Phone number id"), ParameterKind.TEXT, default="",
            help=_(
                "The id of the number, as Meta shows it under API setup. Empty takes every number that no "
                "other source has."
            ),
        ),
        Parameter(
            "app_secret", _("App secret"), ParameterKind.SECRET,
            help=_("The secret of the Meta app, under App settings, Basic."),
        ),
        Parameter(
            "verify_token", _("Verify token"), ParameterKind.SECRET,
            help=_("A word of your own, which Meta repeats when it first asks for the address."),
        ),
        SILENCE,
        INBOX_ZONE,
        *CALENDAR,
    ),
    webhook=WhatsAppCloud(),
    setup=_(
        "In the Meta app, under WhatsApp, Configuration: enter the address and the verify token, and "
        "subscribe to “messages”. One address serves all the numbers of the app: add a source for each."
    ),
    largest_post=4 * 1024**2,
    routed_by="phone_number_id",
)  # fmt: skip

CHATWOOT = SourceKind(
    key="chatwoot",
    label=_("Chatwoot"),
    description=_("Messages, conversations, agents, labels and ratings of an inbox in Chatwoot."),
    settings=(
        Parameter(
            "secret", _("Webhook secret"), ParameterKind.SECRET,
            help=_("The secret that Chatwoot shows beside the webhook."),
        ),
        max_age(CHATWOOT_HOURS),
        INBOX_ZONE,
        *CALENDAR,
    ),
    webhook=Chatwoot(),
    setup=_(
        "In Chatwoot, under Settings, Integrations, Webhooks: add the address and choose all events of "
        "conversations and messages."
    ),
    largest_post=4 * 1024**2,
)  # fmt: skip

SERVICE_DESK = SourceKind(
    key="service_desk",
    label=_("Service desk"),
    description=_("The log of a service desk, with a row for each change of an incident."),
    settings=(INBOX_ZONE, *CALENDAR),
    readers=(ServiceDeskReader(),),
)

INBOX_EVENTS = SourceKind(
    key="inbox_events",
    label=_("Other inbox"),
    description=_("Events that any inbox posts in a small format of JSON."),
    settings=(SECRET, SECRET_HEADER, SILENCE, INBOX_ZONE, *CALENDAR),
    webhook=InboxEvents(),
    setup=_(
        "Let the inbox post an object or a list of objects to the address, with the secret as its "
        "bearer token; the documentation lists the fields."
    ),
    largest_post=4 * 1024**2,
)

INTERCOM = SourceKind(
    key="intercom",
    label=_("Intercom"),
    description=_("Conversations of Intercom, as a connector copies its tables."),
    settings=(INBOX_ZONE, *CALENDAR),
    readers=(IntercomReader(),),
)

FILE = SourceKind(
    key="file",
    label=_("File"),
    description=_(
        "Any table of messages and events, or of conversations, as CSV, JSON lines or Parquet, with columns "
        "that are matched by name."
    ),
    settings=(SILENCE, INBOX_ZONE, DATES, *CALENDAR),
    readers=(TABLES,),
)

SOURCES: tuple[SourceKind, ...] = (WHATSAPP_CLOUD, CHATWOOT, INTERCOM, SERVICE_DESK, INBOX_EVENTS, FILE)
