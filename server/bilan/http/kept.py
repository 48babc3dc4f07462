"""Answers of GraphQL that are given again: before anything is parsed, and as if they were made anew."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bilan.query.kept import Ingredients, KeptAnswers, Response, standing

if TYPE_CHECKING:
    from bilan.query.kept import Standing

LONGEST = 64 * 1024
"""Bytes of a question whose answer is kept."""
READ_BY = ("accept", "accept-language", "content-type")
"""The headers that an answer depends on, beside who asks."""


class Kept:
    """Gives a program the answer to a question that it has asked before, where it is still the same.

    Only for tokens, and only where the answer is made of facts alone, which
    whoever makes it notes in ``request.state.ingredients``.
    """

    def __init__(self, app: ASGIApp, answers: KeptAnswers, path: str) -> None:
        self.app = app
        self.answers = answers
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.answers.most_of_one or not (token := self._token(scope)):
            await self.app(scope, receive, send)
            return
        body, messages = await _read(receive)
        if body is None or (of := await standing(token)) is None:
            await self.app(scope, _replayed(messages, receive), send)
            return
        key = _key(scope, body)
        if (kept := await self.answers.find(key, token, of)) is not None:
            scope["route"] = kept.route
            await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
            await send({"type": "http.response.body", "body": kept.body})
            return
        await self._answer_anew(key, of, scope, _replayed(messages, receive), send)

    async def _answer_anew(
        self, key: bytes, of: Standing, scope: Scope, receive: Receive, send: Send
    ) -> None:
        made_of = scope.setdefault("state", {})["ingredients"] = Ingredients()
        headers: tuple[tuple[bytes, bytes], ...] = ()
        whole: bytes | None = b""

        async def noted(message: Message) -> None:
            nonlocal headers, whole
            if message["type"] == "http.response.start":
                headers = tuple(message["headers"])
                whole = b"" if message["status"] == 200 else None
            elif whole is not None:
                # An answer that comes in pieces goes on for as long as it likes.
                whole = None if message.get("more_body") or whole else message.get("body", b"")
            await send(message)

        await self.app(scope, receive, noted)
        if whole:
            self.answers.keep(key, of, made_of, Response(headers, whole, scope.get("route")))

    def _token(self, scope: Scope) -> str:
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != "POST":
            return ""
        headers = Headers(scope=scope)
        size = headers.get("content-length", "")
        if not (size.isascii() and size.isdigit() and int(size) <= LONGEST):
            return ""
        scheme, _space, token = headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


def _key(scope: Scope, body: bytes) -> bytes:
    """What tells questions apart. Whoever asks is part of it: nobody gets an answer of somebody else."""
    headers = Headers(scope=scope)
    told = [scope["query_string"], *(headers.get(name, "").encode() for name in ("authorization", *READ_BY))]
    hashed = hashlib.sha256()
    for part in (*told, body):
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.digest()


async def _read(receive: Receive) -> tuple[bytes | None, list[Message]]:
    """The body, where it came to its end, and the messages it came in."""
    messages: list[Message] = []
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            return None, messages
        if not message.get("more_body"):
            return b"".join(one.get("body", b"") for one in messages), messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replayed() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return replayed
