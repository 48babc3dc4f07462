"""What a share may hold, whoever asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from bilan.accounts.addresses import checked as checked_address
from bilan.accounts.defaults import language_or_none
from bilan.catalog.text import is_storable, unstorable
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.shares.values import ShareDraft, ShareOptions

MOST_VIEWERS = 200
MOST_DAYS = 366
MOST_VIEWS = 10_000
LONGEST_MESSAGE = 2000
MOST_ORIGINS = 10
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.ASCII)


def check_draft(draft: ShareDraft) -> tuple[str, ...]:
    """Let pass what can be shared; the origins as they are kept. Raises ``Invalid`` with the path."""
    if len(draft.message) > LONGEST_MESSAGE:
        raise Invalid(_("The message has at most {most} characters.", most=LONGEST_MESSAGE), ("message",))
    for field in ("message", "key"):
        if not is_storable(getattr(draft, field)):
            raise unstorable(field)
    check_password(draft.password)
    return check_options(draft)


def check_options(options: ShareDraft | ShareOptions) -> tuple[str, ...]:
    """Let pass how something can be shared; the origins as they are kept. Raises ``Invalid``."""
    if options.days is not None and not 1 <= options.days <= MOST_DAYS:
        raise Invalid(_("A share lasts from 1 to {most} days.", most=MOST_DAYS), ("days",))
    check_views(options.views)
    language_or_none(options.language)
    return checked_origins(options.origins)


def check_views(views: int | None) -> None:
    """Let pass how often each viewer may open it. Raises ``Invalid``."""
    if views is not None and not 1 <= views <= MOST_VIEWS:
        raise Invalid(_("A viewer may open it from 1 to {most} times.", most=MOST_VIEWS), ("views",))


def check_number(viewers: Iterable[object]) -> None:
    """Let so many viewers pass. Raises ``Invalid``."""
    if len(tuple(viewers)) > MOST_VIEWERS:
        raise Invalid(_("A report is shared with at most {most} viewers.", most=MOST_VIEWERS), ("viewers",))


def check_password(password: str) -> None:
    """Let a password pass that can be sealed. Raises ``Invalid``."""
    if not is_storable(password):
        raise unstorable("password")


def checked_viewers(addresses: Iterable[str]) -> list[str]:
    """The addresses as they are looked up, each once. Raises ``Invalid`` at ``viewers``."""
    given = [one for one in addresses if one.strip()]
    if not all(map(is_storable, given)):
        raise unstorable("viewers")
    try:
        return list(dict.fromkeys(map(checked_address, given)))
    except Invalid as error:
        raise Invalid(error.message, ("viewers",)) from error


def checked_origins(given: Iterable[str]) -> tuple[str, ...]:
    """Sites that may frame a report, as browsers name them. Raises ``Invalid`` at ``origins``."""
    origins = tuple(dict.fromkeys(_origin(one) for one in given if one.strip()))
    if len(origins) > MOST_ORIGINS:
        raise Invalid(_("At most {most} sites may frame it.", most=MOST_ORIGINS), ("origins",))
    return origins


def _origin(given: str) -> str:
    text = given.strip().lower().removesuffix("/")
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that hold no address
        raise _no_origin(given) from None
    # Nothing but scheme and host: it becomes a part of a header.
    if parts.scheme not in ("https", "http") or text != f"{parts.scheme}://{parts.netloc}":
        raise _no_origin(given)
    if not HOST.fullmatch(parts.netloc):
        raise _no_origin(given)
    return text


def _no_origin(given: str) -> Invalid:
    return Invalid(
        _("{given} is no site; write its address like https://www.example.org.", given=given[:100]),
        ("origins",),
    )
