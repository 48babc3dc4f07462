"""A button leads to its own number whatever is asked of it, and counts what people click and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

import pytest
from benchmarks.attacks.cut_proxy import CutProxy
from httpx2 import ASGITransport, AsyncClient, Response

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.app.web import web_application
from bilan.http.identity import COOKIE
from bilan.http.plugin_routes import OF_ADDRESS
from bilan.ingest.models import PostRow
from bilan.sdk import Answer, Question, Unavailable, messages
from bilan.settings import Settings
from bilan.sources import Source
from support.people import add_person

pytestmark = [pytest.mark.requirement("AC-19"), pytest.mark.requirement("AC-20")]

_ = messages("whatsapp")[0]
BROWSER = {
    "user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15"
}
CLICKS, MISSED = "whatsapp.clicks", "whatsapp.missed_clicks"


class Site:
    """A button on a web site, and its visitors."""

    def __init__(
        self, bilan: Bilan, client: AsyncClient, owner: Principal, session: str, source: Source
    ) -> None:
        self.bilan, self.client, self.owner, self.source = bilan, client, owner, source
        self.headers = {
            "cookie": f"{COOKIE}={session}",
            "sec-fetch-site": "same-origin",
            "accept": "text/html",
        }
        self.path = ""

    async def made(self, **given: str) -> Response:
        form = {
            "name": "Footer",
            "number": "+33 6 39 98 12 34",
            "text": "Bonjour !",
            "source": str(self.source.id),
        }
        answer = await self.client.post("/plugins/whatsapp/buttons", data=form | given, headers=self.headers)
        ident = answer.headers.get("location", "").rpartition("/")[2]
        self.path = f"/plugins/whatsapp/go/{ident}"
        return answer

    async def follow(self, query: str = "", method: str = "GET", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, self.path + query, headers=BROWSER | named)

    async def clicks(self, *by: str) -> Any:
        """How many clicks there are, or how many of each."""
        await self.bilan.appender.drain()
        answer = await self._ask(Question("whatsapp.button_clicks", (CLICKS,), by=by))
        return {row.keys: row.values[CLICKS] for row in answer.rows} if by else answer.totals[CLICKS]

    async def totals(self, *metrics: str) -> Any:
        """Figures of the clicks."""
        await self.bilan.appender.drain()
        return (await self._ask(Question("whatsapp.button_clicks", metrics))).totals

    async def _ask(self, question: Question) -> Answer:
        session = await self.bilan.services.query.session([self.source.id])
        return await asyncio.to_thread(session, question)


@pytest.fixture
async def site(bilan: Bilan, owner: Principal, owner_session: str) -> AsyncGenerator[Site]:
    source = await bilan.services.sources.add(
        owner, plugin="whatsapp", kind="inbox_events", name="Shop", settings={"secret": "s" * 20}
    )
    transport = ASGITransport(app=web_application(bilan), client=("192.0.2.1", 1234))
    async with AsyncClient(transport=transport, base_url="http://bilan.test") as client:
        made = Site(bilan, client, owner, owner_session, source)
        assert (await made.made()).status_code == 303
        yield made


def text_of(answer: Response) -> str:
    """What the visitor is about to write, once it is sure that they are led to the button's number."""
    there = urlsplit(answer.headers["location"])
    assert (answer.status_code, there.scheme, there.netloc, there.path) == (
        302,
        "https",
        "wa.me",
        "/33639981234",
    )
    return parse_qs(there.query)["text"][0]


async def test_a_click_leads_to_the_number_with_a_reference_and_is_durable_before_the_answer(
    site: Site,
) -> None:
    before = await PostRow.all().count()
    answer = await site.follow()

    begun, _space, reference = text_of(answer).rpartition(" ")
    assert begun == "Bonjour !"
    assert len(reference) == 11
    assert reference.startswith("#")
    assert answer.headers["cache-control"] == "no-store"
    assert await PostRow.all().count() == before + 1
    assert await site.clicks() == 1


