"""Form posts as lists of values by field, in the order in which they came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bilan.sdk import Invalid, WebhookRequest
from bilan_email_campaigns.textdomain import _

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

Form = Mapping[str, list[str]]
MOST_FIELDS = 500
"""A post of the service has some dozens. Reading ends at one more, whoever sent them."""
PIECE = 65_536


def is_form(request: WebhookRequest) -> bool:
    """Whether the post says that it is a form."""
    return request.content_type.lower().startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded")
    )


def form_body(request: WebhookRequest, only: Collection[str] = ()) -> Form:
    """The fields of the form, or only these of them; attached files are left out.

    Raises ``Invalid`` where it has no field, or more than :data:`MOST_FIELDS`.
    """
    if request.content_type.lower().startswith("multipart/"):
        pairs = _multipart(request, only)
    else:
        pairs = _urlencoded(request, only)
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    if not form:
        raise Invalid(_("The body is a form without a field."))
    return form


def _urlencoded(request: WebhookRequest, only: Collection[str]) -> list[tuple[str, str]]:
    # Counted before anything is made of them.
    if request.body.count(b"&") >= MOST_FIELDS:
        raise _too_many()
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return [(name, value) for name, value in pairs if not only or name in only]


def _multipart(request: WebhookRequest, only: Collection[str]) -> list[tuple[str, str]]:
    _type, options = parse_options_header(request.content_type)
    parts = _Parts(only)
    try:
        parser = MultipartParser(options.get(b"boundary", b""), parts.callbacks())
        for start in range(0, len(request.body), PIECE):
            parser.write(request.body[start : start + PIECE])
    except FormParserError:
        raise Invalid(_("The body is a form that cannot be read.")) from None
    return parts.found


class _Parts:
    """The fields among the parts that were read so far."""

    def __init__(self, only: Collection[str]) -> None:
        self.found: list[tuple[str, str]] = []
        self._only = only
        self._count = 0
        self._header = bytearray()
        self._value = bytearray()
        self._name: str | None = None
        self._data = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_piece,
            "on_header_value": self._value_piece,
            "on_header_end": self._header_end,
            "on_part_data": self._data_piece,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_FIELDS:
            raise _too_many()
        self._name, self._data = None, bytearray()

    def _header_piece(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _value_piece(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _kind, options = parse_options_header(self._value.decode("latin-1"))
            name = options.get(b"name", b"").decode("utf-8", "replace")
            wanted = b"name" in options and b"filename" not in options
            self._name = name if wanted and (not self._only or name in self._only) else None
        self._header.clear()
        self._value.clear()

    def _data_piece(self, data: bytes, start: int, end: int) -> None:
        if self._name is not None:
            self._data += data[start:end]

    def _end(self) -> None:
        if self._name is not None:
            self.found.append((self._name, self._data.decode("utf-8", "replace")))


def _too_many() -> Invalid:
    return Invalid(_("The body is a form of more than {most} fields.", most=MOST_FIELDS))
