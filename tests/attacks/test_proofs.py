"""One signature in several processes at once, and long after: it stays good for one post."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest import Inbox, proofs
from bilan.ingest.models import PostRow, ProofRow
from bilan.ingest.proofs import Proofs, Waiting, proof_row
from bilan.sdk import Proof, Unauthenticated, WebhookRequest
from fixtures.ingest import NOW

SOURCE = UUID(int=1)


def post(body: bytes) -> WebhookRequest:
    return WebhookRequest(body, {}, {}, "application/json", NOW)


def proved(key: str, content: str) -> ProofRow:
    return proof_row(SOURCE, Proof(key, content), {"max_age": 60}, NOW)


async def accepted(inbox: Inbox, body: bytes, proof: ProofRow | None) -> str:
    """What the sender is told."""
    try:
        await inbox.accept(SOURCE, post(body), proof=proof)
    except Unauthenticated as error:
        return str(error)
    return "accepted"


class Late:
    """The look at known proofs, which does not see for so many times what others commit meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.looks, self._times, self._sort = 0, times, proofs.sort
        monkeypatch.setattr(proofs, "sort", self)

    async def __call__(self, waiting: Iterable[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
        self.looks += 1
        return (list(waiting), []) if self.looks <= self._times else await self._sort(waiting)


async def test_a_post_that_another_process_writes_at_once_is_a_repeat_and_the_others_are_kept(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Inbox(catalog, 100), Inbox(catalog, 100)
    await there.accept(SOURCE, post(b"[1]"), proof=proved("a", "one"))
    await here.accept(SOURCE, post(b"[0]"))  # counts what waits, so that the others come together
    late = Late(monkeypatch, times=1)

    told = await asyncio.gather(
        accepted(here, b"[1]", proved("a", "one")),
        accepted(here, b"[2]", proved("a", "another")),
        accepted(here, b"[3]", proved("b", "three")),
        accepted(here, b"[4]", None),
    )

    assert told == ["accepted", "The signature belongs to another post.", "accepted", "accepted"]
    assert sorted(await PostRow.all().values_list("body", flat=True)) == [b"[0]", b"[1]", b"[3]", b"[4]"]
    assert (await ProofRow.all().count(), late.looks) == (2, 2)


async def test_a_commit_that_never_gets_through_ends(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox(catalog, 100)
    await inbox.accept(SOURCE, post(b"[1]"), proof=proved("a", "one"))
    late = Late(monkeypatch, times=1_000)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        await inbox.accept(SOURCE, post(b"[1]"), proof=proved("a", "one"))
    assert late.looks == 5
    assert await PostRow.all().count() == 1


async def test_two_processes_that_get_the_same_posts_at_once_write_each_of_them_once(
    postgres_url: str,
) -> None:
    first, second = Catalog(postgres_url), Catalog(postgres_url)
    await first.open()
    await second.open()
    try:
        told = list[str]()
        for one in (first, second):
            with one.activate():
                # A connection is there before the posts are, so that they really meet.
                await one.connection.execute_query("SELECT 1")
        numbers = range(40)
        inboxes = [Inbox(first, 1_000), Inbox(second, 1_000)]
        # Each in an order of its own, as no two balancers agree.
        told = await asyncio.gather(
            *(accepted(inboxes[0], b"[%d]" % n, proved(f"{n}", f"{n}")) for n in numbers),
            *(accepted(inboxes[1], b"[%d]" % n, proved(f"{n}", f"{n}")) for n in reversed(numbers)),
        )
        assert told == ["accepted"] * 80
        with first.activate():
            bodies = await PostRow.all().values_list("body", flat=True)
            assert sorted(map(bytes, bodies)) == sorted(b"[%d]" % n for n in numbers)
    finally:
        await first.close()
        await second.close()


async def test_a_signature_is_remembered_for_as_long_as_its_source_would_accept_it_and_no_longer(
    catalog: Catalog,
) -> None:
    clock = FrozenClock(NOW)
    ages = (0, None, 60, 20_160, -5, 10**15)  # the last is beyond the calendar
    for age in ages:
        await proof_row(SOURCE, Proof(f"{age}", "one"), {"max_age": age}, clock.now()).save(force_create=True)
    kept = list[int]()
    for days in (6, 8, 29, 731, 733):
        clock.move(NOW + timedelta(days=days) - clock.now())
        await Proofs(clock).sweep()
        kept.append(await ProofRow.all().count())
    # A young one for a week, one of two weeks for four; where no bound holds, one of any age for two years.
    assert kept == [6, 5, 4, 4, 0]


async def test_a_signature_of_months_ago_is_still_good_for_one_post_alone(catalog: Catalog) -> None:
    clock = FrozenClock(NOW)
    await proof_row(SOURCE, Proof("0", "one"), {"max_age": 0}, clock.now()).save(force_create=True)
    clock.move(timedelta(days=700))
    await Proofs(clock).sweep()
    inbox = Inbox(catalog, 100)
    again = proof_row(SOURCE, Proof("0", "another"), {"max_age": 0}, clock.now())
    assert await accepted(inbox, b"[2]", again) == "The signature belongs to another post."