async def test_nothing_in_an_address_leads_elsewhere_or_changes_the_text(site: Site) -> None:
    for query in (
        "?url=https://evil.example", "?number=4912345678901&phone=4912345678901", "?text=Buy%20this",
        "?next=//evil.example", "?text=&wa.me=evil.example&utm_source=https://evil.example/",
        "?utm_source=%0d%0alocation:%20https://evil.example",
    ):  # fmt: skip
        answer = await site.follow(query, host="evil.example", x_forwarded_host="evil.example")

        assert text_of(answer).startswith("Bonjour ! #")
        assert "evil" not in str(answer.headers)


async def test_what_is_no_button_leads_nowhere(site: Site) -> None:
    for ident in ("BBBBBBBB", "nothing", "..%2f..%2freports", "%00", "B" * 5000, "https:%2F%2Fevil"):
        site.path = f"/plugins/whatsapp/go/{ident}"
        answer = await site.follow()

        assert answer.status_code == 404
        assert "location" not in answer.headers


async def test_a_removed_button_leads_nowhere_at_once(site: Site) -> None:
    there = site.path.replace("/go/", "/buttons/")
    assert (await site.client.post(there, data={"remove": "1"}, headers=site.headers)).status_code == 303

    answer = await site.follow()

    assert (answer.status_code, "location" in answer.headers) == (404, False)
    assert answer.json()["errors"][0]["message"] == "There is no such button, or it was removed."


