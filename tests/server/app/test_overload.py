"""Two hundred slow questions: a few are let in, the others refused, and everything else goes on."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from bilan.accounts import Scope
from bilan.app.web import web_application
from bilan.query.limiter import QUEUE
from bilan.settings import Settings
from fixtures.mailing import Mailing

QUESTION = {"query": "{ email { events { totals { sends } } } }"}
FACTS = {"query": "{ email { eventsFacts { nodes { kind } } } }"}
FORM = "/reports/new/email.engagement"


@dataclass
class Slow:
    """An engine that answers when the test says so."""

    begun: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    go_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def slow(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> Generator[Slow]:
    """Statements of people wait; the server's own look at the warehouse does not."""
    warehouse, engine = mailing.bilan.services.warehouse, Slow()
    query, encoded = warehouse.query, warehouse.encoded

    def waiting(call: Any) -> Any:
        def called(sql: str, *given: Any, **named: Any) -> Any:
            if named.get("tag"):
                engine.begun.append(sql)
                engine.tags.append(named["tag"])
                engine.go_on.wait()
            return call(sql, *given, **named)

        return called

    monkeypatch.setattr(warehouse, "query", waiting(query))
    monkeypatch.setattr(warehouse, "encoded", waiting(encoded))
    yield engine
    engine.go_on.set()


@pytest.fixture
async def program(mailing: Mailing, browser: AsyncClient) -> AsyncClient:
    """The owner's program."""
    made = await mailing.bilan.services.tokens.create(mailing.owner, "flood", [Scope.READ], days=1)
    browser.headers["authorization"] = f"Bearer {made.token}"
    return browser


async def test_two_hundred_slow_questions_hold_nothing_else_up(
    program: AsyncClient, mailing: Mailing, slow: Slow
) -> None:
    settings: Settings = mailing.bilan.services.settings
    room = settings.questions_of_one
    questions = mailing.bilan.services.query.questions
    flood = [
        asyncio.create_task(program.post("/graphql", json=FACTS if n % 2 else QUESTION)) for n in range(200)
    ]
    refused: list[Response] = []
    while len(refused) < 200 - room * (1 + QUEUE):
        done, _pending = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        refused += [one.result() for one in done]
        flood = [one for one in flood if not one.done()]
    while len(slow.begun) < room:  # noqa: ASYNC110 - threads tell nobody
        await asyncio.sleep(0)
    assert (questions.asking, questions.waiting, len(slow.begun)) == (room, room * QUEUE, room)
    assert {(one.status_code, one.headers["retry-after"]) for one in refused} == {(429, "5")}
    (error,) = refused[0].json()["errors"]
    assert error["extensions"] == {"code": "too_many"}
    assert error["message"] == "Too many questions are being answered; ask again in a few seconds."
    # Nobody of the others waits for a question.
    program.headers.pop("authorization")
    door = await program.get("/sign-in")
    style = re.findall(r'<link rel="stylesheet" href="([^"]+)"', door.text)[0]
    for path in ("/readyz", "/healthz", "/sign-in", style):
        assert ((await program.get(path)).status_code, path) == (200, path)
    assert questions.asking == room
    measured = (await program.get("/metrics")).text.splitlines()
    assert f'bilan_questions{{state="asking"}} {float(room)}' in measured
    assert f'bilan_questions{{state="waiting"}} {float(room * QUEUE)}' in measured
    assert f"bilan_questions_refused_total {float(len(refused))}" in measured
    slow.go_on.set()
    answered = Counter(one.status_code for one in await asyncio.gather(*flood))
    assert answered == {200: room * (1 + QUEUE)}
    assert (questions.asking, questions.waiting) == (0, 0)


async def test_pages_are_refused_in_the_same_words(
    browser: AsyncClient, mailing: Mailing, owner_session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = mailing.bilan.services.query.questions
    monkeypatch.setattr(questions, "_at_once", 0)
    monkeypatch.setattr("bilan.query.limiter.QUEUE", 0)
    browser.cookies.set("bilan_session", owner_session)
    answer = await browser.get(FORM)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert "Too many questions are being answered" in answer.text


async def test_a_program_that_hangs_up_has_its_question_cancelled(
    program: AsyncClient, mailing: Mailing, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung_up, cancelled = asyncio.Event(), list[str]()

    def cancel(tag: str) -> None:
        cancelled.append(tag)
        slow.go_on.set()

    monkeypatch.setattr(mailing.bilan.services.warehouse, "cancel", cancel)
    body = iter([{"type": "http.request", "body": json.dumps(QUESTION).encode(), "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (message := next(body, None)) is not None:
            return message
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        pass

    headers = [
        (b"authorization", program.headers["authorization"].encode()),
        (b"content-type", b"application/json"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "raw_path": b"/graphql", "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("bilan.test", 80), "scheme": "http",
        "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    answering = asyncio.create_task(web_application(mailing.bilan)(scope, receive, send))
    while not slow.begun:  # noqa: ASYNC110 - threads tell nobody
        await asyncio.sleep(0)
    hung_up.set()
    await answering
    assert cancelled == slow.tags
    assert mailing.bilan.services.query.questions.asking == 0
