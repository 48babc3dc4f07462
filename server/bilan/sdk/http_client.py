"""The core's HTTP client, as a plugin's pull is given it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class HttpReply(Protocol):
    """What a service answered to a request, read whole."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields by their names in lower case."""
        ...

    @property
    def links(self) -> Mapping[str, str]:
        """The addresses of its ``Link`` header (RFC 8288) by their relation, such as ``next``."""
        ...

    @property
    def url(self) -> str:
        """The address that answered, after redirects."""
        ...

    @property
    def content(self) -> bytes:
        """The body, unpacked."""
        ...

    def json(self) -> Any:
        """What the body says as JSON. Raises ``Invalid`` where it is none."""
        ...


class HttpClient(Protocol):
    """Asks the services of one source's hosts. Blocking: a pull runs in a thread of its own.

    Only ``https`` and the hosts that the pull names, never an address of a
    private network. Time and size are bounded. What is worth trying again
    (no connection, 429, 5xx) is tried again, after the time that the service
    names (``Retry-After``, rate limits). Every method raises

    - ``Unavailable`` where the service does not answer after all,
    - ``Unauthenticated`` for 401, ``Forbidden`` for 403, ``NotFound`` for 404 and 410,
    - ``Invalid`` for every other 4xx, and for an address that may not be asked,
    - ``TooLarge`` where the answer is larger than allowed,
    - ``Cancelled`` once the pull has been cancelled,

    with the answer in the error's ``reply``, where there was one.
    """

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpReply:
        """Read what is at the address. ``params`` are added to those that the address has."""
        ...

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpReply:
        """Send JSON or a form to the address, such as to get a token. Tried again like ``get``."""
        ...
