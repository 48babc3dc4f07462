"""Signing in: from our own pages alone, with cookies bound to this host, and from where it really comes."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import httpx2
import pytest
from httpx2 import ASGITransport, AsyncClient

from bilan.accounts import WorkspaceRole
from bilan.app import Bilan
from bilan.app.serving import UvicornServer, serving
from bilan.app.web import web_application
from bilan.settings import Settings
from support.people import add_person

OLGA = "olga@example.org"
HERE = "https://bilan.test"


@pytest.fixture
async def password(bilan: Bilan) -> str:
    return (await add_person(bilan.services, OLGA, "Olga", WorkspaceRole.OWNER))[1]


def visiting(bilan: Bilan, url: str = HERE) -> AsyncClient:
    transport = ASGITransport(app=web_application(bilan), client=("192.0.2.1", 1234))
    return AsyncClient(transport=transport, base_url=url)


def behind_tls(bilan: Bilan) -> Bilan:
    settings = bilan.services.settings.model_copy(update={"base_url": HERE})
    return replace(bilan, services=replace(bilan.services, settings=settings))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "https://bilan.test.evil.test"},
        {"sec-fetch-site": "cross-site", "origin": HERE},
        {"sec-fetch-site": "same-site", "origin": "https://other.bilan.test"},
        {},
    ],
    ids=["another site", "no site", "a longer name", "cross-site", "same-site", "silent"],
)
async def test_nobody_is_signed_in_by_a_form_of_another_site(
    bilan: Bilan, password: str, headers: dict[str, str]
) -> None:
    async with visiting(bilan) as client:
        answer = await client.post("/sign-in", data={"email": OLGA, "password": password}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_where_there_is_https_every_cookie_is_bound_to_this_host(bilan: Bilan, password: str) -> None:
    async with visiting(behind_tls(bilan)) as client:
        form = {"email": OLGA, "password": password}
        answer = await client.post("/sign-in", data=form, headers={"origin": HERE})
        language = await client.post("/language", data={"language": "fr"}, headers={"origin": HERE})
        given = answer.headers.get_list("set-cookie") + language.headers.get_list("set-cookie")
        assert [one.partition("=")[0] for one in given] == [
            "__Host-bilan_session", "__Host-bilan_browser", "__Host-bilan_language",
        ]  # fmt: skip
        for cookie in given:
            attributes = {one.strip().lower() for one in cookie.split(";")[1:]}
            assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
            assert not any(one.startswith("domain") for one in attributes)
        assert (await client.get("/account")).status_code == 200
        token = client.cookies["__Host-bilan_session"]
        client.cookies.clear()
        plain = await client.get("/account", headers={"cookie": f"bilan_session={token}"})
        assert plain.headers["location"] == "/sign-in?next=/account"


async def test_a_cookie_is_forgotten_under_the_name_that_it_has(bilan: Bilan, password: str) -> None:
    async with visiting(behind_tls(bilan)) as client:
        form = {"email": OLGA, "password": password}
        await client.post("/sign-in", data=form, headers={"origin": HERE})
        gone = await client.post("/sign-out", headers={"origin": HERE})
        (cookie,) = gone.headers.get_list("set-cookie")
        assert cookie.startswith('__Host-bilan_session=""; ')
        assert {"Max-Age=0", "Secure", "Path=/"} <= {one.strip() for one in cookie.split(";")}


async def test_a_refused_sign_in_says_when_to_come_again(bilan: Bilan, password: str) -> None:
    async with visiting(bilan) as client:
        form = {"email": OLGA, "password": "a wrong password"}
        answers = [await client.post("/sign-in", data=form, headers={"origin": HERE}) for _ in range(6)]
        answer = answers[-1]
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [("", "127.0.0.1"), ("192.0.2.0/24", "127.0.0.1"), ("127.0.0.0/8", "198.51.100.7")],
    ids=["nobody", "others", "this proxy"],
)
async def test_where_a_request_comes_from_is_told_by_proxies_that_are_named_alone(
    bilan: Bilan, password: str, trusted: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def sign_in(email: str, password: str, *, ip: str, **_more: str) -> None:
        told.append(ip)
        raise RuntimeError("seen enough")

    monkeypatch.setattr(bilan.services.sessions, "sign_in", sign_in)
    assert Settings(trusted_proxies=trusted).trusted_proxies == trusted
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(UvicornServer(web_application(bilan), trusted), listener):
            async with httpx2.AsyncClient(base_url=url) as client:
                headers = {"origin": url, "x-forwarded-for": "203.0.113.9, 198.51.100.7"}
                await client.post("/sign-in", data={"email": OLGA, "password": password}, headers=headers)
            await asyncio.sleep(0)
    assert told == [seen]


async def test_a_flood_of_guesses_hears_of_its_refusals_after_whoever_knows_the_password(
    bilan: Bilan, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, enough = list[str](), asyncio.Event()

    async def sleep(seconds: float) -> None:
        order.append(f"waits {seconds:g} s")
        await enough.wait()

    monkeypatch.setattr("bilan.accounts.sessions.anyio.sleep", sleep)
    async with visiting(bilan) as client:
        form = {"email": OLGA, "password": password}
        known = await client.post("/sign-in", data=form, headers={"origin": HERE})
        assert known.status_code == 303
        client.cookies.delete("bilan_session")

        async def guess() -> None:
            wrong = {"email": OLGA, "password": "a wrong password"}
            headers = {"origin": HERE, "cookie": ""}
            async with visiting(bilan) as stranger:
                while not enough.is_set():
                    answer = await stranger.post("/sign-in", data=wrong, headers=headers)
                    if answer.status_code == 429:
                        order.append("refused")

        async with asyncio.timeout(60), asyncio.TaskGroup() as flood:
            for _guesser in range(16):
                flood.create_task(guess())
            while order.count("waits 1 s") < 16:  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0)
            right = await client.post("/sign-in", data=form, headers={"origin": HERE})
            order.append("let in")
            enough.set()
        assert right.status_code == 303
    # Each guesser waits for one refusal, and nobody asks a second time before the right password is in.
    assert order[: order.index("let in")] == ["waits 1 s"] * 16
