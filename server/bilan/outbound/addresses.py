"""Addresses that may be asked, checked when a connection is made: a name may mean another one by then.

What is checked is what is connected to, so that neither a redirect nor a
name that resolves to something else the second time leads into the network that
the server stands in.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2

from bilan.outbound.hosts import PrivateHosts
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses that hold one of version 4, which a gateway leads to."""
UNICAST = IPv6Network("2000::/3")
"""Addresses of version 6 that the internet gives out; what lies beside them is mapped, or of some network."""
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class PublicBackend(httpcore2.SyncBackend):
    """Connects to addresses of the public internet alone; of the ``private`` hosts, to whatever they mean.

    ``watch`` is called before anything is read, and ends that by what it raises.
    """

    def __init__(self, private: PrivateHosts, watch: Callable[[], None] = lambda: None) -> None:
        self._private, self._watch = private, watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of its addresses that answers. Raises ``Invalid`` where none is public."""
        options = tuple(socket_options or ())
        return _Watched(self._connected(host, port, timeout, local_address, options), self._watch)

    def _connected(
        self,
        host: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        options: tuple[SocketOption, ...],
    ) -> httpcore2.NetworkStream:
        if host in self._private.connected:
            return super().connect_tcp(host, port, timeout, local_address, options)
        public = public_addresses(host, port, self._private)
        for address in public[:-1]:
            try:
                return super().connect_tcp(address, port, timeout, local_address, options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return super().connect_tcp(public[-1], port, timeout, local_address, options)


class _Watched(httpcore2.NetworkStream):
    """A connection over which an answer may come in so slowly that it never ends, headers included."""

    def __init__(self, stream: httpcore2.NetworkStream, watch: Callable[[], None]) -> None:
        self._stream, self._watch = stream, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._watch()
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Watched(self._stream.start_tls(ssl_context, server_hostname, timeout), self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def public_addresses(host: str, port: int, private: PrivateHosts) -> list[str]:
    """The addresses of a host that may be connected to. Raises ``Invalid`` where none is public."""
    if public := [address for address in resolve(host, port) if is_public(address)]:
        return public
    raise Invalid(
        _("{host} is in a private network, which is not asked. Where it has to be, the operator can "
          "name it in {setting}.", host=host, setting=private.setting)
    )  # fmt: skip


def resolve(host: str, port: int) -> list[str]:
    """The addresses that a name means, in the order in which they are to be tried."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_kind, address in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and none that leads into another network."""
    ip = ip_address(address.partition("%")[0])
    return _is_global(ip) and all(map(_is_global, _within(ip)))


def _is_global(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and not (ip in UNICAST or ip in NAT64 or ip.ipv4_mapped):
        return False
    return ip.is_global and not ip.is_multicast


def _within(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The addresses of version 4 that one of version 6 holds, by any of the ways in which it may."""
    if isinstance(ip, IPv4Address):
        return []
    held = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in NAT64:
        held.append(IPv4Address(int(ip) & 0xFFFF_FFFF))
    return [one for one in held if one is not None]
