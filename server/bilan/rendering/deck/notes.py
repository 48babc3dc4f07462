"""What the presenter has before them: the finding, the figures of the slide in words, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bilan.rendering.deck.titles import Title
from bilan.rendering.deck.words import Run, Writer
from bilan.sdk.document import Document
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _


class Notes:
    """Writes the notes of slides."""

    def __init__(self, document: Document, formatter: Formatter, writer: Writer) -> None:
        self._formatter, self._writer = formatter, writer
        self._definitions = {one.key: one for one in document.definitions}
        self._moment = formatter.text(_("Figures as of {moment:instant}.", moment=document.as_of))

    def write(
        self, slide: Any, title: Title, message: str, alt_text: Iterable[str] = (),
        metrics: Iterable[str | None] = (),
    ) -> None:  # fmt: skip
        """Write one slide's notes: its title whole, what is said below it, figures and definitions."""
        lines = [title.whole or title.text, *filter(None, message.split("\n")), *alt_text]
        lines += [self._definition(key) for key in dict.fromkeys(metrics) if key in self._definitions]
        frame = slide.notes_slide.notes_text_frame
        self._writer.fill(frame, [[Run(line, 12)] for line in (*lines, self._moment)])

    def _definition(self, key: str | None) -> str:
        one, text = self._definitions[key or ""], self._formatter.text
        formula = text(_("Formula: {formula}", formula=one.formula))
        meaning = f"{text(one.description)} {formula}."
        return text(_("{part}: {title}", part=text(one.label), title=meaning))
