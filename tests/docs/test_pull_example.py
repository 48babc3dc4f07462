"""The pull that the page on writing a plugin shows works as it stands there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bilan import sdk
from bilan.outbound.samples import SampleClient, SampleContext, pulled

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-plugin.md"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def shown() -> dict[str, Any]:
    (code,) = re.findall(
        r"```python\n(\"\"\"Likes of a photo club.*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def answers(request: sdk.SampleRequest) -> sdk.SampleReply:
    if request.headers.get("authorization") != "Bearer good":
        return sdk.SampleReply({}, 401)
    if request.url.endswith("/club"):
        return sdk.SampleReply({"name": "Alps"})
    page = int(request.params.get("page", 1))
    link = {"Link": f'<{request.url}?page={page + 1}>; rel="next"'} if page < 2 else {}
    return sdk.SampleReply([{"id": f"a{page}", "likes": page}], headers=link)


def test_the_pull_that_is_shown_follows_the_pages_and_goes_on_from_each() -> None:
    pull = shown()["Albums"]()
    rows = [{"counted_at": NOW, "album": f"a{page}", "likes": page} for page in (1, 2)]
    next_page = "https://api.club.example/albums?page=2"

    whole = list(pulled(pull, answers, {"token": "good"}, NOW))
    rest = list(pulled(pull, answers, {"token": "good"}, NOW, {"next": next_page}))

    assert whole == [
        sdk.Fact("club.albums", rows[0]),
        sdk.Checkpoint({"next": next_page}),
        sdk.Fact("club.albums", rows[1]),
        sdk.Checkpoint({}),
    ]
    assert rest == whole[2:]


def test_its_check_says_what_the_token_sees() -> None:
    pull, client = shown()["Albums"](), SampleClient(answers, ("api.club.example",))

    checked = pull.check(SampleContext({"token": "good"}, client, NOW))

    assert str(checked.said) == "The token sees the albums of Alps."
