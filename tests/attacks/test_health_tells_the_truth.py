"""A full disk, a folder closed for writing, facts that cannot be read: all are told, and to whom."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr
from structlog.testing import capture_logs
from tortoise.exceptions import OperationalError

from bilan.accounts import Principal, Scope
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.app.broken_parts import look_for_broken
from bilan.app.web import control_application, web_application
from bilan.catalog.troubles import trouble_of
from bilan.disk import LEAST, NoSpace
from bilan.ingest import NewUpload, UploadState
from bilan.ingest.models import PostRow
from bilan.ingest.uploads import Upload
from bilan.sdk.errors import Unavailable
from bilan.settings import Settings
from bilan.warehouse.errors import in_sentences
from bilan.work.models import StepRow
from fixtures.bilan import Query
from fixtures.mailing import Mailing

TOKEN = "a token for those who measure"


@pytest.fixture
async def measured(bilan: Bilan) -> AsyncGenerator[AsyncClient]:
    """The server with a token for its figures."""
    settings = bilan.services.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    bilan = replace(bilan, services=replace(bilan.services, settings=settings))
    async with AsyncClient(transport=ASGITransport(web_application(bilan)), base_url="http://b") as client:
        yield client


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


# ---- who is told what ---------------------------------------------------------------------------


async def test_strangers_get_the_state_alone_and_those_with_rights_the_reasons(
    mailing: Mailing, measured: AsyncClient
) -> None:
    services = mailing.bilan.services
    member = await services.tokens.create(await mailing.person("Mia"), "hers", [Scope.READ])
    owner = await services.tokens.create(mailing.owner, "hers", [Scope.READ])
    for headers in ({}, bearing("wrong"), bearing(member.token), {"authorization": f"Basic {TOKEN}"}):
        assert (await measured.get("/readyz", headers=headers)).json() == {"status": "ready"}, headers
    for headers in (bearing(TOKEN), bearing(owner.token)):
        parts = (await measured.get("/readyz", headers=headers)).json()["parts"]
        assert list(parts) == ["catalog", "warehouse", "queue", "inbox", "pulls", "folder"]


async def test_the_operator_is_told_the_reasons_also_where_the_catalog_is_gone(bilan: Bilan) -> None:
    transport = ASGITransport(control_application(bilan))
    await bilan.services.catalog.close()
    async with AsyncClient(transport=transport, base_url="http://operator") as client:
        told = (await client.get("/readyz")).json()
    await bilan.services.catalog.open()
    assert told["status"] == "not ready"
    assert told["parts"]["folder"]["ok"]


async def test_figures_take_their_token_where_one_is_set(bilan: Bilan, measured: AsyncClient) -> None:
    for headers in ({}, bearing("wrong"), bearing("")):
        answer = await measured.get("/metrics", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "bilan_inbox_posts" in (await measured.get("/metrics", headers=bearing(TOKEN))).text
    async with AsyncClient(transport=ASGITransport(web_application(bilan)), base_url="http://b") as client:
        assert (await client.get("/metrics")).status_code == 200


# ---- a disk that is full ------------------------------------------------------------------------


async def test_with_a_full_disk_the_server_is_not_ready_and_says_so(
    measured: AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=LEAST - 1)
    monkeypatch.setattr(shutil, "disk_usage", {tmp_path: usage}.get)
    answer = await measured.get("/readyz", headers=bearing(TOKEN))
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["parts"]["folder"] == {
        "ok": False, "detail": {"reason": f"No space left on the disk of {tmp_path}."},
    }  # fmt: skip
    assert (await measured.get("/readyz")).json() == {"status": "not ready"}


async def full(bilan: Bilan) -> None:
    """Let the catalog's file grow no more, as on a disk without room."""
    connection = bilan.services.catalog.connection
    await connection.execute_query("VACUUM")  # what migrations dropped left pages that would be filled first
    (pages,) = await connection.execute_query_dict("PRAGMA page_count")
    await connection.execute_query(f"PRAGMA max_page_count = {pages['page_count']}")


async def test_what_cannot_be_written_down_is_refused_for_now(
    bilan: Bilan, mailing: Mailing, browser: AsyncClient, asking: Query, owner_session: str
) -> None:
    services = bilan.services
    source = await services.sources.add(
        mailing.owner, plugin="email", kind="mailgun", name="Gun",
        settings={"signing_key": "k" * 32, "verify": False},
    )  # fmt: skip
    await full(bilan)
    body = b"[" + b"1," * 300_000 + b"1]"
    post = await browser.post(f"/hooks/{source.address}", content=body)
    sentence = "No space left on the server's disk; try again once there is room."
    assert (post.status_code, post.headers["retry-after"]) == (503, "30")
    assert post.json()["errors"][0]["message"] == sentence
    assert await PostRow.all().count() == 0

    headers = {"origin": "http://bilan.test", "cookie": f"bilan_session={owner_session}"}
    headers["accept"] = "text/html"
    form = {"name": "n" * 100, "scope": "read", "days": ""}
    # What is left of a page of the file takes a few rows.
    pages = [await browser.post("/tokens", data=form, headers=headers) for _row in range(40)]
    assert {page.status_code for page in pages} == {200, 503}
    assert sentence in pages[-1].text.replace("&#39;", "'")
    change = 'mutation { addSource(plugin: "email", kind: "file", name: "%s") { id } }'
    results = [await asking(change % f"{number:0200}", mailing.owner) for number in range(30)]
    (error,) = next(one.errors for one in results if one.errors)
    assert (error.message, error.extensions["code"]) == (sentence, "unavailable")


