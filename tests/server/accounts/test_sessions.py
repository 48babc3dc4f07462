"""Signing in, staying in, being put out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from bilan.accounts import Passwords
from bilan.accounts.hash_pool import Crowded
from bilan.accounts.models import AttemptRow, Person, Session
from bilan.accounts.rate_limit import TooOften
from bilan.catalog.engines.sqlite import ImmediateClient
from bilan.sdk.errors import NotFound, TooMany, Unauthenticated
from fixtures.house import HOUSE_TIME, PASSWORD, House

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
OLGA = "olga@example.org"


class Counting(Passwords):
    """Counts how many hashes are checked."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.checked = 0

    def _verify(self, hashed: str | None, password: str) -> bool:
        self.checked += 1
        return super()._verify(hashed, password)


async def failure(house: House, email: str = OLGA, ip: str = HERE) -> type[Exception]:
    with pytest.raises((Unauthenticated, TooMany)) as caught:
        await house.sessions.sign_in(email, "a wrong password", ip=ip)
    return caught.type


async def fail(house: House, email: str = OLGA, ip: str = HERE) -> type[Exception]:
    kind = await failure(house, email, ip)
    return TooMany if issubclass(kind, TooMany) else kind


async def test_a_session_carries_its_person_until_it_expires(house: House) -> None:
    await house.begin()
    session = await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE, user_agent="Firefox")
    assert session.expires_at == HOUSE_TIME + timedelta(days=14)
    actor = None
    for _hour in range(14 * 24 - 1):
        house.clock.move(timedelta(hours=1))
        actor = await house.sessions.principal_of(session.token)
        await house.sessions.last_used.written()
    house.clock.move(timedelta(hours=1, seconds=-1))
    actor = await house.sessions.principal_of(session.token)
    assert actor is not None
    assert (actor.email, actor.via, actor.scopes) == (OLGA, "session", None)
    house.clock.move(timedelta(seconds=1))
    assert await house.sessions.principal_of(session.token) is None


async def test_a_session_ends_when_nothing_was_done_with_it_for_a_day(house: House) -> None:
    owner = await house.begin()
    session = await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
    house.clock.move(timedelta(hours=23, minutes=59))
    assert await house.sessions.principal_of(session.token) is not None
    await house.sessions.last_used.written()
    house.clock.move(timedelta(hours=23, minutes=59))
    assert len(await house.sessions.list(owner)) == 1
    house.clock.move(timedelta(minutes=1))
    assert await house.sessions.list(owner) == ()
    assert await house.sessions.principal_of(session.token) is None


async def test_the_catalog_holds_neither_password_nor_token(house: House) -> None:
    await house.begin()
    session = await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
    rows, person = await Session.all().values(), await Person.get()
    assert len(session.token) >= 43
    assert session.token not in str(rows)
    assert PASSWORD not in person.password_hash
    assert person.password_hash.startswith("$argon2id$")


async def test_an_unknown_token_is_nobody(house: House) -> None:
    assert await house.sessions.principal_of("nonsense") is None
    assert await house.sessions.principal_of("") is None


async def test_unknown_people_and_wrong_passwords_get_the_same_answer_after_the_same_work(
    house: House,
) -> None:
    house.passwords = counting = Counting()
    house.__post_init__()
    await house.begin()
    sentences: set[str] = set()
    for number, (email, password) in enumerate(
        [(OLGA, "a wrong password"), ("nobody@example.org", PASSWORD), ("no address", PASSWORD)], start=1
    ):
        with pytest.raises(Unauthenticated) as caught:
            await house.sessions.sign_in(email, password, ip=HERE)
        sentences.add(str(caught.value))
        assert counting.checked == number
    assert sentences == {"The e-mail address or the password is wrong."}
    assert await Session.all().count() == 0


async def test_the_sixth_attempt_within_a_quarter_of_an_hour_has_to_wait(house: House) -> None:
    await house.begin()
    assert [await fail(house) for _ in range(6)] == [Unauthenticated] * 5 + [TooMany]
    with pytest.raises(TooMany) as caught:
        await house.sessions.sign_in("OLGA@example.org ", PASSWORD, ip=HERE)
    assert str(caught.value) == "Too many attempts; wait 15 minutes and try again."
    assert await Session.all().count() == 0
    house.clock.move(timedelta(minutes=15))
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)


