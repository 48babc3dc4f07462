"""What people see when something fails: a page in their language, never a program's JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from starlette.routing import Route

from bilan.app import Bilan
from bilan.app.web import web_application
from fixtures.pages import HOST, Markup, Reader

PAGE = {"accept": "text/html,*/*;q=0.8", "accept-language": "fr", "cookie": "bilan_language=fr",
        "x-request-id": "named-by-a-test"}  # fmt: skip
PROGRAM = {"accept": "application/json", "accept-language": "fr"}
NAMED = "Qui gère ce serveur en saura plus dans son journal, sous le nom named-by-a-test."


def french(reader: Reader) -> dict[str, str]:
    """The headers of the reader's browser, set to French."""
    session = reader.client.cookies["bilan_session"]
    return {**PAGE, "cookie": f"bilan_session={session}; bilan_language=fr"}


def said(answer: Response) -> str:
    """Heading, sentence and what follows, of a page in French."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text
    assert answer.headers["cache-control"] == "no-store"
    page = Markup(answer.text)
    assert page.one("html").attributes["lang"] == "fr"
    return page.one("main").said


async def test_a_mistake_of_the_server_is_a_page_that_names_the_request(
    reader: Reader, bilan: Bilan, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any, **_named: Any) -> None:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(bilan.services.reports, "list", broken)
    answer = await reader.client.get("/reports", headers=french(reader))
    assert answer.status_code == 500
    told = said(answer)
    assert "Le serveur a fait une erreur. Veuillez réessayer." in told
    assert NAMED in told
    assert "secret" not in answer.text
    program = await reader.client.get("/reports", headers=PROGRAM)
    assert (program.status_code, program.json()["errors"][0]["extensions"]["code"]) == (500, "error")


async def test_a_page_that_cannot_be_rendered_either_is_answered_all_the_same(
    reader: Reader, bilan: Bilan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_named: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bilan_ui.page_request.render", broken)
    answer = await reader.client.get("/reports", headers=french(reader))
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (500, "error")


async def test_a_post_from_another_site_is_refused_on_a_page(reader: Reader) -> None:
    foreign = {"origin": "https://elsewhere.example"}
    answer = await reader.client.post("/sign-out", headers={**french(reader), **foreign})
    assert answer.status_code == 403
    told = said(answer)
    assert "autre site" in told
    assert NAMED in told
    program = await reader.client.post("/sign-out", headers={**PROGRAM, **foreign})
    assert (program.status_code, program.json()["errors"][0]["extensions"]["code"]) == (403, "forbidden")


async def test_what_is_too_large_is_refused_on_a_page(reader: Reader) -> None:
    headers = {**french(reader), "origin": HOST, "content-type": "application/json"}
    body = json.dumps({"query": "{ me { name } }" + " " * 1024 * 1024})
    answer = await reader.client.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 413
    assert "C’est plus que cette adresse n’accepte en une fois." in said(answer)
    program = await reader.client.post("/graphql", content=body, headers={**headers, **PROGRAM})
    assert (program.status_code, program.json()["errors"][0]["extensions"]["code"]) == (413, "too_large")

    async def untold() -> AsyncGenerator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536].encode()

    told = await reader.client.post("/graphql", content=untold(), headers={**headers, **PROGRAM})
    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (413, "too_large")


async def test_what_cannot_be_used_is_refused_on_a_page(reader: Reader) -> None:
    await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "verify.given": "1"})
    form = {"name": "Weekly", "period.preset": "last_7_days", "then": "save"}
    there = await reader.goes("/reports/new/email.campaign", form)
    answer = await reader.client.post(
        f"{there}/run", data={"key": "k" * 61}, headers={**french(reader), "origin": HOST}
    )
    assert answer.status_code == 422
    assert "60 caractères" in said(answer)


async def test_the_files_of_nobody_are_not_found_on_a_page(reader: Reader) -> None:
    for path in (f"/files/{uuid4()}/{uuid4()}", f"/runs/{uuid4()}/events"):
        assert (await reader.client.get(path, headers=french(reader))).status_code == 404
        assert NAMED in said(await reader.client.get(path, headers=french(reader)))
        assert (await reader.client.get(path, headers=PROGRAM)).json()["errors"][0]["extensions"][
            "code"
        ] == "not_found"


SHIPPED = ("/static", "/graphql/static")
KEPT = {"/reports/new/{kind}", "/reports/{id}/edit", "/brand/logo/{hash}"}
"""Forms that browsers give back with what was filled in, and what has its hash in its address."""


async def test_no_cache_keeps_what_any_address_answers_to_somebody_who_is_signed_in(
    bilan: Bilan, reader: Reader
) -> None:
    values = {"kind": "email.campaign", "format": "csv", "plugin": "email", "id": uuid4(), "number": 1}
    kept: dict[str, str] = {}
    routes = [one for one in web_application(bilan).routes if isinstance(one, Route)]
    for route in routes:
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", str(values.get(name, uuid4())))
        for method in sorted((route.methods or set()) - {"HEAD"}):
            for accept in ("text/html", "application/json"):
                if route.path in ("/sign-out", "/account/sign-out-everywhere") and method == "POST":
                    continue
                headers = {"accept": accept, "origin": HOST}
                answer = await reader.client.request(method, path, headers=headers)
                if (said := answer.headers.get("cache-control")) != "no-store":
                    kept[route.path] = str(said)
    assert {path: one for path, one in kept.items() if path not in KEPT} == {}
    assert all(one.startswith("private") for one in kept.values())


async def test_no_cache_keeps_figures_that_were_asked_for_by_address(reader: Reader) -> None:
    answer = await reader.client.get("/graphql", params={"query": "{ me { name } }"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
