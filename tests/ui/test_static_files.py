"""The files that pages are made with, as a browser gets them."""

from __future__ import annotations

import re

import pytest

from fixtures.pages import Reader

FOREVER = "public, max-age=31536000, immutable"


@pytest.mark.usefixtures("reader")
async def test_every_file_that_a_page_names_is_there_compressed_and_kept_for_good(stranger: Reader) -> None:
    page = await stranger.get("/sign-in")
    named = [one.attributes["href"] for one in page.all("link")]
    named += [one.attributes["src"] for one in page.all("script")]
    assert len(named) >= 5
    for address in named:
        answer = await stranger.client.get(address, headers={"accept-encoding": "gzip"})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FOREVER), address
        if len(answer.content) > 500:
            assert answer.headers["content-encoding"] == "gzip", address


@pytest.mark.parametrize("query", ["", "?v=0.1.0", "?v="])
async def test_an_address_without_the_right_version_is_not_kept_for_good(
    stranger: Reader, query: str
) -> None:
    answer = await stranger.client.get(f"/static/bilan.css{query}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=3600")


async def test_pages_themselves_are_not_compressed_since_they_hold_what_others_may_not_guess(
    reader: Reader,
) -> None:
    answer = await reader.client.get("/reports", headers={"accept-encoding": "gzip", "accept": "text/html"})
    assert "content-encoding" not in answer.headers


async def test_what_is_not_there_is_not_kept(stranger: Reader) -> None:
    answer = await stranger.client.get("/static/nothing.css?v=1")
    assert answer.status_code == 404
    assert "cache-control" not in answer.headers


async def test_the_base_of_the_stylesheets_comes_with_its_licence(stranger: Reader) -> None:
    assert "MIT License" in (await stranger.client.get("/static/normalize.LICENSE.txt")).text
    css = (await stranger.client.get("/static/bilan.css")).text
    assert not re.search(r"#[0-9a-f]{3,8}\b|@import", css)  # colours are tokens alone
