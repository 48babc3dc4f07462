"""The forms in which a text stands in other texts and in files: encoded, escaped and hashed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape
from urllib.parse import quote

from bilan.contacts.addresses import ContactAddress

BETWEEN = r"[\s.\-()/\x{A0}\x{202F}]*"
"""What people write between the digits of a phone number, as the engine's regular expressions have it."""
BEFORE = r"(^|[^A-Za-z0-9._%+\-]|%[0-9A-Fa-f]{2}|\\[nrt])"
AFTER = r"($|[^A-Za-z0-9\-._%]|[.\-_%]+(?:$|[^A-Za-z0-9]))"
"""What may stand beside an address: another one that only begins or ends alike is somebody else's."""
LEAST_ENCODED = 12
"""Characters of base64 that do not stand in a text by chance."""
DIGESTS = ("md5", "sha1", "sha256", "sha512")


class Forms:
    """The forms of addresses, and of what else leads to the person, such as a name.

    The expressions are those of RE2 and of Python alike.
    """

    def __init__(self, addresses: Iterable[ContactAddress], others: Iterable[str] = ()) -> None:
        self.addresses = tuple(addresses)
        self.others = tuple(others)

    @cached_property
    def pattern(self) -> str:
        """An expression that finds an address in any form; groups 1 and 2 are what stands beside it."""
        plain = "|".join(_expression(one) for one in self.addresses)
        encoded = (re.escape(form) for one in self.addresses for form in _insensitive(one.text))
        exact = (re.escape(form) for one in self.addresses for form in _sensitive(one.text))
        return f"{BEFORE}(?i:{'|'.join([plain, *encoded])}){AFTER}|(?:{'|'.join(exact)})"

    @cached_property
    def whole(self) -> str:
        """An expression that finds a text that is one of the addresses and nothing else."""
        return rf"(?i)^\s*(?:{'|'.join(_expression(one) for one in self.addresses)})\s*$"

    @cached_property
    def python(self) -> re.Pattern[str]:
        """The same expression for Python."""
        return re.compile(self.pattern.replace(r"\x{A0}", "\u00a0").replace(r"\x{202F}", "\u202f"))

    def replace(self, text: str, by: str) -> str:
        """The text without the addresses in it."""
        found = self.python.sub(rf"\g<1>{by}\g<2>", text)
        # Of two with one sign between them the second is found at the second look.
        return self.python.sub(rf"\g<1>{by}\g<2>", found)

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Bytes of which a file that names the person holds some, where its letters are made small."""
        texts = [form for one in self.addresses for form in (*one.written, *_insensitive(one.text))]
        texts += self.others
        each = (
            form for text in texts for form in {text.lower(), escape(text.lower()), _escaped(text.lower())}
        )
        return tuple({form for text in each for form in _bytes(text)})

    @cached_property
    def exact(self) -> tuple[bytes, ...]:
        """As ``needles``, for bytes as they are."""
        return tuple({form.encode() for one in self.addresses for form in _sensitive(one.text)})

    def inside(self, data: bytes) -> bool:
        """Whether bytes hold a form of an address or of another text."""
        small = data.lower()
        if any(one in small for one in self.needles) or any(one in data for one in self.exact):
            return True
        return any(one.search(data) for one in self._spaced)

    @cached_property
    def _spaced(self) -> tuple[re.Pattern[bytes], ...]:
        """Phone numbers as people write them."""
        phones = (one.text for one in self.addresses if one.phone)
        return tuple(
            re.compile(rb"(?:[\s.\-()/]|\xc2\xa0|\xe2\x80\xaf)*".join(_digits(one))) for one in phones
        )


def _expression(address: ContactAddress) -> str:
    if address.phone:
        return r"(?:\+|00)?" + BETWEEN.join(address.text)
    return "|".join(dict.fromkeys(re.escape(one) for one in (address.text, escape(address.text))))


def _insensitive(text: str) -> Iterator[str]:
    """The encoded forms of a text in which capitals do not matter."""
    data = text.encode()
    forms = [
        quote(text, safe=""),
        quote(quote(text, safe=""), safe=""),
        _escaped(text),
        _escaped(text, "@.+-"),
        text.replace("@", "&#64;"),
        text.replace("@", "&#x40;"),
        text.replace("@", "&commat;"),
        text.replace("@", "=40"),
        text.replace("@", "\\@"),
        data.hex(),
        *(hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in DIGESTS),
    ]
    return (one for one in dict.fromkeys(forms) if one != text)


def _sensitive(text: str) -> Iterator[str]:
    """The encoded forms in which they do: base64 at each of its three positions, and of digests."""
    data = text.encode()
    for at in range(3):
        encoded = base64.b64encode(b"\0" * at + data).decode()
        first, last = -(-at * 8 // 6), (at + len(data)) * 8 // 6
        if len(inner := encoded[first:last]) >= LEAST_ENCODED:
            yield from dict.fromkeys((inner, inner.replace("+", "-").replace("/", "_")))
    for name in DIGESTS:
        yield base64.b64encode(hashlib.new(name, data, usedforsecurity=False).digest()).decode().rstrip("=")


def _escaped(text: str, signs: str = "@") -> str:
    """As JSON may write it, with escapes for all beyond ASCII and for some signs."""
    return "".join(f"\\u{ord(one):04x}" if one in signs else json.dumps(one)[1:-1] for one in text)


def _digits(text: str) -> Iterator[bytes]:
    return (one.encode() for one in text)


def _bytes(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
