"""The cells of a table that nobody agreed on, put to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bilan.sdk import Conventions, Unreadable, read_currency, read_text, read_texts
from bilan_email_campaigns.readers.synonyms import CHANNELS, plain
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import MessageChannel

CODE = 3
"""Letters of a currency's code."""
HEADING = "currency of the heading"
"""Under which the cells of a row have the currency that the heading of its revenue names."""


def text_of(cell: Any) -> str:
    """The cell as text without space around it."""
    return read_text(cell).strip()


def tags_of(cell: Any) -> list[str]:
    """A cell of tags: a list as it is, or texts between commas, semicolons or bars."""
    found = read_texts(cell)
    if isinstance(cell, str) and found == [cell.strip()]:
        mark = next((mark for mark in ("|", ";", ",") if mark in cell), None)
        found = [part.strip() for part in cell.split(mark)] if mark else found
    return list(dict.fromkeys(filter(None, (tag.strip() for tag in found))))


def channel_of(word: str) -> str:
    """The channel a word stands for; e-mail where nothing is said. Raises ``Unreadable`` for another word."""
    if not word:
        return MessageChannel.EMAIL.value
    if (known := CHANNELS.get(plain(word))) is None:
        raise Unreadable(
            _("“{value}” is no channel; use one of {choices}.",
              value=word[:80], choices=", ".join(channel.value for channel in MessageChannel))
        )  # fmt: skip
    return known


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row by what they are put to use for."""

    values: Mapping[str, Any]
    conventions: Conventions

    def __getitem__(self, target: str) -> Any:
        return self.values.get(target)

    def text(self, target: str) -> str:
        """The cell as text without space around it."""
        return text_of(self.values.get(target))

    def instant(self, target: str) -> Any:
        """The cell as a moment in UTC, if it has one."""
        return self.conventions.instant(target, self.values.get(target))

    def count(self, target: str) -> int | None:
        """The cell as a count, if it has one."""
        return self.conventions.count(target, self.values.get(target))

    def revenue(self) -> tuple[float | None, str]:
        """What was taken, and its currency: as its own column, the amount or its heading says it.

        Raises ``Unreadable`` where they do not agree.
        """
        said, heading = (read_currency(self.values.get(target)) for target in ("currency", HEADING))
        amount, written = self.conventions.amount("revenue", self.values.get("revenue"))
        # A sign that several currencies share agrees with each.
        if said != written and len(said) == len(written) == CODE:
            raise Unreadable(_("The amount is in {written}, its row in {said}.", written=written, said=said))
        currency = max(said, written, key=len)
        if amount is not None and currency != heading and len(currency) == len(heading) == CODE:
            raise Unreadable(
                _("The amount is in {written}, its row in {said}.", written=heading, said=currency)
            )
        found = max(currency, heading, key=len)
        return amount, found or read_currency(self.conventions.setting("currency"))
