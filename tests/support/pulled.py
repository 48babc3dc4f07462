"""A source that is pulled in a test: its facts as the core keeps them, asked through the tests' networks.

A pull is interrupted wherever the test wants, and goes on as the core lets it: with the
state of the last checkpoint, which went through JSON, and at the moment at which it began.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import httpx2

from bilan.sdk import (
    BilanError,
    Checkpoint,
    Dataset,
    Fact,
    Forbidden,
    Invalid,
    Mailbox,
    MailboxLogin,
    NotFound,
    PullNote,
    PullRange,
    RateLimited,
    Reject,
    Retract,
    SourceKind,
    Unauthenticated,
    Unavailable,
    messages,
)
from bilan_social_profiles.datasets import DATASETS
from support.networks.server import Networks

_ = messages("test")[0]
BY_KEY: Mapping[str, Dataset] = {dataset.key: dataset for dataset in DATASETS}
STATUSES: Mapping[int, type[BilanError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    410: NotFound,
}
Place = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Reply:
    """Implements :class:`bilan.sdk.HttpReply`."""

    response: httpx2.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.response.headers.items()}

    @property
    def links(self) -> Mapping[str, str]:
        return {str(rel): link["url"] for rel, link in self.response.links.items() if "url" in link}

    @property
    def url(self) -> str:
        return str(self.response.url)

    @property
    def content(self) -> bytes:
        return self.response.content

    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise Invalid(_("This is no JSON.")) from error


@dataclass(frozen=True)
class Client:
    """Implements :class:`bilan.sdk.HttpClient`, without trying anything a second time."""

    client: httpx2.Client

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        return self._ask("GET", url, params, headers=headers)

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        return self._ask("POST", url, None, json=json, data=data, headers=headers)

    def _ask(self, method: str, url: str, params: Mapping[str, str | int] | None, **content: Any) -> Reply:
        address = httpx2.URL(url).copy_merge_params(params) if params else httpx2.URL(url)
        try:
            reply = Reply(self.client.request(method, address, **content))
        except httpx2.RequestError as error:
            raise Unavailable(_("It cannot be reached.")) from error
        if reply.status < 400:
            return reply
        error = _refusal(reply)
        error.reply = reply
        raise error


def _refusal(reply: Reply) -> BilanError:
    said = _("It answered {status}.", status=str(reply.status))
    if reply.status == 429:
        return RateLimited(said, 1)
    if reply.status >= 500:
        return Unavailable(said)
    return STATUSES.get(reply.status, Invalid)(said)


@dataclass
class Context:
    """Implements :class:`bilan.sdk.PullContext`."""

    settings: Mapping[str, Any]
    client: Client
    now: datetime
    range: PullRange | None = None
    state: Mapping[str, Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.client.close()

    def mailbox(self, login: MailboxLogin) -> AbstractContextManager[Mailbox]:
        raise AssertionError(f"{login.host} is no network")

    def picture(self, url: str) -> str:
        response = self.client.client.get(url)
        return hashlib.sha256(response.content).hexdigest() if response.status_code == 200 else ""


class Killed(Exception):
    """The process ended here."""


@dataclass
class PulledSource:
    """A source of a kind, with what it holds, where its pulls have got, and what they noted."""

    server: Networks
    kind: SourceKind
    settings: dict[str, Any]
    table: dict[Place, dict[str, Any]] = field(default_factory=dict[Place, dict[str, Any]])
    state: Mapping[str, Any] | None = None
    rejects: list[Reject] = field(default_factory=list[Reject])
    notes: list[str] = field(default_factory=list[str])
    checkpoints: int = 0

    def __post_init__(self) -> None:
        defaults = {one.key: one.default for one in self.kind.settings if one.default is not None}
        self.settings = {**defaults, **self.settings}

    def context(self, now: datetime | None = None, days: PullRange | None = None) -> Context:
        """What a check, a discovery or a pull is given."""
        client = Client(self.server.client())
        return Context(self.settings, client, now or self.server.world.now, days)

    def pull(self, days: PullRange | None = None, kills: frozenset[int] = frozenset()) -> int:
        """Pull until it is over, killed behind these checkpoints, and again whenever a service fails.

        Returns how many attempts that took. What stops a pull for good is raised.
        """
        now, attempts, state = self.server.world.now, 0, None if days else self.state
        self.notes, self.checkpoints = [], 0
        while True:
            attempts += 1
            assert attempts < 100, "the pull gets no further"
            with self.context(now, days) as context:
                context.state = state
                try:
                    for state in self._written(context, kills):
                        if days is None:
                            self.state = state
                    return attempts
                except (Killed, Unavailable):
                    continue

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """The rows that a dataset holds now."""
        return [row for (key, _identity), row in self.table.items() if key == dataset]

    def _written(self, context: Context, kills: frozenset[int]) -> Iterator[Mapping[str, Any]]:
        """Keep what the pull gives; the states of its checkpoints."""
        assert self.kind.pull
        for one in self.kind.pull.pull(context):
            match one:
                case Fact():
                    self.table[_place(one.dataset, one.row)] = dict(one.row)
                case Retract():
                    self.table.pop(_place(one.dataset, one.identity), None)
                case Reject():
                    self.rejects.append(one)
                case PullNote():
                    self.notes.append(str(one.message))
                case Checkpoint():
                    written = json.dumps(dict(one.state))
                    assert len(written) <= 16 * 1024
                    self.checkpoints += 1
                    yield json.loads(written)
                    if self.checkpoints in kills:
                        raise Killed
                case _:
                    raise AssertionError(one)


def _place(dataset: str, row: Mapping[str, Any]) -> Place:
    return dataset, tuple(row.get(column, "") for column in BY_KEY[dataset].identity)
