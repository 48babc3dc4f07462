"""Messages and mappings as JSON columns hold them, and back."""

from __future__ import annotations

from typing import Any

import msgspec

from bilan.sdk.messages import Message
from bilan.sdk.sources import ColumnMapping


def stored_message(message: Message) -> dict[str, Any]:
    """The message as JSON."""
    return msgspec.to_builtins(message)


def message_of(stored: dict[str, Any]) -> Message:
    """The message that was stored."""
    return msgspec.convert(stored, Message)


def stored_mapping(mapping: ColumnMapping | None) -> dict[str, Any] | None:
    """The mapping as JSON."""
    return None if mapping is None else msgspec.to_builtins(mapping)


def mapping_of(stored: dict[str, Any] | None) -> ColumnMapping | None:
    """The mapping that was stored."""
    return None if stored is None else msgspec.convert(stored, ColumnMapping)
