"""Words for the codes of contacts and lists."""

from __future__ import annotations

from bilan.sdk import Message
from bilan_contacts.textdomain import _

LISTS: dict[str, Message] = {"": _("No list of its own")}
ORIGINS: dict[str, Message] = {"": _("Not told")}
"""How contacts came; the words are the tools' own."""
LANGUAGES: dict[str, Message] = {
    "": _("Not told"), "ar": _("Arabic"), "cs": _("Czech"), "da": _("Danish"), "de": _("German"),
    "el": _("Greek"), "en": _("English"), "es": _("Spanish"), "fi": _("Finnish"), "fr": _("French"),
    "hu": _("Hungarian"), "it": _("Italian"), "ja": _("Japanese"), "ko": _("Korean"),
    "nl": _("Dutch"), "no": _("Norwegian"), "pl": _("Polish"), "pt": _("Portuguese"),
    "ro": _("Romanian"), "ru": _("Russian"), "sv": _("Swedish"), "tr": _("Turkish"),
    "uk": _("Ukrainian"), "zh": _("Chinese"),
}  # fmt: skip
"""Languages by their codes; others are shown as they are."""
