"""Hosts: those that may be asked for a source, and those that the operator says are private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx2

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

SETTING = "BILAN_PULL_PRIVATE_HOSTS"
ANY = "*"
"""In place of a host: all that are public, such as those where networks keep their pictures."""


class PrivateHosts:
    """Hosts that may be private and asked without TLS, by name, each with the origin that stands in for it.

    Written as in the setting: names separated by commas, each alone or as ``name=http://127.0.0.1:8123``,
    where everything that is asked of the name goes. Raises ``Invalid`` for what is neither.
    """

    def __init__(self, written: str = "", setting: str = SETTING) -> None:
        self.setting = setting
        self.origins: Mapping[str, httpx2.URL | None] = dict(
            self._entry(one.strip()) for one in written.split(",") if one.strip()
        )

    @property
    def connected(self) -> frozenset[str]:
        """The hosts that are connected to for them, whatever address that is."""
        return frozenset(origin.host if origin else name for name, origin in self.origins.items())

    def _entry(self, written: str) -> tuple[str, httpx2.URL | None]:
        name, mapped, origin = (part.strip() for part in written.partition("="))
        try:
            url = httpx2.URL(origin) if mapped else None
            right = name == httpx2.URL(f"https://{name}").host
        except httpx2.InvalidURL:
            url, right = None, False
        if (
            not name
            or not right
            or (mapped and (url is None or url.scheme not in ("http", "https") or not url.host))
        ):
            raise Invalid(
                _("{entry} in {setting} is neither the name of a host nor name=http://host:port.",
                  entry=written, setting=self.setting),
                (self.setting,),
            )  # fmt: skip
        return name, url


class AllowedTransport(httpx2.BaseTransport):
    """Lets requests through that go by ``https`` to the allowed hosts, redirected ones too.

    A host is allowed by its name, by ``*.`` before a name that it lies below, or by :data:`ANY`; with a
    port where it answers at another one than 443 (of private hosts without TLS: 80), whatever is private.
    Raises ``Invalid`` for every other request.
    """

    def __init__(self, inner: httpx2.BaseTransport, hosts: Sequence[str], private: PrivateHosts) -> None:
        self._inner, self._hosts, self._private = inner, hosts, private

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass the request on. Its ``Host`` stays what it was where another origin stands in for it."""
        url = request.url
        self._check(url)
        if (origin := self._private.origins.get(url.host)) is None:
            return self._inner.handle_request(request)
        at = url.copy_with(scheme=origin.scheme, host=origin.host, port=origin.port)
        return self._inner.handle_request(
            httpx2.Request(
                request.method,
                at,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _check(self, url: httpx2.URL) -> None:
        private = url.host in self._private.origins
        if not private and url.host in self._private.connected:
            # It may be private, but for what it stands in for alone.
            raise Invalid(
                _("{host} stands in for another host in {setting}, and is asked under that name alone.",
                  host=_named(url), setting=self._private.setting)
            )  # fmt: skip
        check_host(url, self._hosts)
        if url.scheme != "https" and not (private and url.scheme == "http"):
            raise Invalid(_("{host} is asked by https alone.", host=url.host))


def check_host(url: httpx2.URL, hosts: Sequence[str]) -> None:
    """Raise ``Invalid`` unless the host of an address, at its port, is one of those that may be asked."""
    if not any(_matches(url, pattern) for pattern in hosts):
        raise Invalid(_("{host} is none of the hosts that this kind of source asks.", host=_named(url)))


def _matches(url: httpx2.URL, pattern: str) -> bool:
    # An address of version 6 has colons of its own.
    name, _colon, port = pattern.lower().partition(":") if pattern.count(":") == 1 else (pattern, "", "")
    usual = 80 if url.scheme == "http" else 443
    right_port = (url.port or usual) == int(port or usual)
    below = name.startswith("*.") and url.host.endswith(name[1:])
    return right_port and (below or name in (ANY, url.host))


def _named(url: httpx2.URL) -> str:
    return url.netloc.decode("ascii", "replace") or str(url.scheme)
