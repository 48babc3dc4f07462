"""How often signing in may be tried: from one address, for one name, over all."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bilan.accounts.door import network_of
from bilan.accounts.models import AttemptRow
from bilan.sdk.errors import TooMany, Unauthenticated
from fixtures.house import PASSWORD, House

OLGA = "olga@example.org"


async def fail(house: House, email: str, ip: str, browser: str = "") -> type[Exception]:
    with pytest.raises((Unauthenticated, TooMany)) as caught:
        await house.sessions.sign_in(email, "a wrong password", ip=ip, browser=browser)
    return TooMany if issubclass(caught.type, TooMany) else caught.type


@pytest.mark.parametrize("name", ["q" * 321, "olga\0@example.org"], ids=["too long", "with a zero"])
async def test_what_is_no_address_at_all_is_counted_and_refused_like_any(house: House, name: str) -> None:
    await house.begin()
    ends = [await fail(house, name, "192.0.2.1") for _attempt in range(6)]
    assert ends == [Unauthenticated] * 5 + [TooMany]


async def test_an_address_tries_fifty_names_and_no_more(house: House) -> None:
    await house.begin()
    ends = [await fail(house, f"{number}@example.org", "192.0.2.1") for number in range(51)]
    assert ends == [Unauthenticated] * 50 + [TooMany]
    with pytest.raises(TooMany):
        await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")
    await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.2")


async def test_a_name_is_tried_fifty_times_from_wherever(house: House) -> None:
    await house.begin()
    ends = [await fail(house, OLGA, f"192.0.2.{number}") for number in range(51)]
    assert ends == [Unauthenticated] * 50 + [TooMany]
    assert await fail(house, "gus@example.org", "192.0.2.200") is Unauthenticated


async def test_everybody_together_tries_a_thousand_times(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.accounts.door.OVER_ALL", 20)
    await house.begin()
    ends = [await fail(house, f"{number}@example.org", f"192.0.2.{number}") for number in range(21)]
    assert ends == [Unauthenticated] * 20 + [TooMany]


async def test_a_browser_in_which_somebody_signed_in_before_is_kept_out_by_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.accounts.door.OVER_ALL", 20)
    await house.begin()
    known = (await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")).browser
    for number in range(25):
        await fail(house, OLGA, f"198.51.100.{number}")
    with pytest.raises(TooMany):
        await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")
    await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1", browser=known)


async def test_a_known_browser_is_known_to_its_person_alone_and_guesses_ten_times(house: House) -> None:
    await house.begin()
    await house.join("Mia")
    known = (await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")).browser
    mias = [await fail(house, "mia@example.org", "192.0.2.1", known) for _ in range(6)]
    assert mias == [Unauthenticated] * 5 + [TooMany]
    hers = [await fail(house, OLGA, "192.0.2.1", known) for _ in range(11)]
    assert hers == [Unauthenticated] * 10 + [TooMany]
    assert await fail(house, OLGA, "192.0.2.1", known + "x") is Unauthenticated


async def test_a_password_that_is_changed_makes_every_browser_a_stranger(house: House) -> None:
    owner = await house.begin()
    known = (await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")).browser
    await house.accounts.change_own_password(owner, PASSWORD, "another horse battery")
    hers = [await fail(house, OLGA, "192.0.2.1", known) for _ in range(6)]
    assert hers == [Unauthenticated] * 5 + [TooMany]


async def test_people_who_sign_in_from_one_office_do_not_lock_each_other_out(house: House) -> None:
    await house.begin()
    for _morning in range(60):
        await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")


async def test_refusing_a_flood_writes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.begin()
    for _ in range(5):
        await fail(house, OLGA, "192.0.2.1")

    before = await AttemptRow.all().order_by("key").values_list("key", "number")

    async def counted(sql: str, *values: object) -> None:
        raise AssertionError("a refusal was written down")

    monkeypatch.setattr("bilan.accounts.rate_limit.rows", counted)
    assert await fail(house, OLGA, "192.0.2.1") is TooMany
    assert await AttemptRow.all().order_by("key").values_list("key", "number") == before


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("", ""),
    ],
)
def test_what_one_household_has_of_addresses_counts_as_one(ip: str, network: str) -> None:
    assert network_of(ip) == network


async def test_sign_ins_are_logged_with_the_person_where_there_is_one_and_never_with_the_password(
    house: House,
) -> None:
    owner = await house.begin()
    with capture_logs() as logs:
        await fail(house, OLGA, "192.0.2.1")
        await fail(house, "a wrong password", "192.0.2.1")
        await house.sessions.sign_in(OLGA, PASSWORD, ip="192.0.2.1")
    signed_in = {"event": "signed in", "log_level": "info", "ip": "192.0.2.1", "known": False}
    assert logs.pop() == {**signed_in, "person": str(owner.person)}
    said = {"event": "sign-in failed", "log_level": "warning", "code": "unauthenticated", "ip": "192.0.2.1"}
    assert logs == [{**said, "person": str(owner.person)}, {**said, "person": None}]
