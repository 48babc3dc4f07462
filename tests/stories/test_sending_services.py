"""Every documented post of nine services, through a running server's own addresses and out again as facts."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bilan.sdk.sources import WebhookRequest
from fixtures.amazon_sns import HOST, PEM_PATH, certificate, post
from fixtures.email_campaigns import cases, request
from fixtures.sending_services import SETTINGS, signed
from fixtures.serving import Served
from support.club import Answer, Club
from support.club import served as answering

pytestmark = pytest.mark.slow

ALL = cases(*SETTINGS)
COLUMNS = {
    "kind": "", "send": False, "recipient": "", "message_id": "", "campaign": "", "bounce_class": "",
    "reject_reason": "", "reason": "", "url": "", "machine": False, "test": False,
}  # fmt: skip


class Amazon(Club):
    """SNS in one region: it has one certificate, which ends when the tests of today do, and confirms."""

    def answer(self, path: str, headers: Any) -> Answer:
        self.asked.append(path.partition("&")[0])
        return Answer(200, body=certificate(until=datetime.fromisoformat("2099-01-01T00:00:00Z")))


@pytest.fixture
def amazon() -> Generator[Club]:
    with answering(Amazon()) as running:
        yield running


def send(http: httpx2.Client, address: str, post: WebhookRequest) -> int:
    headers = {**post.headers, "content-type": post.content_type}
    return http.post(address, content=post.body, headers=headers).status_code


def test_what_nine_services_post_comes_out_once_and_from_them_alone(
    served: Served, amazon: Club, tmp_path: Path
) -> None:
    served.settings = {"pull_private_hosts": f"{HOST}={amazon.origin}"}
    served.start()
    addresses = {service: served.add_source(service, service, *SETTINGS[service]) for service in SETTINGS}
    with httpx2.Client(timeout=60) as http:
        confirmation = request(json.dumps(post("SubscriptionConfirmation")).encode(), "text/plain")
        assert send(http, addresses["amazon_ses"], confirmation) == 200
        assert amazon.asked == [PEM_PATH, "/?Action=ConfirmSubscription"]
        for case in ALL:
            address = addresses[case.service]
            assert send(http, address, signed(case, address, key="another")) == 401, case
            # The service does not hear the answer, and posts it again, signed anew.
            assert send(http, address, signed(case, address)) == 200, case
            assert send(http, address, signed(case, address)) == 200, case
    assert amazon.asked == [PEM_PATH, "/?Action=ConfirmSubscription"]
    served.wait_until_read()
    served.command("export", "email.events", "--out", str(tmp_path / "facts.jsonl"))

    facts = [json.loads(line) for line in (tmp_path / "facts.jsonl").read_text().splitlines()]
    found = [_row(fact, fact["source"]) for fact in facts]
    listed = [_row(COLUMNS | event, case.service) for case in ALL for event in case.events]
    assert sorted(found, key=str) == sorted(listed, key=str)


def _row(fact: dict[str, Any], source: str) -> dict[str, Any]:
    at = datetime.fromisoformat(fact["occurred_at"])
    return {"source": source, "occurred_at": at, **{name: fact[name] for name in COLUMNS}}
