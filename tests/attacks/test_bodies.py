"""Bodies that are larger than what they are for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bilan.accounts import Principal
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.http.bodies import Bodies, allow
from bilan.http.problems import answer_problem
from bilan.ingest.imports import NewUpload
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.page_request import PageRequest

MEGABYTE = 1024**2
OURS = {"sec-fetch-site": "same-origin"}


class Known:
    """Says who asks, as a header tells."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = Request(scope).headers.get("x-known")
        scope.setdefault("state", {})["actor"] = object() if known else None
        await self.app(scope, receive, send)


@pytest.fixture
async def client() -> AsyncGenerator[AsyncClient]:
    async def size(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def upload(request: Request) -> Response:
        allow(request, 3 * MEGABYTE)
        return await size(request)

    app = Starlette(
        routes=[Route("/form", size, methods=["POST"]), Route("/upload", upload, methods=["POST"])],
        middleware=[Middleware(Known), Middleware(Bodies)],
        exception_handlers={BilanError: answer_problem},
    )
    async with AsyncClient(transport=ASGITransport(app), base_url="http://bilan") as client:
        yield client


class Body:
    """So many kilobytes, a piece each, and how many of them were taken."""

    def __init__(self, kilobytes: int) -> None:
        self.kilobytes, self.taken = kilobytes, 0

    async def pieces(self) -> AsyncGenerator[bytes]:
        for _piece in range(self.kilobytes):
            self.taken += 1
            yield b"x" * 1024


@pytest.mark.parametrize(
    ("path", "headers", "fits", "too_large"),
    [
        ("/form", {}, 64, 65),
        ("/form", {"x-known": "yes"}, 1024, 1025),
        ("/upload", {"x-known": "yes"}, 3072, 3073),
    ],
    ids=["a stranger's", "somebody's", "an upload"],
)
async def test_what_comes_is_counted(
    client: AsyncClient, path: str, headers: dict[str, str], fits: int, too_large: int
) -> None:
    taken = await client.post(path, content=Body(fits).pieces(), headers=headers)
    refused = await client.post(path, content=Body(too_large).pieces(), headers=headers)

    assert (taken.status_code, taken.text) == (200, str(fits * 1024))
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]) == (413, {"code": "too_large"})


async def test_a_length_that_is_too_large_is_refused_before_anything_is_read() -> None:
    asked = list[str]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def receive() -> dict[str, object]:
        asked.append("read")
        return {"type": "http.request", "body": b"", "more_body": True}

    async def send(_message: object) -> None: ...

    scope = {"type": "http", "path": "/sign-in", "headers": [(b"content-length", b"65537")], "state": {}}
    with pytest.raises(BilanError, match="more than 66 kB"):
        await Bodies(app)(scope, receive, send)
    assert asked == []


async def test_a_length_that_is_a_lie_helps_nobody(client: AsyncClient) -> None:
    body = Body(5_000)
    answer = await client.post("/form", content=body.pieces(), headers={"content-length": "10"})
    assert answer.status_code == 413


async def test_the_sign_in_page_takes_no_file(browser: AsyncClient) -> None:
    answer = await browser.post(
        "/sign-in", data={"password": "x"}, files={"email": ("x", b"x" * 1000)}, headers=OURS
    )

    assert answer.status_code == 413
    assert "This address takes no files." in answer.text


async def test_a_form_of_too_many_fields_is_refused(browser: AsyncClient) -> None:
    answer = await browser.post(
        "/sign-in",
        content=b"a=&" * 2001,
        headers=OURS | {"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 413
    assert "This form has more than 2,000 fields." in answer.text


async def test_an_upload_is_as_large_as_the_setting_says(
    bilan: Bilan, browser: AsyncClient, owner_session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bilan.services.settings, "max_upload_bytes", 2 * MEGABYTE)
    principal = await bilan.services.sessions.principal_of(owner_session)
    assert principal is not None
    source = await bilan.services.sources.add(
        principal, plugin="email", kind="file", name="Shop", settings={}
    )
    browser.cookies.set("bilan_session", owner_session)
    browser.headers["sec-fetch-site"] = "same-origin"
    row = b"click,anna@example.com,2026-01-05T08:00:00Z,"
    rows = b"event,email,timestamp,url\n" + (row + b"x" * 1000 + b"\n") * 1_500

    taken = await browser.post(f"/sources/{source.id}/import", files={"file": ("events.csv", rows)})
    refused = await browser.post(f"/sources/{source.id}/import", files={"file": ("events.csv", rows * 2)})

    assert (taken.status_code, refused.status_code) == (303, 413)
    principal = await bilan.services.sessions.principal_of(owner_session)
    assert principal is not None  # with their role on the source
    with pytest.raises(Invalid, match="At most 20 other files come with a file"):
        await bilan.services.imports.upload(
            principal, source.id, NewUpload("a.csv", b"a", companions={str(n): b"" for n in range(21)})
        )


async def test_the_page_of_a_mapping_is_drawn_away_from_the_event_loop(
    bilan: Bilan, browser: AsyncClient, owner_session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = await bilan.services.sessions.principal_of(owner_session)
    assert principal is not None
    source = await bilan.services.sources.add(
        principal, plugin="email", kind="file", name="Shop", settings={}
    )
    browser.cookies.set("bilan_session", owner_session)
    rows = b"event,email,timestamp\nclick,anna@example.com,2026-01-05T08:00:00Z\n"
    taken = await browser.post(
        f"/sources/{source.id}/import", files={"file": ("events.csv", rows)}, headers=OURS
    )
    page, where = PageRequest.page, list[bool]()

    def noted(self: PageRequest, *given: Any, **named: Any) -> Response:
        where.append(threading.current_thread() is threading.main_thread())
        return page(self, *given, **named)

    monkeypatch.setattr(PageRequest, "page", noted)
    answer = await browser.get(taken.headers["location"])

    assert (answer.status_code, where) == (200, [False])


async def test_two_files_are_looked_at_at_once_and_others_wait_without_a_thread(
    bilan: Bilan, owner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = bilan.services.imports
    source = await bilan.services.sources.add(owner, plugin="email", kind="file", name="Files", settings={})
    assert owner.person is not None
    owner = await principal_for(owner.person) or owner  # who has a role on the source by now
    look, let, looking, most = imports._look, threading.Event(), list[int](), list[int]()

    def noted(*given: Any) -> Any:
        looking.append(1)
        most.append(len(looking))
        let.wait(20)
        looking.pop()
        return look(*given)

    monkeypatch.setattr(imports, "_look", noted)
    content = b"occurred_at,kind,campaign,recipient\n2026-03-01T10:00:00Z,sent,news,ann@example.org\n"
    async with asyncio.timeout(30), asyncio.TaskGroup() as uploads:
        for number in range(6):
            new = NewUpload(f"{number}.csv", content)
            uploads.create_task(imports.upload(owner, source.id, new))
        while imports._looks.statistics().tasks_waiting < 4:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0)
        assert len(looking) == 2
        let.set()
    assert (len(most), max(most)) == (6, 2)
