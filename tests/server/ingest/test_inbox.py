from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from bilan.catalog import Catalog
from bilan.ingest.inbox import Behind, Depth, Inbox
from bilan.ingest.models import PostRow
from bilan.ingest.pace import Pace
from bilan.sdk.errors import Unavailable
from bilan.sdk.sources import WebhookRequest
from fixtures.ingest import NOW

SOURCE = UUID("11111111-1111-1111-1111-111111111111")


def post(body: bytes = b"{}", *, seconds: int = 0, headers: dict[str, str] | None = None) -> WebhookRequest:
    return WebhookRequest(
        body=body,
        headers=headers or {},
        query={"list": "a b"},
        content_type="application/json",
        received_at=NOW + timedelta(seconds=seconds),
    )


@pytest.fixture
def inbox(catalog: Catalog) -> Inbox:
    return Inbox(catalog, limit=1_000)


async def test_a_post_waits_as_it_came_but_without_credentials(inbox: Inbox) -> None:
    credentials = {"authorization": "Basic eA==", "cookie": "a=b", "x-shop": "Key s3cret", "X-Api-Key": "a"}
    query = {"list": "a b", "token": "t", "proof": "s3cret"}
    request = replace(post(b"\x00\xff[1]", headers={**credentials, "x-signature": "s"}), query=query)
    await inbox.accept(SOURCE, request, {"s3cret", ""})
    (waiting,) = await inbox.first(10, 10_000)
    assert waiting.source == SOURCE
    assert waiting.request == WebhookRequest(
        b"\x00\xff[1]", {"x-signature": "s"}, {"list": "a b"}, "application/json", NOW
    )


@pytest.mark.requirement("GO-17")
async def test_what_was_accepted_is_there_for_another_process(inbox: Inbox, catalog_url: str) -> None:
    await inbox.accept(SOURCE, post(b"kept"))
    other = Catalog(catalog_url)
    await other.open()
    try:
        assert [one.request.body for one in await Inbox(other, 10).first(10, 100)] == [b"kept"]
    finally:
        await other.close()


async def test_posts_that_arrive_together_share_transactions_and_get_places_of_their_own(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    create = PostRow.bulk_create

    def counting(rows: list[PostRow]) -> object:
        commits.append(len(rows))
        return create(rows)

    monkeypatch.setattr(PostRow, "bulk_create", counting)
    await asyncio.gather(*(inbox.accept(SOURCE, post(f"{n}".encode())) for n in range(500)))
    assert sum(commits) == 500
    assert len(commits) <= 3
    waiting = await inbox.first(1_000, 10_000)
    assert sorted(int(one.request.body) for one in waiting) == [*range(500)]
    assert [one.sequence for one in waiting] == sorted({one.sequence for one in waiting})


async def test_a_failed_transaction_is_told_to_every_waiter_and_the_next_post_is_written(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(rows: list[PostRow]) -> object:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(PostRow, "bulk_create", failing)
        answers = await asyncio.gather(
            *(inbox.accept(SOURCE, post()) for _ in range(3)), return_exceptions=True
        )
    assert [str(answer) for answer in answers] == ["disk full"] * 3
    assert await inbox.first(10, 10_000) == []
    await inbox.accept(SOURCE, post())
    assert len(await inbox.first(10, 10_000)) == 1


async def test_a_sender_that_hangs_up_does_not_disturb_the_others(inbox: Inbox) -> None:
    one, two = (asyncio.create_task(inbox.accept(SOURCE, post(body))) for body in (b"one", b"two"))
    await asyncio.sleep(0)
    one.cancel()
    await two
    # A query that is being cancelled at a server has an answer to wait for.
    await asyncio.wait({one})
    assert b"two" in [received.request.body for received in await inbox.first(10, 10_000)]


async def test_past_the_limit_posts_are_refused_until_there_is_room(catalog: Catalog) -> None:
    inbox = Inbox(catalog, limit=3)
    for _ in range(3):
        await inbox.accept(SOURCE, post())
    with pytest.raises(Unavailable, match="3 posts are waiting to be read already; try again later"):
        await inbox.accept(SOURCE, post())
    assert len(await inbox.first(10, 10_000)) == 3
    await PostRow.all().delete()
    await Inbox(catalog, limit=3).accept(SOURCE, post())


async def test_more_posts_than_are_read_in_time_are_refused_until_fewer_wait(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox(catalog, limit=1_000, seconds=2.0)
    monkeypatch.setattr("bilan.ingest.inbox.RECOUNT_SECONDS", 0.0)
    for _ in range(121):
        await inbox.accept(SOURCE, post())  # how fast they are read is not known yet
    inbox._pace = Known(60.0)
    with pytest.raises(Behind, match="More posts are waiting than can be read soon"):
        await inbox.accept(SOURCE, post())
    waiting = await inbox.first(1, 1_000)
    await PostRow.filter(id=waiting[0].sequence).delete()
    await inbox.accept(SOURCE, post())
    assert (await inbox.depth()).posts == 121


class Known(Pace):
    """A pace that is known and stays."""

    def look(self, now: float, first: int, waiting: int) -> None:
        pass


def test_the_pace_is_learned_while_many_wait_and_forgotten_while_nothing_leaves() -> None:
    pace = Pace()
    for now, first, waiting in ((0.0, 1, 99), (1.0, 11, 99), (2.0, 21, 100), (2.5, 21, 150)):
        pace.look(now, first, waiting)
        assert pace.seconds(1_000) == 0
    pace.look(4.0, 121, 200)
    assert (pace.rate, pace.seconds(200), pace.seconds(99)) == (50.0, 4.0, 0.0)
    pace.look(5.0, 271, 300)
    assert pace.rate == 100.0
    pace.look(15.0, 271, 400)
    assert pace.seconds(400) == 4.0
    pace.look(15.1, 271, 400)
    assert pace.seconds(400) == 0


async def test_posts_read_together_are_bounded_in_number_and_bytes(inbox: Inbox) -> None:
    for size in (4, 4, 4, 90):
        await inbox.accept(SOURCE, post(b"x" * size))
    sizes = [len(one.request.body) for one in await inbox.first(2, 1_000)]
    assert sizes == [4, 4]
    assert len(await inbox.first(10, 12)) == 3
    await PostRow.filter(size=4).delete()
    assert len(await inbox.first(10, 12)) == 1, "one post is read however large it is"


async def test_the_depth_counts_what_waits_and_since_when(inbox: Inbox) -> None:
    assert await inbox.depth() == Depth(0, None)
    for seconds in range(3):
        await inbox.accept(SOURCE, post(seconds=seconds))
    assert await inbox.depth() == Depth(3, NOW)
    (first, *_rest) = await inbox.first(10, 1_000)
    await PostRow.filter(id=first.sequence).delete()
    assert await inbox.depth() == Depth(2, NOW + timedelta(seconds=1))
