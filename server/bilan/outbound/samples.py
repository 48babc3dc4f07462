"""A client that asks a sample in place of a service."""

from __future__ import annotations

import json as json_of
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from bilan.outbound.hosts import AllowedTransport, PrivateHosts
from bilan.outbound.replies import ServiceReply, check_status
from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Fact, Reject, Retract
from bilan.sdk.delivery_reports import DeliveryReport
from bilan.sdk.errors import Unauthenticated
from bilan.sdk.mailboxes import MailboxLogin
from bilan.sdk.pulls import Checkpoint, Pull, Pulled, PullNote, PullRange
from bilan.sdk.sample_services import SampleReply, SampleRequest
from bilan.sdk.textdomain import _

Answers = Callable[[SampleRequest], SampleReply]


class SampleClient:
    """Implements :class:`bilan.sdk.HttpClient` for the hosts that a pull names; nothing is tried again."""

    def __init__(self, answers: Answers, hosts: tuple[str, ...]) -> None:
        self._answers = answers
        inner = httpx2.MockTransport(self._answer)
        self._client = httpx2.Client(transport=AllowedTransport(inner, hosts, PrivateHosts()))
        self.requests = 0

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceReply:
        """What the sample answers."""
        address = httpx2.URL(url).copy_merge_params(params) if params else httpx2.URL(url)
        return self._read(self._client.get(address, headers=headers))

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceReply:
        """What the sample answers."""
        return self._read(self._client.post(url, json=json, data=data, headers=headers))

    def count(self) -> None:
        """Count a request, whatever it asks."""
        self.requests += 1

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.count()
        headers = {name.lower(): value for name, value in request.headers.items()}
        url = str(request.url.copy_with(query=None))
        params = dict(request.url.params.items())
        reply = self._answers(SampleRequest(request.method, url, params, headers, request.content))
        content = reply.content
        body = content if isinstance(content, bytes) else json_of.dumps(content).encode()
        return httpx2.Response(reply.status, headers=dict(reply.headers), content=body)

    def _read(self, response: httpx2.Response) -> ServiceReply:
        reply = ServiceReply.of(response, response.content)
        check_status(reply)
        return reply


@dataclass
class SampleMailbox:
    """Implements :class:`bilan.sdk.Mailbox` over messages, whose UIDs are their places from 1 on."""

    mails: Sequence[bytes]
    count: Callable[[], None] = lambda: None
    """Called at each request, and raises where it is to fail."""
    uid_validity: int = 1

    def uids(self, after: int = 0) -> Sequence[int]:
        """The places behind this one."""
        self.count()
        return range(after + 1, len(self.mails) + 1)

    def fetch(self, uid: int) -> bytes | None:
        """The message at a place."""
        self.count()
        return self.mails[uid - 1] if 0 < uid <= len(self.mails) else None

    def delete(self, uids: Sequence[int]) -> None:
        """Samples stay."""


@dataclass
class SampleContext:
    """Implements :class:`bilan.sdk.PullContext` over a sample."""

    settings: Mapping[str, Any]
    client: SampleClient
    now: datetime
    range: PullRange | None = None
    state: Mapping[str, Any] | None = None
    pictures: list[str] = field(default_factory=list[str])
    mails: Sequence[bytes] | None = None
    """The messages of the mailbox; without any, it lets nobody in."""

    @contextmanager
    def mailbox(self, login: MailboxLogin) -> Generator[SampleMailbox]:
        """The sample's messages, whoever asks."""
        self.client.count()
        if self.mails is None:
            raise Unauthenticated(_("{host} does not let {user} in.", host=login.host, user=login.user))
        yield SampleMailbox(self.mails, self.client.count)

    def picture(self, url: str) -> str:
        """None can be had of a sample."""
        self.pictures.append(url)
        return ""


def facts_of(items: Iterable[Pulled]) -> Iterator[Fact | Retract | Reject | FactColumns]:
    """The facts among what a pull gives."""
    return (item for item in items if not isinstance(item, Checkpoint | PullNote | DeliveryReport))


def pulled(
    pull: Pull,
    answers: Answers,
    settings: Mapping[str, Any],
    now: datetime,
    state: Mapping[str, Any] | None = None,
    mails: Sequence[bytes] | None = None,
) -> Iterator[Pulled]:
    """What the pull gives of a sample, from a state on."""
    client = SampleClient(answers, pull.hosts(settings))
    yield from pull.pull(SampleContext(settings, client, now, state=state, mails=mails))


def nobody(_request: SampleRequest) -> SampleReply:
    """Where a sample has a mailbox alone, no service answers."""
    return SampleReply({}, 404)
