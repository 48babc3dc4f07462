"""Cursors of facts: the place of a fact in an order, and the moment as of which it was listed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from bilan.query.pages import key_of
from bilan.query.sorting import Place
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.warehouse import instant, microseconds

if TYPE_CHECKING:
    from bilan.query.names import Names
    from bilan.sdk.query import Order


class _Sent(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What programs get and send back: opaque, and nothing that has to be escaped."""

    order: list[tuple[str, bool]]
    moment: Annotated[int, msgspec.Meta(ge=0, le=2**57)]
    key: str
    """As the page gave it."""


@dataclass(frozen=True, slots=True)
class FactCursor:
    """Where a page goes on from, and as of which moment, so that all pages are of one."""

    place: Place
    moment: datetime


def write(order: Sequence[Order], moment: datetime, key: str) -> str:
    """The cursor of a fact by its key."""
    sent = _Sent([(one.key, one.descending) for one in order], microseconds(moment), key)
    return base64.urlsafe_b64encode(msgspec.json.encode(sent)).decode().rstrip("=")


def read(names: Names, order: Sequence[Order], text: str) -> FactCursor:
    """The cursor of a fact in an order. Raises ``Invalid`` for what is none."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        sent = msgspec.json.decode(packed, type=_Sent)
        if sent.order == [(one.key, one.descending) for one in order]:
            return FactCursor(Place(key_of(names, sent.key)), instant(sent.moment))
    except (ValueError, msgspec.MsgspecError):
        pass
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    raise Invalid(
        _("“{cursor}” is no place among these facts in this order; begin with the first page.", cursor=shown),
        ("after",),
    )
