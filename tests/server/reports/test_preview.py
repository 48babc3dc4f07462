"""Previews: what a run would show, under tight limits, and nothing of it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bilan.accounts import Principal, SourceRole, WorkspaceRole
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.query.asker import asked_through
from bilan.reports import preview
from bilan.reports.blocks import every
from bilan.sdk.document import Kpis, Table
from bilan.sdk.errors import Cancelled, Forbidden, Invalid, Unavailable
from bilan.sdk.sources import WebhookRequest
from support.people import add_person

KIND = "email.engagement"
VALUES: dict[str, Any] = {"period": "last_7_days"}


@pytest.fixture
async def asker(bilan: Bilan, owner: Principal) -> Principal:
    """The owner, with a source that has told of two deliveries yesterday."""
    services = bilan.services
    source = await services.sources.add(
        owner, plugin="email", kind="mailgun", name="Gun", settings={"verify": False}
    )
    now = services.clock.now()
    moment = (now - timedelta(days=1)).timestamp()
    for number in (1, 2):
        body = (
            f'{{"event-data": {{"event": "delivered", "id": "{number}", "timestamp": {moment},'
            f'"recipient": "{number}@example.com", "campaigns": [{{"id": "spring"}}]}}}}'
        )
        await services.inbox.accept(source.id, WebhookRequest(body.encode(), {}, {}, "application/json", now))
    await bilan.appender.drain()
    assert owner.person is not None
    actor = await principal_for(owner.person)  # with the role that the source brought
    assert actor is not None
    return actor


def figures(found: preview.Preview) -> dict[str, Any]:
    tiles = [
        tile for block in every(found.document.blocks) if isinstance(block, Kpis) for tile in block.tiles
    ]
    return {str(tile.label): tile.value for tile in tiles}


async def test_a_preview_holds_the_figures_that_a_run_would(bilan: Bilan, asker: Principal) -> None:
    found = await bilan.services.previews.build(asker, KIND, VALUES)
    assert figures(found)["Delivered"] == 2
    assert [one.source for one in found.document.provenance] != []
    (table,) = [one for one in every(found.document.blocks) if isinstance(one, Table) and not one.hidden][:1]
    assert next(iter(found.rows(table)))
    assert (await bilan.services.runs.list(asker)).total == 0


async def test_without_a_source_there_is_nothing_to_preview(bilan: Bilan, asker: Principal) -> None:
    with pytest.raises(Forbidden, match="at least one source"):
        await bilan.services.previews.build(asker, KIND, VALUES, sources=frozenset())


async def test_a_mistake_names_its_field(bilan: Bilan, asker: Principal) -> None:
    with pytest.raises(Invalid) as wrong:
        await bilan.services.previews.build(asker, KIND, {"period": "sometime"})
    assert wrong.value.path == ("period",)
    with pytest.raises(Invalid, match=r"reports of the kind no\.such"):
        await bilan.services.previews.build(asker, "no.such", {})


@pytest.mark.requirement("DC-03")
async def test_rows_about_persons_take_the_permission_in_a_preview_too(
    bilan: Bilan, asker: Principal
) -> None:
    services = bilan.services
    mia, _password = await add_person(services, "mia@example.org", "Mia", WorkspaceRole.MEMBER)
    (source,) = await services.sources.list(asker)
    await services.sources.grant(asker, source.id, mia.id, SourceRole.EDITOR)
    actor = await principal_for(mia.id)
    assert actor is not None
    with pytest.raises(Forbidden):
        await services.previews.build(actor, KIND, VALUES)
    assert figures(await services.previews.build(actor, "email.campaign", VALUES))


async def test_a_preview_that_takes_too_long_says_what_to_do(
    bilan: Bilan, asker: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "SECONDS", -1.0)
    with pytest.raises(Unavailable, match="run the report to see it"):
        await bilan.services.previews.build(asker, KIND, VALUES)


async def test_a_preview_that_nobody_waits_for_stops(bilan: Bilan, asker: Principal) -> None:
    async def hung_up() -> dict[str, str]:
        return {"type": "http.disconnect"}

    with asked_through(hung_up), pytest.raises(Cancelled):
        await bilan.services.previews.build(asker, KIND, VALUES)


def test_of_a_long_table_only_the_beginning_is_kept() -> None:
    scrap = preview._Scrap()
    taken = 0

    def chunks() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1000

    stored = scrap.put(chunks())
    assert (taken, stored.size) == (17, 17_000)
    assert list(scrap.files) == [stored.sha256]
