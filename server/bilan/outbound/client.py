"""The client that asks a service for a source: bounded, patient, and to nobody else."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Self

import httpcore2
import httpx2
import structlog
import tenacity

from bilan.outbound.addresses import PublicBackend
from bilan.outbound.hosts import AllowedTransport, PrivateHosts
from bilan.outbound.replies import ServiceReply, check_status
from bilan.outbound.waits import seconds_to_wait, seconds_until_more
from bilan.sdk.errors import Invalid, TooLarge, Unavailable
from bilan.sdk.pulls import RateLimited
from bilan.sdk.textdomain import _, ngettext

log = structlog.get_logger(__name__)

TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
"""Seconds of silence."""
DEADLINE = 120.0
"""Seconds that an answer may take as a whole, however little of it comes at a time."""
LARGEST = 32 * 1024**2
"""Bytes of an answer, unpacked."""
REDIRECTS = 5
ATTEMPTS = 4
FIRST_WAIT = 0.5
"""Seconds before it is tried again for the first time, where nobody says how long to wait."""
PATIENCE = 5.0
"""Seconds that are waited for with the connection at hand; whoever has to wait longer comes back."""
TIRED = 900.0
"""Seconds to wait where a service limits how often it is asked, and does not say for how long."""
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same is asked again."""
SLICE = 0.2
"""Seconds between two looks at whether the wait has been cancelled."""


class _Again(Exception):
    """An attempt that failed and may be repeated, after so many seconds where that is known."""

    def __init__(self, error: Unavailable, seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.seconds = error, seconds


class OutboundClient:
    """Implements :class:`bilan.sdk.HttpClient` for one source. Blocking, for one thread at a time.

    ``check`` is called before each request and while it waits; what it raises ends the work.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        private: PrivateHosts,
        now: Callable[[], datetime],
        check: Callable[[], None] = lambda: None,
        *,
        largest: int = LARGEST,
        deadline: float = DEADLINE,
        timeout: httpx2.Timeout = TIMEOUT,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        self._now, self._check, self._sleep = now, check, sleep
        self._largest, self._deadline = largest, deadline
        self._free_at, self._ends_at = dict[str, float](), 0.0
        self._waits = tenacity.wait_exponential_jitter(multiplier=FIRST_WAIT, max=PATIENCE, jitter=FIRST_WAIT)
        self.requests = 0
        """How many requests were sent, those among them that were sent again."""
        self._client = httpx2.Client(
            transport=AllowedTransport(PublicTransport(private, self._watch), hosts, private),
            follow_redirects=True,
            max_redirects=REDIRECTS,
            timeout=timeout,
            headers={"user-agent": "Bilan", "accept": "application/json, */*;q=0.5"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceReply:
        """What is at the address. Raises as :class:`bilan.sdk.HttpClient` says."""
        return self._ask("GET", url, params=params, headers=headers)

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceReply:
        """The answer to JSON or a form. Raises as :class:`bilan.sdk.HttpClient` says."""
        return self._ask("POST", url, json=json, data=data, headers=headers)

    def _ask(
        self, method: str, url: str, *, params: Mapping[str, str | int] | None = None, **content: Any
    ) -> ServiceReply:
        try:
            address = httpx2.URL(url).copy_merge_params(params) if params else httpx2.URL(url)
            request = self._client.build_request(method, address, **content)
        except (httpx2.InvalidURL, TypeError, ValueError) as error:
            raise Invalid(_("The address that was to be asked is none.")) from error
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=self._wait_of,
            sleep=self._wait,
            reraise=True,
        )
        try:
            reply = retrying(self._attempt, request)
        except _Again as error:
            raise error.error from error.__cause__
        check_status(reply)
        return reply

    def _attempt(self, request: httpx2.Request) -> ServiceReply:
        self._check()
        if (wait := self._free_at.get(request.url.host, 0.0) - monotonic()) > 0:
            self._wait(wait, request.url.host)
        self.requests += 1
        try:
            reply = self._read(request)
        except httpx2.TooManyRedirects as error:
            raise Invalid(_("{host} sends in circles.", host=request.url.host)) from error
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise _Again(unreachable(request.url.host, error)) from error
        if reply.status in AGAIN:
            raise self._again(reply)
        if (wait := seconds_until_more(reply.headers, self._now())) is not None:
            self._free_at[request.url.host] = monotonic() + wait
        return reply

    def _read(self, request: httpx2.Request) -> ServiceReply:
        """Send and read the answer, as long and as much as it may be."""
        self._ends_at, content = monotonic() + self._deadline, bytearray()
        response = self._client.send(request, stream=True)
        try:
            for part in response.iter_bytes():
                content += part
                if len(content) > self._largest:
                    raise TooLarge(
                        _("{host} answered with more than {most:count} bytes.", host=request.url.host,
                          most=self._largest)
                    )  # fmt: skip
        finally:
            response.close()
        return ServiceReply.of(response, bytes(content))

    def _watch(self) -> None:
        """Called before anything of an answer is read, its headers too."""
        self._check()
        if monotonic() > self._ends_at:
            raise httpcore2.ReadTimeout("the answer does not end")

    def _again(self, reply: ServiceReply) -> _Again:
        host, wait = httpx2.URL(reply.url).host, seconds_to_wait(reply.headers, self._now())
        if reply.status == 429:
            error: Unavailable = _limited(host, TIRED if wait is None else wait)
        else:
            error = Unavailable(
                _("{host} does not work just now. It answered {status}.", host=host, status=str(reply.status))
            )
        error.reply = reply
        return _Again(error, wait)

    def _wait_of(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        known = error.seconds if isinstance(error, _Again) else None
        if known is not None and known > PATIENCE and isinstance(error, _Again):
            host = httpx2.URL(error.error.reply.url).host if error.error.reply else ""
            limited = _limited(host, known)
            limited.reply = error.error.reply
            raise limited from error
        return self._waits(state) if known is None else known

    def _wait(self, seconds: float, host: str = "") -> None:
        """Wait so long. Raises ``RateLimited`` where that is longer than a connection is kept for."""
        if seconds > PATIENCE:
            raise _limited(host, seconds)
        ends_at = monotonic() + seconds
        while (left := ends_at - monotonic()) > 0:
            self._check()
            self._sleep(min(left, SLICE))


class PublicTransport(httpx2.HTTPTransport):
    """HTTP over connections to public addresses alone. No proxy is used, whatever the environment names."""

    def __init__(self, private: PrivateHosts, watch: Callable[[], None]) -> None:
        super().__init__(verify=_certificates())
        self._pool.close()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_certificates(),
            max_connections=4,
            network_backend=PublicBackend(private, watch),
        )


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, read once: that takes longer than most questions."""
    return httpx2.create_ssl_context()


def _limited(host: str, seconds: float) -> RateLimited:
    said = ngettext(
        "{host} wants to be asked less often: it goes on in a minute.",
        "{host} wants to be asked less often: it goes on in {count} minutes.",
        count=max(round(seconds / 60), 1),
        host=host,
    )
    return RateLimited(said, seconds)


def unreachable(host: str, error: Exception) -> Unavailable:
    """What is said of a host that gave no answer."""
    if isinstance(error, httpx2.TimeoutException):
        return Unavailable(_("{host} does not answer in time.", host=host))
    if "CERTIFICATE" in str(error):
        return Unavailable(_("{host} does not prove that it is {host}: its certificate is wrong.", host=host))
    return Unavailable(_("{host} cannot be reached.", host=host))
