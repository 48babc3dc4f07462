"""Lists of YouTube, whose pages are places: where something is deleted, what follows moves up.

https://developers.google.com/youtube/v3/guides/implementation/pagination: a token stands for a page
and can be asked for again. So each page but the first is read together with the one before
it once more, where what moved up since stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bilan.sdk import JsonObject, read_object, read_text

Ask = Callable[[str], JsonObject]
"""Asks for the page of a token; an empty one is that of the first page."""


def read_page(
    ask: Ask, key: Callable[[JsonObject], str], following: dict[str, Any] | None
) -> tuple[list[JsonObject], dict[str, Any] | None]:
    """The items of a page, with those that moved up to the page before, and the place of the next page.

    ``key`` tells items apart. A place holds the tokens of its page and of the one before, and the keys
    that stood there. Where none of these is found again, the list is read from its start, once.
    """
    place = following or {"token": ""}
    body = ask(place["token"])
    items = _items(body)
    keys, anew = [key(item) for item in items], place.get("anew", False)
    if place.get("keys"):
        # After the page: what moves up between the two requests stands in both of them.
        before = _items(ask(place["before"]))
        moved = [item for item in before if key(item) not in place["keys"]]
        if len(moved) == len(before) and not anew:
            return [], {"token": "", "anew": True}
        items = moved + items
    if not (token := read_text(body.get("nextPageToken"))):
        return items, None
    return items, {"token": token, "before": place["token"], "keys": keys, "anew": anew}


def _items(body: JsonObject) -> list[JsonObject]:
    return list(map(read_object, body.get("items") or ()))
