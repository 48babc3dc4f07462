"""The redirect: a click is written down and the visitor led to WhatsApp, whatever happens to the first."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import datetime
from functools import partial

from bilan.sdk import BilanError, Fact, NotFound, RouteContext, RouteReply, RouteRequest, Row
from bilan_whatsapp_inbox.button.buttons import Button, directory
from bilan_whatsapp_inbox.button.datasets import CLICK
from bilan_whatsapp_inbox.button.references import new_reference
from bilan_whatsapp_inbox.button.visitors import is_click, referrer_of
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import BUTTON_LOG

log = logging.getLogger(__name__)

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
LONGEST = 200
"""Characters of a UTM value that are kept."""
PATIENCE = 2.0
"""Seconds that a visitor waits for the click to be written down."""
MOST_MISSED = 1_000_000
MOST_WRITING = 1_000
"""Clicks of a process that are written down while their visitors have gone on."""

_missed = Counter[str]()
"""Clicks of this process that could not be written down, by button, until another one can tell of them."""
_writing = set[asyncio.Task[None]]()


async def follow(request: RouteRequest, context: RouteContext) -> RouteReply:
    """Lead to the button's number. Raises ``NotFound`` for what is no button's address.

    Number and text are the button's own; of the request only what the report
    counts by is kept. A click that cannot be written down leads on all the same,
    and the next one tells that it is missing.
    """
    button = await directory().find(request.path["button"], context)
    if button is None:
        raise NotFound(_("There is no such button, or it was removed."))
    if not is_click(request):
        return _to(button, "")
    reference, missed = new_reference(), _missed.pop(button.ident, 0)
    if len(_writing) >= MOST_WRITING:
        _miss(button, missed + 1)
        return _to(button, reference)
    click = _click(button, reference, request, context.now) | {"missed": missed}
    writing = asyncio.create_task(context.record(button.source, [Fact(BUTTON_LOG, click)]))
    _writing.add(writing)
    writing.add_done_callback(partial(_written, button, missed))
    # What takes longer goes on when the visitor has gone, and may still succeed.
    await asyncio.wait({writing}, timeout=PATIENCE)
    return _to(button, reference)


def _written(button: Button, missed: int, writing: asyncio.Task[None]) -> None:
    _writing.discard(writing)
    error = None if writing.cancelled() else writing.exception()
    if error is not None and not isinstance(error, BilanError):
        log.error("a click could not be written down", exc_info=error)
    if error is not None or writing.cancelled():
        _miss(button, missed + 1)


def _miss(button: Button, clicks: int) -> None:
    _missed[button.ident] = min(_missed[button.ident] + clicks, MOST_MISSED)


def _to(button: Button, reference: str) -> RouteReply:
    """The way on. As all answers it is kept by nobody, or the next click would go unseen."""
    return RouteReply.to(button.leads_to(reference), 302)


def _click(button: Button, reference: str, request: RouteRequest, now: datetime) -> Row:
    return {
        "occurred_at": now,
        "kind": CLICK,
        "reference": reference,
        "button": button.name,
        "button_id": button.ident,
        "referrer": referrer_of(request.headers),
        **{name: " ".join(request.query.get(name, "").split())[:LONGEST] for name in UTM},
        "fact_id": f"{CLICK} {reference} {now.timestamp():.6f}",
    }
