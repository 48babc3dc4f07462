"""Whatever of an answer does not say when it was: a reject with the reason, and all else is read."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.outbound.samples import pulled
from bilan.sdk import Checkpoint, Fact, Pulled, Reject, SampleReply, SampleRequest
from bilan.testing.samples import settings_of
from bilan_social_profiles.networks.kinds import NETWORK_KINDS
from bilan_social_profiles.sample import PULLED
from bilan_social_profiles.sample.recorded import recorded

KINDS = {kind.key: kind for kind in NETWORK_KINDS}
DATES = {"created_at", "createdAt", "indexedAt", "created_time", "timestamp", "publishedAt", "end_time"}
STORY = {"id": "18000", "media_type": "IMAGE", "media_product_type": "STORY", "timestamp": "", "caption": "!"}
PAGES = ("after", "cursor", "max_id", "id")
DATED = {"mastodon": (6, 5), "bluesky": (10, 4), "facebook": (8, 8), "instagram": (5, 5), "youtube": (5, 4)}
"""How many moments are recorded, and how many are needed.

Of Bluesky's two moments of a post each will do, and nobody needs when a notification, a repost or
somebody else's answer was written.
"""


def pull(network: str, without: int | None) -> tuple[list[Pulled], list[str]]:
    """What a pull gives of recorded answers, one of whose dates is left out; and where dates are."""
    name, settings = PULLED[network]
    kind, answers, dates = KINDS[name], recorded(network), list[str]()

    def answer(request: SampleRequest) -> SampleReply:
        reply = answers(request)
        content = copy.deepcopy(reply.content)
        if request.url.endswith("/stories"):
            content = {"data": [STORY | {"timestamp": datetime.now(UTC).isoformat()}]}
        if request.url.endswith("/18000/insights"):
            reply = SampleReply(content := {"data": []})
        page = [request.params[name] for name in PAGES if name in request.params]
        for where, holder, key in dated(content, f"{request.url} {page}"):
            if where not in dates:
                dates.append(where)
            if without is not None and dates.index(where) == without:
                del holder[key]
                holder.pop("record", None)  # where a post of Bluesky says so itself
        return SampleReply(content, reply.status, reply.headers)

    assert kind.pull
    return list(pulled(kind.pull, answer, settings_of(kind, settings), datetime.now(UTC))), dates


def dated(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    if isinstance(value, dict):
        yield from ((f"{where}.{key}", value, key) for key in sorted(DATES & value.keys()))
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(inner):
        yield from dated(one, f"{where}.{key}")


def names(items: list[Pulled]) -> set[tuple[Any, ...]]:
    """What facts are of: posts, items, and figures of days."""
    rows = [one.row for one in items if isinstance(one, Fact)]
    return {(row.get("post"), row.get("item"), row.get("day"), row.get("part")) for row in rows}


@pytest.mark.requirement("AD-17")
@pytest.mark.parametrize("network", PULLED)
def test_what_does_not_say_when_it_was_is_told_of_and_stops_nothing(network: str) -> None:
    whole, dates = pull(network, None)
    told = 0
    for number, where in enumerate(dates):
        items, _dates = pull(network, number)
        last, rejects = items[-1], [one for one in items if isinstance(one, Reject)]
        assert isinstance(last, Checkpoint)
        assert last.done == 1.0, where
        assert len(names(whole) - names(items)) == len(rejects) <= 1, where
        told += len(rejects)
    assert (len(dates), told) == DATED[network]
