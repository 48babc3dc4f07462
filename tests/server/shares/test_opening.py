"""Wrong passwords: counted for each link and each address, refused before hashing, in nobody else's way."""

from __future__ import annotations

from uuid import UUID

import pytest
from argon2 import PasswordHasher

from bilan.accounts.passwords import Passwords
from bilan.runs.values import Run
from bilan.shares.opening import BY_BOTH, BY_LINK
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.sharing import PAUL, VERA, mails_to, posted, refused, shared, token_in

GUESSES, ADDRESSES = 10_000, 100


class Counting(Passwords):
    """Counts what is hashed, and hashes it."""

    hashed = 0

    def _verify(self, hashed: str | None, password: str) -> bool:
        self.hashed += 1
        return super()._verify(hashed, password)


@pytest.fixture
def counted(mailing: Mailing, run: Run) -> Counting:
    """The hasher of shares, which counts."""
    passwords = Counting(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    mailing.bilan.services.shared_reports._passwords = passwords
    return passwords


@pytest.mark.requirement("MC-05", "GO-11")
async def test_guesses_at_one_link_are_refused_before_hashing_and_lock_out_no_other_viewer(
    mailing: Mailing, run: Run, sink: Sink, counted: Counting
):
    made = await shared(mailing, run, VERA, PAUL)
    await posted(mailing)
    vera, paul = (token_in(mails_to(sink, one)[0]) for one in (VERA, PAUL))
    places = [f"198.51.100.{number}" for number in range(ADDRESSES)]
    codes = dict[str, int]()
    for number in range(GUESSES):
        code = await refused(mailing, vera, f"guess {number}", places[number % ADDRESSES])
        codes[code] = codes.get(code, 0) + 1
    assert codes == {"unauthenticated": BY_LINK, "too_many": GUESSES - BY_LINK}
    assert counted.hashed == BY_LINK
    assert await refused(mailing, vera, made.password) == "too_many"
    assert await refused(mailing, paul, made.password) == "opened"
    # Not even from an address that guesses came from.
    assert await refused(mailing, paul, made.password, places[0]) == "opened"


async def test_from_one_address_a_link_is_tried_five_times(
    mailing: Mailing, run: Run, sink: Sink, counted: Counting
):
    made = await shared(mailing, run)
    await posted(mailing)
    token = token_in(mails_to(sink, VERA)[0])
    for _guess in range(BY_BOTH):
        assert await refused(mailing, token, "wrong") == "unauthenticated"
    assert await refused(mailing, token, made.password) == "too_many"
    assert counted.hashed == BY_BOTH
    assert await refused(mailing, token, made.password, "203.0.113.99") == "opened"


async def test_made_up_links_are_not_hashed_without_end_and_their_answer_stays_the_same(
    mailing: Mailing, run: Run, counted: Counting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.shares.opening.FORGED", 3)
    tried = [await refused(mailing, f"made-up-{number}", "guess") for number in range(5)]
    assert tried == ["unauthenticated"] * 5
    assert counted.hashed == 3


@pytest.mark.requirement("MC-05")
@pytest.mark.parametrize("junk", ["!", "!!!!", "====", "A", " ", "\u00e9"])
async def test_a_link_with_anything_after_it_opens_nothing(
    mailing: Mailing, run: Run, sink: Sink, counted: Counting, junk: str
):
    made = await shared(mailing, run)
    await posted(mailing)
    token = token_in(mails_to(sink, VERA)[0])
    assert await refused(mailing, token + junk, made.password) == "unauthenticated"
    assert mailing.bilan.services.share_mails._links.read(token + junk) is None
    assert await refused(mailing, token, made.password) == "opened"


@pytest.mark.requirement("MC-16")
async def test_a_wrong_password_a_revoked_viewer_and_a_made_up_link_take_one_hash_each(
    mailing: Mailing, run: Run, sink: Sink, counted: Counting
):
    made = await shared(mailing, run, VERA, PAUL)
    await posted(mailing)
    vera, paul = (token_in(mails_to(sink, one)[0]) for one in (VERA, PAUL))
    viewer = next(one.id for one in made.share.viewers if one.address == PAUL)
    await mailing.bilan.services.shares.revoke(mailing.owner, made.share.id, viewer)
    unknown = mailing.bilan.services.share_mails._links.token(UUID(int=7), "00" * 8)
    tried = {
        "wrong": (vera, "wrong"), "revoked": (paul, made.password), "unknown": (unknown, made.password),
        "made up": ("made-up", made.password),
    }  # fmt: skip
    # The hash is what takes the time; the same sentence follows it.
    for attempt in range(BY_BOTH):
        for token, password in tried.values():
            before = counted.hashed
            assert await refused(mailing, token, password, f"203.0.113.{attempt}") == "unauthenticated"
            assert counted.hashed == before + 1
