"""What an operation tells while it runs, the same in process and through the operator's socket."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec

from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


class Said(msgspec.Struct, frozen=True, tag="said"):
    """A sentence for the person at the terminal."""

    text: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How much is done, from 0 to 1."""

    share: float


class Result(msgspec.Struct, frozen=True, tag="result"):
    """What came of it; the last event of an operation that ends well."""

    values: dict[str, Any]


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The operation ended with an expected error."""

    code: str
    message: Message
    path: tuple[str, ...] = ()


Event = Said | Progress | Result | Failed
Step = Event | bytes
"""An event, or a piece of the file that the operation makes."""

HEADER = 5
LARGEST = 64 * 1024 * 1024


def frame(step: Step) -> bytes:
    """One step on the wire: a letter for its kind, four bytes for its length, its content."""
    kind, content = (b"B", step) if isinstance(step, bytes) else (b"J", msgspec.json.encode(step))
    return kind + len(content).to_bytes(4, "big") + content


async def unframe(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Step]:
    """The steps in a stream of pieces cut anywhere. Raises ``Invalid`` when the stream breaks off."""
    buffer = b""
    async for chunk in chunks:
        buffer += chunk
        while (end := _whole(buffer)) is not None:
            yield _read(buffer[:end])
            buffer = buffer[end:]
    if buffer:
        raise Invalid(_("The server's answer broke off; see its log, then try again."))


def _whole(buffer: bytes) -> int | None:
    if len(buffer) < HEADER:
        return None
    end = HEADER + int.from_bytes(buffer[1:HEADER], "big")
    if end > LARGEST:
        raise Invalid(_("The server's answer is not understood; are both of the same version?"))
    return end if len(buffer) >= end else None


def _read(piece: bytes) -> Step:
    return piece[HEADER:] if piece[:1] == b"B" else msgspec.json.decode(piece[HEADER:], type=Event)
