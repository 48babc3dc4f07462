"""What a token of Meta may not read: it is left out, and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bilan.sdk import Forbidden, Message
from bilan_social_profiles.networks.reading import Page, Reading
from bilan_social_profiles.textdomain import _

T = TypeVar("T")
INSIGHTS, COMMENTS = "insights", "comments"
SENTENCES = {
    INSIGHTS: _("The access token lacks the right to insights: reach, views and clicks are missing."),
    COMMENTS: _("The access token lacks the right to comments, which are missing."),
}


class Rights:
    """Reads what a token may lack a right for. What was refused once is not asked for again in this pull."""

    def __init__(self, reading: Reading) -> None:
        self._refused: list[str] = reading.memory["refused"]

    def read(self, what: str, ask: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What is asked for; where Meta refuses it, or has before, what is asked for in its place."""
        if what not in self._refused:
            try:
                return ask()
            except Forbidden:
                found = otherwise()
                self._refused.append(what)
                return found
        return otherwise()

    def of(self, what: str, read: Callable[[Any], Page]) -> Callable[[Any], Page]:
        """The reading of a step, which gives nothing where Meta refuses it."""
        return lambda following: self.read(what, lambda: read(following), lambda: Page(()))

    def notes(self) -> list[Message]:
        """A sentence for each thing that was refused."""
        return [SENTENCES[what] for what in self._refused]
