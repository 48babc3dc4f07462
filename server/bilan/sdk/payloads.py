"""What the services' posts have in common: a JSON body with one or many items."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.errors import Invalid
from bilan.sdk.json_pieces import decode_json
from bilan.sdk.sources import WebhookRequest
from bilan.sdk.table_batches import TableBatch, UnreadableRow, object_batch
from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable, too_deep
from bilan.sdk.values import JsonObject

RAW_LIMIT = 4000
"""So much of a rejected item is kept, in characters."""


def json_body(request: WebhookRequest) -> Any:
    """The body as JSON. Raises ``Invalid`` where it is none."""
    try:
        return decode_json(request.body.decode("utf-8-sig"))
    except RecursionError:
        raise Invalid(too_deep().message) from None
    except ValueError:
        raise Invalid(_("The body is no JSON; the service must post its events as JSON.")) from None


def json_items(body: Any) -> list[Any]:
    """The items of a body that holds a list of events or a single one."""
    if isinstance(body, list):
        return body
    if isinstance(body, dict):
        return [body]
    raise Invalid(_("The body holds no events; a list of objects or one object is expected."))


def read_each(items: Iterable[Any], read: Callable[[JsonObject], Fact]) -> Iterator[Fact | Reject]:
    """The facts in the items; what cannot be read becomes a reject and stops nothing."""
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            yield Reject(number, _("This item is no object."), raw(item))
            continue
        try:
            yield read(item)
        except Unreadable as error:
            yield Reject(number, error.message, raw(item))
        except RecursionError:
            yield Reject(number, too_deep().message, raw(item))


def item_batch(items: Sequence[Any]) -> TableBatch:
    """The items field by field, numbered from 1; what is no object is unreadable.

    For services that send many items in a post: each different value of a field is read once.
    """
    others = {
        number: UnreadableRow(_("This item is no object."), raw(item))
        for number, item in enumerate(items, start=1)
        if not isinstance(item, dict)
    }
    objects = [item for item in items if isinstance(item, dict)] if others else items
    return object_batch(range(1, len(items) + 1), objects, others)


def raw(item: Any) -> str:
    """An item as text, to be kept with its reject."""
    try:
        return json.dumps(item, ensure_ascii=True, default=str)[:RAW_LIMIT]
    except RecursionError:
        return ""
