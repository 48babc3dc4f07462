"""Webhooks on the pages, without JavaScript: written down, chosen to send to, changed and removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.delivery import DeliveryState
from bilan.delivery.models import DeliveryRow
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.pages import Reader
from fixtures.receiving import HOOKS, Reaction, Receiver
from support.posting import built, sent, to, worked

SignsIn = Callable[[str, str], Awaitable[Reader]]
URL = f"http://{HOOKS}/in/T0K3N"
CHAT = {"name": "Sales", "form": "mattermost", "url": URL, "secret": "", "language": "", "zone": ""}


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, receiver: Receiver) -> Settings:
    """A server that may post to the receiver."""
    return warehouse_settings.model_copy(update={"webhook_private_hosts": receiver.private_hosts})


@pytest.fixture
async def ola(mailing: Mailing, signs_in: SignsIn) -> Reader:
    """An admin of the workspace at the pages."""
    services = mailing.bilan.services
    member = await services.accounts.add(
        await services.accounts.operator(), email="ola@example.org", name="Ola",
        password="correct horse battery", role=WorkspaceRole.ADMIN,
    )  # fmt: skip
    for source in (mailing.shop, mailing.lab):
        await services.sources.grant(mailing.owner, source.id, member.id, SourceRole.EDITOR)
    return await signs_in(member.email, "correct horse battery")


async def test_a_webhook_is_written_down_and_a_report_sent_there(
    mailing: Mailing, ola: Reader, receiver: Receiver
) -> None:
    assert "No webhook yet" in (await ola.get("/webhooks")).texts("h2")
    assert await ola.goes("/webhooks/new", CHAT) == "/webhooks"
    (webhook,) = await mailing.bilan.services.targets.list(mailing.owner)
    page = await ola.get("/webhooks")
    assert webhook.address in page.texts("code")
    assert "Mattermost" in page.texts("td")

    run = await built(mailing)
    form = await ola.get(f"/runs/{run.id}/send")
    assert f"Sales <{webhook.address}>" in form.texts("label")
    given = {
        "key": form.one("input", name="key").attributes["value"], "to": webhook.address, "formats": "csv",
        "mode": "link", "days": "7",
    }  # fmt: skip
    assert await ola.goes(f"/runs/{run.id}/send", given) == f"/runs/{run.id}#deliveries"
    (delivery,) = await mailing.bilan.services.deliveries.list(mailing.owner, run.id)
    await worked(mailing.bilan, delivery.job)
    page = await ola.get(f"/runs/{run.id}")
    assert "200 taken" in page.texts("td")
    assert receiver.taken[0].json()["attachments"][0]["title_link"].endswith(f"/runs/{run.id}")


@pytest.mark.parametrize(
    ("reaction", "said"),
    [
        (Reaction(), "Sales took the test: 200 taken"),
        (Reaction(404, "no such hook"), "Sales did not take the test: 404 no such hook"),
        (Reaction(503, "busy"), "Sales did not take the test: 503 busy"),
        (Reaction(502, "bad gateway"), "Nobody knows whether Sales took the test: 502 bad gateway"),
    ],
)
async def test_a_test_is_posted_at_once_and_its_answer_is_shown(
    mailing: Mailing, ola: Reader, receiver: Receiver, reaction: Reaction, said: str
) -> None:
    await ola.goes("/webhooks/new", CHAT)
    (webhook,) = await mailing.bilan.services.targets.list(mailing.owner)
    receiver.react(reaction)
    here = f"/webhooks/{webhook.id}"
    assert await ola.goes(f"{here}/test") == here
    assert said in (await ola.get(here)).texts("p", class_="notice")
    (post,) = receiver.tried
    (attachment,) = post.json()["attachments"]
    assert attachment["fallback"] == "Test: A test, to see that reports arrive here"
    assert [one["title"] for one in attachment["fields"]] == ["A figure"]
    assert await DeliveryRow.all().count() == 0


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(ola: Reader) -> None:
    page = await ola.refused("/webhooks/new", {**CHAT, "url": "http://hooks.slack.com/x"})
    assert page.one("input", name="name").attributes["value"] == "Sales"
    assert "hooks.slack.com is asked by https alone." in page.texts("p", class_="error")


async def test_the_form_of_a_webhook_never_shows_its_secrets_and_keeps_what_is_left_empty(
    mailing: Mailing, ola: Reader
) -> None:
    await ola.goes("/webhooks/new", {**CHAT, "form": "json", "secret": "a secret of the test"})
    targets = mailing.bilan.services.targets
    (webhook,) = await targets.list(mailing.owner)
    shown = await ola.client.get(f"/webhooks/{webhook.id}")
    assert "T0K3N" not in shown.text
    assert "a secret of the test" not in shown.text
    assert await ola.goes(f"/webhooks/{webhook.id}", {**CHAT, "url": "", "name": "Team"}) == "/webhooks"
    (changed,) = await targets.list(mailing.owner)
    assert (changed.name, changed.settings["form"], changed.address) == (
        "Team",
        "mattermost",
        webhook.address,
    )
    assert (await targets.settings_of(webhook.id))["url"] == URL


async def test_a_webhook_that_was_taken_away_says_so_until_it_is_removed(
    mailing: Mailing, ola: Reader, receiver: Receiver
) -> None:
    await ola.goes("/webhooks/new", CHAT)
    services = mailing.bilan.services
    (webhook,) = await services.targets.list(mailing.owner)
    receiver.react(Reaction(410, "gone"))
    run = await built(mailing)
    await sent(mailing, run, to(webhook.address))
    (row,) = await services.deliveries.list(mailing.owner, run.id)
    assert row.state is DeliveryState.REFUSED
    assert "takes nothing" in (await ola.get("/webhooks")).texts("span", class_="badge")
    said = (await ola.get(f"/webhooks/{webhook.id}")).texts("p")
    assert "Its server said that it takes nothing any more: 410 gone" in said
    assert await ola.goes(f"/webhooks/{webhook.id}/remove", {}) == "/webhooks"
    assert await services.targets.list(mailing.owner) == ()
