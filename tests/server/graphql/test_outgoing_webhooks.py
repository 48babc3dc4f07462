"""Places that reports are posted to, in GraphQL: written down, tested, changed and removed."""

from __future__ import annotations

import json

import pytest

from bilan.accounts import WorkspaceRole
from bilan.delivery.models import DeliveryRow
from bilan.settings import Settings
from fixtures.bilan import Query
from fixtures.mailing import Mailing
from fixtures.receiving import HOOKS, Reaction, Receiver

ADD = "mutation ($webhook: WebhookInput!) { addWebhook(webhook: $webhook) { id address form } }"
TEST = "mutation ($id: ID!) { testWebhook(id: $id) { taken said } }"
URL = f"http://{HOOKS}/in/T0K3N"
ELSEWHERE = "The address leads elsewhere; enter the one that it leads to. It answered 302."
PROGRAM = {"name": "Sales", "form": "JSON", "url": URL, "secret": "a secret of the test"}


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, receiver: Receiver) -> Settings:
    """A server that may post to the receiver."""
    return warehouse_settings.model_copy(update={"webhook_private_hosts": receiver.private_hosts})


async def added(mailing: Mailing, asking: Query) -> str:
    made = (await asking(ADD, mailing.owner, {"webhook": PROGRAM})).data["addWebhook"]
    assert (made["address"].partition("#")[0], made["form"]) == (f"http://{HOOKS}/", "JSON")
    return made["id"]


@pytest.mark.parametrize(
    ("reaction", "taken", "said"),
    [
        (Reaction(), True, "Sales took the test: 200 taken"),
        (Reaction(404, "no such hook"), False, "Sales did not take the test: 404 no such hook"),
        (
            Reaction(302, "", {"location": "http://127.0.0.1/"}), False,
            f"Sales did not take the test: {ELSEWHERE}",
        ),
        (Reaction(502, "bad"), False, "Nobody knows whether Sales took the test: 502 bad"),
    ],
)  # fmt: skip
async def test_a_test_is_posted_once_and_says_what_is_answered(
    mailing: Mailing, asking: Query, receiver: Receiver, reaction: Reaction, taken: bool, said: str
) -> None:
    ident = await added(mailing, asking)
    receiver.react(reaction)
    tested = await asking(TEST, mailing.owner, {"id": ident})
    assert tested.data["testWebhook"] == {"taken": taken, "said": said}
    (post,) = receiver.tried
    assert post.headers["webhook-signature"].startswith("v1,")
    assert [one["label"] for one in post.json()["figures"]] == ["A figure"]
    assert await DeliveryRow.all().count() == 0


async def test_whoever_may_not_manage_recipients_tests_nothing(
    mailing: Mailing, asking: Query, receiver: Receiver
) -> None:
    ident = await added(mailing, asking)
    bob = await mailing.person("Bob", role=WorkspaceRole.MEMBER)
    refused = await asking(TEST, bob, {"id": ident})
    assert refused.errors[0].extensions["code"] == "forbidden"
    assert receiver.tried == []


async def test_no_answer_of_the_schema_holds_the_secrets(mailing: Mailing, asking: Query) -> None:
    ident = await added(mailing, asking)
    shown = await asking("{ webhooks { id name address form language zone answer addedBy } }", mailing.owner)
    assert "T0K3N" not in json.dumps(shown.data)
    assert [one["id"] for one in shown.data["webhooks"]] == [ident]


async def test_no_way_of_writing_this_machine_leads_there(mailing: Mailing, asking: Query) -> None:
    for url in (
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "http://a.example/x",
    ):
        wrong = await asking(ADD, mailing.owner, {"webhook": {**PROGRAM, "url": url}})
        assert [one.extensions["code"] for one in wrong.errors or ()] == ["invalid"], url
    number = {"webhook": {**PROGRAM, "url": "https://2130706433/x"}}  # read as 127.0.0.1 by the system
    named = (await asking(ADD, mailing.owner, number)).data["addWebhook"]["id"]
    tested = (await asking(TEST, mailing.owner, {"id": named})).data["testWebhook"]
    assert tested["taken"] is False
    assert "2130706433 is in a private network, which is not asked." in tested["said"]
