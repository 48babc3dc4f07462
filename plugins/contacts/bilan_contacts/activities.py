"""What contacts do beside messages and conversations, by name."""

from __future__ import annotations

from bilan.sdk import ActivityCategory
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import MERGED, Area

ACTIVITIES = (
    # What was done at a desk is called as its tool calls it.
    ActivityCategory(Area.INBOX.value, _("Inbox")),
    ActivityCategory(
        Area.PROFILE.value,
        _("Contacts"),
        {
            "created": _("Contact created"),
            "profile_updated": _("Profile updated"),
            "subscribed": _("Subscribed"),
            "unsubscribed": _("Unsubscribed"),
            "blacklisted": _("Blacklisted"),
            "removed": _("Taken off a list"),
            "signed_up": _("Signed up"),
            "address_changed": _("Address changed"),
            "form_submitted": _("Form submitted"),
            "tagged": _("Tagged"),
            "untagged": _("Tag removed"),
            MERGED: _("Merged with another contact"),
        },
    ),
)
