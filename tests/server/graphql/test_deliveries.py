"""Sending, the ledger and the outbox through GraphQL."""

from __future__ import annotations

from bilan.delivery.models import DeliveryRow
from fixtures.bilan import Query
from fixtures.mailing import Mailing
from support.posting import built, worked

SEND = """mutation ($run: ID!, $to: [String!]!) {
  sendRun(run: $run, sending: {to: $to, key: "k", message: "Hello"}) { id address state job mode }
}"""


async def test_a_run_is_sent_listed_and_kept(mailing: Mailing, asking: Query) -> None:
    run = await built(mailing)
    result = await asking(SEND, mailing.owner, {"run": str(run.id), "to": ["olga@example.org"]})
    assert result.errors is None
    (row,) = result.data["sendRun"]
    assert (row["address"], row["state"], row["mode"]) == ("olga@example.org", "PLANNED", "LINK")
    again = await asking(SEND, mailing.owner, {"run": str(run.id), "to": ["olga@example.org"]})
    assert again.data["sendRun"] == [row]
    from uuid import UUID

    await worked(mailing.bilan, UUID(row["job"]))
    told = await asking(
        f'{{ run(id: "{run.id}") {{ deliveries {{ state attempt answer reason sentBy attached }} }} '
        "outbox(first: 1) { totalCount nodes { id address subject } } }",
        mailing.owner,
    )
    assert told.errors is None
    assert told.data["run"]["deliveries"] == [
        {"state": "ACCEPTED", "attempt": 1, "answer": "kept in the outbox", "reason": None,
         "sentBy": "Olga", "attached": False}
    ]  # fmt: skip
    assert told.data["outbox"]["totalCount"] == 1
    (mail,) = told.data["outbox"]["nodes"]
    assert (mail["id"], mail["address"]) == (row["id"], "olga@example.org")
    assert mail["subject"].startswith("Figures of March")


async def test_an_outside_address_is_refused_with_its_field(mailing: Mailing, asking: Query) -> None:
    run = await built(mailing)
    result = await asking(SEND, mailing.owner, {"run": str(run.id), "to": ["eve@elsewhere.example"]})
    (error,) = result.errors
    assert error.extensions["code"] == "invalid"
    assert error.extensions["field"] == ["to"] or error.extensions["field"] == "to"
    assert "is neither a person of this workspace nor in its address book" in error.message


async def test_what_nobody_knows_the_end_of_is_decided(mailing: Mailing, asking: Query) -> None:
    run = await built(mailing)
    sent = await asking(SEND, mailing.owner, {"run": str(run.id), "to": ["olga@example.org"]})
    row = sent.data["sendRun"][0]["id"]
    await DeliveryRow.filter(id=row).update(state="unknown")
    again = await asking(f'mutation {{ resend(delivery: "{row}") {{ id state }} }}', mailing.owner)
    assert again.errors is None
    (new,) = again.data["resend"]
    assert (new["state"], new["id"] != row) == ("PLANNED", True)
    await DeliveryRow.filter(id=new["id"]).update(state="unknown")
    marked = await asking(
        f'mutation {{ markDelivered(delivery: "{new["id"]}") {{ state reason }} }}', mailing.owner
    )
    assert marked.data["markDelivered"] == {"state": "ARRIVED", "reason": "Olga says that it arrived."}
    refused = await asking(f'mutation {{ resend(delivery: "{new["id"]}") {{ id }} }}', mailing.owner)
    assert refused.errors[0].extensions["code"] == "conflict"
