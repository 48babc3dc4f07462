"""What a service answered, and the error that it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx2

from bilan.sdk.errors import BilanError, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from bilan.sdk.textdomain import _


@dataclass(frozen=True, slots=True)
class ServiceReply:
    """Implements :class:`bilan.sdk.HttpReply`. Shows neither address nor content where it is printed."""

    status: int
    headers: Mapping[str, str]
    links: Mapping[str, str]
    url: str
    content: bytes

    def __repr__(self) -> str:
        return f"ServiceReply({self.status}, {len(self.content)} bytes)"

    def json(self) -> Any:
        """What the body says. Raises ``Invalid`` where it is no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            host = httpx2.URL(self.url).host
            raise _with_reply(
                Invalid(_("{host} answered with something that is no JSON.", host=host)), self
            ) from error

    @classmethod
    def of(cls, response: httpx2.Response, content: bytes) -> ServiceReply:
        """The reply that a response stands for, whose body has been read."""
        url = str(response.url)
        links = {rel: _joined(url, one["url"]) for rel, one in response.links.items() if rel and "url" in one}
        headers = {name.lower(): value for name, value in response.headers.items()}
        return cls(response.status_code, headers, links, url, content)


def _joined(url: str, link: str) -> str:
    """The address that a reply links to; one that is none stays as it is, and whoever asks it is refused."""
    try:
        return urljoin(url, link)
    except ValueError:
        return link


def check_status(reply: ServiceReply) -> None:
    """Raise what a refusal stands for; the reply is in the error."""
    if reply.status >= 300:
        raise _with_reply(_refusal(httpx2.URL(reply.url).host, reply.status), reply)


def _refusal(host: str, status: int) -> BilanError:
    about: dict[str, Any] = {"host": host, "status": str(status)}
    if status == 401:
        return Unauthenticated(
            _("{host} does not accept the token (any more): connect it anew. It answered {status}.", **about)
        )
    if status == 403:
        return Forbidden(
            _("{host} does not let the token read this: it lacks a right. It answered {status}.", **about)
        )
    if status in (404, 410):
        return NotFound(_("{host} knows nothing of what was asked for. It answered {status}.", **about))
    if status >= 500:
        return Unavailable(_("{host} does not work just now. It answered {status}.", **about))
    return Invalid(_("{host} refused what was asked. It answered {status}.", **about))


def _with_reply(error: BilanError, reply: ServiceReply) -> BilanError:
    error.reply = reply
    return error