async def test_an_import_ends_before_the_disk_is_full_and_goes_on_once_there_is_room(
    bilan: Bilan, owner: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.ingest.importing.CHUNK_ROWS", 10)
    monkeypatch.setattr("bilan.ingest.importing.CHUNKS_AT_ONCE", 1)
    services = bilan.services
    source = await services.sources.add(owner, plugin="email", kind="file", name="Files", settings={})
    assert owner.person is not None
    owner = await principal_for(owner.person) or owner  # who has a role on the source by now
    rows = [f"e{n},2026-03-01T10:00:{n}Z,sent,ann{n}@example.org,news" for n in range(10, 40)]
    content = "\n".join(["event_id,occurred_at,event,recipient,campaign", *rows]).encode()
    upload = await services.imports.upload(owner, source.id, NewUpload("events.csv", content))
    usage, looks = shutil.disk_usage(tmp_path), list[Path]()

    def shrinking(folder: Path) -> object:
        looks.append(folder)
        return usage._replace(free=LEAST if len(looks) <= 2 else LEAST - 1)

    monkeypatch.setattr(shutil, "disk_usage", shrinking)
    sentence = (
        "No space left on the server's disk. Make room and start the import once more: "
        "it goes on where it stopped."
    )
    stopped = await read_once(bilan, owner, upload.id)
    assert (stopped.state, str(stopped.failure)) == (UploadState.FAILED, sentence)
    # Two chunks went in, then there was no room; nobody tried again by themselves.
    assert (stopped.accepted, looks) == (20, [tmp_path] * 3)
    assert await StepRow.all().values_list("attempt", flat=True) == [1]

    monkeypatch.setattr(shutil, "disk_usage", {tmp_path: usage._replace(free=LEAST)}.get)
    done = await read_once(bilan, owner, upload.id)
    assert (done.state, done.accepted, done.new) == (UploadState.DONE, 30, 30)


async def read_once(bilan: Bilan, owner: Principal, upload: UUID) -> Upload:
    """What became of an upload that was started and worked on once."""
    started = await bilan.services.imports.start(owner, upload)
    await bilan.engine.work((await StepRow.get(job_id=started.job)).id)
    return await bilan.services.imports.get(owner, upload)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("database or disk is full"),
        DatabaseError("Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space"),
    ],
    ids=["a file", "the catalog", "the warehouse"],
)
def test_a_full_disk_is_known_by_whatever_says_so(error: Exception) -> None:
    if isinstance(error, DatabaseError):
        error.code = 243
    with pytest.raises(Exception) as caught, in_sentences("here"):  # noqa: PT011 - known by what is told of it
        raise error
    assert isinstance(trouble_of(caught.value), NoSpace)


# ---- a folder that is closed for writing --------------------------------------------------------


async def test_a_folder_that_is_closed_for_writing_is_a_sentence_at_the_start_and_at_readyz(
    measured: AsyncClient, warehouse_settings: Settings, thrifty: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def closed(**_given: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", closed)
    sentence = f"The data folder {tmp_path} cannot be written to: Read-only file system."
    with pytest.raises(Unavailable) as caught:
        async with Bilan.open(warehouse_settings, local=True):
            pass
    assert str(caught.value) == sentence
    parts = (await measured.get("/readyz", headers=bearing(TOKEN))).json()["parts"]
    assert parts["folder"] == {"ok": False, "detail": {"reason": sentence}}


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    from bilan.app.private import keep_private

    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as caught:
        keep_private(tmp_path / "file" / "data")
    assert str(caught.value) == f"The data folder {tmp_path}/file/data cannot be made: Not a directory."


# ---- parts of the warehouse that cannot be read -------------------------------------------------


async def test_facts_that_cannot_be_read_are_told_in_the_log_at_readyz_and_beside_the_figures(
    bilan: Bilan, mailing: Mailing, asking: Query, measured: AsyncClient
) -> None:
    warehouse = bilan.services.warehouse
    warehouse.write("ALTER TABLE email__events DETACH PARTITION 202603")
    with capture_logs() as logs:
        look_for_broken(warehouse)
        look_for_broken(warehouse)
    told = {(one["log_level"], one["table"], one["month"], one["reason"]) for one in logs}
    assert told == {("error", "email__events", 202603, "detached")}
    assert len(logs) == len(warehouse.broken)  # each once, however often one looks

    answer = await measured.get("/readyz", headers=bearing(TOKEN))
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    detail = answer.json()["parts"]["warehouse"]["detail"]
    assert detail["warning"] == "parts cannot be read; figures lack their facts"
    assert all(one.startswith("email__events 202603_") for one in detail["broken_parts"])

    ask = (
        '{{ email {{ events(period: {{first: "{0}-01", last: "{0}-02"}}) {{ notes totals {{ sends }} }} }} }}'
    )
    march, april = [
        (await asking(ask.format(month), mailing.owner)).data["email"]["events"]
        for month in ("2026-03", "2026-04")
    ]
    note = "Facts of 2026-03 are missing: the warehouse cannot read a part of them; figures are too low."
    assert (march["notes"], march["totals"]["sends"]) == ([note], 0)
    assert april["notes"] == []
    warehouse.write("ALTER TABLE email__events ATTACH PARTITION 202603")
    look_for_broken(warehouse)
    march = (await asking(ask.format("2026-03"), mailing.owner)).data["email"]["events"]
    assert (march["notes"], march["totals"]["sends"]) == ([], 3)
