"""The redirect: a click is written down and the visitor led to WhatsApp, whatever happens to the first."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime

from bilan.sdk import BilanError, Fact, NotFound, RouteContext, RouteReply, RouteRequest, Row
from bilan_whatsapp_inbox.button.buttons import Button, directory
from bilan_whatsapp_inbox.button.datasets import CLICK
from bilan_whatsapp_inbox.button.references import new_reference
from bilan_whatsapp_inbox.button.visitors import is_click, referrer_of
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import BUTTON_LOG

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
LONGEST = 200
"""Characters of a UTM value that are kept."""
PATIENCE = 2.0
"""Seconds that a visitor waits for the click to be written down."""
MOST_MISSED = 1_000_000

_missed = Counter[str]()
"""Clicks of this process that could not be written down, by button, until another one can tell of them."""


async def follow(request: RouteRequest, context: RouteContext) -> RouteReply:
    """Lead to the button's number. Raises ``NotFound`` for what is no button's address.

    Number and text are the button's own; of the request only what the report
    counts by is kept. A click that cannot be written down in time leads on
    all the same, and the next one tells that it is missing.
    """
    button = await directory().find(request.path["button"], context)
    if button is None:
        raise NotFound(_("There is no such button, or it was removed."))
    if not is_click(request):
        return _to(button, "")
    reference, missed = new_reference(), _missed.pop(button.ident, 0)
    click = _click(button, reference, request, context.now)
    try:
        async with asyncio.timeout(PATIENCE):
            await context.record(button.source, [Fact(BUTTON_LOG, {**click, "missed": missed})])
    except (BilanError, TimeoutError):
        _missed[button.ident] = min(_missed[button.ident] + missed + 1, MOST_MISSED)
    return _to(button, reference)


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
