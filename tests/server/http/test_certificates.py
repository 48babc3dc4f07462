"""A service that posts is asked for its certificates, and for a confirmation: seldom, and nobody else is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.http.certificates import ASKED
from bilan.http.middleware import ActiveCatalog
from bilan.http.webhooks import Webhooks
from bilan.ingest import Inbox
from bilan.ingest.models import PostRow
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.settings import Settings
from bilan.sources import Source, Sources
from fixtures.amazon_sns import HOST, PEM_PATH, TOPIC, certificate, post
from fixtures.ingest import NOW
from support.club import Answer, Club, served

pytestmark = pytest.mark.integration

CONFIRMED = (
    "/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Ases-events"
    "&Token=2336412f37"
)
NAME_AND_PASSWORD = {"username": "sns", "secret": "s3cret"}


class Amazon(Club):
    """SNS in one region: it has one certificate, and takes confirmations."""

    def answer(self, path: str, headers: Any) -> Answer:
        self.asked.append(path)
        if self.first and (answer := self.first.popleft()) is not None:
            return answer
        if path == PEM_PATH:
            return Answer(200, body=certificate())
        return Answer(200, body=b"<ConfirmSubscriptionResponse/>") if path == CONFIRMED else Answer(404)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that nobody said how long are over at once."""
    monkeypatch.setattr("bilan.outbound.client.FIRST_WAIT", 0.0)


@pytest.fixture
def amazon() -> Generator[Club]:
    with served(Amazon()) as running:
        yield running


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load()


@pytest.fixture
def sources(sqlite_catalog: Catalog, clock: FrozenClock, registry: Registry) -> Sources:
    return Sources(sqlite_catalog, clock, registry, b"key")


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Principal:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
async def ses(sources: Sources, operator: Principal) -> Source:
    return await added(sources, operator, "amazon_ses", topic=TOPIC)


async def added(sources: Sources, operator: Principal, kind: str, **settings: str) -> Source:
    return await sources.add(operator, plugin="email_campaigns", kind=kind, name=kind, settings=settings)