NO_PERSONS: tuple[dict[str, str], ...] = (
    {"user_agent": "WhatsApp/2.23.20.0"},
    {"user_agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
    {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    {"user_agent": "TelegramBot (like TwitterBot)"},
    {"user_agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    {"user_agent": "curl/8.5.0"},
    {"user_agent": ""},
    {"purpose": "prefetch"},
    {"sec_purpose": "prefetch;prerender"},
    {"sec_fetch_dest": "image"},
    {"sec_fetch_dest": "empty"},
    {"method": "HEAD"},
)
ODD_BROWSERS = (
    "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/96.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile [FBAN/FBIOS]",
)


async def test_previews_prefetches_and_machines_are_led_on_and_not_counted(site: Site) -> None:
    for headers in NO_PERSONS:
        assert text_of(await site.follow(**headers)) == "Bonjour !"
    assert await site.clicks() == 0
    for agent in ODD_BROWSERS:
        await site.follow(user_agent=agent, sec_fetch_dest="document", sec_fetch_user="?1")
    assert await site.clicks() == 2


@pytest.mark.requirement("DC-21")
async def test_clicks_are_counted_by_each_dimension_and_nothing_else_is_kept(site: Site) -> None:
    utm = (
        "?utm_source=news&utm_medium=email&utm_campaign=spring&utm_term=boots&utm_content=top&fbclid=secret1"
    )
    await site.follow(
        utm, referer="https://shop.example/cart?user=secret2#x", user_agent="Mozilla/5.0 secret3"
    )
    await site.follow()

    for name, value in {
        "button": "Footer", "referrer": "shop.example", "utm_source": "news", "utm_medium": "email",
        "utm_campaign": "spring", "utm_term": "boots", "utm_content": "top",
    }.items():  # fmt: skip
        expected = {("Footer",): 2} if name == "button" else {(value,): 1, ("",): 1}
        assert await site.clicks(name) == expected
    session = await site.bilan.services.query.session([site.source.id])
    names = tuple(session.registry.datasets["whatsapp.button_log"].by_name)
    kept = str(list(session.rows("whatsapp.button_log", names)))
    assert not any(word in kept for word in ("secret", "192.0.2.1", "cart", "Mozilla"))


async def test_hostile_values_are_bounded(site: Site) -> None:
    many = "&".join(f"{number:x}" for number in range(10_000))
    await site.follow(f"?utm_source={'x' * 5000}&utm_medium=%00%1b%0aa%20%20b&utm_term=%ed%a0%80&{many}")
    await site.follow(f"?{many}&utm_source=late", referer="https://[::1", cookie="x=y")
    await site.follow(referer=f"https://{'a' * 300}.example/")

    assert await site.clicks("utm_source", "utm_medium", "referrer") == {
        ("x" * 200, "a b", ""): 1,
        ("", "", ""): 2,
    }


async def test_a_full_inbox_still_leads_on_and_the_next_click_tells_what_is_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_given: object) -> None:
        raise Unavailable(_("The inbox is full."))

    with monkeypatch.context() as patched:
        patched.setattr(site.bilan.services.inbox, "record", refuses)
        for _click in range(2):
            assert "#" in text_of(await site.follow())
    assert "#" in text_of(await site.follow())

    assert await site.totals(CLICKS, MISSED) == {CLICKS: 1, MISSED: 2}


async def test_a_click_that_takes_long_to_write_down_keeps_nobody_waiting_and_is_not_told_as_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, enough, written = site.bilan.services.inbox.record, asyncio.Event(), asyncio.Event()

    async def slow(*given: Any) -> None:
        await enough.wait()
        await record(*given)
        written.set()

    with monkeypatch.context() as patched:
        patched.setattr("bilan_whatsapp_inbox.button.following.PATIENCE", 0.01)
        patched.setattr(site.bilan.services.inbox, "record", slow)
        assert "#" in text_of(await site.follow())
    enough.set()
    await written.wait()
    await site.follow()

    assert await site.totals(CLICKS, MISSED) == {CLICKS: 2, MISSED: 0}


async def test_a_flood_of_one_address_is_led_on_and_counts_sixty_a_minute(site: Site) -> None:
    answers = await asyncio.gather(*(site.follow() for _time in range(OF_ADDRESS + 20)))

    assert {answer.status_code for answer in answers} == {302}
    assert await site.clicks() == OF_ADDRESS


async def test_while_the_catalog_restarts_a_button_leads_on_and_what_was_missed_is_told(
    warehouse_settings: Settings,
    postgres_url: str,
    thrifty: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = CutProxy(postgres_url)
    await proxy.mend()
    settings = warehouse_settings.model_copy(update={"database_url": proxy.url})
    # Nothing that was looked up a moment ago helps.
    monkeypatch.setattr("bilan.sources.recent.FOR", timedelta(0))
    monkeypatch.setattr("bilan_whatsapp_inbox.button.buttons.FRESH", 0.0)
    async with Bilan.open(settings, local=True) as bilan:
        services = bilan.services
        member, password = await add_person(services, "olga@example.org", "Olga", WorkspaceRole.OWNER)
        owner = await principal_for(member.id)
        assert owner is not None
        source = await services.sources.add(
            owner, plugin="whatsapp", kind="inbox_events", name="Shop", settings={"secret": "s" * 20}
        )
        signed_in = await services.sessions.sign_in("olga@example.org", password, ip="127.0.0.1")
        transport = ASGITransport(app=web_application(bilan), client=("192.0.2.1", 1234))
        async with AsyncClient(transport=transport, base_url="http://bilan.test") as client:
            site = Site(bilan, client, owner, signed_in.token, source)
            assert (await site.made()).status_code == 303
            assert "#" in text_of(await site.follow())
            with services.catalog.activate():
                await bilan.appender.drain()
            await proxy.cut()
            assert "#" in text_of(await site.follow())
            assert "#" in text_of(await site.follow())
            assert "a click could not be written down" not in caplog.text
            # A process that has not read the buttons yet can only say so.
            monkeypatch.setattr("bilan_whatsapp_inbox.button.buttons._directories", WeakKeyDictionary())
            unread = await site.follow()
            assert unread.status_code == 503
            assert unread.json()["errors"][0]["extensions"] == {"code": "unavailable"}
            await proxy.mend()
            assert "#" in text_of(await site.follow())
            with services.catalog.activate():
                assert await site.totals(CLICKS, MISSED) == {CLICKS: 2, MISSED: 2}
    await proxy.cut()
