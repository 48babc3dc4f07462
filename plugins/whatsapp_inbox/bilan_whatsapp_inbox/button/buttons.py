"""Buttons: what one is, and where those of this server are found while a visitor waits."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from bilan.sdk import Fact, Invalid, QueryClient, RouteContext
from bilan_whatsapp_inbox.button.references import LETTERS
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import BUTTONS

NUMBER = re.compile(r"[1-9][0-9]{6,14}")
"""An international number: its country's code first, at most fifteen figures."""
LONGEST_NAME, LONGEST_TEXT = 100, 500
IDENT = re.compile(rf"[{LETTERS}]{{8}}")
FRESH = 5.0
"""Seconds for which a change by another process may go unnoticed."""
PATIENCE = 2.0
"""Seconds that a visitor waits for what others see already."""
PENDING = 60.0
"""Seconds within which what was recorded stands in the warehouse."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button: the number it leads to and the text that it begins with are its own, whoever follows it."""

    ident: str
    source: str
    name: str
    number: str
    text: str
    created_at: datetime
    removed: bool = False

    def fact(self) -> Fact:
        """The button as a row of the dataset."""
        return Fact(
            BUTTONS,
            {
                "created_at": self.created_at,
                "button": self.ident,
                "name": self.name,
                "number": self.number,
                "text": self.text,
                "removed": self.removed,
            },
        )

    def leads_to(self, reference: str) -> str:
        """The address of the conversation, with a text that carries the reference."""
        text = " ".join(filter(None, (self.text, reference and f"#{reference}")))
        return f"https://wa.me/{self.number}" + (f"?text={quote(text, safe='')}" if text else "")


def new_ident() -> str:
    """The id of a new button."""
    return "".join(secrets.choice(LETTERS) for _place in range(8))


def checked(name: str, number: str, text: str) -> tuple[str, str, str]:
    """What somebody filled in, as it is kept. Raises ``Invalid`` with the field."""
    name, text = " ".join(name.split()), text.strip()
    digits = re.sub(r"[\s().\-/]|^\s*(\+|00)", "", number.strip())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(_("A button needs a name of at most {most} characters.", most=LONGEST_NAME), ("name",))
    if not NUMBER.fullmatch(digits):
        raise Invalid(
            _("The number must have its country's code and 7 to 15 figures, such as +33 6 12 34 56 78."),
            ("number",),
        )
    if len(text) > LONGEST_TEXT:
        raise Invalid(_("The text has at most {most} characters.", most=LONGEST_TEXT), ("text",))
    return name, digits, text


def stored(ask: QueryClient) -> Iterator[Button]:
    """The buttons in the warehouse, removed ones too."""
    columns = ("source", "button", "name", "number", "text", "created_at", "removed")
    return (_button(row) for row in ask.rows(BUTTONS, columns))


def _button(row: dict[str, Any]) -> Button:
    return Button(
        row["button"], str(row["source"]), row["name"], row["number"], row["text"], row["created_at"],
        row["removed"],
    )  # fmt: skip


@dataclass(slots=True)
class Directory:
    """The buttons of a process, as they were a few seconds ago.

    They are read together and not one by one, so that whoever tries addresses
    asks the warehouse nothing; and they are remembered, so that a button leads on
    while a part of the server does not answer.
    """

    _known: dict[str, Button] = field(default_factory=dict[str, Button])
    _read_at: float | None = None
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)
    _pending: dict[str, tuple[float, Button]] = field(default_factory=dict[str, tuple[float, Button]])

    async def find(self, ident: str, context: RouteContext) -> Button | None:
        """The button of this id that is in use. Raises ``BilanError`` where none could ever be read."""
        if not IDENT.fullmatch(ident):
            return None
        await self._refresh(context)
        found = self._with_pending(self._known).get(ident)
        return None if found is None or found.removed else found

    async def shown(self, context: RouteContext) -> list[Button]:
        """The buttons in use of the sources that the actor may read, by name."""
        sources = {one.id for one in await context.sources()}
        read = await context.ask(lambda ask: {one.ident: one for one in stored(ask)})
        found = [
            one for one in self._with_pending(read).values() if one.source in sources and not one.removed
        ]
        return sorted(found, key=lambda one: (one.name.casefold(), one.created_at))

    async def save(self, button: Button, context: RouteContext) -> Button:
        """Record the button; this process knows it at once."""
        await context.record(button.source, [button.fact()])
        self._pending[button.ident] = time.monotonic(), button
        return button

    async def remove(self, button: Button, context: RouteContext) -> None:
        """Let it lead nowhere any more."""
        await self.save(replace(button, removed=True), context)

    async def _refresh(self, context: RouteContext) -> None:
        """Read the buttons where that was not done lately: once for all who wait."""
        now = time.monotonic()
        if self._read_at is None:
            async with self._first:
                if self._read_at is None:
                    await self._read(context)
        elif now - self._read_at >= FRESH:
            self._read_at = now  # others take what there is meanwhile
            reading = asyncio.create_task(self._read(context))
            await asyncio.wait({reading}, timeout=PATIENCE)
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _read(self, context: RouteContext) -> None:
        self._known = await context.ask(lambda ask: {one.ident: one for one in stored(ask)})
        self._read_at = time.monotonic()

    def _with_pending(self, known: dict[str, Button]) -> dict[str, Button]:
        since = time.monotonic() - PENDING
        self._pending = {ident: one for ident, one in self._pending.items() if one[0] > since}
        return {**known, **{ident: button for ident, (_at, button) in self._pending.items()}}


_directories = WeakKeyDictionary[asyncio.AbstractEventLoop, Directory]()


def directory() -> Directory:
    """That of this process's server, which has one event loop."""
    return _directories.setdefault(asyncio.get_running_loop(), Directory())
