"""A post that comes again, an hour later and signed anew, changes no number."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.registry.gather import load
from bilan.sdk.datasets import Fact
from bilan.sdk.query import Question
from bilan.warehouse import Warehouse
from bilan_email_campaigns.datasets import EVENT_DATASET
from bilan_email_campaigns.metrics import METRICS
from bilan_email_campaigns.sources import BREVO, MAILGUN, POSTMARK, SENDGRID
from bilan_email_campaigns.vocabulary import EVENTS
from fixtures.email_campaigns import RECEIVED_AT, Case, cases, parsed, request

SERVICES = {
    UUID(int=number): kind for number, kind in enumerate((SENDGRID, POSTMARK, MAILGUN, BREVO), start=1)
}
KEYS = tuple(metric.key for metric in METRICS if metric.dataset == EVENTS)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def signed_anew(case: Case) -> Any:
    payload = copy.deepcopy(case.payload)
    if case.service == "mailgun":
        block = payload["form"] if "form" in payload else payload["signature"]
        block.update(token="another token", signature="another signature")
        if "form" not in payload:
            block["timestamp"] = str(int(NEW_YEAR.timestamp()))
    return payload


def post(warehouse: Warehouse, *, again: bool, received_at: datetime) -> None:
    for source, kind in SERVICES.items():
        assert kind.webhook is not None
        for case in cases(kind.key):
            payload = signed_anew(case) if again else case.payload
            found = parsed(kind.webhook, request(payload, case.content_type, received_at=received_at))
            rows = [each.row for each in found if isinstance(each, Fact)]
            warehouse.append(EVENT_DATASET, source, rows, moment=received_at + timedelta(microseconds=again))


def figures(warehouse: Warehouse) -> Mapping[str, Any]:
    client = QuerySession(warehouse, load(), frozenset(SERVICES), Snapshot(NEW_YEAR + timedelta(days=1)))
    return client(Question(EVENTS, KEYS)).totals


def test_all_samples_posted_twice_count_once(warehouse: Warehouse) -> None:
    warehouse.ensure([EVENT_DATASET])
    post(warehouse, again=False, received_at=RECEIVED_AT)
    before = figures(warehouse)
    # The later hour lies in another month and another year.
    post(warehouse, again=True, received_at=NEW_YEAR)

    assert figures(warehouse) == before
    counted = {
        "sends": 3, "delivered": 7, "opens": 8, "machine_opens": 2, "clicks": 6, "bounces": 9,
        "hard_bounces": 8, "soft_bounces": 1, "spam_reports": 4, "unsubscribes": 4,
    }  # fmt: skip
    assert {name: before[f"email.{name}"] for name in counted} == counted
