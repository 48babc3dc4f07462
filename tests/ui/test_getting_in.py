"""Invitations and forgotten passwords: links by e-mail, and nobody learns who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from bilan.accounts.models import Person
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.delivery.models import SendingRow
from bilan.operator import operator
from bilan.sdk.errors import Expired, TooMany, Unauthenticated
from bilan.settings import Settings
from fixtures.pages import EMAIL, Reader
from fixtures.smtp import Sink, read_mail
from support.runs import until

pytestmark = pytest.mark.requirement("AD-13")

CHOSEN = "a password of her own"


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink, and is reached where the tests reach it."""
    return warehouse_settings.model_copy(update={"mail_url": sink.url, "base_url": "http://bilan.test"})


@pytest.fixture
def stranger(browser: AsyncClient, working: Bilan) -> Reader:
    """Somebody who is not signed in, at a server that works."""
    return Reader(browser)


async def link_of(sink: Sink, to: str, number: int = 1) -> str:
    """The path of the link in the so-manieth e-mail to somebody, from its text and its HTML alike."""

    def mails() -> list[bytes]:
        return [content for _sender, recipient, content in sink.taken if recipient == to]

    async def there() -> bool:
        return len(mails()) == number

    await until(there)
    mail = read_mail(mails()[-1])
    found = set[str]()
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        found |= set(re.findall(r"http://bilan\.test(/welcome/[\w.~-]+)", body.get_content()))
    (path,) = found
    return path


async def test_an_invitation_comes_by_e_mail_and_its_link_opens_the_account_once(
    reader: Reader, stranger: Reader, sink: Sink, working: Bilan
) -> None:
    form = {"email": "ivy@example.org", "name": "Ivy", "role": "member", "by": "mail"}
    assert await reader.goes("/people", form) == "/people"
    page = await reader.get("/people")
    assert "An invitation is on its way to ivy@example.org." in page.one("main").said
    assert page.all("input", id="made") == []
    path = await link_of(sink, "ivy@example.org")
    (stored,) = await SendingRow.all()
    assert stored.mail is not None
    assert path.rsplit("/", 1)[-1] not in (stored.mail.url, stored.mail.chooses)
    with pytest.raises(Expired):
        await working.services.password_links.holder(stored.mail.chooses)
    assert await stranger.goes(path, {"password": CHOSEN}) == "/sign-in"
    await working.services.sessions.sign_in("ivy@example.org", CHOSEN, ip="192.0.2.1")
    await stranger.get(path, status=410)


async def test_who_was_invited_before_is_invited_again_and_the_first_link_is_over(
    reader: Reader, stranger: Reader, sink: Sink, working: Bilan
) -> None:
    await reader.goes("/people", {"email": "ivy@example.org", "name": "Ivy", "by": "mail"})
    first = await link_of(sink, "ivy@example.org")
    ivy = await working.services.accounts.get(await operator(working.services), "ivy@example.org")
    assert await reader.goes(f"/people/{ivy.id}/invite") == "/people"
    second = await link_of(sink, "ivy@example.org", 2)
    await stranger.get(first, status=410)
    await stranger.get(second)


async def test_a_forgotten_password_is_chosen_anew_by_a_link_that_lasts_an_hour(
    reader: Reader, stranger: Reader, sink: Sink, working: Bilan
) -> None:
    held = (await Person.get(email=EMAIL)).password_hash
    answer = await stranger.sends("/forgotten", {"email": f" {EMAIL.upper()} "})
    assert answer.status_code == 200
    path = await link_of(sink, EMAIL)
    assert (await Person.get(email=EMAIL)).password_hash == held  # until another one is chosen
    await reader.get("/reports")
    links = working.services.password_links
    real = links._clock
    links._clock = FrozenClock(real.now() + timedelta(hours=1, seconds=1))
    await stranger.get(path, status=410)
    links._clock = real
    await stranger.goes(path, {"password": CHOSEN})
    await working.services.sessions.sign_in(EMAIL, CHOSEN, ip="192.0.2.1")
    assert (await reader.client.get("/reports")).headers["location"].startswith("/sign-in")


async def test_the_page_says_the_same_whoever_has_the_address(
    reader: Reader, stranger: Reader, sink: Sink
) -> None:
    known = await stranger.sends("/forgotten", {"email": EMAIL})
    unknown = await stranger.sends("/forgotten", {"email": "nobody@example.org"})
    without_a_key = [re.sub(r"[0-9a-f]{32}", "", one.text) for one in (known, unknown)]
    assert without_a_key[0] == without_a_key[1]
    assert "If somebody here has this address, an e-mail with a link is on its way." in known.text
    await link_of(sink, EMAIL)
    assert {to for _sender, to, _content in sink.taken} == {EMAIL}


async def test_a_closed_account_gets_no_link(reader: Reader, working: Bilan) -> None:
    services = working.services
    actor = await operator(services)
    ivy = await services.accounts.add(actor, email="ivy@example.org", name="Ivy")
    await services.accounts.deactivate(actor, ivy.id)
    await services.account_mails.reset("ivy@example.org")
    assert await SendingRow.all().count() == 0


async def test_nobody_is_flooded_with_links(working: Bilan) -> None:
    mails = working.services.account_mails
    for _time in range(3):
        await mails.admit("nobody@example.org", "192.0.2.1")
    with pytest.raises(TooMany):
        await mails.admit("Nobody@example.org ", "198.51.100.7")
    await mails.admit("somebody@example.org", "198.51.100.7")


async def test_a_link_that_was_asked_for_does_not_let_in_the_old_password(
    reader: Reader, stranger: Reader, sink: Sink, working: Bilan
) -> None:
    await stranger.sends("/forgotten", {"email": EMAIL})
    await stranger.goes(await link_of(sink, EMAIL), {"password": CHOSEN})
    with pytest.raises(Unauthenticated):
        await working.services.sessions.sign_in(EMAIL, "correct horse battery", ip="192.0.2.1")
