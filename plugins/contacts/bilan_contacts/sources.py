"""The kinds of source people can add."""

from __future__ import annotations

from dataclasses import replace

from bilan.sdk import DATES, SECRET, ZONE, Choice, Parameter, ParameterKind, SourceKind
from bilan_contacts.readers.contact_actions import ContactActionsReader
from bilan_contacts.readers.hubspot import HubSpotReader
from bilan_contacts.readers.intercom import IntercomReader
from bilan_contacts.readers.mailchimp import MailchimpMembersReader
from bilan_contacts.readers.tables import ACTION_TABLE, MEMBER_TABLE
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import Area
from bilan_contacts.webhooks.mailchimp_audience import MailchimpAudience

AREA = Parameter(
    "area", _("Area of the actions"), ParameterKind.CHOICE, default=Area.INBOX.value,
    choices=(
        Choice(Area.INBOX.value, _("Inbox")),
        Choice(Area.PROFILE.value, _("Profile")),
        Choice(Area.EMAIL.value, _("E-mail")),
        Choice(Area.CAMPAIGN.value, _("Campaign")),
    ),
    help=_("The category under which they stand in a contact's history."),
)  # fmt: skip

CONTACT_ACTIONS = SourceKind(
    key="contact_actions",
    label=_("Actions of contacts"),
    description=_(
        "A log with a row for each thing that a contact did or went through, as CSV or another table."
    ),
    settings=(AREA, ZONE),
    readers=(ContactActionsReader(),),
)

HUBSPOT = SourceKind(
    key="hubspot",
    label=_("HubSpot contacts"),
    description=_(
        "Contacts of HubSpot, changes of their properties, members of lists, forms and merges, as a "
        "connector copies the tables."
    ),
    readers=(HubSpotReader(),),
)

INTERCOM = SourceKind(
    key="intercom",
    label=_("Intercom contacts"),
    description=_("Contacts of Intercom and their tags, as a connector copies the tables."),
    readers=(IntercomReader(),),
)

MAILCHIMP_AUDIENCE = SourceKind(
    key="mailchimp_audience",
    label=_("Mailchimp audience"),
    description=_("Who subscribes to an audience of Mailchimp, leaves it or changes their profile."),
    settings=(
        replace(SECRET, help=_("A word of your own, which stands in the address that Mailchimp calls.")),
    ),
    webhook=MailchimpAudience(),
    readers=(MailchimpMembersReader(),),
    setup=_(
        "In Mailchimp, in the audience's settings, under Webhooks: add the address with “?secret=” and the "
        "secret behind it, for all events and all ways of changing. Import the table of members once."
    ),
    largest_post=1024**2,
)

FILE = SourceKind(
    key="file",
    label=_("File of contacts"),
    description=_(
        "Any table of actions of contacts, or of members of lists, as CSV, JSON lines or Parquet, with "
        "columns that are matched by name."
    ),
    settings=(replace(AREA, default=Area.PROFILE.value), ZONE, DATES),
    readers=(MEMBER_TABLE, ACTION_TABLE),
)

SOURCES: tuple[SourceKind, ...] = (CONTACT_ACTIONS, HUBSPOT, INTERCOM, MAILCHIMP_AUDIENCE, FILE)
