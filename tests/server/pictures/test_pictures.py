"""Pictures are kept with the facts that name them, shown to who may read these, and frozen with reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio.to_thread
import pytest
from httpx2 import AsyncClient
from pptx import Presentation
from pptx.shapes.picture import Picture

from bilan.accounts import Principal, Scope
from bilan.app import Bilan
from bilan.catalog import Catalog
from bilan.files import Files
from bilan.files.models import FileReferenceRow
from bilan.pictures import PictureKeeper, PictureSweep, pictures_of_run, readable_pictures
from bilan.pictures.models import PictureRow
from bilan.query.named_pictures import NamedPictures
from bilan.runs.values import RenderSpec, Run
from bilan.sdk.datasets import Column, ColumnType, Keep
from bilan.sdk.document import Gallery, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.reports import Building, Report, ReportRequest
from bilan.warehouse import Warehouse
from fixtures.declarations import ORDERS, SALES
from support.office import LEFT, NOON, RIGHT, Office
from support.photos import opened, photo

_ = messages("shop")[0]

POSTS = replace(
    ORDERS,
    keep=Keep.LAST,
    columns=(*ORDERS.columns, Column("picture", ColumnType.TEXT, _("Picture"), picture=True)),
)
WEEK = {"period": "last_7_days"}


def gallery(request: ReportRequest, client: Building) -> Report:
    """The orders with their pictures."""
    rows = client.rows(POSTS.key, ("order", "picture"), span=request.span())
    table = Table(
        key="best", title=_("Best"), file="best",
        columns=(
            TableColumn(key="order", label=_("Order")),
            TableColumn(key="picture", label=_("Picture"), data=True),
        ),
        rows=sorted([row["order"], row["picture"]] for row in rows),
    )  # fmt: skip
    return Report(_("Best"), (Gallery(table=table, picture="picture", text="order", caption=("order",)),))


class Studio(Office):
    """The office, whose orders have pictures."""

    def __init__(self, catalog: Catalog, warehouse: Warehouse, folder: Path) -> None:
        kinds = (replace(SALES, build=gallery),)
        super().__init__(catalog, warehouse, folder, kinds, register_datasets=(POSTS,))
        self.keeper = PictureKeeper(catalog, self.files, self.clock)
        self.sweeper = PictureSweep(catalog, self.clock, NamedPictures(self.query))

    async def keep(self, source: UUID, content: bytes, origin: str = "") -> str:
        return await anyio.to_thread.run_sync(self.keeper.keep_blocking, source, content, origin)

    def post(self, source: UUID, order: str, picture: str) -> None:
        row: dict[str, Any] = {
            "occurred_at": NOON - timedelta(days=1), "order": order, "country": "fr", "tags": [],
            "total": 1.0, "gift": False, "picture": picture,
        }  # fmt: skip
        self.warehouse.append(POSTS, source, [row], moment=self.clock.now())

    async def sweep(self, **span: float) -> int:
        """Erase what is due so much later; how many pictures went."""
        self.clock.move(timedelta(**span))
        gone = await self.sweeper.sweep()
        await self.retention.sweep()
        return gone

    async def build(self, actor: Principal) -> Run:
        return await self.finish(await self.runs.start(actor, "shop.sales", WEEK))


@pytest.fixture
async def studio(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Studio:
    studio = Studio(sqlite_catalog, warehouse, tmp_path)
    await studio.open()
    return studio


@pytest.fixture
async def ada(studio: Studio) -> Principal:
    return await studio.person("Ada", {LEFT: "editor"})


async def test_an_erasure_has_pictures_looked_at_that_were_not_handed_over_just_now(studio: Studio):
    named = await studio.keep(LEFT, photo(sky="red"))
    unnamed = await studio.keep(LEFT, photo(sky="green"))
    elsewhere = await studio.keep(RIGHT, photo(sky="blue"))
    studio.post(LEFT, "a", named)
    studio.clock.move(timedelta(minutes=11))
    fresh = await studio.keep(LEFT, photo(sky="black"))

    assert await studio.sweeper.hasten([LEFT], timedelta(minutes=10)) == 1
    await studio.retention.sweep()

    assert [await studio.files.exists(one) for one in (named, unnamed, elsewhere, fresh)] == [
        True, False, True, True,
    ]  # fmt: skip


async def test_a_picture_that_no_fact_names_is_kept_for_a_day(studio: Studio):
    key = await studio.keep(LEFT, photo())

    assert await studio.sweep(hours=24) == 0
    assert await studio.files.exists(key)
    assert await studio.sweep(seconds=1) == 1
    assert not await studio.files.exists(key)
    assert not await PictureRow.exists()


async def test_a_picture_is_kept_as_long_as_a_fact_of_its_source_names_it(studio: Studio):
    key = await studio.keep(LEFT, photo())
    studio.post(LEFT, "a", key)
    for _day in range(3):
        assert await studio.sweep(days=1, seconds=1) == 0
    assert await studio.files.exists(key)

    studio.post(LEFT, "a", "")  # the post shows another picture now
    assert await studio.sweep(days=1, seconds=1) == 1
    assert not await studio.files.exists(key)


async def test_each_source_keeps_its_own_pictures(studio: Studio):
    key = await studio.keep(LEFT, photo())
    assert await studio.keep(RIGHT, photo()) == key
    studio.post(RIGHT, "b", key)

    assert await studio.sweep(days=1, seconds=1) == 1, "no fact of the left till names it"
    assert await studio.files.exists(key)
    assert [row.source for row in await PictureRow.all()] == [RIGHT]


async def test_a_picture_that_is_handed_over_again_is_kept_for_another_day(studio: Studio):
    key = await studio.keep(LEFT, photo(), "https://cdn.example/1.jpg")
    studio.clock.move(timedelta(hours=23))
    again = await anyio.to_thread.run_sync(studio.keeper.known_blocking, LEFT, "https://cdn.example/1.jpg")

    assert again == key
    assert await studio.sweep(hours=2) == 0
    assert await studio.sweep(hours=23) == 1
    gone = await anyio.to_thread.run_sync(studio.keeper.known_blocking, LEFT, "https://cdn.example/1.jpg")
    assert gone == ""


async def test_what_came_from_two_addresses_goes_with_the_second(studio: Studio):
    key = await studio.keep(LEFT, photo(), "https://cdn.example/1.jpg")
    studio.clock.move(timedelta(hours=13))
    await studio.keep(LEFT, photo(), "https://cdn.example/2.jpg")

    assert await studio.sweep(hours=12) == 1
    assert await studio.files.exists(key)
    assert await studio.sweep(hours=13) == 1
    assert not await studio.files.exists(key)


async def test_a_report_keeps_the_pictures_it_was_built_with(studio: Studio, ada: Principal):
    key = await studio.keep(LEFT, photo())
    studio.post(LEFT, "a", key)
    run = await studio.build(ada)
    assert await pictures_of_run(run.id) == {key}

    studio.post(LEFT, "a", "")
    assert await studio.sweep(days=1, seconds=1) == 1
    assert await studio.files.exists(key), "the report may be rendered later"
    artifact = await studio.runs.artifact(ada, run.id, RenderSpec("pptx"))
    deck = Presentation(await _file(studio.files, artifact.sha256))
    (shown,) = [one for slide in deck.slides for one in slide.shapes if isinstance(one, Picture)]
    assert opened(shown.image.blob).size == (800, 600)

    await studio.sweep(days=90)
    assert not await studio.files.exists(key), "its figures are erased, and its pictures with them"
    assert not await FileReferenceRow.exists()


async def test_a_report_that_is_deleted_lets_its_pictures_go(studio: Studio, ada: Principal):
    key = await studio.keep(LEFT, photo())
    studio.post(LEFT, "a", key)
    run = await studio.build(ada)
    studio.post(LEFT, "a", "")

    await studio.runs.delete(ada, run.id)
    await studio.sweep(days=1, seconds=1)

    assert not await studio.files.exists(key)


async def test_a_fact_that_names_any_other_file_shows_nothing_of_it(studio: Studio, ada: Principal):
    secret = await studio.files.put(photo(sky="#000000"))
    other = await studio.keep(RIGHT, photo(sea="#111111"))
    studio.post(LEFT, "a", secret.sha256)
    studio.post(LEFT, "b", other)
    run = await studio.build(ada)

    assert await pictures_of_run(run.id) == frozenset()
    artifact = await studio.runs.artifact(ada, run.id, RenderSpec("html"))
    page = (await studio.files.read(artifact.sha256)).decode()
    assert page.count('gallery-blank"') == 2
    assert "<img" not in page


async def test_people_see_the_pictures_of_sources_that_they_may_read(studio: Studio, ada: Principal):
    left, right = await studio.keep(LEFT, photo()), await studio.keep(RIGHT, photo(sky="#ffffff"))

    assert await readable_pictures(ada, [left, right, "0" * 64]) == {left}
    assert await readable_pictures(await studio.person("Bob", {}), [left, right]) == frozenset()


async def test_pictures_are_served_to_those_who_may_read_their_source_alone(
    bilan: Bilan, owner: Principal, browser: AsyncClient
):
    services = bilan.services
    keeper = PictureKeeper(services.catalog, services.files, services.clock)
    here = (await services.sources.add(owner, plugin="email", kind="mailgun", name="Ours", settings={})).id
    key = await anyio.to_thread.run_sync(keeper.keep_blocking, here, photo())
    assert (await browser.get(f"/pictures/{key}")).status_code == 401

    token = await services.tokens.create(owner, name="t", scopes=[Scope.READ])
    headers = {"authorization": f"Bearer {token.token}"}
    answer = await browser.get(f"/pictures/{key}", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert opened(answer.content).size == (800, 600)
    known = {**headers, "if-none-match": answer.headers["etag"]}
    assert (await browser.get(f"/pictures/{key}", headers=known)).status_code == 304

    elsewhere = await anyio.to_thread.run_sync(keeper.keep_blocking, RIGHT, photo(sky="#ffffff"))
    for missing in (elsewhere, "0" * 64, "..%2f" + key, key.upper()):
        assert (await browser.get(f"/pictures/{missing}", headers=headers)).status_code == 404
    assert (await browser.get(f"/pictures/{elsewhere}", headers=known)).status_code == 404
    assert (await browser.get(f"/pictures/{here}/{key}", headers=headers)).status_code == 404


async def _file(files: Files, sha256: str) -> BytesIO:
    return BytesIO(await files.read(sha256))
