"""Words for the codes of conversations and messages."""

from __future__ import annotations

from bilan.sdk import NO_VALUE, Message
from bilan_whatsapp_inbox.textdomain import _

SOURCES: dict[str, Message] = {"flow": _("Flow"), "inbound": _("Inbound"), "inbox": _("Inbox")}
"""What began a conversation."""
WITHOUT: dict[str, dict[str, Message]] = {"agents": {"": _("Nobody")}}
"""What stands for having no value, by the columns that have a word for it."""
TYPES: dict[str, Message] = {
    "": _("Not told"), "template": _("Template"), "text": _("Text"), "interactive": _("Interactive"),
    "image": _("Picture"), "video": _("Video"), "audio": _("Sound"), "document": _("Document"),
    "sticker": _("Sticker"), "location": _("Place"), "contacts": _("Contact card"),
    "reaction": _("Reaction"), "note": _("Note"),
}  # fmt: skip
"""What a message is."""
CATEGORIES: dict[str, Message] = {
    "": _("Not told"), "marketing": _("Marketing"), "utility": _("Utility"),
    "authentication": _("Authentication"), "service": _("Service"), "referral_conversion": _("Advertisement"),
    "user_initiated": _("Service"), "business_initiated": _("Business"),
}  # fmt: skip
"""What WhatsApp bills a message as."""
ERRORS: dict[str, Message] = {
    "": NO_VALUE,
    "130429": _("130429: too many messages at once"),
    "130472": _("130472: the contact is part of an experiment of WhatsApp"),
    "131026": _("131026: cannot be delivered to this number"),
    "131042": _("131042: payment is not settled"),
    "131047": _("131047: more than a day since the contact's last message"),
    "131048": _("131048: too many were blocked or reported"),
    "131049": _("131049: held back by WhatsApp to keep marketing rare"),
    "131051": _("131051: type not supported"),
    "131053": _("131053: the medium could not be uploaded"),
    "132000": _("132000: wrong number of template parameters"),
    "132001": _("132001: no such template in this language"),
    "132015": _("132015: the template is paused"),
}
"""Why WhatsApp says that a message failed; codes that it adds are shown as they are."""
