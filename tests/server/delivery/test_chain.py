"""Every end of a delivery stands in a chain of hashes: settled with it, never forked, never edited."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import pytest

from bilan.catalog import Catalog
from bilan.catalog.statements import change
from bilan.clock import FrozenClock
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow, LedgerEntryRow
from bilan.delivery.values import DeliveryState
from bilan.delivery.verification import ChainCheck, check_chains
from bilan.sdk.messages import Message
from support.ledger_rows import NOON, new_deliveries, new_workspace

pytestmark = pytest.mark.requirement("GO-08")

ACCEPTED, UNKNOWN, ARRIVED = DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.ARRIVED


@pytest.fixture
def ledger(catalog: Catalog) -> Ledger:
    return Ledger(catalog, FrozenClock(NOON))


@pytest.fixture
async def second(catalog: Catalog, catalog_url: str) -> AsyncGenerator[Catalog]:
    """The same database, as another process has it."""
    opened = Catalog(catalog_url)
    await opened.open()
    yield opened
    await opened.close()


async def entries() -> list[LedgerEntryRow]:
    return await LedgerEntryRow.all().order_by("workspace", "sequence")


async def the_check() -> ChainCheck:
    (found,) = await check_chains()
    return found


async def settled(ledger: Ledger, count: int = 3) -> list[UUID]:
    """So many deliveries that were accepted, of a workspace of their own."""
    deliveries = await new_deliveries(await new_workspace(), count, created_at=NOON - timedelta(days=1))
    for one in deliveries:
        await ledger.settle(one, 1, ACCEPTED, answer="250 taken", attached=True)
    return deliveries


async def test_an_end_is_hashed_with_the_entry_before_it(catalog: Catalog, ledger: Ledger) -> None:
    await settled(ledger, 2)

    before = "0" * 64
    for number, entry in enumerate(await entries(), 1):
        row = await DeliveryRow.get(id=entry.delivery).select_related("sending")
        words = {"address": "zoe@example.org", "name": "Zoe", "answer": "250 taken", "reason": None}
        personal = f"{entry.salt}\n{json.dumps(words, separators=(',', ':'), sort_keys=True)}"
        assert json.loads(entry.content) == {
            "version": 1,
            "workspace": str(entry.workspace),
            "delivery": str(row.id),
            "sending": str(row.sending.id),
            "run": str(row.sending.run),
            "recipient": str(row.recipient),
            "channel": "email",
            "letter": None,
            "artifacts": [],
            "attached": True,
            "state": "accepted",
            "attempt": 1,
            "claimed_at": "2026-03-10T12:00:00.000000+00:00",
            "settled_at": "2026-03-10T12:00:00.000000+00:00",
            "personal": hashlib.sha256(personal.encode()).hexdigest(),
        }
        before = hashlib.sha256(f"{before}\n{entry.content}".encode()).hexdigest()
        assert (entry.sequence, entry.hash) == (number, before)
    assert await the_check() == ChainCheck("Acme", 2, before)


async def test_settlers_at_once_never_fork_the_chain(catalog: Catalog, second: Catalog) -> None:
    deliveries = await new_deliveries(await new_workspace(), 40)
    clock = FrozenClock(NOON)

    async def settle(through: Catalog, one: UUID) -> None:
        with through.activate():
            await Ledger(through, clock).settle(one, 1, ACCEPTED)

    through = [catalog, second]
    await asyncio.gather(*(settle(through[number % 2], one) for number, one in enumerate(deliveries)))

    assert [entry.sequence for entry in await entries()] == [*range(1, 41)]
    assert {entry.delivery for entry in await entries()} == {*deliveries}
    check = await the_check()
    assert (check.entries, check.broken) == (40, None)


async def test_each_workspace_has_a_chain_of_its_own(catalog: Catalog, ledger: Ledger) -> None:
    for name in ("Acme", "Bravo"):
        for one in await new_deliveries(await new_workspace(name), 2):
            await ledger.settle(one, 1, ACCEPTED)

    assert [entry.sequence for entry in await entries()] == [1, 2, 1, 2]
    assert [(one.workspace, one.entries) for one in await check_chains()] == [("Acme", 2), ("Bravo", 2)]


async def test_what_is_put_off_has_not_ended(catalog: Catalog, ledger: Ledger) -> None:
    (one,) = await new_deliveries(await new_workspace())
    await ledger.settle(one, 1, DeliveryState.PLANNED, answer="451 later")
    assert await entries() == []


async def test_a_settlement_that_fails_appends_nothing(catalog: Catalog, ledger: Ledger) -> None:
    (one,) = await new_deliveries(await new_workspace())

    async def fails() -> None:
        async with catalog.transaction():
            await ledger.settle(one, 1, ACCEPTED)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    await ledger.settle(one, 2, ACCEPTED)  # of an attempt that is not the row's
    assert ((await DeliveryRow.get()).state, await entries()) == (DeliveryState.CLAIMED, [])


async def test_what_a_person_says_later_is_a_further_entry(catalog: Catalog, ledger: Ledger) -> None:
    (one,) = await new_deliveries(await new_workspace())
    await ledger.settle(one, 1, UNKNOWN, reason=Message("The connection broke."))
    first = (await entries())[0].content
    assert await ledger.resolve(one, ARRIVED, Message("Olga says so."))
    assert not await ledger.resolve(one, ARRIVED, Message("Olga says so again."))

    assert [json.loads(entry.content)["state"] for entry in await entries()] == ["unknown", "arrived"]
    assert (await entries())[0].content == first
    assert (await the_check()).entries == 2


async def test_a_late_answer_follows_what_was_given_up(catalog: Catalog) -> None:
    clock = FrozenClock(NOON)
    ledger = Ledger(catalog, clock)
    (one,) = await new_deliveries(await new_workspace(), state=DeliveryState.HANDED_OVER)
    clock.move(timedelta(minutes=11))
    assert await ledger.sweep() == 1
    await ledger.settle(one, 1, ACCEPTED, answer="250 taken")
    assert [json.loads(entry.content)["state"] for entry in await entries()] == ["unknown", "accepted"]
    assert (await the_check()).broken is None


OF_THE_SECOND = "(SELECT delivery FROM ledger_entry WHERE sequence = 2)"


@pytest.mark.parametrize(
    ("tampering", "at", "said"),
    [
        (
            "UPDATE ledger_entry SET content = REPLACE(content, 'accepted', 'refused') WHERE sequence = 2",
            2,
            "its hash does not follow",
        ),
        ("UPDATE ledger_entry SET hash = 'x' || SUBSTR(hash, 2) WHERE sequence = 2", 2, "does not follow"),
        ("DELETE FROM ledger_entry WHERE sequence = 2", 2, "it is missing"),
        ("DELETE FROM ledger_entry WHERE sequence = 3", None, "has no entry"),
        (f"DELETE FROM delivery WHERE id = {OF_THE_SECOND}", 2, "is not in the ledger any more"),
        (f"UPDATE delivery SET state = 'refused' WHERE id = {OF_THE_SECOND}", 2, "changed since: state"),
        (
            f"UPDATE delivery SET answer = '250 ok' WHERE id = {OF_THE_SECOND}",
            2,
            "changed since: address, name, answer or reason",
        ),
        (
            f"UPDATE delivery SET settled_at = created_at, attached = (1 = 0) WHERE id = {OF_THE_SECOND}",
            2,
            "changed since: attached, settled_at",
        ),
    ],
)
async def test_a_byte_changed_or_a_row_removed_is_found_and_named(
    catalog: Catalog, ledger: Ledger, tampering: str, at: int | None, said: str
) -> None:
    await settled(ledger)
    assert (await the_check()).broken is None
    assert await change(tampering) >= 1

    check = await the_check()
    assert check.at == at
    assert said in str(check.broken)


async def test_a_row_put_in_as_settled_has_no_entry(catalog: Catalog, ledger: Ledger) -> None:
    await settled(ledger)
    sending = (await DeliveryRow.first().select_related("sending")).sending  # type: ignore[union-attr]
    (forged,) = await new_deliveries(sending.workspace, state=ACCEPTED, settled_at=NOON)
    assert (
        str((await the_check()).broken)
        == f"the delivery {forged}, settled 2026-03-10 12:00 UTC, has no entry"
    )


async def test_the_chain_holds_when_a_recipient_was_erased(catalog: Catalog, ledger: Ledger) -> None:
    (one, *_others) = await settled(ledger)
    await DeliveryRow.filter(id=one).update(address="", name="", answer=None)
    await LedgerEntryRow.filter(delivery=one).update(salt=None)
    assert (await the_check()).broken is None
    text = " ".join(entry.content for entry in await entries())
    assert "zoe" not in text.lower()
