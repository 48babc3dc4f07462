"""Answers of networks in the shape in which their documentation prints them, with words that are invented.

Pulls are tried over them without any network. ``{-3}`` in a file is the day three days ago.
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

ANSWERS = Path(__file__).parent / "answers"
DAY = re.compile(r"\{-(\d+)\}")


def recorded(name: str) -> Callable[[SampleRequest], SampleReply]:
    """What answers as is recorded under a name: by the path, and by parameters that are written with it."""

    def answer(request: SampleRequest) -> SampleReply:
        path = urlsplit(request.url).path
        for key, found in _recorded(name).items():
            wanted = urlsplit(key)
            if wanted.path == path and set(parse_qsl(wanted.query)) <= request.params.items():
                whole = isinstance(found, dict) and found.keys() == {"headers", "content"}
                return (
                    SampleReply(found["content"], headers=found["headers"]) if whole else SampleReply(found)
                )
        return SampleReply({}, 404)

    return answer


@cache
def _recorded(name: str) -> dict[str, Any]:
    # Within what pulls read, and the same as long as the process lasts.
    today = datetime.now(UTC).date()
    text = (ANSWERS / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(DAY.sub(lambda match: (today - timedelta(days=int(match[1]))).isoformat(), text))
