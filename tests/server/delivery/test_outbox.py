"""The outbox is listed a page at a time, to each recipient and to those who may read the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bilan.accounts.values import OperatorPrincipal, Permission, PersonPrincipal, SourceRole, WorkspaceRole
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.delivery.models import DeliveryRow, KeptMailRow, SendingRow
from bilan.delivery.outbox import Outbox
from bilan.files import Files
from bilan.sdk.errors import NotFound
from bilan.work.models import JobRow, JobSourceRow

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WORKSPACE, TILL, LAB = UUID(int=1), UUID(int=2), UUID(int=3)
ANN, BEN = UUID(int=4), UUID(int=5)


@pytest.fixture
def outbox(catalog: Catalog, tmp_path: Path) -> Outbox:
    return Outbox(catalog, Files(tmp_path.as_uri()), FrozenClock(NOON))


async def kept(
    subject: str, *to: UUID, source: UUID = TILL, personal: bool = False, plain: bool = False
) -> UUID:
    """A message to each, a minute younger than those before; the run whose report it holds.

    A ``plain`` one holds none, and may have the link of one.
    """
    job = await JobRow.create(
        workspace=WORKSPACE, kind="report", subject="k", arguments={}, zone="UTC", personal=personal,
        state="succeeded", actor_name="Olga", created_at=NOON,
    )  # fmt: skip
    await JobSourceRow.create(job=job, source=source)
    sending = await SendingRow.create(
        workspace=WORKSPACE, idempotency_key=uuid4().hex, request_hash="",
        run=None if plain else job.id, job=job.id if plain else uuid4(),
        mode="link", formats=[], days=7, message="", sent_by_name="Olga", created_at=NOON,
    )  # fmt: skip
    age = await KeptMailRow.all().count()
    for person in to:
        row = await DeliveryRow.create(
            sending=sending, channel="email", recipient=person, address="a@b.org", name="A", language="en",
            state="accepted", step=uuid4(), created_at=NOON,
        )  # fmt: skip
        await KeptMailRow.create(
            id=row.id, workspace=WORKSPACE, address="a@b.org", subject=subject, sha256="", size=1,
            kept_at=NOON + timedelta(minutes=age),
        )  # fmt: skip
    return job.id


def person(
    ident: UUID, *sources: UUID, permissions: frozenset[Permission] = frozenset(), workspace: UUID = WORKSPACE
) -> PersonPrincipal:
    return PersonPrincipal(
        person=ident, workspace=workspace, name="A", email="a@b.org", role=WorkspaceRole.MEMBER,
        permissions=permissions, source_roles=dict.fromkeys(sources, SourceRole.GUEST),
    )  # fmt: skip


async def test_each_sees_what_was_sent_to_them_and_what_they_may_read(outbox: Outbox):
    await kept("to Ann", ANN)
    await kept("to Ben", BEN)
    await kept("of the lab", BEN, source=LAB)
    await kept("about persons", ANN, personal=True)

    async def seen(actor: PersonPrincipal | OperatorPrincipal) -> list[str]:
        page = await outbox.list(actor)
        assert page.total == len(page.mails)
        return [mail.subject for mail in page.mails]

    sighted = frozenset({Permission.EXPORT_CONTACT_DATA})
    assert await seen(OperatorPrincipal(workspace=WORKSPACE)) == [
        "about persons", "of the lab", "to Ben", "to Ann",
    ]  # fmt: skip
    assert await seen(person(ANN)) == ["to Ann"]
    assert await seen(person(ANN, permissions=sighted)) == ["about persons", "to Ann"]
    assert await seen(person(BEN)) == ["of the lab", "to Ben"]
    assert await seen(person(uuid4(), TILL)) == ["to Ben", "to Ann"]
    assert await seen(person(uuid4(), TILL, LAB, permissions=sighted)) == [
        "about persons", "of the lab", "to Ben", "to Ann",
    ]  # fmt: skip
    assert await seen(person(uuid4())) == []
    assert await seen(person(BEN, TILL, workspace=uuid4())) == []


async def test_an_e_mail_with_the_link_of_a_report_is_shown_to_managers_who_may_read_that_report(
    outbox: Outbox,
):
    await kept("link", ANN, plain=True)
    await kept("link to persons", ANN, plain=True, personal=True)

    async def seen(actor: PersonPrincipal) -> list[str]:
        return [mail.subject for mail in (await outbox.list(actor)).mails]

    def admin(*sources: UUID, permissions: frozenset[Permission] = frozenset()) -> PersonPrincipal:
        return replace(person(BEN, *sources, permissions=permissions), role=WorkspaceRole.ADMIN)

    sighted = frozenset({Permission.EXPORT_CONTACT_DATA})
    assert await seen(admin()) == []
    assert await seen(admin(LAB, permissions=sighted)) == []
    assert await seen(admin(TILL)) == ["link"]
    assert await seen(admin(TILL, permissions=sighted)) == ["link to persons", "link"]
    assert await seen(person(BEN, TILL)) == []


async def test_one_message_is_shown_to_the_same_people(outbox: Outbox):
    run = await kept("to Ann", ANN)
    (mail,) = await KeptMailRow.all()
    with pytest.raises(NotFound):
        await outbox.get(person(BEN), mail.id)
    await JobRow.filter(id=run).update(personal=True)
    with pytest.raises(NotFound):
        await outbox.get(person(ANN), mail.id)


async def test_a_page_costs_two_statements_however_many_messages_others_have(
    catalog: Catalog, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
):
    await kept("the first", ANN)
    for _other in range(150):
        await kept("to Ben", BEN)
    await kept("the last", ANN)
    statements: list[str] = []
    execute = type(catalog.connection).execute_query

    async def counted(self: object, query: str, *values: object) -> object:
        statements.append(query)
        return await execute(self, query, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(type(catalog.connection), "execute_query", counted)
    first = await outbox.list(person(ANN), limit=1)
    assert ([mail.subject for mail in first.mails], first.total) == (["the last"], 2)
    assert len(statements) == 2
    second = await outbox.list(person(ANN), offset=1, limit=1)
    assert [mail.subject for mail in second.mails] == ["the first"]
