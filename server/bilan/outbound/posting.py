"""A post that is sent once: whoever sends it must know whether it may have arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

import httpcore2
import httpx2

from bilan.outbound.client import PublicTransport, unreachable
from bilan.outbound.hosts import AllowedTransport, PrivateHosts
from bilan.outbound.replies import ServiceReply
from bilan.sdk.errors import Invalid, Unavailable
from bilan.sdk.textdomain import _

TIMEOUT = httpx2.Timeout(15.0, connect=10.0)
"""Seconds of silence."""
DEADLINE = 30.0
"""Seconds that all of it may take, however little comes at a time."""
LARGEST = 16 * 1024
"""Bytes of an answer that are read; the rest of a longer one is left."""
LEAVES = "http11.send_request_headers.started"
"""What the library says right before the first byte of a request is written."""


class Unanswered(Unavailable):
    """The post has left, or some of it, and nobody knows what became of it."""


def post_once(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    *,
    private: PrivateHosts,
    before_send: Callable[[], None],
    timeout: httpx2.Timeout = TIMEOUT,
    deadline: float = DEADLINE,
) -> ServiceReply:
    """Post the content to a public host, or a private one that the operator named; what it answered.

    Over a connection of its own, so that one that the other side has closed
    meanwhile leaves no doubt. Redirects are answers. ``before_send`` is called
    once the connection stands, before the first byte; what it raises goes on.
    Raises ``Invalid`` for an address that is not asked, ``Unavailable`` where
    nothing has left, and ``Unanswered``. For threads.
    """
    ends_at, left = monotonic() + deadline, False

    def trace(event: str, _info: Mapping[str, object]) -> None:
        nonlocal left
        if event == LEAVES:
            before_send()
            left = True

    def watch() -> None:
        if monotonic() > ends_at:
            raise httpcore2.ReadTimeout("the answer does not end")

    try:
        address = httpx2.URL(url)
        hosts = (f"{address.host}:{address.port}" if address.port else address.host,)
        transport = AllowedTransport(PublicTransport(private, watch), hosts, private)
        with httpx2.Client(transport=transport, timeout=timeout, headers={"user-agent": "Bilan"}) as client:
            request = client.build_request(
                "POST", address, content=content, headers={**headers, "connection": "close"},
                extensions={"trace": trace},
            )  # fmt: skip
            response = client.send(request, stream=True)
            return ServiceReply.of(response, _beginning(response))
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise Invalid(_("The address that was to be asked is none.")) from error
    except httpx2.RequestError as error:
        if left:
            raise Unanswered(unreachable(httpx2.URL(url).host, error).message) from error
        raise unreachable(httpx2.URL(url).host, error) from error


def _beginning(response: httpx2.Response) -> bytes:
    """What a body begins with. The status has been said by then: a body that breaks off changes nothing."""
    content = bytearray()
    try:
        for part in response.iter_bytes(LARGEST):
            content += part
            if len(content) >= LARGEST:
                break
    except httpx2.RequestError:
        pass
    finally:
        response.close()
    return bytes(content[:LARGEST])
