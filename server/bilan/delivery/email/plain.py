"""Plain e-mails: a few sentences and a button; HTML and text are rendered from this one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bilan.sdk.rendering import RenderContext


@dataclass(frozen=True, slots=True)
class PlainLetter:
    """Everything a plain e-mail says. ``button`` are its words and where it leads."""

    language: str
    direction: str
    workspace: str
    subject: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None
    footer: tuple[str, ...]

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.subject

    @property
    def preview(self) -> str:
        """What a mailbox shows beside the subject."""
        return self.paragraphs[0]


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A plain e-mail on its way to one recipient. ``ident`` is the same for every attempt."""

    ident: str
    letter: PlainLetter
    render_context: RenderContext
    sent_at: datetime
