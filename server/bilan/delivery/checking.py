"""What a sending may hold, whoever asks for it."""

from __future__ import annotations

from bilan.catalog.text import is_storable
from bilan.delivery.values import NewSending
from bilan.runs.service import Runs
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

PLAINEST = "csv"
MOST_DAYS = 90
LONGEST_MESSAGE = 2000


def check_sending(runs: Runs, new: NewSending, kind: str) -> None:
    """Let pass what can be sent of a kind of report. Raises ``Invalid`` or ``NotFound`` with the path."""
    if not 1 <= new.days <= MOST_DAYS:
        raise Invalid(_("Links last from 1 to {most} days.", most=MOST_DAYS), ("days",))
    if len(new.message) > LONGEST_MESSAGE:
        raise Invalid(_("The message has at most {most} characters.", most=LONGEST_MESSAGE), ("message",))
    for field, given in (("message", new.message), ("key", new.key)):
        if not is_storable(given):
            raise Invalid(_("This holds a character that cannot be kept."), (field,))
    # The letter itself is in that language too, also where no file goes along.
    for one in new.formats or (PLAINEST,):
        runs.checked(RenderSpec(one, new.language or "en"), kind)