async def test_a_guesser_elsewhere_does_not_lock_the_person_out(house: House) -> None:
    await house.begin()
    for _ in range(6):
        await fail(house, ip=ELSEWHERE)
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
    assert await fail(house, ip=ELSEWHERE) is TooMany


async def test_success_forgets_the_failures_before_it(house: House) -> None:
    await house.begin()
    for _ in range(4):
        await fail(house)
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
    assert [await fail(house) for _ in range(5)] == [Unauthenticated] * 5


async def test_attempts_at_once_are_counted_one_by_one(house: House) -> None:
    await house.begin()
    ends = await house.at_once(*(failure(house) for _ in range(8)))
    assert ends.count(TooOften) == 3
    # Five are let through. The pool of hashes may ask one of them to come again in a few seconds.
    assert {*ends} - {Crowded} == {Unauthenticated, TooOften}
    assert await failure(house) is TooOften


async def test_old_failures_leave_the_catalog(house: House) -> None:
    await house.begin()
    for number in range(3):
        await fail(house, email=f"{number}@example.org")
    house.clock.move(timedelta(minutes=15))
    await fail(house)
    await house.sessions.attempts.sweep()
    # Of the name here, of the address, of the name anywhere, and of everybody.
    assert await AttemptRow.all().values_list("number", flat=True) == [1, 1, 1, 1]


async def test_signing_in_waits_for_two_transactions(house: House) -> None:
    connection = house.catalog.connection
    if not isinstance(connection, ImmediateClient):
        pytest.skip("only SQLite tells what it does")
    await house.begin()
    known = (await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)).browser
    done = list[str]()
    assert connection._connection is not None
    await connection._connection.set_trace_callback(done.append)
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE, browser=known)

    # That it is tried, before the password is looked at; then that it was right, with the session.
    words = [statement.split()[0] for statement in done]
    assert [word for word in words if word != "SELECT"] == ["INSERT", "BEGIN", "DELETE", "INSERT", "COMMIT"]


async def test_signing_out_ends_one_session_or_all(house: House) -> None:
    owner = await house.begin()
    first, second, third = [await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE) for _ in range(3)]
    await house.sessions.sign_out(first.token)
    await house.sessions.sign_out(first.token)
    assert await house.sessions.principal_of(first.token) is None
    assert await house.sessions.principal_of(second.token) is not None
    await house.sessions.sign_out_everywhere(owner)
    assert await house.sessions.principal_of(second.token) is None
    assert await house.sessions.principal_of(third.token) is None


async def test_people_see_and_end_their_own_sessions_and_nobody_elses(house: House) -> None:
    owner = await house.begin()
    mia = await house.join("Mia")
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE, user_agent="Firefox " + "x" * 500)
    kept = await house.sessions.sign_in("mia@example.org", PASSWORD, ip=HERE, user_agent="Safari")
    (hers,) = await house.sessions.list(mia)
    (his,) = await house.sessions.list(owner)
    assert (hers.user_agent, len(his.user_agent)) == ("Safari", 400)
    with pytest.raises(NotFound):
        await house.sessions.end(owner, hers.id)
    assert await house.sessions.principal_of(kept.token) is not None
    await house.sessions.end(mia, hers.id)
    assert await house.sessions.list(mia) == ()
    with pytest.raises(NotFound):
        await house.sessions.end(mia, UUID(int=5))


async def test_when_a_session_was_last_seen_is_kept_to_five_minutes(house: House) -> None:
    owner = await house.begin()
    session = await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
    for minutes, seen in [(4, 0), (5, 5), (9, 5), (10, 10)]:
        house.clock.move(HOUSE_TIME + timedelta(minutes=minutes) - house.clock.now())
        await house.sessions.principal_of(session.token)
        await house.sessions.last_used.written()
        (info,) = await house.sessions.list(owner)
        assert info.last_seen_at == HOUSE_TIME + timedelta(minutes=seen)


async def test_a_hash_of_weaker_times_is_renewed_at_sign_in(house: House) -> None:
    await house.begin()
    weak = (await Person.get()).password_hash
    house.passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    house.__post_init__()
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
    renewed = (await Person.get()).password_hash
    assert renewed != weak
    assert "m=16,t=2" in renewed
    await house.sessions.sign_in(OLGA, PASSWORD, ip=HERE)
