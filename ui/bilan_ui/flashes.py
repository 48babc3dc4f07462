"""Sentences that are shown once, on the page after a change. They travel in a cookie."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from bilan_ui import cookies

COOKIE = "bilan_flash"
SECONDS = 60

Kind = Literal["success", "warning", "error"]
KINDS = frozenset({"success", "warning", "error"})


def leave(request: Request, response: Response, kind: Kind, text: str) -> None:
    """Leave a sentence for the next page."""
    cookies.keep(request, response, COOKIE, quote(json.dumps([[kind, text]])), seconds=SECONDS)


def left(request: Request) -> list[tuple[str, str]]:
    """The sentences to show. A browser may send anything, so what is none of ours is nothing."""
    cookie = cookies.read(request, COOKIE)
    if not cookie:
        return []
    try:
        return [(str(kind), str(text)) for kind, text in json.loads(unquote(cookie)) if kind in KINDS]
    except (ValueError, TypeError, RecursionError):
        return []


def forget(request: Request, response: Response) -> None:
    """The sentences have been shown."""
    if cookies.read(request, COOKIE) is not None:
        cookies.drop(request, response, COOKIE)
