"""Texts of a letter in their transfer encoding: encoded once but for the lines in which recipients differ.

Quoted-printable (RFC 2045) encodes each line by itself, so a line without a placeholder
is the same for everybody. Base64 knows no lines; such a text is encoded as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import MIMEPart
from email.quoprimime import body_encode

from bilan.delivery.email.policy import POLICY

LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text part: its header, and its lines, encoded (bytes) or still to be filled in (text)."""

    head: bytes
    subtype: str
    parts: tuple[bytes | str, ...]
    base64: bool = False

    @classmethod
    def of(cls, text: str, subtype: str, placeholders: tuple[str, ...]) -> EncodedText:
        """The part for a text in which the placeholders stand for what is each recipient's own."""
        part = MIMEPart(policy=POLICY)
        part.set_content(text, subtype=subtype)
        encoding = str(part["Content-Transfer-Encoding"])
        if encoding == "base64":
            return cls(b"", subtype, (text,), base64=True)
        if encoding != "quoted-printable":
            # A line may become longer than one of seven bits may be.
            part = MIMEPart(policy=POLICY)
            part.set_content("", subtype=subtype, cte="quoted-printable")
        head, _end, _content = part.as_bytes().partition(LINE_END * 2)
        return cls(head + LINE_END * 2, subtype, tuple(_parts(text, placeholders)))

    def filled(self, values: Mapping[str, str]) -> bytes:
        """The part with a value in the place of each placeholder."""
        if self.base64:
            part = MIMEPart(policy=POLICY)
            part.set_content(_filled(str(self.parts[0]), values), subtype=self.subtype, cte="base64")
            return part.as_bytes()
        lines = (one if isinstance(one, bytes) else _encoded(_filled(one, values)) for one in self.parts)
        return self.head + b"".join(lines)


def _parts(text: str, placeholders: tuple[str, ...]) -> list[bytes | str]:
    """The lines, those that are the same for everybody put together."""
    parts, shared = list[bytes | str](), list[bytes]()
    for line in text.encode().splitlines():
        shown = line.decode()
        if any(one in shown for one in placeholders):
            parts += [b"".join(shared), shown]
            shared = []
        else:
            shared.append(_encoded(shown))
    return [*parts, b"".join(shared)]


def _encoded(line: str) -> bytes:
    quoted = body_encode(line.encode().decode("latin-1"), POLICY.max_line_length or 0)
    return quoted.encode("ascii").replace(b"\n", LINE_END) + LINE_END


def _filled(text: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
