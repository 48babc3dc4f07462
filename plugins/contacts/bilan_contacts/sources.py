"""The kinds of source people can add."""

from __future__ import annotations

from bilan.sdk import ZONE, Choice, Parameter, ParameterKind, SourceKind
from bilan_contacts.readers.contact_actions import ContactActionsReader
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import Area

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

SOURCES: tuple[SourceKind, ...] = (CONTACT_ACTIONS,)
