from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncGenerator, Generator

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bilan import logs
from bilan.accounts.models import Workspace
from bilan.catalog import Catalog
from bilan.http.middleware import ActiveCatalog, Observe, OwnAddress, RequestId, SecurityHeaders, Unexpected
from bilan.http.problems import answer_problem
from bilan.meters import Meters
from bilan.sdk.errors import BilanError, Conflict
from bilan.sdk.messages import messages

_ = messages("bilan")[0]


@pytest.fixture
def lines() -> Generator[io.StringIO]:
    """The log, as JSON lines."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


async def hello(request: Request) -> Response:
    logging.getLogger("library").warning("said by a library")
    return PlainTextResponse("hello", headers={"referrer-policy": "no-referrer"})


async def conflict(request: Request) -> Response:
    raise Conflict(_("The run {run} is over.", run="R"), ("run",))


async def broken(request: Request) -> Response:
    raise ZeroDivisionError


async def count(request: Request) -> Response:
    return PlainTextResponse(str(await Workspace.all().count()))


def client(*middleware: Middleware) -> httpx2.AsyncClient:
    app = Starlette(
        routes=[
            Route("/hello/{name}", hello),
            Route("/conflict", conflict),
            Route("/broken", broken),
            Route("/count", count),
        ],
        middleware=[*middleware],
        exception_handlers={BilanError: answer_problem},
    )
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://bilan")


async def test_a_request_is_named_on_its_answer_and_on_every_line_it_logs(lines: io.StringIO) -> None:
    async with client(Middleware(RequestId), Middleware(Observe, Meters())) as http:
        answer = await http.get("/hello/ann", headers={"x-request-id": "abc-12345"})
    assert answer.headers["x-request-id"] == "abc-12345"
    library, ours = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (library["event"], library["request"], library["level"]) == (
        "said by a library",
        "abc-12345",
        "warning",
    )
    assert (ours["event"], ours["request"], ours["route"], ours["status"], ours["method"]) == (
        "request",
        "abc-12345",
        "/hello/{name}",
        200,
        "GET",
    )
    assert "ann" not in lines.getvalue()


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f", "abc-12345\u00e9"])
async def test_a_name_that_is_not_sane_is_replaced(given: str) -> None:
    async with client(Middleware(RequestId)) as http:
        first = await http.get("/hello/ann", headers={"x-request-id": given.encode("latin-1")})  # type: ignore[dict-item]
        second = await http.get("/hello/ann")
    names = [answer.headers["x-request-id"] for answer in (first, second)]
    assert given not in names
    assert len(set(names)) == 2
    assert {len(name) for name in names} == {16}


async def test_requests_are_counted_by_route_also_those_that_fail_or_match_none() -> None:
    meters = Meters()
    async with client(Middleware(Observe, meters)) as http:
        for path in ("/hello/ann", "/hello/bob", "/broken", "/nowhere", "/nowhere/else"):
            await http.get(path)
        await http.request("BREW", "/hello/ann")
    text = meters.text().decode()
    for line in (
        'bilan_http_requests_total{method="GET",route="/hello/{name}",status="200"} 2.0',
        'bilan_http_requests_total{method="GET",route="/broken",status="500"} 1.0',
        'bilan_http_requests_total{method="GET",route="unmatched",status="404"} 2.0',
        'bilan_http_requests_total{method="other",route="/hello/{name}",status="405"} 1.0',
        'bilan_http_request_seconds_count{route="/hello/{name}"} 3.0',
    ):
        assert line in text


async def test_browsers_are_told_to_run_nothing_but_our_own_files() -> None:
    async with client(Middleware(SecurityHeaders, https=False)) as http:
        headers = (await http.get("/hello/ann")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer", "a response keeps what it brings itself"
    assert "strict-transport-security" not in headers


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    async with client(Middleware(SecurityHeaders, https=True)) as http:
        assert (await http.get("/hello/ann")).headers["strict-transport-security"] == "max-age=31536000"


async def test_an_expected_failure_is_a_status_a_code_and_a_sentence() -> None:
    async with client() as http:
        answer = await http.get("/conflict")
    assert (answer.status_code, answer.json()) == (
        409,
        {"errors": [{"message": "The run R is over.", "extensions": {"code": "conflict", "field": "run"}}]},
    )


async def test_the_catalog_is_there_for_a_request(sqlite_catalog: Catalog) -> None:
    async with client(Middleware(ActiveCatalog, sqlite_catalog)) as http:
        assert (await http.get("/count")).text == "0"


async def test_a_mistake_is_answered_without_its_cause_and_logged_under_its_name(
    lines: io.StringIO,
) -> None:
    meters = Meters()
    every = (
        Middleware(RequestId),
        Middleware(Observe, meters),
        Middleware(SecurityHeaders, https=False),
        Middleware(Unexpected),
    )
    async with client(*every) as http:
        answer = await http.get("/broken")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (500, "error")
    assert "ZeroDivisionError" not in answer.text
    assert "content-security-policy" in answer.headers
    failed, request = (json.loads(line) for line in lines.getvalue().splitlines())
    assert failed["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert failed["request"] == request["request"] == answer.headers["x-request-id"]
    assert request["status"] == 500


async def test_an_answer_that_breaks_off_is_not_answered_twice() -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        yield b"one"
        raise ZeroDivisionError

    async def stream(request: Request) -> Response:
        return StreamingResponse(pieces())

    app = Starlette(routes=[Route("/", stream)], middleware=[Middleware(Unexpected)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://bilan") as http:
        with pytest.raises(ZeroDivisionError):
            await http.get("/")


async def away(request: Request) -> Response:
    return RedirectResponse("https://elsewhere.example/", status_code=307)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/hello/", "/hello"),
        ("/hello/?a=1&b=%2F", "/hello?a=1&b=%2F"),
        ("//evil.example/hello/", "/evil.example/hello"),
        ("/away", "https://elsewhere.example/"),
    ],
)
async def test_a_redirect_names_no_host_that_a_request_made_up(path: str, to: str) -> None:
    routes = [Route("/hello", hello), Route("/away", away), Route("/{any:path}/hello", hello)]
    app = Starlette(routes=routes, middleware=[Middleware(OwnAddress)])
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bilan.test") as client:
        answer = await client.get(f"http://bilan.test{path}", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (307, to)
