"""Answers of services' APIs in the shape in which their documentation prints them; the words are invented.

Pulls are tried over them without any service. ``{-3}`` in a file is the day three days ago. Lists are
answered a page at a time: what is asked for by an offset begins there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bilan.sdk import SampleReply, SampleRequest

ANSWERS = Path(__file__).parent / "data" / "statistics"
DAY = re.compile(r"\{-(\d+)\}")
OFFSETS = ("offset", "Offset")
PAGE = 2
"""Entries of a page, so that every list has some."""


def recorded(name: str) -> Callable[[SampleRequest], SampleReply]:
    """What answers as is recorded under a name: by the path, and by parameters that are written with it."""

    def answer(request: SampleRequest) -> SampleReply:
        path = urlsplit(request.url).path
        for key, found in _recorded(name).items():
            wanted = urlsplit(key)
            if wanted.path == path and set(parse_qsl(wanted.query)) <= request.params.items():
                return SampleReply(_page(found, request))
        return SampleReply({}, 404)

    return answer


def _page(found: dict[str, Any], request: SampleRequest) -> dict[str, Any]:
    start = next((int(request.params[name]) for name in OFFSETS if name in request.params), None)
    if start is None:
        return found
    return {
        key: value[start : start + PAGE] if isinstance(value, list) else value for key, value in found.items()
    }


@cache
def _recorded(name: str) -> dict[str, Any]:
    # Within what pulls read, and the same as long as the process lasts.
    today = datetime.now(UTC).date()
    text = (ANSWERS / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(DAY.sub(lambda match: (today - timedelta(days=int(match[1]))).isoformat(), text))