@pytest.fixture
async def client(
    sqlite_catalog: Catalog,
    sources: Sources,
    registry: Registry,
    clock: FrozenClock,
    amazon: Club,
    tmp_path: Path,
) -> AsyncGenerator[httpx2.AsyncClient]:
    settings = Settings(
        data_dir=tmp_path,
        base_url="https://reports.example.com",
        pull_private_hosts=f"{HOST}={amazon.origin}",
    )
    webhooks = Webhooks(settings, sources, Inbox(sqlite_catalog, limit=100), registry, clock, Meters())
    app = Starlette(routes=[webhooks.route()], middleware=[Middleware(ActiveCatalog, sqlite_catalog)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://bilan") as client:
        yield client


async def posted(
    client: httpx2.AsyncClient, source: Source, body: dict[str, Any], **headers: str
) -> httpx2.Response:
    content = json.dumps(body).encode()
    return await client.post(f"/hooks/{source.address}", content=content, headers=headers)


def said(answer: httpx2.Response) -> str:
    return answer.json()["errors"][0]["message"]


async def test_a_certificate_is_fetched_once_a_day(
    client: httpx2.AsyncClient, ses: Source, amazon: Club, clock: FrozenClock
) -> None:
    for number in range(3):
        answer = await posted(client, ses, post(MessageId=str(number)))
        assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert (amazon.asked, await PostRow.all().count()) == ([PEM_PATH], 3)

    clock.move(timedelta(days=1, seconds=1))
    assert (await posted(client, ses, post())).status_code == 200
    assert amazon.asked == [PEM_PATH, PEM_PATH]


async def test_posts_that_come_together_ask_once(
    client: httpx2.AsyncClient, ses: Source, amazon: Club
) -> None:
    answers = await asyncio.gather(*(posted(client, ses, post(MessageId=str(n))) for n in range(12)))

    assert {answer.status_code for answer in answers} == {200}
    assert amazon.asked == [PEM_PATH]


async def test_a_wrong_signature_is_refused_and_asks_for_credentials(
    client: httpx2.AsyncClient, ses: Source
) -> None:
    answer = await posted(client, ses, post(by="somebody"))

    assert (answer.status_code, said(answer)) == (401, "The signature is missing or wrong.")
    assert answer.headers["www-authenticate"] == 'Basic realm="Bilan"'
    assert await PostRow.all().count() == 0


@pytest.mark.parametrize(
    "more",
    [
        {"TopicArn": "arn:aws:sns:eu-west-1:999999999999:ses-events"},
        {"SigningCertURL": f"https://stranger.example{PEM_PATH}"},
        {"SigningCertURL": f"https://{HOST}/other.pem"},
    ],
)
async def test_strangers_make_nobody_ask_anything(
    client: httpx2.AsyncClient, ses: Source, amazon: Club, more: dict[str, str]
) -> None:
    for kind in ("Notification", "SubscriptionConfirmation"):
        assert (await posted(client, ses, post(kind, **more))).status_code == 401
    assert amazon.asked == []


async def test_a_certificate_that_is_not_there_is_asked_for_once_a_minute(
    client: httpx2.AsyncClient, ses: Source, amazon: Club, clock: FrozenClock
) -> None:
    made_up = post(SigningCertURL=f"https://{HOST}/SimpleNotificationService-ffff.pem")
    for _again in range(3):
        answer = await posted(client, ses, made_up)
        assert (answer.status_code, said(answer)) == (
            401,
            "There is no certificate where the post says that one is.",
        )
    assert len(amazon.asked) == 1

    clock.move(timedelta(minutes=1, seconds=1))
    await posted(client, ses, made_up)
    assert len(amazon.asked) == 2


async def test_somebody_who_makes_up_certificates_is_slowed_down(
    client: httpx2.AsyncClient, ses: Source, amazon: Club
) -> None:
    await posted(client, ses, post())
    made_up = [f"https://{HOST}/SimpleNotificationService-{number:04}.pem" for number in range(ASKED)]
    *before, answer = [await posted(client, ses, post(SigningCertURL=url)) for url in made_up]
    assert {one.status_code for one in before} == {401}
    assert (answer.status_code, len(amazon.asked)) == (503, ASKED)
    assert answer.headers["retry-after"] == "5"
    # The one that is known is still good.
    assert (await posted(client, ses, post())).status_code == 200


async def test_a_service_that_fails_is_asked_again_by_the_next_post(
    client: httpx2.AsyncClient, ses: Source, amazon: Club
) -> None:
    amazon.first.extend([Answer(500)] * 4)

    answer = await posted(client, ses, post())
    assert (answer.status_code, said(answer)) == (503, f"{HOST} does not work just now. It answered 500.")
    assert (await posted(client, ses, post())).status_code == 200
    assert await PostRow.all().count() == 1


async def test_an_answer_without_end_is_no_certificate(
    client: httpx2.AsyncClient, ses: Source, amazon: Club
) -> None:
    amazon.first.append(Answer(200, body=b"-" * 70_000))

    assert (await posted(client, ses, post())).status_code == 401


async def test_a_subscription_is_confirmed_before_it_is_acknowledged(
    client: httpx2.AsyncClient, ses: Source, amazon: Club
) -> None:
    answer = await posted(client, ses, post("SubscriptionConfirmation"))

    assert (answer.status_code, amazon.asked) == (200, [PEM_PATH, CONFIRMED])
    # Amazon may say it twice: it is confirmed twice, which changes nothing.
    assert (await posted(client, ses, post("SubscriptionConfirmation"))).status_code == 200
    assert amazon.asked == [PEM_PATH, CONFIRMED, CONFIRMED]


@pytest.mark.parametrize("refusal", [400, 403, 404, 500])
async def test_a_subscription_that_cannot_be_confirmed_is_sent_again(
    client: httpx2.AsyncClient, ses: Source, amazon: Club, refusal: int
) -> None:
    amazon.first.extend([None, *[Answer(refusal)] * (4 if refusal == 500 else 1)])

    assert (await posted(client, ses, post("SubscriptionConfirmation"))).status_code == 503
    assert await PostRow.all().count() == 0
    assert (await posted(client, ses, post("SubscriptionConfirmation"))).status_code == 200


async def test_nothing_is_confirmed_for_who_does_not_prove_to_be_the_service(
    client: httpx2.AsyncClient, ses: Source, amazon: Club
) -> None:
    assert (await posted(client, ses, post("SubscriptionConfirmation", by="somebody"))).status_code == 401
    assert amazon.asked == [PEM_PATH]


async def test_a_source_that_asks_for_no_proof_confirms_its_topics_alone(
    client: httpx2.AsyncClient, sources: Sources, operator: Principal, amazon: Club
) -> None:
    source = await added(sources, operator, "amazon_ses", topic=TOPIC, verify="off")

    assert (await posted(client, source, post(by="somebody"))).status_code == 200
    assert amazon.asked == []
    assert (await posted(client, source, post("SubscriptionConfirmation", by="somebody"))).status_code == 200
    assert amazon.asked == [CONFIRMED]
    other = post("SubscriptionConfirmation", TopicArn="arn:aws:sns:eu-west-1:999999999999:a")
    assert (await posted(client, source, other)).status_code == 401


async def test_a_raw_message_is_taken_once_it_was_asked_for_credentials(
    client: httpx2.AsyncClient, sources: Sources, operator: Principal, amazon: Club
) -> None:
    source = await added(sources, operator, "amazon_ses", topic=TOPIC, **NAME_AND_PASSWORD)
    headers = {"x-amz-sns-rawdelivery": "true", "x-amz-sns-topic-arn": TOPIC}
    first = await posted(client, source, {"eventType": "Send"}, **headers)
    assert (first.status_code, first.headers["www-authenticate"]) == (401, 'Basic realm="Bilan"')

    credentials = "Basic " + base64.b64encode(b"sns:s3cret").decode()
    second = await posted(client, source, {"eventType": "Send"}, **headers, authorization=credentials)
    assert (second.status_code, amazon.asked) == (200, [])
    # What proves a sender is not written down.
    assert "s3cret" not in json.dumps((await PostRow.get()).headers)


async def test_mandrill_signs_the_address_that_people_see_whatever_stands_between(
    client: httpx2.AsyncClient, sources: Sources, operator: Principal
) -> None:
    source = await added(sources, operator, "mandrill")
    assert (await client.head(f"/hooks/{source.address}")).status_code == 200
    await sources.change(operator, source.id, settings={"webhook_key": "s3cret"})

    async def sent(url: str, path: str) -> int:
        text = f'{url}mandrill_events[{{"event":"open","_id":"1"}}]'
        made = base64.b64encode(hmac.new(b"s3cret", text.encode(), hashlib.sha1).digest()).decode()
        content = urlencode({"mandrill_events": '[{"event":"open","_id":"1"}]'}).encode()
        form = {"content-type": "application/x-www-form-urlencoded", "x-mandrill-signature": made}
        return (await client.post(path, content=content, headers=form)).status_code

    path = f"/hooks/{source.address}"
    assert await sent(f"https://reports.example.com{path}", path) == 200
    assert await sent(f"https://reports.example.com{path}?a=b%20c", f"{path}?a=b%20c") == 200
    assert await sent(f"https://reports.example.com{path}/", f"{path}/") == 200
    assert await sent(f"http://bilan{path}", path) == 401
