"""What the marks of figures mean, in words."""

from __future__ import annotations

from dataclasses import dataclass

from bilan.sdk.document import Mark
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


@dataclass(frozen=True, slots=True)
class Meaning:
    """A mark's sign, its name in a word or two, and the sentence that explains it."""

    sign: str
    short: Message
    sentence: Message


MARKS: dict[Mark, Meaning] = {
    Mark.REPORTED: Meaning(
        "†", _("as reported"), _("As reported by the source in a total; not counted from single events.")
    ),
    Mark.MIXED: Meaning(
        "‡", _("partly reported"), _("Holds both counted events and totals as reported by the source.")
    ),
    Mark.RED_FLAG: Meaning("⚑", _("needs attention"), _("Past the limit that asks for attention.")),
}
