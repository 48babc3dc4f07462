"""Pictures are fetched from any public host, once each, and from none within the server's own network."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import anyio.to_thread
import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.files import Files
from bilan.outbound import PrivateHosts
from bilan.pictures import PictureFetcher, PictureKeeper
from bilan.pictures.fetching import REST, origin_of
from bilan.sdk.errors import Invalid, NotFound, TooLarge, Unavailable
from fixtures.ingest import NOW
from support.club import Answer, Club, served
from support.photos import opened, photo

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

SOURCE = UUID(int=7)
CDN = "https://cdn.example"
ADDRESSES = {
    "https://cdn.example/a/1.jpg?sig=x&t=1#y": "https://cdn.example/a/1.jpg",
    "https://cdn.example/a/1.JPEG?sig=z": "https://cdn.example/a/1.JPEG",
    "https://cdn.example/image?id=1.jpg": "https://cdn.example/image?id=1.jpg",
    "https://cdn.example/vi/1/default": "https://cdn.example/vi/1/default",
}


@pytest.fixture
def cdn() -> Generator[Club]:
    """Where a network keeps its pictures."""
    with served(Club()) as running:
        yield running


class Fetching:
    """Fetches from the network's pictures, and from whatever else is named."""

    def __init__(self, catalog: Catalog, folder: Path, cdn: Club, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bilan.outbound.client.FIRST_WAIT", 0)
        self.cdn, self.clock = cdn, FrozenClock(NOW)
        self.files = Files((folder / "files").as_uri())
        self._fetcher = PictureFetcher(PictureKeeper(catalog, self.files, self.clock), self.clock.now)
        self._private = PrivateHosts(f"cdn.example={cdn.origin}")

    async def __call__(self, url: str, source: UUID = SOURCE) -> str:
        return (await self.several(url, source=source))[0]

    async def several(self, *urls: str, source: UUID = SOURCE) -> list[str]:
        """The keys of what one pull fetches."""

        def fetch() -> list[str]:
            with self._fetcher(source, self._private) as fetched:
                return [fetched(url) for url in urls]

        return await anyio.to_thread.run_sync(fetch)


@pytest.fixture
def fetch(sqlite_catalog: Catalog, tmp_path: Path, cdn: Club, monkeypatch: pytest.MonkeyPatch) -> Fetching:
    return Fetching(sqlite_catalog, tmp_path, cdn, monkeypatch)


async def test_a_picture_is_fetched_once_however_its_address_is_signed(fetch: Fetching):
    fetch.cdn.first.append(Answer(body=photo()))

    key = await fetch(f"{CDN}/1.jpg?sig=a")
    assert opened(await fetch.files.read(key)).size == (800, 600)
    assert await fetch(f"{CDN}/1.jpg?sig=b") == key
    assert fetch.cdn.asked == ["/1.jpg?sig=a"]


async def test_each_source_fetches_its_own(fetch: Fetching):
    fetch.cdn.first.extend([Answer(body=photo())] * 2)

    assert await fetch(f"{CDN}/1.jpg") == await fetch(f"{CDN}/1.jpg", UUID(int=8))
    assert len(fetch.cdn.asked) == 2


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_known_without_its_query_where_its_path_names_a_picture(url: str) -> None:
    assert origin_of(url) == ADDRESSES[url]


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (Answer(404), NotFound, "cdn.example"),
        (Answer(body=b"<html>"), Invalid, "This is no picture in JPEG, PNG, WebP or GIF."),
        (Answer(body=b"x" * (10 * 1024**2 + 1)), TooLarge, "answered with more than"),
    ],
)
async def test_what_cannot_be_had_or_used_is_said(
    fetch: Fetching, answer: Answer, error: type[Exception], sentence: str
):
    fetch.cdn.first.append(answer)

    with pytest.raises(error, match=sentence):
        await fetch(f"{CDN}/1.jpg")


INSIDE = (
    "https://127.0.0.1/1.jpg",
    "https://127.0.0.2/1.jpg",
    "https://[::1]/1.jpg",
    "https://169.254.169.254/latest",
    "http://cdn.test/1.jpg",
    "file:///etc/passwd",
    "https://localhost/1.jpg",
)


@pytest.mark.parametrize("url", INSIDE)
async def test_nothing_is_asked_within_the_servers_own_network_nor_without_tls(fetch: Fetching, url: str):
    with pytest.raises(Invalid):
        await fetch(url)

    assert fetch.cdn.asked == []


async def test_a_redirect_leads_into_no_private_network(fetch: Fetching):
    fetch.cdn.first.append(Answer(302, {"Location": "https://127.0.0.1/secret.jpg"}))

    with pytest.raises(Invalid, match="stands in for another host"):
        await fetch(f"{CDN}/1.jpg")

    fetch.cdn.first.append(Answer(302, {"Location": "https://127.0.0.2/secret.jpg"}))
    with pytest.raises(Invalid, match="private network"):
        await fetch(f"{CDN}/1.jpg")


@pytest.mark.parametrize("wait", [REST + timedelta(seconds=1), -timedelta(days=3650)])
async def test_a_host_that_does_not_answer_is_left_alone_for_a_while_whatever_the_clock_does(
    fetch: Fetching, wait: timedelta
):
    fetch.cdn.first.extend([Answer(503)] * 4)
    with pytest.raises(Unavailable):
        await fetch(f"{CDN}/1.jpg")
    with pytest.raises(Unavailable, match="did not answer a moment ago"):
        await fetch(f"{CDN}/2.jpg")
    assert len(fetch.cdn.asked) == 4

    fetch.clock.move(wait)
    fetch.cdn.first.append(Answer(body=photo()))
    assert await fetch(f"{CDN}/2.jpg") != ""


async def test_a_pull_fetches_its_pictures_over_one_connection(fetch: Fetching):
    fetch.cdn.first.extend([Answer(body=photo()), Answer(body=photo("PNG")), Answer(body=photo())])

    assert len(await fetch.several(*(f"{CDN}/{number}.jpg" for number in range(3)))) == 3
    assert fetch.cdn.connections == 1
